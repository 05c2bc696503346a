// SPDX-License-Identifier: MIT
/*
 * cmd_unload.c - the command that undoes an update that was begun: the image goes,
 * then the guests that wait for it run on.
 */
#include "commands.h"

#include "kexec.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "note.h"
#include "resume.h"
#include "rundir.h"
#include "slot.h"
#include "staged.h"
#include "stale.h"
#include "util.h"

/* The image first: were a guest to run while it is loaded, a reboot by kexec could
 * still jump into a past of it. Where there is none it does not matter that this host
 * may load nothing, or not any more: guests were collected all the same. */
static int unload_image(struct diag_log *diag)
{
	switch (slot_state(false)) {
	case SLOT_EMPTY:
		return 0;
	case SLOT_FOREIGN:
		progress("the kernel's image is not baton's: it stays");
		return 0;
	default:
		return kexec_unload(false, diag);
	}
}

/* What is loaded, and what was collected, is the only way on for a guest that was
 * saved and whose process has ended since. */
static int nobody_is_lost(struct diag_log *diag)
{
	struct diag_log scratch;
	struct ledger l;
	int rc = 0;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!ledger_read(&l, &scratch))
		rc = resume_check(&l, diag);
	ledger_free(&l);
	return rc;
}

/* Its guests ran on before: those are nobody's who wait. */
static int remember(struct ledger *l, struct diag_log *diag)
{
	return ledger_is_stale(l) ? 0 : resume_remember(l, LOADED_BLOB, diag);
}

static void put_loaded(struct ledger *l)
{
	struct diag_log scratch;
	struct mapped m = { 0 };

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!mapped_open_own(&m, LOADED_BLOB, HO_EFILE, &scratch))
		ledger_put_loaded(l, m.bytes, m.length);
	mapped_close(&m);
}

/* Nothing is loaded any more, or with `stays` the image is. All who are known to wait
 * are in the ledger, those of the blob as well; a blob that cannot be read never will
 * be. */
static int gather(struct ledger *l, bool stays, struct diag_log *diag)
{
	struct diag_log why;
	int rc;

	diag_init(&why, HO_STAGE_LOADER);
	if (ledger_read(l, &why))
		progress("%s: %s: a new one is begun; guests that were collected, and are in nothing that is loaded, wait for their own tools", LEDGER_FILE,
			 why.total ? why.items[0].where : "not read");
	rc = remember(l, diag);
	l->stage = LEDGER_UNDOING;
	*l->loaded = '\0';
	if (stays)
		put_loaded(l);
	ledger_sign(l, "unload");
	return ledger_write(l, diag) ?: rc;
}

/* All were let run before, with it. */
static bool guests_run(void)
{
	struct diag_log scratch;
	struct ledger l;
	bool run;

	diag_init(&scratch, HO_STAGE_LOADER);
	run = !ledger_read(&l, &scratch) && ledger_is_stale(&l) && !l.count;
	ledger_free(&l);
	return run;
}

/* The image could not be unloaded. */
static bool may_stay(bool leave, int rc, const struct diag_log *why)
{
	if (leave)
		stale_say("unload", rc, why);
	else if (!guests_run())
		progress("the image stays, and its guests wait: baton unload tries again, baton exec jumps, baton unload --image-stays lets them run on with it");
	return leave;
}

/* Who does not run on is named, and stays in the ledger for another try. */
static int let_run(bool stays, struct diag_log *diag)
{
	struct ledger l;
	int blob, rc, after;

	staged_undo();
	blob = gather(&l, stays, diag);
	if (stays)
		load_forget_files();
	else
		load_forget();
	rc = resume_guests(&l, GUEST_RESUME_SECONDS, diag);
	l.stage = l.count || stays ? LEDGER_UNDOING : LEDGER_REST;
	after = ledger_write(&l, diag);
	ledger_free(&l);
	note_withdraw(NOTE_PATH);	/* nobody waits for that disk */
	return rc ? rc : blob ? blob : after;
}

/* To wait for ever is to be lost as well: so with `leave` they run on although a
 * reboot by kexec would start a past of them, and the ledger says so until then. */
static int unload(bool leave, struct diag_log *diag)
{
	struct diag_log why;
	int rc;

	diag_init(&why, HO_STAGE_LOADER);
	rc = unload_image(&why);
	if (rc && !may_stay(leave, rc, &why)) {
		diag_merge(diag, &why);
		return rc;
	}
	return let_run(rc != 0, diag);
}

int cmd_unload(struct arguments *a, struct diag_log *diag)
{
	int rc = lock_alone("unload", diag);

	if (!rc && !a->give_up)
		rc = nobody_is_lost(diag);
	return rc ? rc : unload(a->image_stays, diag);
}
