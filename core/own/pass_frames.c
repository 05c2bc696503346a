// SPDX-License-Identifier: MIT
/*
 * pass_frames.c - the hot half of the pass: the extents of a FRAMES record,
 * checked and set.
 */
#include "pass_frames.h"

#define LOW_MFNS	(0x100000 >> HO_PAGE_SHIFT)

static struct range bytes_of(uint64_t mfn, uint64_t pages)
{
	return (struct range){ mfn << HO_PAGE_SHIFT,
			       (mfn + pages) << HO_PAGE_SHIFT };
}

static bool in_region(const struct pass *p, struct range r)
{
	uint32_t i;

	for (i = 0; i < p->blob->region_count; i++)
		if (range_overlaps(p->blob->region[i], r))
			return true;
	return false;
}

/* 0 or the HO_E... code of what is wrong with an extent's place and type. */
static int extent_error(struct pass *p, uint64_t mfn, uint64_t pages,
			uint32_t type)
{
	struct range r = bytes_of(mfn, pages);

	if (!(HO_TYPE_VALID_MASK >> type & 1))
		return HO_EFRAMETYPE;
	if (mfn + pages > 1ull << HO_FT_MFN_BITS)
		return HO_EFRAMEHIGH;
	if (mfn < LOW_MFNS)
		return HO_ELOWMEM;
	if (in_region(p, r))
		return HO_EINREGION;
	if (!blob_in_memory(p->blob, r, &p->memory_hint))
		return HO_ENOTRAM;
	return 0;
}

static const char *owner_name(const struct pass *p, uint32_t domid)
{
	const struct ho_domain *d = domtab_find(&p->domains, domid);

	if (domid == HO_DOMID_STREAM)
		return "the stream itself";
	return d ? d->name : "?";
}

static int double_owner(struct pass *p, uint32_t domid,
			const struct frametable_span *other)
{
	return diag_add(p->diag, HO_EDOUBLE,
			"mfn 0x%llx: domain %u (%.20s) and domain %u (%.20s)",
			(unsigned long long)other->mfn, other->domid,
			owner_name(p, other->domid), domid,
			owner_name(p, domid));
}

/*
 * Extents are given to the frametable as runs: neighbours in the array that
 * are also neighbours in memory, of one type, all inside the window of the
 * last good extent. A run of one extent that is not in the window goes the
 * long way round, which is also where every error is named.
 */
struct run {
	uint64_t mfn;
	uint64_t pages;
	uint32_t type;
	uint32_t extents;
	bool trusted;			/* inside the window */
};

static bool in_window(const struct pass *p, uint64_t mfn, uint64_t end)
{
	return mfn >= p->window_start && end <= p->window_end;
}

/* The longest run that starts at extent i. */
static struct run gather(const struct pass *p, const struct frames *f,
			 uint32_t i)
{
	uint64_t word = load_le64(f->words + 8ull * i);
	struct run run = {
		.mfn = frame_word_mfn(word), .pages = frame_word_pages(word),
		.type = frame_word_type(word), .extents = 1,
	};
	uint64_t end = run.mfn + run.pages, next;
	uint32_t first = i;

	run.trusted = in_window(p, run.mfn, end) &&
		      (HO_TYPE_VALID_MASK >> run.type & 1);
	if (!run.trusted)
		return run;
	/* as it mostly is: the next word is of the same size and type */
	next = word + run.pages;
	while (++i < f->extent_count &&
	       load_le64(f->words + 8ull * i) == next &&
	       end + run.pages <= p->window_end) {
		end += run.pages;
		next += run.pages;
	}
	run.extents = i - first;
	for (; i < f->extent_count; i++) {
		word = load_le64(f->words + 8ull * i);
		if (frame_word_mfn(word) != end ||
		    frame_word_type(word) != run.type ||
		    end + frame_word_pages(word) > p->window_end)
			break;
		end += frame_word_pages(word);
		run.extents++;
	}
	run.pages = end - run.mfn;
	return run;
}

/* Around a good extent: RAM as far as no region is in it. */
static void open_window(struct pass *p, uint64_t mfn)
{
	struct range ram = p->blob->memory[p->memory_hint];
	uint32_t i;

	p->window_start = ram.start >> HO_PAGE_SHIFT;
	p->window_end = ram.end >> HO_PAGE_SHIFT;
	if (p->window_start < LOW_MFNS)
		p->window_start = LOW_MFNS;
	if (p->window_end > 1ull << HO_FT_MFN_BITS)
		p->window_end = 1ull << HO_FT_MFN_BITS;
	for (i = 0; i < p->blob->region_count; i++) {
		uint64_t start = p->blob->region[i].start >> HO_PAGE_SHIFT;
		uint64_t end = p->blob->region[i].end >> HO_PAGE_SHIFT;

		if (end <= mfn && end > p->window_start)
			p->window_start = end;
		if (start > mfn && start < p->window_end)
			p->window_end = start;
	}
}

/* How many extents of the run end at or before mfn's own, with it. */
static uint32_t extents_up_to(const struct frames *f, uint32_t first,
			      uint64_t mfn)
{
	uint32_t i = first;

	for (;; i++) {
		uint64_t word = load_le64(f->words + 8ull * i);

		if (mfn < frame_word_mfn(word) + frame_word_pages(word))
			return i + 1 - first;
	}
}

static int bad_run(struct pass *p, const struct ho_domain *d, int code,
		   uint32_t index, const struct run *run)
{
	return diag_add(p->diag, code,
			"domain %u (%.20s) extent %u: mfn 0x%llx, %llu pages",
			d->domid, d->name, index, (unsigned long long)run->mfn,
			(unsigned long long)run->pages);
}

/* For the check of page tables: a list of what it has to look at, so that it
 * need not look for it. */
static int remember_typed(struct pass *p, const struct ho_domain *d,
			  const struct run *run)
{
	struct typed_page *page = p->typed;
	uint64_t pa;

	if (!page || page->count == TYPED_PER_PAGE) {
		pa = region_page(p->region);
		if (!pa)
			return -HO_EFULL;
		page = region_va(p->region, pa);
		page->before = p->typed;
		page->count = 0;
		p->typed = page;
	}
	page->extents[page->count++] = (struct typed_extent){
		.mfn = run->mfn, .pages = run->pages, .domid = d->domid,
		.type = run->type,
	};
	p->typed_frames += run->pages;
	return 0;
}

/* As many extents as can be set by a short way, all of `pages`. */
static uint32_t take_many(struct pass *p, struct ho_domain *d,
			  const struct frames *f, uint32_t index,
			  uint64_t pages)
{
	const uint8_t *words = f->words + 8ull * index;
	uint32_t count = f->extent_count - index;

	if (pages == 512)
		return frametable_set_spans(&p->ft, words, count,
					    p->window_start, p->window_end, d);
	if (pages == 1)
		return frametable_set_pages(&p->ft, words, count,
					    p->window_start, p->window_end, d);
	return 0;
}

/* Set a run; *done becomes the number of extents dealt with. Returns 0 also
 * after errors that let the walk go on. */
static int take_run(struct pass *p, struct ho_domain *d,
		    const struct frames *f, uint32_t index, uint32_t *done)
{
	struct run run = gather(p, f, index);
	struct frametable_span other;
	int rc = 0;

	*done = run.trusted && run.extents == 1 ? take_many(p, d, f, index,
							    run.pages) : 0;
	if (*done)
		return 0;
	*done = run.extents;
	if (!run.trusted) {
		rc = extent_error(p, run.mfn, run.pages, run.type);
		if (rc) {
			bad_run(p, d, rc, index, &run);
			return 0;
		}
		open_window(p, run.mfn);
	}
	rc = frametable_set(&p->ft, run.mfn, run.pages, d->domid, run.type,
			    &other);
	if (!rc && d->kind == HO_KIND_XEN_PV && is_page_table(run.type))
		rc = remember_typed(p, d, &run);
	if (!rc) {
		d->type_frames[run.type] += run.pages;
		d->frame_count += run.pages;
		return 0;
	}
	if (rc != -HO_EDOUBLE)
		return bad_run(p, d, -rc, index, &run);
	double_owner(p, d->domid, &other);
	*done = extents_up_to(f, index, other.mfn);
	return 0;
}

/* Far enough ahead that a table entry, and then what it points to, has come
 * from memory when it is needed; measured in bench/. */
#define AHEAD_ENTRY	16
#define AHEAD_NODE	8

static void prefetch(const struct pass *p, const struct frames *f, uint32_t i)
{
	uint64_t word;

	if (i + AHEAD_ENTRY >= f->extent_count)
		return;
	word = load_le64(f->words + 8ull * (i + AHEAD_ENTRY));
	frametable_prefetch_entry(&p->ft, frame_word_mfn(word));
	word = load_le64(f->words + 8ull * (i + AHEAD_NODE));
	if (frame_word_pages(word) < 512)
		frametable_prefetch_node(&p->ft, frame_word_mfn(word));
}

int pass_take_frames(struct pass *p, struct ho_domain *d,
		     const struct frames *f)
{
	uint32_t i, done;
	int rc = 0;

	for (i = 0; i < f->extent_count && !rc; i += done) {
		prefetch(p, f, i);
		rc = take_run(p, d, f, i, &done);
	}
	d->extent_count += f->extent_count;
	return rc;
}

int pass_take_stream(struct pass *p)
{
	struct frametable_span other;
	uint32_t i;
	int rc = 0;

	for (i = 0; i < p->blob->stream_range_count && rc != -HO_EFULL; i++) {
		struct range r = blob_stream_range(p->blob, i);
		uint64_t mfn = r.start >> HO_PAGE_SHIFT;
		uint64_t pages = range_bytes(r) >> HO_PAGE_SHIFT;

		rc = -extent_error(p, mfn, pages, HO_TYPE_STATE);
		if (!rc)
			rc = frametable_set(&p->ft, mfn, pages,
					    HO_DOMID_STREAM, HO_TYPE_STATE,
					    &other);
		if (rc == -HO_EDOUBLE)
			double_owner(p, HO_DOMID_STREAM, &other);
		else if (rc)
			diag_add(p->diag, -rc, "lu-stream: mfn 0x%llx",
				 (unsigned long long)mfn);
		p->frame_count += pages;
	}
	return rc == -HO_EFULL ? rc : 0;
}
