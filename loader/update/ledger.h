/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - the record of what is going on on this host: LEDGER_FILE, JSON. It
 * is written before each step that it must be able to undo, so whoever is killed
 * at whatever point, the next command can say what there is, and unload can undo
 * it. Written under the lock alone (lock.h); read by anyone.
 */
#ifndef LOADER_LEDGER_H
#define LOADER_LEDGER_H

#include <time.h>

#include "collect.h"

#define LEDGER_VERSION		1
#define LEDGER_BYTES_MAX	(16u << 20)
#define LEDGER_GUESTS_MAX	8192
#define LEDGER_DIGEST_CHARS	64

/* How far the command came. What is not at rest is somebody's who still has the
 * lock, or was killed. */
enum ledger_stage {
	LEDGER_REST,			/* nothing is under way */
	LEDGER_HOLDING,			/* guests run; keepers map their memory */
	LEDGER_SAVING,			/* guests are being paused */
	LEDGER_LOADING,			/* the kernel may have an image */
	LEDGER_JUMPING,			/* the host is about to go */
	LEDGER_UNDOING,			/* guests are let run; with `loaded`: they
					 * were, and the image could not be unloaded */
	LEDGER_STAGES
};

struct ledger_guest {
	const struct guest_kind *kind;
	struct guest_taken taken;
	bool seen;			/* for whoever compares; not written */
};

struct ledger {
	enum ledger_stage stage;
	char command[24];		/* the last that wrote it, and its process */
	struct process_id who;
	time_t since;
	char loaded[LEDGER_DIGEST_CHARS + 1];	/* SHA-256 of LOADED_BLOB; "" */
	char armed[LEDGER_DIGEST_CHARS + 1];	/* of ARMED_BLOB */
	uint32_t count, room;
	struct ledger_guest *guests;
};

/* "saving". */
const char *ledger_stage_name(enum ledger_stage stage);
/* "held", "saving", "saved". */
const char *ledger_guest_name(enum guest_stage stage);

/* What there is; no file: nothing. Free it in any case. HO_ELEDGER: it is not as
 * it was written; HO_EOWNER, HO_ENOMEM. */
int ledger_read(struct ledger *l, struct diag_log *diag);
/* Replace the file at once; nothing in it: no file. HO_EFILE, HO_EIO. */
int ledger_write(const struct ledger *l, struct diag_log *diag);
/* Free what it holds. */
void ledger_free(struct ledger *l);

/* From here on it is this process that does it. */
void ledger_sign(struct ledger *l, const char *command);
/* What is loaded is forgotten where LOADED_BLOB is not there. */
void ledger_forget_loaded(struct ledger *l);
/* A guest, instead of what was known of the same one. HO_ENOMEM. */
int ledger_put(struct ledger *l, const struct guest_kind *kind,
	       const struct guest_taken *taken, struct diag_log *diag);
/* The same guest, by what identifies it; NULL: not there. */
struct ledger_guest *ledger_find(const struct ledger *l,
				 const struct guest_kind *kind,
				 const struct guest_taken *taken);
/* It is done with; the order of the others changes. */
void ledger_drop(struct ledger *l, struct ledger_guest *g);

/* Read, change, write: `command` came as far. What is loaded is forgotten where
 * LOADED_BLOB is not there. Codes of both. */
int ledger_set_stage(const char *command, enum ledger_stage stage,
		     struct diag_log *diag);
/* Is this a record of an image whose guests run on? Nothing may start that. */
bool ledger_is_stale(const struct ledger *l);
/* Returns 0 when what is loaded may be started. HO_EUNDONE: a past of its guests;
 * codes of ledger_read(). */
int ledger_check_jump(struct diag_log *diag);
/* What is loaded has these bytes. */
void ledger_put_loaded(struct ledger *l, const void *bytes, uint64_t length);
/* An image of these bytes is about to be loaded: stage LEDGER_LOADING.
 * HO_ELEDGER, HO_EFILE; codes of ledger_read() and ledger_write(). */
int ledger_set_loaded(const char *command, const void *bytes,
		      uint64_t length, struct diag_log *diag);
/* One is armed; NULL: none. HO_ELEDGER, HO_EFILE; the same codes. */
int ledger_set_armed(const void *bytes, uint64_t length,
		     struct diag_log *diag);

/*
 * Returns 0 when a command that has the lock may begin. HO_EUNDONE: one before it was not through;
 * with `alone`, also when guests wait that it would leave behind. HO_ELEDGER,
 * HO_EOWNER, HO_ENOMEM.
 */
int ledger_check(bool alone, struct diag_log *diag);
/* Would one that is to be alone be refused? The same codes; nothing is written. */
int ledger_look(struct diag_log *diag);

/*
 * The guests that `c` pauses, all of them or those that it always does, are as far
 * as `guest`, and its command as far as `stage`. With GUEST_HELD none may be there
 * yet: HO_EWAITING. Codes of ledger_read() and ledger_write().
 */
int ledger_take(struct collect *c, bool pause_all,
		enum ledger_stage stage, enum guest_stage guest,
		struct diag_log *diag);
/* Those of `c` were let run: whoever is not stuck is done with. `image`: theirs is
 * loaded still. What fails is said: guests run all the same. */
void ledger_settle(const struct collect *c, bool image);

#endif /* LOADER_LEDGER_H */
