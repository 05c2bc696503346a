// SPDX-License-Identifier: MIT
/*
 * livepatch.c - see livepatch.h. Xen knows the payload by one name. Which guests are in
 * its table is the same whenever it is asked in a boot, for nobody can read it out of
 * Xen again.
 */
#include "livepatch.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "installed.h"
#include "kept.h"
#include "patchtable.h"
#include "util.h"
#include "xen_domain.h"
#include "xen_image.h"

#define MEET_NS		3000000000u	/* in which all CPUs of Xen's must meet */
#define SHORT_POLLS	100		/* of SHORT_US each */
#define SHORT_US	10000
#define LONG_POLLS	60		/* of a second each, behind those */

struct calls {
	int (*upload)(xc_interface *, char *, unsigned char *, uint32_t,
		      bool);
	__typeof__(&xc_livepatch_get) get;
	__typeof__(&xc_livepatch_apply) apply, revert, unload;
};

/* What Xen says of the payload. */
struct standing {
	uint32_t state;			/* LIVEPATCH_STATE_*; 0: it is not there */
	int rc;				/* what the last action came to, 0, -errno;
					 * -EAGAIN: it has not come to its end */
};

/* In libxenctrl since long before 4.17. */
static bool find_calls(struct xen *x, struct calls *c)
{
	*(void **)&c->upload = dlsym(x->ctrl, "xc_livepatch_upload");
	*(void **)&c->get = dlsym(x->ctrl, "xc_livepatch_get");
	*(void **)&c->apply = dlsym(x->ctrl, "xc_livepatch_apply");
	*(void **)&c->revert = dlsym(x->ctrl, "xc_livepatch_revert");
	*(void **)&c->unload = dlsym(x->ctrl, "xc_livepatch_unload");
	return c->upload && c->get && c->apply && c->revert && c->unload;
}

/* Once nothing is under way, or after a minute. */
static struct standing settle(struct xen *x, const struct calls *c)
{
	char name[] = LIVEPATCH_NAME;
	xen_livepatch_status_t s;
	int polls;

	for (polls = 0;; polls++) {
		if (c->get(x->xc, name, &s))
			return (struct standing){ 0 };
		if (s.rc != -EAGAIN || polls == SHORT_POLLS + LONG_POLLS)
			return (struct standing){ s.state, s.rc };
		if (polls < SHORT_POLLS)
			usleep(SHORT_US);
		else
			sleep(1);
	}
}

/* Do it, and wait for what becomes of it: .rc 0 when Xen has done it. */
static struct standing act(struct xen *x, const struct calls *c,
			   __typeof__(&xc_livepatch_apply) action)
{
	char name[] = LIVEPATCH_NAME;
	struct standing s;
	int error;

	if (!action(x->xc, name, MEET_NS, 0))
		return settle(x, c);
	error = errno;
	s = settle(x, c);
	s.rc = s.rc ? s.rc : -error;
	return s;
}

/* Is there room for this guest, too? Then it is counted. */
static bool fits(uint32_t *guests, uint64_t *extents,
		 const struct ho_domain *d)
{
	if (!xen_is_guest(d->kind) || !d->extent_count ||
	    *guests == LIVEPATCH_TABLE_GUESTS ||
	    d->extent_count > LIVEPATCH_TABLE_EXTENTS - *extents)
		return false;
	*guests += 1;
	*extents += d->extent_count;
	return true;
}

bool livepatch_holds(const struct handover *h, const struct ho_domain *d)
{
	uint64_t extents = 0;
	uint32_t guests = 0, i;

	for (i = 0; i < h->result.domain_count; i++) {
		bool room = fits(&guests, &extents, &h->domains[i]);

		if (&h->domains[i] == d)
			return room;
	}
	return false;
}

static bool add_extents(struct livepatch_table *t, const struct handover *h,
			const struct ho_domain *d, struct diag_log *diag)
{
	uint32_t end = t->extents + d->extent_count;
	struct kept_extent e;
	struct kept_walk w;
	int rc = kept_walk_begin(&w, h->stream, h->blob.stream_bytes,
				 d->stream_offset, diag);

	while (!rc && (rc = kept_walk_next(&w, &e, diag)) > 0) {
		if (t->extents == end || e.gfn >> 32 ||
		    range_bytes(e.place) >> HO_PAGE_SHIFT >> 32)
			return false;
		t->extent[t->extents].mfn = e.place.start >> HO_PAGE_SHIFT;
		t->extent[t->extents].pages =
			range_bytes(e.place) >> HO_PAGE_SHIFT;
		t->extent[t->extents++].gfn = e.gfn;
		rc = 0;
	}
	return !rc && t->extents == end;
}

/* All that are kept and fit: what later attempts of this boot will ask for is among
 * them. */
static bool fill(struct livepatch_table *t, const struct handover *h,
		 struct diag_log *diag)
{
	uint32_t i;

	t->guests = t->extents = 0;
	for (i = 0; i < h->result.domain_count; i++) {
		const struct ho_domain *d = &h->domains[i];

		if (d->flags & HO_DOM_RELEASED || !livepatch_holds(h, d))
			continue;
		memcpy(t->guest[t->guests].uuid, d->uuid, sizeof(d->uuid));
		t->guest[t->guests].hvm = d->kind == HO_KIND_XEN_HVM;
		t->guest[t->guests++].extents = d->extent_count;
		if (!add_extents(t, h, d, diag))
			return false;
	}
	return t->guests;
}

/* Where it is, NULL: none is installed for the Xen that runs. */
static const char *find_payload(void)
{
	struct xen_facts facts;
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	return xen_facts_read(&facts, &scratch) ? NULL
	     : installed_xen_livepatch_path(facts.build_id,
					    sizeof(facts.build_id));
}

/* To be freed; NULL: recorded. */
static uint8_t *read_payload(const char *path, uint64_t *bytes,
			     struct diag_log *diag)
{
	uint8_t *payload;
	struct mapped m;

	/* it becomes part of the hypervisor */
	if (mapped_open_own(&m, path, HO_EFILE, diag))
		return NULL;
	payload = malloc(m.length);
	if (payload)
		memcpy(payload, m.bytes, m.length);
	else
		diag_add(diag, HO_ENOMEM, "%s", path);
	*bytes = m.length;
	mapped_close(&m);
	return payload;
}

static struct livepatch_table *find_table(uint8_t *payload, uint64_t bytes)
{
	static const char magic[] = LIVEPATCH_TABLE_MAGIC;
	uint8_t *at = memmem(payload, bytes, magic, sizeof(magic) - 1);

	return at && bytes - (at - payload) >= sizeof(struct livepatch_table)
	     ? (struct livepatch_table *)at : NULL;
}

/* Put its table into it and give it to Xen, which checks it: NULL, or why not. */
static const char *upload(struct xen *x, const struct calls *c,
			  const struct handover *h, const char *path)
{
	struct livepatch_table *t;
	char name[] = LIVEPATCH_NAME;
	const char *why = NULL;
	struct diag_log diag;
	uint64_t bytes;
	uint8_t *payload;

	diag_init(&diag, HO_STAGE_LOADER);
	payload = read_payload(path, &bytes, &diag);
	if (!payload)
		return diag.items[0].code == HO_EOWNER
		     ? "others than root can write it" : "it cannot be read";
	t = find_table(payload, bytes);
	if (!t)
		why = "it is of another baton";
	else if (!fill(t, h, &diag))
		why = "it has no room for their frames";
	else if (c->upload(x->xc, name, payload, bytes, false))
		why = "Xen does not take it: see xl dmesg";
	free(payload);
	return why;
}

static int unfinished(struct diag_log *diag)
{
	return diag_add(diag, HO_EXENRESTORE,
			"Xen is not done with livepatch " LIVEPATCH_NAME);
}

/* *why: NULL, it is applied, or why not. */
static int give(struct xen *x, const struct calls *c, const struct handover *h,
		const char *path, const char **why, struct diag_log *diag)
{
	struct standing s;

	*why = upload(x, c, h, path);
	if (*why)
		return 0;
	s = act(x, c, c->apply);
	if (s.rc == -EAGAIN)
		return unfinished(diag);
	if (s.state == LIVEPATCH_STATE_APPLIED && !s.rc)
		return 0;
	*why = "Xen does not apply it: see xl dmesg";
	act(x, c, c->unload);
	return 0;
}

int livepatch_begin(struct xen *x, const struct handover *h, bool *patched,
		    struct diag_log *diag)
{
	const char *path, *why;
	struct standing s;
	struct calls c;
	int rc;

	*patched = false;
	if (!find_calls(x, &c))
		return 0;
	s = settle(x, &c);
	/* it may come about when guests are being copied */
	if (s.rc == -EAGAIN)
		return unfinished(diag);
	*patched = s.state == LIVEPATCH_STATE_APPLIED;
	path = *patched ? NULL : find_payload();
	if (!path)
		return 0;
	if (s.state)
		act(x, &c, c.unload);
	rc = give(x, &c, h, path, &why, diag);
	*patched = !rc && !why;
	if (why)
		progress("guests are copied, %s is of no use: %s", path, why);
	return rc;
}

/* Does one wait yet, for its frames or to run in them? */
static bool is_needed(struct xen *x, const struct handover *h)
{
	struct diag_log scratch;
	struct xen_domain d;
	bool there;
	uint32_t i;

	diag_init(&scratch, HO_STAGE_LOADER);
	for (i = 0; i < h->result.domain_count; i++) {
		if (!xen_is_guest(h->domains[i].kind))
			continue;
		if (!(h->domains[i].flags & HO_DOM_RELEASED) ||
		    xen_domain_by_uuid(x, h->domains[i].uuid, &d, &there,
				       &scratch) || (there && d.paused))
			return true;
	}
	return false;
}

void livepatch_end(struct xen *x, const struct handover *h)
{
	struct standing s;
	struct calls c;

	if (!find_calls(x, &c))
		return;
	s = settle(x, &c);
	if (s.state != LIVEPATCH_STATE_APPLIED || is_needed(x, h))
		return;
	s = act(x, &c, c.revert);
	if (s.state == LIVEPATCH_STATE_CHECKED && !s.rc)
		s = act(x, &c, c.unload);
	if (s.state)
		progress("the livepatch " LIVEPATCH_NAME " stays in Xen: see xl dmesg");
}
