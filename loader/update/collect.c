// SPDX-License-Identifier: MIT
/*
 * collect.c - see collect.h.
 */
#include "collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"
#include "kinds.h"
#include "resumed.h"
#include "stream_writer.h"
#include "tell.h"
#include "util.h"
#include "work.h"

static int usage(struct diag_log *diag, const char *what, const char *value)
{
	return diag_add(diag, HO_EUSAGE, "%s %.60s", what, value ? value : "");
}

struct guest *collect_add(struct collect *c, const struct guest_kind *kind,
			  struct diag_log *diag)
{
	struct guest *g;

	if (!c->domains)
		c->domains = calloc(COLLECT_DOMAINS_MAX,
				    sizeof(*c->domains));
	if (!c->domains) {
		diag_add(diag, HO_ENOMEM, "domains");
		return NULL;
	}
	if (c->domain_count == COLLECT_DOMAINS_MAX) {
		usage(diag, "too many guests:", kind->name);
		return NULL;
	}
	g = &c->domains[c->domain_count++];
	g->kind = kind;
	g->trial = &c->trial;
	g->domid = -1;
	return g;
}

/* Names and domids that are taken: by what is carried on and, as the domains
 * are gone through, by those before. */
struct taken {
	bool domids[HO_DOMID_COUNT];
	int name_count;
	const char *names[COLLECT_DOMAINS_MAX + HO_DOMID_COUNT];
};

static int take_name(struct taken *t, const char *name,
		     struct diag_log *diag)
{
	int i;

	for (i = 0; i < t->name_count; i++)
		if (!strcmp(t->names[i], name))
			return diag_add(diag, HO_EDOMDUP, "name %s", name);
	t->names[t->name_count++] = name;
	return 0;
}

static int take_domid(struct taken *t, int64_t wanted, uint32_t *out,
		      struct diag_log *diag)
{
	uint32_t domid = 1;

	if (wanted >= 0) {
		domid = wanted;
		if (t->domids[domid])
			return diag_add(diag, HO_EDOMDUP, "domid %u", domid);
	}
	while (domid < HO_DOMID_COUNT && t->domids[domid])
		domid++;
	if (domid == HO_DOMID_COUNT)
		return diag_add(diag, HO_EDOMID, "no domid is free");
	t->domids[domid] = true;
	*out = domid;
	return 0;
}

static int write_state(struct stream_writer *w, const struct guest_state *s,
		       struct diag_log *diag)
{
	struct mapped m;
	int rc = mapped_open(&m, s->path, HO_EFILE, diag);

	if (rc)
		return rc;
	stream_writer_state(w, s->name, m.bytes, m.length);
	mapped_close(&m);
	return 0;
}

/* For `baton status --pause`. Guests of Xen have their own. */
static void write_pause(struct timeline_saved *pause,
			struct stream_writer *w, const struct guest *d)
{
	if (!pause || d->kind->record == HO_KIND_XEN_PV)
		return;
	pause->collected_tsc = resumed_now();
	pause->pagemap_entries = work_done(WORK_PAGEMAP);
	stream_writer_state(w, TIMELINE_STATE, pause, sizeof(*pause));
}

static int write_domain(struct stream_writer *w, struct guest *d,
			struct timeline_saved *pause, struct diag_log *diag)
{
	int i, rc;

	d->record.frame_count = d->frame_count;
	stream_writer_domain(w, &d->record);
	rc = d->kind->frames(d, w, diag);
	for (i = 0; i < d->state_count && !rc; i++)
		rc = write_state(w, &d->states[i], diag);
	write_pause(pause, w, d);
	stream_writer_domain_end(w);
	tell_done(1, d->frame_count << HO_PAGE_SHIFT);
	return rc;
}

/* What it is called in the stream. */
static int name_domain(struct guest *d, struct taken *taken,
		       struct diag_log *diag)
{
	static const uint8_t none[HO_ID_BYTES];
	struct ho_rec_domain *rec = &d->record;
	int64_t wanted = d->domid;
	int rc = take_name(taken, d->name, diag);

	if (d->any_domid && wanted >= 0 && taken->domids[wanted])
		wanted = -1;
	*rec = (struct ho_rec_domain){
		.kind = d->record_kind ? d->record_kind : d->kind->record };
	if (!rc)
		rc = take_domid(taken, wanted, &rec->domid, diag);
	memcpy(rec->uuid, d->uuid, sizeof(rec->uuid));
	if (!rc && !memcmp(rec->uuid, none, sizeof(none)))
		rc = random_id(rec->uuid, diag);
	memcpy(rec->name, d->name, strlen(d->name));
	return rc;
}

/* True when the domain is one of those that are carried on. */
static bool is_carried(const struct handover *h, uint32_t i)
{
	return !(h->domains[i].flags & HO_DOM_RELEASED);
}

static int carry_kept(struct stream_writer *w, const struct handover *h,
		      struct taken *taken, struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	if (!h->chained && !h->kept.complete)
		return diag_add(diag, HO_EDIGEST,
				"records of kept domains: whose frames are lost is not known (see baton status)");
	for (i = 0; i < h->result.domain_count && !rc; i++) {
		const struct ho_domain *d = &h->domains[i];

		if (!is_carried(h, i))
			continue;
		if (d->domid >= HO_DOMID_COUNT ||
		    d->name[HO_NAME_BYTES - 1])
			return diag_add(diag, HO_EDOMID,
					"domain table entry %u", i);
		taken->domids[d->domid] = true;
		rc = take_name(taken, d->name, diag);
		stream_writer_carry(w, h->stream, h->blob.stream_bytes,
				    d->stream_offset);
	}
	return rc;
}

static int check_domain(const struct guest *d,
			struct taken *taken, struct diag_log *diag)
{
	uint32_t domid;
	int i, rc;

	if (!d->name || !*d->name || strlen(d->name) >= HO_NAME_BYTES)
		return usage(diag, "--name is missing or too long", d->name);
	rc = d->kind->check ? d->kind->check(d, diag) : 0;
	if (rc)
		return rc;
	for (i = 0; i < d->state_count; i++)
		if (access(d->states[i].path, R_OK))
			return diag_add(diag, HO_EFILE, "%s: %s",
					d->states[i].path, strerror(errno));
	rc = take_name(taken, d->name, diag);
	if (rc || d->domid < 0 || d->any_domid)
		return rc;
	return take_domid(taken, d->domid, &domid, diag);
}

static int check_kept(const struct handover *h, struct taken *taken,
		      struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < h->result.domain_count && !rc; i++) {
		if (!is_carried(h, i) ||
		    h->domains[i].domid >= HO_DOMID_COUNT)
			continue;
		taken->domids[h->domains[i].domid] = true;
		rc = take_name(taken, h->domains[i].name, diag);
	}
	return rc;
}

static int check_guest(struct guest *g, struct taken *taken,
		       struct diag_log *diag)
{
	struct diag_log own;

	if (g->refused)
		return 0;
	diag_init(&own, diag->stage);
	return guest_said(g, check_domain(g, taken, &own), &own, diag);
}

int collect_check(struct collect *c, const struct handover *h,
		  struct diag_log *diag)
{
	struct taken *taken = calloc(1, sizeof(*taken));
	int i, rc = 0, one;

	if (!taken)
		return diag_add(diag, HO_ENOMEM, "names");
	if (c->kept && h)
		rc = check_kept(h, taken, diag);
	for (i = 0; i < c->domain_count; i++) {
		one = check_guest(&c->domains[i], taken, diag);
		rc = rc ? rc : one;
	}
	free(taken);
	return rc;
}

struct collect_stream {
	struct stream_writer writer;
	struct taken taken;
};

int collect_begin(struct collect *c, const struct handover *h,
		  const char *path, struct diag_log *diag)
{
	struct collect_stream *s = calloc(1, sizeof(*s));
	int i, rc;

	if (!s)
		return diag_add(diag, HO_ENOMEM, "stream");
	rc = stream_writer_begin(&s->writer, path, diag);
	if (rc) {
		free(s);
		return rc;
	}
	c->stream = s;
	if (c->kept && h)
		rc = carry_kept(&s->writer, h, &s->taken, diag);
	for (i = 0; i < c->domain_count && !rc; i++)
		rc = name_domain(&c->domains[i], &s->taken, diag);
	return rc;
}

int collect_end(struct collect *c, struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; i < c->domain_count && !rc; i++)
		rc = write_domain(&c->stream->writer, &c->domains[i],
				  c->pause, diag);
	if (rc)
		return rc;
	rc = stream_writer_end(&c->stream->writer);
	free(c->stream);
	c->stream = NULL;
	return rc;
}

static int preview_records(struct stream_writer *w, struct guest *g,
			   struct timeline_saved *pause, struct diag_log *diag)
{
	int i, rc = g->kind->preview(g, w, diag);

	for (i = 0; i < g->state_count && !rc; i++)
		rc = write_state(w, &g->states[i], diag);
	write_pause(pause, w, g);
	return rc;
}

static int preview_domain(struct stream_writer *w, struct guest *g,
			  struct timeline_saved *pause, struct diag_log *diag)
{
	struct diag_log own;
	int rc;

	if (g->refused || !g->kind->preview)
		return 0;
	diag_init(&own, diag->stage);
	g->record.frame_count = 0;	/* it counts itself */
	g->absent_pages = 0;
	stream_writer_domain(w, &g->record);
	rc = guest_said(g, preview_records(w, g, pause, &own), &own, diag);
	stream_writer_domain_end(w);
	g->seen_frames = w->frames;
	tell_done(1, g->seen_frames << HO_PAGE_SHIFT);
	return rc;
}

int collect_preview(const struct collect *c, const struct handover *h,
		    const char *path, struct diag_log *diag)
{
	struct collect seen = *c;	/* the same guests, another stream */
	int i, rc = collect_begin(&seen, h, path, diag), refused = 0, one;

	if (rc) {
		collect_abandon(&seen);
		return rc;
	}
	for (i = 0; i < c->domain_count; i++) {
		one = preview_domain(&seen.stream->writer, &c->domains[i],
				     c->pause, diag);
		refused = refused ? refused : one;
	}
	rc = stream_writer_end(&seen.stream->writer);
	free(seen.stream);
	return rc ? rc : refused;
}

void collect_abandon(struct collect *c)
{
	if (c->stream)
		stream_writer_abandon(&c->stream->writer);
	free(c->stream);
	c->stream = NULL;
}

bool collect_has(const struct collect *c, uint32_t record)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (c->domains[i].kind->record == record)
			return true;
	return false;
}

void collect_free(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++) {
		free(c->domains[i].found[0]);
		free(c->domains[i].found[1]);
	}
	free(c->domains);
	c->domains = NULL;
	c->domain_count = 0;
}

int collect_wipe(const struct collect *c, struct diag_log *diag)
{
	int i, j, rc = 0;

	for (i = 0; c->wipe_state && i < c->domain_count; i++)
		for (j = 0; !rc && j < c->domains[i].state_count; j++)
			rc = file_wipe(c->domains[i].states[j].path, diag);
	return rc;
}
