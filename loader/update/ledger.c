// SPDX-License-Identifier: MIT
/*
 * ledger.c - see ledger.h. Its text is in ledger_json.c.
 */
#include "ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "ledger_json.h"
#include "rundir.h"
#include "util.h"
#include "work.h"

const char *ledger_stage_name(enum ledger_stage stage)
{
	static const char *const names[LEDGER_STAGES] = {
		"at rest", "holding", "saving", "loading", "jumping",
		"undoing",
	};

	return names[stage];
}

const char *ledger_guest_name(enum guest_stage stage)
{
	static const char *const names[GUEST_STAGES] = {
		"held", "saving", "saved",
	};

	return names[stage];
}

int ledger_read(struct ledger *l, struct diag_log *diag)
{
	struct mapped m = { 0 };
	int rc;

	*l = (struct ledger){ 0 };
	if (access(LEDGER_FILE, F_OK) && errno == ENOENT)
		return 0;
	rc = mapped_open_own(&m, LEDGER_FILE, HO_ELEDGER, diag);
	if (!rc && m.length > LEDGER_BYTES_MAX)
		rc = diag_add(diag, HO_ELEDGER, LEDGER_FILE ": too long");
	if (!rc)
		rc = ledger_from_json(l, m.bytes, m.length, diag);
	mapped_close(&m);
	if (rc)
		ledger_free(l);
	return rc;
}

static bool is_empty(const struct ledger *l)
{
	return l->stage == LEDGER_REST && !l->count && !*l->loaded &&
	       !*l->armed;
}

int ledger_write(const struct ledger *l, struct diag_log *diag)
{
	char *text;
	int rc = rundir_make(diag);

	if (rc)
		return rc;
	if (is_empty(l))
		return unlink(LEDGER_FILE) && errno != ENOENT
		     ? io_error(diag, LEDGER_FILE) : 0;
	text = ledger_to_json(l);
	rc = text ? file_write(LEDGER_FILE, text, strlen(text), diag)
		  : diag_add(diag, HO_ENOMEM, LEDGER_FILE);
	free(text);
	return rc;
}

void ledger_free(struct ledger *l)
{
	free(l->guests);
	*l = (struct ledger){ 0 };
}

void ledger_sign(struct ledger *l, const char *command)
{
	snprintf(l->command, sizeof(l->command), "%s", command);
	l->who = process_id_of(getpid());
	l->since = time(NULL);
}

void ledger_forget_loaded(struct ledger *l)
{
	if (access(LOADED_BLOB, F_OK))
		*l->loaded = '\0';
}

/* QEMU's by its monitor, libvirt's and Xen's by uuid, a process by itself. */
static bool is_same(const struct ledger_guest *g,
		    const struct guest_kind *kind,
		    const struct guest_taken *t)
{
	static const uint8_t none[HO_ID_BYTES];

	if (g->kind != kind)
		return false;
	if (*t->given)
		return !strcmp(g->taken.given, t->given);
	if (memcmp(t->uuid, none, sizeof(none)))
		return !memcmp(g->taken.uuid, t->uuid, sizeof(none));
	return g->taken.runner.pid == t->runner.pid &&
	       g->taken.runner.start == t->runner.start;
}

struct ledger_guest *ledger_find(const struct ledger *l,
				 const struct guest_kind *kind,
				 const struct guest_taken *taken)
{
	uint32_t i;

	for (i = 0; i < l->count; i++)
		if (is_same(&l->guests[i], kind, taken))
			return &l->guests[i];
	return NULL;
}

int ledger_put(struct ledger *l, const struct guest_kind *kind,
	       const struct guest_taken *taken, struct diag_log *diag)
{
	struct ledger_guest *g = ledger_find(l, kind, taken);

	if (!g && l->count == l->room) {
		uint32_t room = l->room ? 2 * l->room : 16;

		g = realloc(l->guests, room * sizeof(*g));
		if (!g)
			return diag_add(diag, HO_ENOMEM, "guests");
		l->guests = g;
		l->room = room;
		g = NULL;
	}
	if (!g)
		g = &l->guests[l->count++];
	*g = (struct ledger_guest){ .kind = kind, .taken = *taken };
	return 0;
}

void ledger_drop(struct ledger *l, struct ledger_guest *g)
{
	*g = l->guests[--l->count];
}

bool ledger_is_stale(const struct ledger *l)
{
	return l->stage == LEDGER_UNDOING && *l->loaded;
}

int ledger_set_stage(const char *command, enum ledger_stage stage,
		     struct diag_log *diag)
{
	struct ledger l;
	int rc = ledger_read(&l, diag);

	if (rc)
		return rc;
	l.stage = stage;
	ledger_sign(&l, command);
	ledger_forget_loaded(&l);
	rc = ledger_write(&l, diag);
	ledger_free(&l);
	return rc;
}

/* As hexadecimal digits; NULL: "". */
static void describe(char out[LEDGER_DIGEST_CHARS + 1], const void *bytes,
		     uint64_t length)
{
	uint8_t digest[HO_DIGEST_BYTES];
	int i;

	*out = '\0';
	if (!bytes)
		return;
	work_add(WORK_HASHED, length);
	digest_of(HO_DIGEST_SHA256, bytes, length, digest);
	for (i = 0; i < LEDGER_DIGEST_CHARS / 2; i++)
		sprintf(out + 2 * i, "%02x", digest[i]);
}

void ledger_put_loaded(struct ledger *l, const void *bytes, uint64_t length)
{
	describe(l->loaded, bytes, length);
}

int ledger_set_loaded(const char *command, const void *bytes,
		      uint64_t length, struct diag_log *diag)
{
	struct ledger l;
	int rc = ledger_read(&l, diag);

	if (rc)
		return rc;
	describe(l.loaded, bytes, length);
	l.stage = LEDGER_LOADING;
	ledger_sign(&l, command);
	rc = ledger_write(&l, diag);
	ledger_free(&l);
	return rc;
}

int ledger_set_armed(const void *bytes, uint64_t length,
		     struct diag_log *diag)
{
	struct ledger l;
	int rc = ledger_read(&l, diag);

	if (rc)
		return rc;
	describe(l.armed, bytes, length);
	rc = ledger_write(&l, diag);
	ledger_free(&l);
	return rc;
}

/* Some of its guests, and what was the matter with it. */
static int undone(const struct ledger *l, struct diag_log *diag)
{
	return diag_add(diag, HO_EUNDONE, "baton %s, process %d: %s; %u guests%s%s%s",
			l->command, (int)l->who.pid,
			ledger_stage_name(l->stage), l->count,
			l->count ? ": " : "",
			l->count ? l->guests[0].taken.name : "",
			ledger_is_stale(l) ? "; image still loaded" : "");
}

/* A command was killed before it did anything to its guests, whose keepers end with
 * it, or it had none: there is nothing to undo. True: the ledger has changed. */
static bool forget_held(struct ledger *l)
{
	uint32_t i;

	if (ledger_is_stale(l))
		return false;
	if (l->stage != LEDGER_HOLDING &&
	    (l->count || (l->stage != LEDGER_SAVING &&
			  l->stage != LEDGER_UNDOING)))
		return false;
	for (i = l->count; i-- > 0;)
		if (l->guests[i].taken.stage == GUEST_HELD)
			ledger_drop(l, &l->guests[i]);
	l->stage = LEDGER_REST;
	return true;
}

static int check(bool alone, bool write, struct diag_log *diag)
{
	struct ledger l;
	int rc = ledger_read(&l, diag);

	if (!rc && forget_held(&l) && write)
		rc = ledger_write(&l, diag);
	if (!rc && (l.stage != LEDGER_REST || (alone && l.count)))
		rc = undone(&l, diag);
	ledger_free(&l);
	return rc;
}

int ledger_check(bool alone, struct diag_log *diag)
{
	return check(alone, true, diag);
}

int ledger_look(struct diag_log *diag)
{
	return check(true, false, diag);
}

int ledger_check_jump(struct diag_log *diag)
{
	struct ledger l;
	int rc = ledger_read(&l, diag);

	if (!rc && ledger_is_stale(&l))
		rc = undone(&l, diag);
	ledger_free(&l);
	return rc;
}
