// SPDX-License-Identifier: MIT
/*
 * prove_gather.c - a run of extents is what its words say: each continues the one
 * before it, of one type, and a run that is trusted does not leave the window.
 * With prove_window.c: no frame of the region, and none that is not RAM, is ever
 * given to anybody.
 *
 * proof: core/base/span.c
 * bound: 3 extents
 * flags: --unwind 5
 */
#include "proof.h"
#include "core/own/pass_frames.c"

struct range blob_stream_range(const struct blob *b, uint32_t i)
{
	(void)b, (void)i;
	return (struct range){ 0, 0 };
}
struct ho_domain *domtab_find(const struct domtab *dt, uint32_t domid)
{
	(void)dt, (void)domid;
	return NULL;
}
uint64_t region_page(struct region *r) { (void)r; return 0; }
int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type, struct frametable_span *c)
{
	(void)ft, (void)mfn, (void)count, (void)domid, (void)type, (void)c;
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
	(void)ft, (void)mfn;
}
void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn)
{
	(void)ft, (void)mfn;
}
bool blob_in_memory(const struct blob *b, struct range r, uint32_t *hint)
{
	(void)b, (void)r, (void)hint;
	return false;
}

static struct pass p;

int main(void)
{
	struct frames f = { .extent_count = any_below(3) + 1 };
	uint32_t i = any_below(f.extent_count), n;
	uint64_t end, word;
	struct run run;

	f.words = any_bytes(8ull * f.extent_count);
	p.window_start = any_below(1ull << HO_FT_MFN_BITS);
	p.window_end = any_below((1ull << HO_FT_MFN_BITS) + 1);
	run = gather(&p, &f, i);
	check(run.extents >= 1 && run.extents <= f.extent_count - i);
	check(run.trusted || run.extents == 1);
	end = run.mfn;
	for (n = 0; n < run.extents; n++) {
		word = load_le64(f.words + 8ull * (i + n));
		check(frame_word_mfn(word) == end);
		check(frame_word_type(word) == run.type);
		end += frame_word_pages(word);
	}
	check(end == run.mfn + run.pages);
	if (run.trusted) {
		check(run.mfn >= p.window_start && end <= p.window_end);
		check(HO_TYPE_VALID_MASK >> run.type & 1);
	}
	return 0;
}
