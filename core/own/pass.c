// SPDX-License-Identifier: MIT
/*
 * pass.c - the one pass over the LU stream.
 */
#include "pass.h"

#include "digest.h"
#include "pass_frames.h"

#define NO_SLOT		(~0u)

/* The domain that a record names; it must be the open one. */
static struct ho_domain *open_domain(struct pass *p, const struct record *rec,
				     uint32_t domid, int *rc)
{
	struct ho_domain *d = domtab_find(&p->domains, domid);

	if (!d)
		*rc = diag_add(p->diag, HO_EDOMID,
			       "stream offset 0x%llx: domid %u",
			       (unsigned long long)rec->offset, domid);
	else if (p->open_slot == NO_SLOT ||
		 d != &p->domains.domains[p->open_slot])
		*rc = diag_add(p->diag, HO_ERECORDER,
			       "stream offset 0x%llx: domain %u is not open",
			       (unsigned long long)rec->offset, domid);
	else
		return d;
	return NULL;
}

static int take_frames(struct pass *p, struct record *rec)
{
	struct ho_domain *d;
	struct frames f;
	int rc = record_frames(rec, &f, p->diag);

	if (rc)
		return rc;
	d = open_domain(p, rec, f.domid, &rc);
	return d ? pass_take_frames(p, d, &f) : rc;
}

static int take_domain(struct pass *p, struct record *rec)
{
	struct ho_rec_domain r;
	int rc = record_domain(rec, &r, p->diag);

	if (rc)
		return rc;
	if (p->open_slot != NO_SLOT)
		return diag_add(p->diag, HO_ERECORDER,
				"stream offset 0x%llx: domain %u is still open",
				(unsigned long long)rec->offset,
				p->domains.domains[p->open_slot].domid);
	rc = domtab_add(&p->domains, &r, rec->offset, p->diag);
	if (rc)
		return rc;
	p->open_slot = p->domains.count - 1;
	p->declared_frames = r.frame_count;
	return 0;
}

static int take_state(struct pass *p, struct record *rec)
{
	struct ho_rec_state r;
	struct ho_domain *d;
	int rc = record_state(rec, &r, p->diag);

	if (rc)
		return rc;
	d = open_domain(p, rec, r.domid, &rc);
	if (d)
		d->state_bytes += span_left(&rec->body);
	return rc;
}

static int take_owner(struct pass *p, struct record *rec)
{
	struct ho_rec_owner r;
	int rc = record_owner(rec, &r, p->diag);

	if (!rc)
		open_domain(p, rec, r.domid, &rc);
	return rc;
}

/* Extents that were refused are not in the domain's totals, so these are
 * compared only while nothing was. */
static int take_domain_end(struct pass *p, struct record *rec)
{
	struct ho_rec_domain_end r;
	struct ho_domain *d;
	int rc = record_domain_end(rec, &r, p->diag);

	if (rc)
		return rc;
	d = open_domain(p, rec, r.domid, &rc);
	if (!d)
		return rc;
	p->open_slot = NO_SLOT;
	p->closed = true;
	p->extent_count += d->extent_count;
	p->frame_count += d->frame_count;
	if (p->diag->total)
		return 0;
	if (r.frame_count != d->frame_count ||
	    r.extent_count != d->extent_count ||
	    r.state_bytes != d->state_bytes ||
	    (p->declared_frames && p->declared_frames != d->frame_count))
		return diag_add(p->diag, HO_ETOTALS,
				"domain %u (%.20s): %llu frames in %llu extents",
				d->domid, d->name,
				(unsigned long long)d->frame_count,
				(unsigned long long)d->extent_count);
	return 0;
}

/* Everything since the last one; behind VERSION or a domain and nowhere else,
 * or what it is good for would depend on who reads. */
static int take_digest(struct pass *p, struct record *rec,
		       const struct stream *s)
{
	struct ho_rec_digest r;
	int rc = record_digest(rec, &r, p->diag);

	if (rc)
		return rc;
	if (p->open_slot != NO_SLOT || !p->closed)
		return diag_add(p->diag, HO_ERECORDER,
				"stream offset 0x%llx: DIGEST that is not behind VERSION or a domain",
				(unsigned long long)rec->offset);
	rc = digest_check(r.digest_alg, r.digest, s->in.bytes + p->digested,
			  rec->offset - p->digested);
	if (rc)
		return diag_add(p->diag, -rc, "stream offset 0x%llx..0x%llx",
				(unsigned long long)p->digested,
				(unsigned long long)rec->offset);
	p->digested = s->in.offset;
	p->closed = false;
	return 0;
}

static int take_end(struct pass *p, struct record *rec,
		    const struct stream *s)
{
	struct ho_rec_end r;
	int rc = record_end(rec, &r, p->diag);

	if (rc)
		return rc;
	if (p->open_slot != NO_SLOT)
		return diag_add(p->diag, HO_ERECORDER,
				"stream offset 0x%llx: END while domain %u is open",
				(unsigned long long)rec->offset,
				p->domains.domains[p->open_slot].domid);
	if (r.record_count != s->record_count - 1)
		return diag_add(p->diag, HO_ETOTALS,
				"END: %llu records, the stream has %llu",
				(unsigned long long)r.record_count,
				(unsigned long long)s->record_count - 1);
	if (p->digested && p->digested != rec->offset)
		return diag_add(p->diag, HO_EDIGEST,
				"stream offset 0x%llx: records behind the last DIGEST",
				(unsigned long long)p->digested);
	rc = digest_check(r.digest_alg, r.digest, s->in.bytes, rec->offset);
	return rc ? diag_add(p->diag, -rc, "END: digest of the stream") : 0;
}

static int take_record(struct pass *p, struct record *rec,
		       const struct stream *s)
{
	struct ho_rec_version version;

	if ((s->record_count == 1) != (rec->type == HO_REC_VERSION))
		return diag_add(p->diag, HO_ERECORDER,
				"stream offset 0x%llx: VERSION must be the first record and only that",
				(unsigned long long)rec->offset);
	switch (rec->type) {
	case HO_REC_VERSION:
		p->closed = true;
		return record_version(rec, &version, p->diag);
	case HO_REC_DOMAIN:
		return take_domain(p, rec);
	case HO_REC_FRAMES:
		return take_frames(p, rec);
	case HO_REC_STATE:
		return take_state(p, rec);
	case HO_REC_DOMAIN_END:
		return take_domain_end(p, rec);
	case HO_REC_END:
		return take_end(p, rec, s);
	case HO_REC_OWNER:
		return take_owner(p, rec);
	case HO_REC_DIGEST:
		return take_digest(p, rec, s);
	}
	if (rec->type & HO_REC_OPTIONAL)
		return 0;
	return diag_add(p->diag, HO_ERECTYPE,
			"stream offset 0x%llx: record type 0x%x",
			(unsigned long long)rec->offset, rec->type);
}

static int walk(struct pass *p)
{
	struct stream s;
	struct record rec;
	int rc = stream_open(&s, p->blob->stream, p->blob->stream_bytes,
			     p->diag);

	while (!rc && (rc = stream_next(&s, &rec, p->diag)) > 0)
		rc = take_record(p, &rec, &s);
	p->record_count = s.record_count;
	return rc;
}

int pass_run(struct pass *p, const struct blob *blob, struct region *region,
	     struct diag_log *diag)
{
	uint64_t before = diag->total;
	int rc;

	*p = (struct pass){ .blob = blob, .region = region, .diag = diag,
			    .open_slot = NO_SLOT };
	if (frametable_init(&p->ft, region))
		return diag_add(diag, HO_EFULL, "frametable: root table");
	rc = domtab_init(&p->domains, region, diag);
	if (!rc)
		rc = pass_take_stream(p);
	if (!rc)
		rc = walk(p);
	if (rc || diag->total == before)
		return rc;
	return -diag->items[before < DIAG_KEPT ? before : DIAG_KEPT - 1].code;
}
