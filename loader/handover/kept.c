// SPDX-License-Identifier: MIT
/*
 * kept.c - see kept.h.
 */
#include "kept.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "span.h"

struct reading {
	struct kept_list *list;
	const uint8_t *stream;
	uint64_t digested;		/* end of the last DIGEST record */
	uint32_t unsettled;		/* first domain not yet under one */
	bool trusted;
};

static struct kept_domain *add(struct reading *r, struct record *rec,
			       struct diag_log *diag)
{
	struct kept_list *l = r->list;
	struct ho_rec_domain head;
	struct kept_domain *k;

	if (record_domain(rec, &head, diag))
		return NULL;
	k = realloc(l->domains, (l->count + 1) * sizeof(*k));
	if (!k) {
		diag_add(diag, HO_ENOMEM, "domains");
		return NULL;
	}
	l->domains = k;
	k = &l->domains[l->count++];
	*k = (struct kept_domain){
		.domain = { .domid = head.domid, .kind = head.kind,
			    .stream_offset = rec->offset },
		.intact = r->trusted,
	};
	memcpy(k->domain.uuid, head.uuid, sizeof(head.uuid));
	memcpy(k->domain.name, head.name, sizeof(head.name));
	return k;
}

static int take_frames(struct kept_domain *k, struct record *rec,
		       struct diag_log *diag)
{
	struct frames f;
	uint32_t i;
	int rc = record_frames(rec, &f, diag);

	if (rc)
		return rc;
	k->domain.extent_count += f.extent_count;
	for (i = 0; i < f.extent_count; i++) {
		uint64_t word = load_le64(f.words + 8ull * i);

		k->domain.frame_count += frame_word_pages(word);
		k->domain.type_frames[frame_word_type(word)] +=
			frame_word_pages(word);
	}
	return 0;
}

/* What stands before a digest that is right is as it was written. */
static int take_digest(struct reading *r, struct record *rec, uint64_t end,
		       struct diag_log *diag)
{
	struct ho_rec_digest d;
	int rc = record_digest(rec, &d, diag);

	if (rc)
		return rc;
	if (d.digest_alg != HO_DIGEST_NONE &&
	    !digest_check(d.digest_alg, d.digest, r->stream + r->digested,
			  rec->offset - r->digested))
		while (r->unsettled < r->list->count)
			r->list->domains[r->unsettled++].intact = true;
	r->unsettled = r->list->count;
	r->digested = end;
	return 0;
}

static int take(struct reading *r, const struct stream *s, struct record *rec,
		struct diag_log *diag)
{
	struct kept_list *l = r->list;
	struct kept_domain *last = l->count ? &l->domains[l->count - 1]
					    : NULL;
	struct ho_rec_state state;
	int rc = 0;

	switch (rec->type) {
	case HO_REC_DOMAIN:
		return add(r, rec, diag) ? 0 : -diag->items[0].code;
	case HO_REC_FRAMES:
		return last ? take_frames(last, rec, diag) : -HO_ERECORDER;
	case HO_REC_STATE:
		rc = last ? record_state(rec, &state, diag) : -HO_ERECORDER;
		if (!rc)
			last->domain.state_bytes += span_left(&rec->body);
		return rc;
	case HO_REC_DIGEST:
		return take_digest(r, rec, s->in.offset, diag);
	}
	return 0;
}

int kept_read(struct kept_list *list, const uint8_t *stream, uint64_t bytes,
	      bool trusted, struct diag_log *diag)
{
	struct reading r = { .list = list, .stream = stream,
			     .trusted = trusted };
	struct diag_log damage;		/* expected here, and not reported */
	struct stream s;
	struct record rec;
	uint32_t i;
	int rc;

	*list = (struct kept_list){ 0 };
	diag_init(&damage, HO_STAGE_LOADER);
	rc = stream_open(&s, stream, bytes, &damage);
	while (!rc && (rc = stream_next(&s, &rec, &damage)) > 0)
		rc = take(&r, &s, &rec, &damage);
	if (rc == -HO_ENOMEM)
		return diag_add(diag, HO_ENOMEM, "domains");
	list->complete = !rc;
	for (i = 0; i < list->count; i++)
		list->complete &= list->domains[i].intact;
	return 0;
}

void kept_free(struct kept_list *list)
{
	free(list->domains);
	*list = (struct kept_list){ 0 };
}

int kept_walk_begin(struct kept_walk *w, const uint8_t *stream,
		    uint64_t bytes, uint64_t only, struct diag_log *diag)
{
	*w = (struct kept_walk){ .only = only, .inside = only == ~0ull };
	return stream_open(&w->stream, stream, bytes, diag);
}

int kept_walk_next(struct kept_walk *w, struct kept_extent *out,
		   struct diag_log *diag)
{
	struct record rec;
	uint64_t word;
	int rc;

	while (w->next == w->frames.extent_count) {
		rc = stream_next(&w->stream, &rec, diag);
		if (rc <= 0)
			return rc;
		if (rec.type == HO_REC_DOMAIN && w->only != ~0ull)
			w->inside = rec.offset == w->only;
		if (rec.type != HO_REC_FRAMES || !w->inside)
			continue;
		rc = record_frames(&rec, &w->frames, diag);
		if (rc)
			return rc;
		w->next = 0;
	}
	word = load_le64(w->frames.words + 8ull * w->next);
	*out = (struct kept_extent){
		.domid = w->frames.domid, .type = frame_word_type(word),
		.place.start = frame_word_mfn(word) << HO_PAGE_SHIFT,
		.gfn = load_le64(w->frames.gfns + 8ull * w->next),
	};
	out->place.end = out->place.start +
			 ((uint64_t)frame_word_pages(word) << HO_PAGE_SHIFT);
	w->next++;
	return 1;
}

int kept_states(const uint8_t *stream, uint64_t bytes, uint64_t from,
		kept_state_fn give, void *context, struct diag_log *diag)
{
	struct ho_rec_state head;
	bool inside = false;
	struct stream s;
	struct record rec;
	int rc = stream_open(&s, stream, bytes, diag);

	while (!rc && (rc = stream_next(&s, &rec, diag)) > 0) {
		rc = 0;
		if (rec.type == HO_REC_DOMAIN)
			inside = rec.offset == from;
		if (!inside || rec.type != HO_REC_STATE)
			continue;
		rc = record_state(&rec, &head, diag);
		if (!rc)
			rc = give(context, head.name, &rec.body, diag);
	}
	return rc;
}
