// SPDX-License-Identifier: MIT
/*
 * look.c - see look.h.
 */
#include "look.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guests.h"
#include "handover.h"
#include "kinds.h"
#include "ledger.h"
#include "loaded.h"
#include "process.h"
#include "rundir.h"
#include "util.h"

/* The open domain while the records go by. */
struct look {
	struct ho_rec_domain domain;
	int pagemap;			/* of its owner, -1: it has none */
	const struct fixed_frames *fixed; /* of its owner; NULL: none */
	size_t at;			/* in it */
	pid_t pid;
	bool keepers;
	struct collect *held;
	struct ho_rec_owner owner;	/* of the open domain; pid 0: none */
	struct ledger ledger;		/* who waits for an update */
	bool released;			/* here, under the same uuid */
	bool listed;			/* kept by this instance */
	bool in_use;			/* a guest was begun with it here */
	bool known;			/* who it is: by an owner, or listed */
	struct handover *here;		/* that started this instance, or NULL */
	size_t pid_count;		/* owners and QEMUs of domains in it */
	pid_t *pids;
	void *own[GUEST_KINDS_MAX];	/* the kinds', for all domains */
};

static int carried(const struct look *look, struct diag_log *diag)
{
	return diag_add(diag, HO_ECARRIED, "domain %.31s", look->domain.name);
}

static int add_pid(struct look *look, pid_t pid, struct diag_log *diag)
{
	pid_t *more = realloc(look->pids,
			      (look->pid_count + 1) * sizeof(*more));

	if (!more)
		return diag_add(diag, HO_ENOMEM, "guests");
	more[look->pid_count++] = pid;
	look->pids = more;
	return 0;
}

/* True when whoever holds the frames would outlive the services. */
static bool outlives(pid_t pid)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (guest_kinds[i]->outlives && guest_kinds[i]->outlives(pid))
			return true;
	return false;
}

/* What this process has read of a guest that it holds. */
static const struct fixed_frames *fixed_of(const struct look *look)
{
	const struct collect *c = look->held;
	int i;

	for (i = 0; c && i < c->domain_count; i++)
		if (c->domains[i].fixed && c->domains[i].pid == look->pid)
			return c->domains[i].fixed;
	return NULL;
}

static int look_at_owner(struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct ho_rec_owner was, is;
	char path[64];
	int rc = record_owner(rec, &was, diag);

	look->owner = was;
	if (!rc)
		rc = process_owner(was.pid, &is, diag);
	if (rc)
		return rc;
	if (look->keepers && !outlives(was.pid))
		return diag_add(diag, HO_EKEEPER, "domain %s, process %u",
				look->domain.name, was.pid);
	is.domid = was.domid;
	if (memcmp(&is, &was, sizeof(is)))
		return diag_add(diag, HO_EPROCESS,
				"process %u of domain %s is another now",
				was.pid, look->domain.name);
	snprintf(path, sizeof(path), "/proc/%u/pagemap", was.pid);
	/* it was collected from there, and is not carried on, whoever it was before */
	look->known = true;
	look->released = false;
	look->pid = was.pid;
	look->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	look->fixed = fixed_of(look);
	rc = look->fixed ? fixed_unchanged(look->fixed, diag) : 0;
	if (rc)
		return rc;
	return look->pagemap < 0 ? io_error(diag, path)
				 : add_pid(look, was.pid, diag);
}

static bool holds(struct look *look, const struct fixed_extent *e,
		  uint64_t *moved)
{
	*moved = e->vpn;
	return look->fixed ? fixed_has(look->fixed, e, &look->at)
		: process_holds(look->pagemap, e->vpn, e->pages, e->mfn, moved);
}

static int look_at_frames(struct look *look, struct record *rec,
			  struct diag_log *diag)
{
	struct frames f;
	struct fixed_extent e;
	uint64_t moved;
	uint32_t i;
	int rc = record_frames(rec, &f, diag);

	if (rc || look->pagemap < 0)
		return rc;
	for (i = 0; i < f.extent_count; i++) {
		uint64_t word = load_le64(f.words + 8ull * i);

		e = (struct fixed_extent){
			.mfn = frame_word_mfn(word),
			.pages = frame_word_pages(word),
			.vpn = load_le64(f.gfns + 8ull * i) };
		if (holds(look, &e, &moved))
			continue;
		return diag_add(diag, HO_EMIGRATED,
				"domain %s, process %d, address 0x%llx",
				look->domain.name, (int)look->pid,
				(unsigned long long)moved * HO_PAGE_BYTES);
	}
	return 0;
}

/* Of those who wait, this is whom the domain is of: by who holds its memory, or
 * by Xen's uuid. */
static bool is_of(const struct look *look, const struct guest_taken *t)
{
	const struct process_id *p = t->keeper.pid ? &t->keeper : &t->runner;

	return p->pid ? p->pid == (pid_t)look->owner.pid &&
			p->start == look->owner.start_time
	     : !memcmp(t->uuid, look->domain.uuid, sizeof(t->uuid));
}

static const struct guest_taken *taken_of(const struct look *look)
{
	uint32_t i;

	for (i = 0; i < look->ledger.count; i++)
		if (is_of(look, &look->ledger.guests[i].taken))
			return &look->ledger.guests[i].taken;
	return NULL;
}

/* Its kind is asked. */
static int look_at_guest(struct look *look, int kind, struct span *body,
			 struct diag_log *diag)
{
	struct guest_look l = {
		.domain = &look->domain,
		.owned = look->pagemap >= 0,
		.ask = !look->held,
		.taken = taken_of(look),
		.own = &look->own[kind],
	};
	int rc = guest_kinds[kind]->look(&l, body, diag);

	if (!rc && look->released && l.here == GUEST_NOT_HERE)
		rc = carried(look, diag);
	if (l.here != GUEST_NOT_ASKED)
		look->released = false;
	if (l.here != GUEST_NOT_ASKED)
		look->known = l.here == GUEST_HERE || look->listed;
	look->in_use |= l.in_use;
	if (!rc && l.runner)
		rc = add_pid(look, l.runner, diag);
	return rc;
}

static void look_end(struct look *look)
{
	if (look->pagemap >= 0)
		close(look->pagemap);
	look->pagemap = -1;
	look->fixed = NULL;
	look->at = 0;
}

/*
 * A domain that is carried on was kept by an earlier update. If it was adopted,
 * restored or released since, its frames are another's now, or have changed
 * under its state. A guest of Xen that was restored, and is collected again, has
 * its uuid still: the guest itself says which of both it is.
 */
static void look_at_carried(struct look *look)
{
	const struct handover *h = look->here;
	uint32_t i;

	look->released = false;
	look->listed = false;
	for (i = 0; h && h->known && i < h->result.domain_count; i++) {
		if (memcmp(h->domains[i].uuid, look->domain.uuid,
			   sizeof(look->domain.uuid)))
			continue;
		look->listed = true;
		look->released |= h->chained && h->domains[i].flags &
						HO_DOM_RELEASED;
	}
	/* an instance without a past cannot say of whom it is */
	look->known = look->listed || !h || !h->known;
}

static void see(struct look *look)
{
	uint32_t i;

	for (i = 0; i < look->ledger.count; i++)
		look->ledger.guests[i].seen |=
			is_of(look, &look->ledger.guests[i].taken);
}

/* A guest that waits, and is not in the update, would be lost by it. */
static int look_at_waiting(const struct look *look, struct diag_log *diag)
{
	uint32_t i;

	for (i = 0; i < look->ledger.count; i++)
		if (!look->ledger.guests[i].seen &&
		    look->ledger.guests[i].taken.stage != GUEST_HELD)
			return diag_add(diag, HO_EUNDONE,
					"%.31s waits, and is not in this update",
					look->ledger.guests[i].taken.name);
	return 0;
}

/* The domain's records are over, and nobody has said that it is collected. */
static int end_domain(struct look *look, struct diag_log *diag)
{
	bool owned = look->pagemap >= 0;
	bool good = look->known && !look->released &&
		    (owned || !look->in_use);

	see(look);
	look_end(look);
	look->released = look->in_use = false;
	return good ? 0 : carried(look, diag);
}

static int look_at_state(struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct ho_rec_state head;
	int kind, rc = record_state(rec, &head, diag);

	if (rc)
		return rc;
	kind = guest_kind_of_state(head.name);
	return kind < 0 || !guest_kinds[kind]->look ? 0
		: look_at_guest(look, kind, &rec->body, diag);
}

static int look_at_record(void *context, struct record *rec,
			  struct diag_log *diag)
{
	struct look *look = context;
	int rc;

	switch (rec->type) {
	case HO_REC_DOMAIN:
		rc = record_domain(rec, &look->domain, diag);
		look->owner.pid = 0;
		if (!rc)
			look_at_carried(look);
		return rc;
	case HO_REC_DOMAIN_END:
		return end_domain(look, diag);
	case HO_REC_OWNER:
		return look_at_owner(look, rec, diag);
	case HO_REC_FRAMES:
		return look_at_frames(look, rec, diag);
	case HO_REC_STATE:
		return look_at_state(look, rec, diag);
	}
	return 0;
}

/* Those of this process, by what it has open. */
static int look_at_held(struct look *look, struct diag_log *diag)
{
	const struct collect *c = look->held;
	int i, rc = 0;

	for (i = 0; c && i < c->domain_count && !rc; i++)
		if (c->domains[i].runner)
			rc = add_pid(look, c->domains[i].runner, diag);
	return rc || !c ? rc : guests_unchanged(look->held, diag);
}

/* HO_EGUESTLEFT when somebody else runs on kept memory. */
static int look_at_left(const struct look *look, struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; guest_kinds[i] && !rc; i++)
		if (guest_kinds[i]->left)
			rc = guest_kinds[i]->left(look->pids, look->pid_count,
						  diag);
	return rc;
}

static void look_close(struct look *look)
{
	int i;

	look_end(look);
	for (i = 0; guest_kinds[i]; i++)
		if (guest_kinds[i]->look_end)
			guest_kinds[i]->look_end(look->own[i]);
	handover_free(look->here);
	ledger_free(&look->ledger);
	free(look->pids);
}

/* `bytes` NULL: LOADED_BLOB. */
static int look_at(const void *bytes, uint64_t length, struct collect *held,
		   bool keepers, struct diag_log *diag)
{
	struct look look = { .pagemap = -1, .held = held, .keepers = keepers };
	enum loaded_hold hold = keepers ? LOADED_OUTLIVES : LOADED_HOLD;
	int rc = handover_parent(&look.here, diag);

	if (!rc)
		rc = ledger_read(&look.ledger, diag);
	if (!rc)
		rc = bytes ? loaded_walk_bytes(bytes, length, hold,
					       look_at_record, &look, diag)
			   : loaded_walk(LOADED_BLOB, hold, look_at_record,
					 &look, diag);
	if (!rc)
		rc = look_at_waiting(&look, diag);
	if (!rc)
		rc = look_at_held(&look, diag);
	if (!rc)
		rc = look_at_left(&look, diag);
	look_close(&look);
	return rc;
}

int look_again(struct collect *held, bool keepers, struct diag_log *diag)
{
	if (access(LOADED_BLOB, R_OK))
		return diag_add(diag, HO_ENOTLOADED, "%s", LOADED_BLOB);
	return look_at(NULL, 0, held, keepers, diag);
}

int look_before(const void *bytes, uint64_t length, struct diag_log *diag)
{
	return look_at(bytes, length, NULL, false, diag);
}
