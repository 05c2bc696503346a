// SPDX-License-Identifier: MIT
/*
 * inherit.c - see inherit.h.
 */
#include "inherit.h"

#include <string.h>

#include "digest.h"
#include "fmt.h"
#include "free.h"
#include "result.h"
#include "stream.h"

#define TREE_BYTES_MAX	(64 * MIB)
#define LOW_MFN		(MIB >> HO_PAGE_SHIFT)
#define GFN_MAX		(1ull << 32)

static struct {
	uint64_t base;
	struct ho_breadcrumb crumb;
	struct blob blob;		/* region_count 0: nothing is open */
	struct result result;
	struct frametable_view view;
	const uint8_t *stream;
	uint32_t count;
	struct inherit_guest guests[INHERIT_GUESTS_MAX];
	struct diag_log diag;
	char why[192];
} own;

/* A walk of the stream's records. */
struct reading {
	struct stream stream;
	struct record rec;
	struct frametable_walk owner;
	uint64_t digested;		/* end of the last DIGEST record */
	uint32_t hint;			/* of blob_in_memory() */
	bool open;			/* a domain is */
	bool wanted;			/* and it is a guest of Xen */
	uint32_t domid, guest;
	uint64_t frames, extents;	/* of the open domain */
};

static int refuse(int code, const char *where)
{
	return diag_add(&own.diag, code, "%s", where);
}

static bool good(int rc)
{
	const struct ho_diag *d = &own.diag.items[0];

	if (rc >= 0)
		return true;
	fmt_print(own.why, sizeof(own.why), "%s, %s",
		  own.diag.kept ? error_name(d->code) : "refused",
		  own.diag.kept ? d->where : "");
	return false;
}

static int read_crumb(inherit_map_fn map)
{
	const void *at = map(own.base, sizeof(own.crumb));
	struct ho_breadcrumb *c = &own.crumb;

	if (!at)
		return refuse(HO_EBREADCRUMB, "breadcrumb: not mapped");
	memcpy(c, at, sizeof(*c));
	if (!breadcrumb_check(c))
		return refuse(HO_EBREADCRUMB, "breadcrumb");
	if (c->region_base != own.base || c->state != HO_STATE_CHAINED)
		return refuse(HO_EBREADCRUMB,
			      "breadcrumb: of another place or of no update that chained");
	return 0;
}

static bool in_region(uint64_t pa, uint64_t bytes)
{
	const struct range r = { pa, pa + bytes };
	uint32_t i;

	for (i = 0; i < own.blob.region_count; i++)
		if (range_covers(own.blob.region[i], r))
			return true;
	return false;
}

static int read_tree(inherit_map_fn map)
{
	const struct ho_breadcrumb *c = &own.crumb;
	const void *tree;
	int rc;

	if (!c->result_bytes || c->result_bytes > TREE_BYTES_MAX ||
	    c->result_paddr > 1ull << 52 || c->result_paddr & 7)
		return refuse(HO_EBREADCRUMB, "result: place");
	tree = map(c->result_paddr, c->result_bytes);
	if (!tree)
		return refuse(HO_EBREADCRUMB, "result: not mapped");
	rc = blob_parse(&own.blob, tree, c->result_bytes, BLOB_RESULT,
			&own.diag);
	if (!rc)
		rc = result_parse(&own.result, &own.blob, &own.diag);
	if (rc)
		return rc;
	if (!in_region(c->result_paddr, c->result_bytes) ||
	    own.blob.region[0].start != c->region_base ||
	    range_bytes(own.blob.region[0]) != c->region_bytes ||
	    memcmp(own.blob.id, c->id, sizeof(c->id)))
		return refuse(HO_EBREADCRUMB, "result: of another handover");
	if (own.blob.stream_range_count)
		return refuse(HO_EVALUE, "lu-stream: by reference");
	return 0;
}

static int open_all(inherit_map_fn map)
{
	int rc = read_crumb(map);

	return rc ? rc : read_tree(map);
}

bool inherit_open(uint64_t base, inherit_map_fn map)
{
	memset(&own, 0, sizeof(own));
	diag_init(&own.diag, HO_STAGE_LOADER);
	own.base = base;
	if (good(open_all(map)))
		return true;
	own.blob.region_count = 0;
	return false;
}

uint64_t inherit_top(void)
{
	return own.blob.region_count
	     ? own.blob.memory[own.blob.memory_count - 1].end : 0;
}

bool inherit_region(uint32_t index, uint64_t *start, uint64_t *end)
{
	if (index >= own.blob.region_count)
		return false;
	*start = own.blob.region[index].start;
	*end = own.blob.region[index].end;
	return true;
}

static int see_region(inherit_map_fn map)
{
	struct region_far *far = &own.view.far;
	uint32_t i;

	own.view.root = own.result.frametable_root;
	for (i = 0; i < own.blob.region_count; i++) {
		struct range r = own.blob.region[i];
		const void *at = map(r.start, range_bytes(r));

		if (!at)
			return refuse(HO_EREGIONRAM, "region: not mapped");
		far->places[i] = own.view.ranges[i] = r;
		far->bias[i] = (uintptr_t)at - (uintptr_t)r.start;
		far->count = own.view.range_count = i + 1;
	}
	own.stream = map(own.blob.stream_paddr, own.blob.stream_bytes);
	return own.stream ? 0 : refuse(HO_ESTREAMTRUNC, "not mapped");
}

static int bad_record(const struct reading *r, int code)
{
	return diag_add(&own.diag, code, "stream offset 0x%llx",
			(unsigned long long)r->rec.offset);
}

static int bad_extent(const struct reading *r, int code, uint64_t mfn)
{
	return diag_add(&own.diag, code,
			"stream offset 0x%llx: domain %u, mfn 0x%llx",
			(unsigned long long)r->rec.offset, r->domid,
			(unsigned long long)mfn);
}

/* Every frame is the domain's, by the table that the stub made. */
static int check_owner(struct reading *r, uint64_t mfn, uint64_t pages)
{
	const uint64_t end = mfn + pages;
	struct frametable_span span;
	int rc;

	for (; mfn < end; mfn += span.count) {
		rc = frametable_at(&r->owner, mfn, &span);
		if (rc < 0)
			return bad_extent(r, -rc, mfn);
		if (!rc || span.domid != r->domid)
			return bad_extent(r, HO_EDOUBLE, mfn);
	}
	return 0;
}

static int check_extent(struct reading *r, const struct inherit_extent *e)
{
	const struct range bytes = { e->mfn << HO_PAGE_SHIFT,
				     (e->mfn + e->pages) << HO_PAGE_SHIFT };
	uint32_t i;

	if ((e->mfn + e->pages) >> HO_FT_MFN_BITS)
		return bad_extent(r, HO_EFRAMEHIGH, e->mfn);
	if (e->mfn < LOW_MFN)
		return bad_extent(r, HO_ELOWMEM, e->mfn);
	if (!blob_in_memory(&own.blob, bytes, &r->hint))
		return bad_extent(r, HO_ENOTRAM, e->mfn);
	for (i = 0; i < own.blob.region_count; i++)
		if (range_overlaps(own.blob.region[i], bytes))
			return bad_extent(r, HO_EINREGION, e->mfn);
	if (e->gfn >= GFN_MAX || e->gfn + e->pages > GFN_MAX)
		return bad_extent(r, HO_EDOMAIN, e->mfn);
	return check_owner(r, e->mfn, e->pages);
}

static int take_domain(struct reading *r)
{
	struct inherit_guest *g;
	struct ho_rec_domain head;
	int rc = record_domain(&r->rec, &head, &own.diag);

	if (rc)
		return rc;
	if (r->open)
		return bad_record(r, HO_ERECORDER);
	r->open = true;
	r->domid = head.domid;
	r->frames = r->extents = 0;
	r->wanted = head.kind == INHERIT_PV || head.kind == INHERIT_HVM;
	if (!r->wanted)
		return 0;
	if (own.count == INHERIT_GUESTS_MAX)
		return bad_record(r, HO_EFULL);
	r->guest = own.count++;
	g = &own.guests[r->guest];
	*g = (struct inherit_guest){ .kind = head.kind };
	memcpy(g->uuid, head.uuid, sizeof(g->uuid));
	return 0;
}

static struct inherit_extent extent(const struct reading *r,
				    const struct frames *f, uint32_t i)
{
	uint64_t word = load_le64(f->words + 8ull * i);

	return (struct inherit_extent){
		.guest = r->guest, .mfn = frame_word_mfn(word),
		.pages = frame_word_pages(word),
		.gfn = load_le64(f->gfns + 8ull * i),
	};
}

static int take_frames(struct reading *r)
{
	struct frames f;
	uint32_t i;
	int rc = record_frames(&r->rec, &f, &own.diag);

	if (!rc && (!r->open || f.domid != r->domid))
		rc = bad_record(r, HO_ERECORDER);
	for (i = 0; !rc && i < f.extent_count; i++) {
		struct inherit_extent e = extent(r, &f, i);

		r->extents++;
		r->frames += e.pages;
		if (r->wanted)
			rc = check_extent(r, &e);
	}
	return rc;
}

static int take_domain_end(struct reading *r)
{
	struct ho_rec_domain_end head;
	int rc = record_domain_end(&r->rec, &head, &own.diag);

	if (rc)
		return rc;
	if (!r->open || head.domid != r->domid)
		return bad_record(r, HO_ERECORDER);
	if (head.frame_count != r->frames || head.extent_count != r->extents)
		return bad_record(r, HO_ETOTALS);
	if (r->wanted) {
		own.guests[r->guest].frames = r->frames;
		own.guests[r->guest].extents = r->extents;
	}
	r->open = false;
	return 0;
}

/* XXH64 alone: SHA-256 is not for streams (handover/base.h). */
static int compare(const struct reading *r, uint32_t alg,
		   const uint8_t *expected, uint64_t from)
{
	uint8_t have[HO_DIGEST_BYTES];
	struct digest_stream d;

	if (alg == HO_DIGEST_NONE)
		return 0;
	if (alg != HO_DIGEST_XXH64)
		return bad_record(r, HO_EVALUE);
	digest_begin(&d);
	digest_update(&d, own.stream + from, r->rec.offset - from);
	digest_end(&d, have);
	return memcmp(have, expected, sizeof(have))
	     ? bad_record(r, HO_EDIGEST) : 0;
}

static int take_digest(struct reading *r)
{
	struct ho_rec_digest head;
	int rc = record_digest(&r->rec, &head, &own.diag);

	if (!rc)
		rc = compare(r, head.digest_alg, head.digest, r->digested);
	r->digested = r->stream.in.offset;
	return rc;
}

static int take_end(struct reading *r)
{
	struct ho_rec_end head;
	int rc = record_end(&r->rec, &head, &own.diag);

	if (!rc && (r->open ||
		    head.record_count != r->stream.record_count - 1))
		rc = bad_record(r, HO_ETOTALS);
	return rc ? rc : compare(r, head.digest_alg, head.digest, 0);
}

static int take(struct reading *r)
{
	switch (r->rec.type) {
	case HO_REC_DOMAIN:
		return take_domain(r);
	case HO_REC_FRAMES:
		return take_frames(r);
	case HO_REC_DOMAIN_END:
		return take_domain_end(r);
	case HO_REC_DIGEST:
		return take_digest(r);
	case HO_REC_END:
		return take_end(r);
	case HO_REC_VERSION:
	case HO_REC_STATE:
		return 0;
	}
	return r->rec.type & HO_REC_OPTIONAL ? 0 : bad_record(r, HO_ERECTYPE);
}

static int check_stream(void)
{
	struct reading r = { .owner = frametable_walk(&own.view) };
	int rc = stream_open(&r.stream, own.stream, own.blob.stream_bytes,
			     &own.diag);

	while (!rc && (rc = stream_next(&r.stream, &r.rec, &own.diag)) > 0)
		rc = take(&r);
	return rc;
}

static int attach(inherit_map_fn map)
{
	int rc = open_all(map);

	if (!rc)
		rc = see_region(map);
	return rc ? rc : check_stream();
}

bool inherit_attach(inherit_map_fn map)
{
	diag_init(&own.diag, HO_STAGE_LOADER);
	own.count = 0;
	if (good(attach(map)))
		return true;
	own.count = 0;
	own.blob.region_count = 0;
	return false;
}

uint32_t inherit_guests(void)
{
	return own.count;
}

const struct inherit_guest *inherit_guest(uint32_t index)
{
	return index < own.count ? &own.guests[index] : NULL;
}

/* The records were checked, and are not looked at again. */
static bool give(const struct reading *r, const struct frames *f,
		 inherit_extent_fn visit)
{
	uint32_t i;

	for (i = 0; i < f->extent_count; i++) {
		const struct inherit_extent e = extent(r, f, i);

		if (!visit(&e))
			return false;
	}
	return true;
}

bool inherit_extents(inherit_extent_fn visit)
{
	struct reading r = { .guest = ~0u };
	struct ho_rec_domain head;
	struct frames f;
	int rc;

	if (!own.count)
		return true;
	rc = stream_open(&r.stream, own.stream, own.blob.stream_bytes,
			 &own.diag);
	while (!rc && (rc = stream_next(&r.stream, &r.rec, &own.diag)) > 0) {
		rc = 0;
		if (r.rec.type == HO_REC_DOMAIN) {
			rc = record_domain(&r.rec, &head, &own.diag);
			r.wanted = !rc && (head.kind == INHERIT_PV ||
					   head.kind == INHERIT_HVM);
			r.guest += r.wanted;
		}
		if (r.rec.type != HO_REC_FRAMES || !r.wanted)
			continue;
		rc = record_frames(&r.rec, &f, &own.diag);
		if (!rc && !give(&r, &f, visit))
			return false;
	}
	return good(rc);
}

bool inherit_free(inherit_free_fn visit)
{
	struct free_walk w;
	struct free_gap gap;
	int rc;

	if (!own.view.range_count || !own.blob.region_count)
		return true;
	rc = free_walk_init(&w, &own.blob, &own.view);
	while (!rc && (rc = free_next(&w, &gap)) > 0) {
		if (!visit(gap.place.start, gap.place.end))
			return false;
		rc = 0;
	}
	return good(rc ? refuse(HO_EBLOBTREE, "frametable") : 0);
}

const char *inherit_why(void)
{
	return own.why;
}
