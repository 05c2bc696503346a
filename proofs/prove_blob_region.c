// SPDX-License-Identifier: MIT
/*
 * prove_blob_region.c - a range of the region that is let through lies in RAM, above 1
 * MiB, in whole 2 MiB, and apart from those before it; the next region is kept
 * free by the ranges there are, byte for byte.
 *
 * proof: core/base/span.c
 * bound: 2 ranges of RAM, 2 of the region before it
 * flags: --unwind 6
 */
#include "proof.h"
#include "core/blob/blob_region.c"

static struct range given;

int fdtread_node(const struct fdt_reader *r, int parent, const char *name)
{
	(void)r, (void)parent, (void)name;
	return any_int();
}
int fdtread_one(const struct fdt_reader *r, int parent, int node)
{
	(void)r, (void)parent, (void)node;
	return 0;
}
const void *fdtread_find(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *bytes)
{
	(void)r, (void)node, (void)name;
	*bytes = 16;
	return &given;
}
int fdtread_range(const struct fdt_reader *r, int node, const char *name,
		  struct range *out)
{
	(void)r, (void)node, (void)name;
	*out = given;
	return 0;
}
int fdtread_error(const struct fdt_reader *r, int code, int node,
		  const char *name)
{
	(void)r, (void)node, (void)name;
	return -code;
}
bool fdtread_is(const struct fdt_reader *r, int node, const char *c)
{
	(void)r, (void)node, (void)c;
	return any_bool();
}
bool fdtread_is_called(const struct fdt_reader *r, int node, const char *n)
{
	(void)r, (void)node, (void)n;
	return any_bool();
}
bool blob_in_memory(const struct blob *b, struct range r, uint32_t *hint)
{
	uint32_t i;

	for (i = 0; i < b->memory_count; i++)
		if (range_covers(b->memory[i], r)) {
			*hint = i;
			return true;
		}
	return false;
}
int fdt_first_subnode(const void *fdt, int offset)
{
	(void)fdt, (void)offset;
	return -1;
}
int fdt_next_subnode(const void *fdt, int offset)
{
	(void)fdt, (void)offset;
	return -1;
}

static struct blob blob;
static const struct fdt_reader r;

/* As those before it were let through. */
static void fill(void)
{
	uint32_t i;

	blob.memory_count = any_below(2) + 1;
	blob.region_count = any_below(3);
	for (i = 0; i < 2; i++) {
		blob.memory[i] = (struct range){ any_u64(), any_u64() };
		assume(blob.memory[i].start < blob.memory[i].end &&
		       blob.memory[i].end <= 1ull << 52);
		blob.region[i] = (struct range){ any_u64(), any_u64() };
		assume(blob.region[i].start < blob.region[i].end &&
		       !((blob.region[i].start | blob.region[i].end) &
			 (HO_PAGE_2M_BYTES - 1)));
	}
	assume(!range_overlaps(blob.region[0], blob.region[1]));
	given.start = any_u64();
	given.end = any_u64();
	assume(given.start <= given.end);	/* fdtread_range() */
}

static bool has(const struct range *list, uint32_t count, uint64_t byte)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (list[i].start <= byte && byte < list[i].end)
			return true;
	return false;
}

int main(void)
{
	uint64_t byte = any_u64();

	fill();
	assume(byte >= given.start && byte < given.end);
	if (any_bool()) {
		if (check_region(&r, &blob, given))
			return 0;
		check(given.start >= 0x100000 && given.start < given.end);
		check(!((given.start | given.end) & (HO_PAGE_2M_BYTES - 1)));
		check(has(blob.memory, blob.memory_count, byte));
		check(!has(blob.region, blob.region_count, byte));
	} else if (!read_next_region(&r, 0, &blob)) {
		check(blob.next_region.start == given.start);
		check(has(blob.region, blob.region_count, byte));
	}
	return 0;
}
