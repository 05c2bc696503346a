// SPDX-License-Identifier: MIT
/*
 * resume.c - see resume.h.
 */
#include "resume.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kinds.h"
#include "loaded.h"
#include "sidebyside.h"

/* A domain of the blob. */
struct waiting {
	char name[HO_NAME_BYTES];
	struct ho_rec_owner owner;	/* pid 0: none in this instance */
	const struct guest_kind *kind;	/* NULL: nothing to do for it */
	void *own;			/* the kind's */
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
	const struct guest_kind *kind;
	int i, rc = record_state(rec, &head, diag);

	/* one that was kept already, and is carried on, has nobody here */
	if (rc || !w->owner.pid || w->kind)
		return rc;
	i = guest_kind_of_state(head.name);
	kind = i < 0 ? NULL : guest_kinds[i];
	if (!kind || !kind->remember)
		return 0;
	diag_init(&w->diag, HO_STAGE_LOADER);
	if (kind->remember(&w->own, &rec->body, &w->diag))
		diag_merge(diag, &w->diag);
	else
		w->kind = kind;
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

static void resume_one(void *context, uint32_t i)
{
	const struct crowd *c = context;
	struct waiting *w = &c->list[i];

	diag_init(&w->diag, HO_STAGE_LOADER);
	if (w->kind)
		w->kind->let_run(w->own, &w->owner, c->seconds, &w->diag);
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
		if (w->kind)
			w->kind->forget(w->own);
	}
	free(c.list);
	return rc;
}
