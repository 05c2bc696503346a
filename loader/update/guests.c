// SPDX-License-Identifier: MIT
/*
 * guests.c - see guests.h.
 */
#include "guests.h"

#include <stdlib.h>
#include <string.h>

#include "baton_mem.h"
#include "checked.h"
#include "left.h"
#include "resume.h"
#include "sidebyside.h"
#include "util.h"

typedef int (*guest_fn)(struct collect_domain *d, struct diag_log *diag);

static int for_all(struct collect *c, guest_fn fn, struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; i < c->domain_count && !rc; i++)
		if (c->domains[i].monitor)
			rc = fn(&c->domains[i], diag);
	return rc;
}

/* The name becomes that of a device. */
static bool name_ok(const char *name)
{
	return name && *name && *name != '.' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] &&
	       strlen(name) < 32;
}

/* For what keep_one() and wait_one() add, while the guest still runs. */
static int check_room(const struct collect_domain *d, struct diag_log *diag)
{
	if (d->range_count + d->guest->conf.backend_count >
	    COLLECT_ITEMS_MAX || d->state_count + 2 > COLLECT_ITEMS_MAX)
		return diag_add(diag, HO_EUSAGE,
				"too many --state or --range of QEMU guest %.31s",
				d->name);
	return 0;
}

static int open_one(struct collect_domain *d, struct diag_log *diag)
{
	struct qemu *q;
	int rc;

	if (!name_ok(d->name))
		return diag_add(diag, HO_EUSAGE,
				"--name of a QEMU guest: letters, digits, -_., at most 31: %.60s",
				d->name ? d->name : "");
	q = calloc(1, sizeof(*q));
	if (!q)
		return diag_add(diag, HO_ENOMEM, "%s", d->name);
	rc = qemu_open(q, d->monitor, diag);
	if (rc)
		free(q);
	else
		d->guest = q;
	return rc ? rc : check_room(d, diag);
}

static void look_at_extent(void *context, uint64_t mfn, uint64_t pages,
			   uint64_t vpn)
{
	uint64_t *small = context;

	if (!is_aligned(mfn | pages | vpn, HO_PAGE_2M_BYTES / HO_PAGE_BYTES))
		*small = *small ? *small : mfn;
}

/* The next instance maps it by 2 MiB, or not at all. */
static int check_pages(const struct collect_domain *d, struct vrange r,
		       struct diag_log *diag)
{
	uint64_t small = 0, hash = 0;
	int rc = process_extents(d->pid, r, look_at_extent, &small, &hash,
				 diag);

	return rc || !small ? rc
		: diag_add(diag, HO_EGUESTPAGES, "%.31s, at mfn 0x%llx",
			   d->name, (unsigned long long)small);
}

static int keep_one(struct collect_domain *d, struct diag_log *diag)
{
	struct qemu *q = d->guest;
	int i, rc = qemu_keep(q, d->name, diag);

	d->pid = q->keeper;
	for (i = 0; i < q->conf.backend_count && !rc; i++) {
		const struct guest_backend *b = &q->conf.backends[i];
		struct vrange r = { b->address, b->address + b->bytes };

		rc = check_pages(d, r, diag);
		if (!rc)
			rc = collect_add_range(d, r, diag);
	}
	return rc;
}

static int begin_one(struct collect_domain *d, struct diag_log *diag)
{
	return qemu_save_begin(d->guest, diag);
}

static int wait_one(struct collect_domain *d, struct diag_log *diag)
{
	struct qemu *q = d->guest;
	int rc = qemu_save_wait(q, GUESTS_SAVE_SECONDS, diag);

	if (!rc)
		rc = collect_add_state(d, GUEST_CONF_STATE, q->conf_path,
				       diag);
	return rc ? rc : collect_add_state(d, GUEST_DEVICE_STATE,
					   q->state_path, diag);
}

int guests_open(struct collect *c, struct diag_log *diag)
{
	return for_all(c, open_one, diag);
}

int guests_left(struct collect *c, struct diag_log *diag)
{
	pid_t *pids = calloc(c->domain_count + 1, sizeof(*pids));
	size_t count = 0;
	int i, rc;

	if (!pids)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < c->domain_count; i++)
		if (c->domains[i].guest)
			pids[count++] = c->domains[i].guest->qmp.pid;
	rc = left_check(pids, count, diag);
	free(pids);
	return rc;
}

int guests_keep(struct collect *c, struct diag_log *diag)
{
	return for_all(c, keep_one, diag);
}

int guests_save(struct collect *c, struct diag_log *diag)
{
	int rc = for_all(c, begin_one, diag);

	return rc ? rc : for_all(c, wait_one, diag);
}

static int look_at_one(struct collect_domain *d, struct diag_log *diag)
{
	return qemu_still_saved(&d->guest->qmp, diag);
}

int guests_look_again(struct collect *c, struct diag_log *diag)
{
	return for_all(c, look_at_one, diag);
}

void guests_touched(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (c->domains[i].guest)
			c->domains[i].guest->touched = true;
}

static void resume_one(void *context, uint32_t i)
{
	struct collect_domain *d = &((struct collect *)context)->domains[i];
	struct diag_log diag;

	diag_init(&diag, HO_STAGE_LOADER);
	if (d->guest && qemu_resume(d->guest, RESUME_SECONDS, &diag))
		progress("%s does not run on: %s", d->name,
			 diag.items[0].where);
}

void guests_resume(struct collect *c)
{
	all_at_once(c->guests ? c->domain_count : 0, resume_one, c);
}

void guests_keep_on(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (c->domains[i].guest)
			qemu_keep_on(c->domains[i].guest);
}

void guests_close(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++) {
		struct collect_domain *d = &c->domains[i];

		if (d->guest)
			qemu_close(d->guest);
		free(d->guest);
		d->guest = NULL;
	}
}
