// SPDX-License-Identifier: MIT
/*
 * cmd_upgrade.c - everything in one go. Until the jump a guard watches
 * (guard.h).
 */
#include "commands.h"

#include <stddef.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "collect.h"
#include "filesync.h"
#include "guests.h"
#include "journal.h"
#include "kexec.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "look.h"
#include "note.h"
#include "oneword.h"
#include "pack.h"
#include "resumed.h"
#include "rundir.h"
#include "sequence.h"
#include "slot.h"
#include "staged.h"
#include "tell.h"
#include "trial.h"
#include "unpacked.h"
#include "upgrade_tell.h"
#include "util.h"
#include "willadopt.h"
#include "work.h"
#include "xen_image.h"

struct upgrade {
	struct sequence sequence;
	struct collect collect;
	struct pack pack;
	bool no_exec, no_sync, shutdown, replace;
	bool pausing;			/* from here on guests stand still */
	struct packing *packing;
	struct staged staged;
	struct timeline_saved pause;
	const struct one_word *plan;
};

static struct upgrade *upgrade_of(struct sequence *s)
{
	return (struct upgrade *)((char *)s -
				  offsetof(struct upgrade, sequence));
}

/* What guests have, as far as it was seen. */
static uint64_t guest_bytes(const struct upgrade *u)
{
	uint64_t frames = 0;
	int i;

	for (i = 0; i < u->collect.domain_count; i++)
		frames += u->collect.domains[i].seen_frames;
	return frames << HO_PAGE_SHIFT;
}

static int may(struct sequence *s, struct diag_log *diag)
{
	const struct upgrade *u = upgrade_of(s);
	int rc = lock_alone("upgrade", diag);

	if (!rc)
		rc = ledger_check(true, diag);
	if (!rc)
		rc = kexec_allowed_times(kexec_load_calls(), false, diag);
	if (!rc && u->shutdown)
		rc = kexec_shutdown_allowed(diag);
	return rc ? rc : slot_check(false, u->replace, diag);
}

/* All that comes after the pause, as far as it can be known: what would refuse
 * the update then refuses it now. */
static int try_it(struct upgrade *u, struct diag_log *diag)
{
	struct trial t = { .collect = &u->collect, .pack = &u->pack,
			   .parent = sequence_carries(&u->sequence),
			   .packing = u->packing,
			   .started_by = u->sequence.parent,
			   .stage = u->no_exec ? NULL : &u->staged,
			   .stream = TRIAL_STREAM, .blob = TRIAL_BLOB };

	tell_stage("trial", "trying it while they run",
		   u->collect.domain_count, 0);
	return trial_run(&t, diag);
}

/* How guests of Xen will go on, as far as the new one's file tells. */
static void stay(struct upgrade *u)
{
	if (!u->pack.target || strcmp(u->pack.target, "xen") ||
	    !collect_has(&u->collect, HO_KIND_XEN_PV))
		return;
	tell_note(xen_image_adopts(u->pack.kernel)
		  ? "the new Xen lets guests go on in place"
		  : xen_image_is_patched(u->pack.kernel)
		  ? "the new Xen lets guests go on in place (livepatch)"
		  : "the new Xen copies guests: they take their memory twice");
}

/* Will they find what they need? */
static int adopts(struct upgrade *u, struct diag_log *diag)
{
	struct will_adopt_answer answer;
	int rc = will_adopt_look(&answer, &u->collect, &u->pack, diag);

	if (*answer.note)
		tell_note(answer.note);
	return rc;
}

/* From here on the target's kernel is that file. */
static int unpack(struct upgrade *u, struct diag_log *diag)
{
	struct kernel_unpacked done;
	int rc;

	if (!u->pack.unpack)
		return 0;
	rc = pack_check_target(&u->pack, diag);
	if (rc)
		return rc;
	tell_stage("unpack", "unpacking the kernel", 0, 0);
	rc = kernel_unpack(&done, u->pack.kernel, UPGRADE_KERNEL,
			   kernel_stays(u->pack.cmdline), diag);
	u->pack.kernel = UPGRADE_KERNEL;
	return rc;
}

/* What takes long, while guests run. */
static int ready(struct sequence *s, struct diag_log *diag)
{
	struct upgrade *u = upgrade_of(s);
	int rc = one_word_holds(u->plan, &u->collect, diag);

	if (guests_nobody(&u->collect))
		tell_note("no guest is named: those that run end with the host");
	if (!rc)
		rc = adopts(u, diag);
	if (!rc)
		rc = unpack(u, diag);
	if (rc)
		return rc;
	tell_stage("read", "reading kernel and initrd", 0, 0);
	rc = pack_begin(&u->packing, &u->pack, sequence_carries(s), diag);
	if (!rc)
		rc = try_it(u, diag);
	if (rc)
		return rc;
	stay(u);
	if (!u->no_exec && !u->no_sync)		/* the one below has less to do */
		filesync(FILESYNC_PATIENT, diag);
	rc = guests_joined(&u->collect, diag);
	if (rc)
		return rc;
	tell_stage("pause", "pausing guests", u->collect.domain_count, 0);
	u->pausing = true;
	work_begin();
	u->pause = (struct timeline_saved){
		.paused_tsc = resumed_now(),
		.file_bytes = pack_file_bytes(u->packing),
		.placed_bytes = u->staged.bytes };
	return 0;
}

static void paused(struct sequence *s)
{
	struct upgrade *u = upgrade_of(s);

	u->pause.saved_tsc = resumed_now();
	tell_stage("collect", "guests paused; collecting their frames",
		   u->collect.domain_count, guest_bytes(u));
}

static int pack_and_load(struct upgrade *u, struct diag_log *diag)
{
	const struct load load = { .blob = UPGRADE_BLOB,
				   .command = "upgrade",
				   .staged = &u->staged };
	struct packing *packing = u->packing;
	int rc;

	tell_stage("pack", "packing the blob", 0, 0);
	u->pack.stream_count = 1;
	u->pack.streams[0] = UPGRADE_STREAM;
	u->packing = NULL;
	rc = pack_end(packing, UPGRADE_BLOB);
	if (rc)
		return rc;
	if (!u->no_exec && !u->no_sync)	/* from load to jump nothing takes long */
		rc = filesync(SYNC_SECONDS, diag);
	if (rc)
		return rc;
	tell_stage("load", "checking and loading it", 0, 0);
	guard_loading(&u->sequence.guard);
	return load_run(&load, diag);
}

/* What had to wait for the pause. */
static void say_work(void)
{
	char text[160];

	snprintf(text, sizeof(text),
		 "paused, so far: %s hashed, %s loaded, %llu page map entries read",
		 human_bytes(work_done(WORK_HASHED)),
		 human_bytes(work_done(WORK_LOADED)),
		 (unsigned long long)work_done(WORK_PAGEMAP));
	tell_note(text);
}

/* Every frame, and every guest, is looked at once more. */
static int look(struct upgrade *u, struct diag_log *diag)
{
	int rc = look_again(&u->collect, u->shutdown, diag);

	if (!rc)
		rc = staged_unchanged(&u->staged, diag);
	if (!rc)
		rc = slot_is_ours(diag);
	return rc ? rc : guests_joined(&u->collect, diag);
}

static int stay_loaded(struct upgrade *u, struct diag_log *diag)
{
	int rc = look(u, diag);

	if (!rc)
		rc = collect_wipe(&u->collect, diag);
	if (rc)
		return rc;
	say_work();
	guests_resume(&u->collect);
	ledger_settle(&u->collect, false);
	tell_stage("loaded", "loaded, guests run on. baton exec jumps, baton unload forgets",
		   0, 0);
	return 0;
}

/* What takes long, or waits for a disk. Behind it there is no copy of --wipe-state
 * but the one in memory: whatever may still refuse comes before that. */
static int before_the_jump(struct upgrade *u, struct diag_log *diag)
{
	int rc = ledger_set_stage("upgrade", LEDGER_JUMPING, diag);

	if (!rc)
		rc = kexec_prepare(diag);
	if (!rc && u->collect.wipe_state)
		rc = look(u, diag);
	if (!rc)
		rc = collect_wipe(&u->collect, diag);
	if (rc)
		return rc;
	note_begin(NOTE_PATH, LOADED_BLOB);
	upgrade_send(JOURNAL_JUMPS, LOG_NOTICE, 0, "the update jumps");
	return 0;
}

/* Returns only on failure, or --shutdown. The look is the last of all: a guest that
 * runs on behind it is lost. */
static int jump(struct upgrade *u, struct diag_log *diag)
{
	int rc = before_the_jump(u, diag);

	if (!rc)
		rc = look(u, diag);
	if (rc)
		return rc;
	say_work();
	if (u->shutdown) {
		tell_stage("shutdown", "the host goes down, then the stub is started",
			   0, 0);
		/* systemd may end us before it has answered */
		guests_keep_on(&u->collect);
		guard_going_down(&u->sequence.guard);
		return kexec_shutdown(diag);
	}
	tell_stage("jump", "point of no return: starting the stub", 0, 0);
	return kexec_jump(diag);
}

static int saved(struct sequence *s, struct diag_log *diag)
{
	struct upgrade *u = upgrade_of(s);
	int rc = pack_and_load(u, diag);

	if (rc)
		return rc;
	return u->no_exec ? stay_loaded(u, diag) : jump(u, diag);
}

static int run(struct upgrade *u, struct diag_log *diag)
{
	int rc;

	u->sequence = (struct sequence){
		.collect = &u->collect, .stream = UPGRADE_STREAM,
		.pause_all = true, .begin_anew = true, .guard = GUARD_NONE,
		.may = may, .ready = ready,
		.paused = paused, .saved = saved };
	rc = sequence_run(&u->sequence, diag);
	if (u->packing)
		pack_end(u->packing, NULL);
	staged_free(&u->staged);
	/* a stream that is too long for the blob is where it is until the jump, and so
	 * is a kernel that was unpacked */
	if (rc && u->sequence.begun) {
		unlink(UPGRADE_STREAM);
		unlink(UPGRADE_KERNEL);
	}
	if (u->sequence.begun)
		unlink(UPGRADE_BLOB);
	return rc;
}

static enum tell_how how(const struct arguments *a)
{
	return a->json ? TELL_JSON : a->quiet ? TELL_QUIET : TELL_PEOPLE;
}

static int upgrade(struct arguments *a, const struct one_word *plan,
		   struct diag_log *diag)
{
	struct upgrade u = { .collect = a->collect, .pack = a->pack,
			     .no_exec = a->no_exec, .no_sync = a->no_sync,
			     .shutdown = a->shutdown, .replace = a->replace, .plan = plan };
	int rc;

	u.collect.command = "upgrade";
	/* nobody is there to hold it until the host has gone down */
	u.pack.inline_only = a->shutdown;
	if (!a->json) {			/* an answer takes its time */
		tell_end();
		tell_begin(how(a), "upgrade");
	}
	tell_stage("look", NULL, 0, 0);
	upgrade_send(JOURNAL_BEGUN, LOG_NOTICE, 0, "an update begins");
	u.collect.pause = &u.pause;
	rc = run(&u, diag);
	u.collect.pause = NULL;
	a->collect = u.collect;
	a->called_off = rc && u.pausing;
	return rc;
}

int cmd_upgrade(struct arguments *a, struct diag_log *diag)
{
	static struct one_word plan;
	int rc;

	if (a->dry_run)
		return cmd_precheck(a, diag);
	tell_begin(how(a), "upgrade");
	rc = one_word_begin(&plan, a, diag);
	if (!rc && !plan.done)
		rc = upgrade(a, &plan, diag);
	upgrade_conclude(a, plan.done ? "nothing to do" : a->shutdown ? "going down"
		 : "loaded", rc, diag);
	collect_free(&a->collect);
	one_word_free(&plan);
	return rc;
}
