// SPDX-License-Identifier: MIT
/*
 * resume.c - see resume.h.
 */
#include "resume.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guestconf.h"
#include "keeper.h"
#include "loaded.h"
#include "process.h"
#include "qemu.h"
#include "sidebyside.h"

/* A domain of the blob. */
struct waiting {
	char name[HO_NAME_BYTES];
	struct ho_rec_owner owner;	/* pid 0: none in this instance */
	bool has_conf;
	struct guest_conf conf;
	struct diag_log diag;
};

struct crowd {
	int seconds;
	struct waiting *list;
	uint32_t count, room;
};

static int add(struct crowd *c, const char *name, struct diag_log *diag)
{
	if (c->count == c->room) {
		uint32_t room = c->room ? 2 * c->room : 16;
		struct waiting *more = realloc(c->list,
					       room * sizeof(*more));

		if (!more)
			return diag_add(diag, HO_ENOMEM, "guests");
		c->list = more;
		c->room = room;
	}
	c->list[c->count] = (struct waiting){ 0 };
	memcpy(c->list[c->count++].name, name, HO_NAME_BYTES);
	return 0;
}

static int take_state(struct waiting *w, struct record *rec,
		      struct diag_log *diag)
{
	struct ho_rec_state head;
	int rc = record_state(rec, &head, diag);

	/* one that was kept already, and is carried on, has no QEMU here */
	if (rc || !w->owner.pid || w->has_conf ||
	    strcmp(head.name, GUEST_CONF_STATE))
		return rc;
	diag_init(&w->diag, HO_STAGE_LOADER);
	w->has_conf = !guest_conf_read(&w->conf,
				       (const char *)rec->body.bytes +
				       rec->body.offset,
				       span_left(&rec->body), &w->diag);
	if (!w->has_conf)
		diag_merge(diag, &w->diag);
	return 0;
}

static int take_record(void *context, struct record *rec,
		       struct diag_log *diag)
{
	struct crowd *c = context;
	struct waiting *w = c->count ? &c->list[c->count - 1] : NULL;
	struct ho_rec_domain domain;
	int rc;

	switch (rec->type) {
	case HO_REC_DOMAIN:
		rc = record_domain(rec, &domain, diag);
		return rc ? rc : add(c, domain.name, diag);
	case HO_REC_OWNER:
		return w ? record_owner(rec, &w->owner, diag) : 0;
	case HO_REC_STATE:
		return w ? take_state(w, rec, diag) : 0;
	}
	return 0;
}

/* The keeper that was recorded, and not a later process of its number. */
static bool is_same(const struct ho_rec_owner *was)
{
	struct ho_rec_owner is;
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (process_owner(was->pid, &is, &scratch))
		return false;
	is.domid = was->domid;
	return !memcmp(&is, was, sizeof(is)) && keeper_is(was->pid);
}

static void resume_one(void *context, uint32_t i)
{
	const struct crowd *c = context;
	struct waiting *w = &c->list[i];

	diag_init(&w->diag, HO_STAGE_LOADER);
	if (!w->has_conf)
		return;
	qemu_let_run(&w->conf, c->seconds, &w->diag);
	if (is_same(&w->owner))
		kill(w->owner.pid, SIGKILL);
}

int resume_guests(const char *blob_path, int seconds,
		  struct diag_log *diag)
{
	struct crowd c = { .seconds = seconds };
	uint32_t i;
	int rc;

	if (access(blob_path, F_OK))
		return 0;
	/* what was read before something is wrong is resumed all the same */
	rc = loaded_walk(blob_path, false, take_record, &c, diag);
	all_at_once(c.count, resume_one, &c);
	for (i = 0; i < c.count; i++) {
		struct waiting *w = &c.list[i];

		if (w->diag.total)
			rc = diag_add(diag, w->diag.items[0].code,
				      "%.31s: %.60s", w->name,
				      w->diag.items[0].where);
		guest_conf_free(&w->conf);
	}
	free(c.list);
	return rc;
}
