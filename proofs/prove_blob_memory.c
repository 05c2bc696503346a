// SPDX-License-Identifier: MIT
/*
 * prove_blob_memory.c - /memory and the firmware's map: what is let through is
 * sorted, apart and in whole pages, and no entry of the firmware is RAM.
 *
 * proof: core/base/span.c
 * bound: 2 ranges of RAM, 2 of the firmware
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/blob/blob_memory.c"

/* As fdtread.h promises. */
int fdtread_node(const struct fdt_reader *r, int parent, const char *name)
{
	int v = any_int();

	(void)r, (void)parent, (void)name;
	return v;
}
const void *fdtread_find(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *bytes)
{
	(void)r, (void)node, (void)name;
	*bytes = any_bool() ? 0 : any_below(41);
	return *bytes ? any_bytes(*bytes) : NULL;
}
int fdtread_error(const struct fdt_reader *r, int code, int node,
		  const char *name)
{
	(void)r, (void)node, (void)name;
	return -code;
}
bool fdtread_next_range(struct span *s, struct range *out, bool *wraps)
{
	uint64_t bytes;

	if (!span_be64(s, &out->start) || !span_be64(s, &bytes))
		return false;
	*wraps = !checked_add(out->start, bytes, &out->end);
	return !*wraps;
}
bool fdtread_is(const struct fdt_reader *r, int node, const char *c)
{
	(void)r, (void)node, (void)c;
	return any_bool();
}
int fdtread_optional_u32(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *out)
{
	(void)r, (void)node, (void)name;
	*out = any_u32();
	return any_bool() ? -HO_EPROP : 0;
}
int fdtread_optional_u64(const struct fdt_reader *r, int node,
			 const char *name, uint64_t *out)
{
	(void)r, (void)node, (void)name;
	*out = any_u64();
	return any_bool() ? -HO_EPROP : 0;
}
int blob_read_efi(const struct fdt_reader *r, int node, struct blob *b)
{
	(void)r, (void)node, (void)b;
	return 0;
}
bool wdat_parse(struct wdat *w, const void *table, uint32_t bytes)
{
	(void)table, (void)bytes;
	w->entry_count = 0;
	return any_bool();
}
struct wdat_register wdat_register(const struct wdat *w, uint32_t i)
{
	struct wdat_register r;

	(void)w, (void)i;
	return r;
}

static struct blob blob;

int main(void)
{
	struct fdt_reader r = { 0 };
	uint32_t i, j;

	if (blob_read_memory(&r, &blob))
		return 0;
	check(blob.memory_count > 0 && blob.memory_count <= 2);
	for (i = 0; i < blob.memory_count; i++) {
		check(blob.memory[i].start < blob.memory[i].end);
		check(blob.memory[i].end <= 1ull << 52);
		check(!((blob.memory[i].start | blob.memory[i].end) & 4095));
		check(!i || blob.memory[i - 1].end <= blob.memory[i].start);
	}
	if (blob_read_firmware(&r, &blob))
		return 0;
	for (i = 0; i < blob.firmware_count; i++) {
		struct range f = blob.firmware[i].place;

		check(f.start < f.end && blob.firmware[i].type != 1);
		check(!i || blob.firmware[i - 1].place.end <= f.start);
		for (j = 0; j < blob.memory_count; j++)
			check(!range_overlaps(f, blob.memory[j]));
	}
	check(blob.chosen.uart_port <= 0xfff8);
	return 0;
}
