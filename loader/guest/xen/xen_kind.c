// SPDX-License-Identifier: MIT
/*
 * xen_kind.c - see xen_kind.h.
 */
#include "xen_kind.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collect_xen.h"
#include "release_xen.h"
#include "restore_xen.h"
#include "sidebyside.h"

#define TRIES_A_SECOND	10

static int add_guest(const struct xen_domain *d, guest_new_fn add,
		     void *context, struct diag_log *diag)
{
	struct guest *g = add(context, &xen_kind, diag);
	struct collect_xen *own;

	if (!g)
		return -diag->items[0].code;
	own = calloc(1, sizeof(*own));
	if (!own)
		return diag_add(diag, HO_ENOMEM, "guests");
	own->domain = *d;
	g->own = own;
	g->name = own->domain.name;
	/* the one Xen has for it, if no kept domain has it */
	g->domid = d->domid;
	g->any_domid = true;
	g->record_kind = d->hvm ? HO_KIND_XEN_HVM : HO_KIND_XEN_PV;
	g->told_pages = d->tot_pages;
	memcpy(g->uuid, d->uuid, sizeof(g->uuid));
	return 0;
}

static int find_all(struct xen *x, const struct guest_wanted *wanted,
		    guest_new_fn add, void *context, struct diag_log *diag)
{
	struct xen_domain *all = calloc(XEN_DOMAINS_MAX, sizeof(*all));
	int count = 0, i, rc, one = 0;

	if (!all)
		return diag_add(diag, HO_ENOMEM, "guests");
	rc = xen_domain_all(x, wanted, all, &count, diag);
	for (i = 0; i < count && !one; i++)
		one = add_guest(&all[i], add, context, diag);
	free(all);
	rc = rc ? rc : one;
	return rc;
}

static int find(const struct guest_wanted *wanted, guest_new_fn add,
		void *context, struct diag_log *diag)
{
	struct xen_domain d;
	struct xen *x = NULL;
	int i, rc = xen_open(&x, diag);

	if (!rc && !wanted->count)
		rc = find_all(x, wanted, add, context, diag);
	for (i = 0; i < wanted->count && !rc; i++) {
		rc = xen_domain_find(x, wanted->names[i], &d, diag);
		if (!rc)
			rc = add_guest(&d, add, context, diag);
	}
	xen_close(x);
	return rc;
}

static bool is_in(const struct xen_domain *d, struct guest *const *list,
		  int count)
{
	const struct collect_xen *own;
	int i;

	for (i = 0; i < count; i++) {
		own = list[i]->own;
		if (own->domain.domid == d->domid &&
		    !memcmp(own->domain.uuid, d->uuid, sizeof(d->uuid)))
			return true;
	}
	return false;
}

static int joined(const struct guest_wanted *wanted, struct guest *const *list,
		  int count, struct diag_log *diag)
{
	struct xen_domain *all;
	struct xen *x = NULL;
	int there = 0, i, rc;

	if (!xen_is_dom0())
		return 0;
	all = calloc(XEN_DOMAINS_MAX, sizeof(*all));
	if (!all)
		return diag_add(diag, HO_ENOMEM, "guests");
	rc = xen_open(&x, diag);
	if (!rc)
		rc = xen_domain_running(x, all, &there, diag);
	for (i = 0; i < there && !rc; i++)
		if (!is_in(&all[i], list, count) &&
		    !xen_domain_is_left(&all[i], wanted))
			rc = diag_add(diag, HO_EPLAN,
				      "%.60s, domain %u, has come since",
				      all[i].name, all[i].domid);
	xen_close(x);
	free(all);
	return rc;
}

static int save(struct guest *const *list, int count, struct diag_log *diag)
{
	struct collect_xen **guests = calloc(count, sizeof(*guests));
	int i, rc;

	if (!guests)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < count; i++) {
		guests[i] = list[i]->own;
		list[i]->touched = true;
	}
	rc = collect_xen_save(guests, count, diag);
	for (i = 0; i < count && !rc; i++)
		list[i]->frame_count = guests[i]->saved.page_count;
	free(guests);
	return rc;
}

static int frames(struct guest *g, struct stream_writer *w,
		  struct diag_log *diag)
{
	int rc = collect_xen_write(g->own, w);

	(void)diag;
	collect_xen_forget(g->own);	/* it is large */
	return rc;
}

/* Does it stand still? 0, 1; -HO_E...: Xen did not say, all the time. Where xl save is
 * about to end, and the reader is gone, xl either resumes the guest or pauses it: it
 * has so many seconds. */
static int wait_for_xl(struct xen *x, struct xen_domain *d, int seconds)
{
	struct diag_log scratch;
	int tries, rc = 0;

	for (tries = 0; tries < seconds * TRIES_A_SECOND; tries++) {
		diag_init(&scratch, HO_STAGE_LOADER);
		rc = xen_domain_refresh(x, d, &scratch);
		if (rc == -HO_EXENDOMAIN)
			return 0;		/* it is gone */
		if (!rc && !d->suspended)
			break;
		usleep(1000000 / TRIES_A_SECOND);
	}
	return rc ? rc : d->paused || d->suspended;
}

/* What is suspended is still xl's: it is not undone by unpause. */
static bool unpause(const struct xen_domain *d, int seconds)
{
	return !d->suspended && xen_domain_unpause(d, seconds);
}

static void resume_one(void *context, uint32_t i)
{
	struct guest *g = ((struct guest *const *)context)[i];
	struct collect_xen *own = g->own;
	struct xen *x = NULL;
	struct diag_log scratch;
	int still;

	if (!own || !g->touched)
		return;
	diag_init(&scratch, HO_STAGE_LOADER);
	still = xen_open(&x, &scratch);
	if (!still)
		still = wait_for_xl(x, &own->domain, GUEST_RESUME_SECONDS / 2);
	g->stuck = still < 0 || (still && !unpause(&own->domain,
						   GUEST_RESUME_SECONDS / 2));
	xen_close(x);
}

/* Each is tried, even where there is no memory for threads. */
static void resume(struct guest *const *list, int count)
{
	all_at_once(count, resume_one, (void *)list);
}

static void describe(const struct guest *g, struct guest_taken *out)
{
	const struct collect_xen *own = g->own;

	memcpy(out->uuid, own->domain.uuid, sizeof(out->uuid));
	out->ran = true;
	out->number = own->domain.cpu_time;
}

static int remember(struct guest_taken *out, struct span *body,
		    struct diag_log *diag)
{
	out->ran = true;
	return span_le64(body, &out->number) ? 0
		: diag_add(diag, HO_ERECLEN, "%.31s: its time", out->name);
}

/* One that has run since it was saved was let run by somebody else. */
static int let_run(const struct guest_taken *t, int seconds,
		   struct diag_log *diag)
{
	struct xen_domain d = { 0 };
	struct xen *x = NULL;
	bool there = false;
	int still = 0, rc = t->stage == GUEST_HELD ? 0 : xen_open(&x, diag);

	if (!rc && x)
		rc = xen_domain_by_uuid(x, t->uuid, &d, &there, diag);
	if (!rc && there)
		still = wait_for_xl(x, &d, seconds / 2);
	if (still < 0)
		rc = still;
	else if (still &&
		 (t->stage == GUEST_SAVING || d.cpu_time == t->number) &&
		 !unpause(&d, seconds / 2))
		rc = -HO_ESTUCK;
	xen_close(x);
	return rc ? diag_add(diag, HO_ESTUCK, "domain %u: xl unpause", d.domid)
		  : 0;
}

static void close_guest(struct guest *g)
{
	collect_xen_forget(g->own);
	free(g->own);
	g->own = NULL;
}

/* HO_EXENRAN when it has run since. */
static int look(struct guest_look *l, struct span *body,
		struct diag_log *diag)
{
	struct xen *x = *l->own;
	uint64_t cpu_time;
	bool there;
	int rc = 0;

	if (!xen_is_dom0() || !span_le64(body, &cpu_time))
		return 0;
	if (!x)
		rc = xen_open(&x, diag);
	*l->own = x;
	if (!rc)
		rc = xen_domain_has_stayed(x, l->domain->name,
					   l->domain->uuid, cpu_time, &there,
					   diag);
	if (!rc)
		l->here = there ? GUEST_HERE : GUEST_NOT_HERE;
	return rc;
}

static void look_end(void *own)
{
	xen_close(own);
}

const struct guest_kind xen_kind = {
	.name = "xen",
	.record = HO_KIND_XEN_PV,
	.state = XEN_CPU_TIME_NAME,
	.find = find,
	.lists = xen_is_dom0,
	.joined = joined,
	.save = save,
	.frames = frames,
	.resume = resume,
	.close = close_guest,
	.describe = describe,
	.look = look,
	.look_end = look_end,
	.remember = remember,
	.let_run = let_run,
	.restore = restore_xen_guests,
	.give_back = release_xen,
};
