// SPDX-License-Identifier: MIT
/*
 * prove_window.c - an extent that is let through, and the window around it: RAM
 * that is neither low nor the region's. With prove_gather.c: no frame of the
 * region, and none that is not RAM, is ever given to anybody.
 *
 * proof: core/base/span.c
 * bound: 2 ranges of RAM, 2 of the region
 * quick:
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/own/pass_frames.c"

struct range blob_stream_range(const struct blob *b, uint32_t i)
{
	(void)b;
	(void)i;
	return (struct range){ 0, 0 };
}
struct ho_domain *domtab_find(const struct domtab *dt, uint32_t domid)
{
	(void)dt;
	(void)domid;
	return NULL;
}
uint64_t region_page(struct region *r) { (void)r; return 0; }
int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type, struct frametable_span *c)
{
	(void)ft; (void)mfn; (void)count; (void)domid; (void)type; (void)c;
	return 0;
}
uint32_t frametable_set_spans(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d)
{
	(void)ft, (void)words, (void)count, (void)start, (void)end, (void)d;
	return 0;
}
uint32_t frametable_set_pages(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d)
{
	(void)ft, (void)words, (void)count, (void)start, (void)end, (void)d;
	return 0;
}
void frametable_prefetch_entry(const struct frametable *ft, uint64_t mfn)
{
	(void)ft;
	(void)mfn;
}
void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn)
{
	(void)ft;
	(void)mfn;
}

static struct blob blob;
static struct pass p = { .blob = &blob };

/* As blob.h promises it. */
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

int main(void)
{
	uint64_t mfn = any_below(1ull << HO_FRAME_MFN_BITS), frame = any_u64();
	uint64_t pages = any_below(HO_FRAME_PAGES_MAX) + 1, byte;
	uint32_t type = any_below(16), i;

	blob.memory_count = any_below(2) + 1;
	blob.region_count = any_below(2) + 1;
	for (i = 0; i < 2; i++) {
		blob.memory[i] = (struct range){ any_u64(), any_u64() };
		blob.region[i] = (struct range){ any_u64(), any_u64() };
		/* as blob_parse() leaves them */
		assume(blob.memory[i].start < blob.memory[i].end &&
		       blob.memory[i].end <= 1ull << 52 &&
		       !((blob.memory[i].start | blob.memory[i].end) & 4095));
		assume(blob.region[i].start < blob.region[i].end &&
		       blob.region[i].end <= 1ull << 52 &&
		       !((blob.region[i].start | blob.region[i].end) & 4095));
	}
	if (extent_error(&p, mfn, pages, type))
		return 0;
	open_window(&p, mfn);
	check(mfn >= p.window_start && mfn + pages <= p.window_end);
	check(HO_TYPE_VALID_MASK >> type & 1);
	assume(frame >= p.window_start && frame < p.window_end);
	byte = frame << HO_PAGE_SHIFT;
	check(byte >= 0x100000 && frame < 1ull << HO_FT_MFN_BITS);
	check(byte >= blob.memory[p.memory_hint].start &&
	      byte < blob.memory[p.memory_hint].end);
	for (i = 0; i < blob.region_count; i++)
		check(byte < blob.region[i].start ||
		      byte >= blob.region[i].end);
	return 0;
}
