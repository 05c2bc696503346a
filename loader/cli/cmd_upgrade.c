// SPDX-License-Identifier: MIT
/*
 * cmd_upgrade.c - everything in one go. Until the jump a guard watches
 * (guard.h).
 */
#include "commands.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collect.h"
#include "command.h"
#include "guard.h"
#include "guests.h"
#include "kexec.h"
#include "load.h"
#include "lock.h"
#include "look.h"
#include "note.h"
#include "pack.h"
#include "rundir.h"
#include "slot.h"
#include "util.h"

struct upgrade {
	struct collect collect;
	struct pack pack;
	bool no_exec, shutdown, replace;
	bool begun;			/* its files in RUN_DIR are ours */
	struct handover *parent;
	struct guard guard;
	struct timespec start;
};

static int pause_all(struct upgrade *u, struct diag_log *diag)
{
	int i;

	for (i = 0; i < u->collect.domain_count; i++)
		if (!u->collect.domains[i].monitor &&
		    kill(u->collect.domains[i].pid, SIGSTOP))
			return diag_add(diag, HO_EPROCESS, "process %d: %s",
					(int)u->collect.domains[i].pid,
					strerror(errno));
	return guests_save(&u->collect, diag);
}

static void say(const struct upgrade *u, const char *what)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	progress("%6.2f s  %s", now.tv_sec - u->start.tv_sec +
		 (now.tv_nsec - u->start.tv_nsec) / 1e9, what);
}

static int prepare(struct upgrade *u, struct diag_log *diag)
{
	const struct handover *h = u->parent && u->parent->known
		? u->parent : NULL;
	const struct load load = { .blob = UPGRADE_BLOB };
	struct packing *packing;
	int rc;

	say(u, "reading kernel and initrd");
	packing = pack_begin(&u->pack, h, diag);
	if (!packing)
		return -diag->items[0].code;
	if (!u->no_exec)
		sync();		/* the one below has less to do */
	say(u, "pausing guests");
	rc = pause_all(u, diag);
	if (!rc)
		say(u, "guests paused; collecting their frames");
	if (!rc)
		rc = collect_run(&u->collect, h, UPGRADE_STREAM, diag);
	if (!rc) {
		say(u, "packing the blob");
		u->pack.stream_count = 1;
		u->pack.streams[0] = UPGRADE_STREAM;
	}
	rc = pack_end(packing, rc ? NULL : UPGRADE_BLOB) ?: rc;
	if (!rc && !u->no_exec)
		sync();		/* between load and jump nothing takes long */
	if (!rc) {
		say(u, "checking and loading it");
		guard_loading(&u->guard);
		rc = load_run(&load, diag);
	}
	return rc;
}

/* Looks at every frame once more; returns only on failure, --no-exec or
 * --shutdown. */
static int finish(struct upgrade *u, struct diag_log *diag)
{
	int rc = look_again(u->shutdown ? LOOK_KEEPERS : 0, diag);

	if (!rc)
		rc = guests_look_again(&u->collect, diag);
	if (!rc)
		rc = collect_wipe(&u->collect, diag);
	if (rc)
		return rc;
	if (u->no_exec) {
		guard_let_run(&u->collect);
		say(u, "loaded, guests run on. baton exec jumps, baton unload forgets");
		return 0;
	}
	note_begin(NOTE_PATH, LOADED_BLOB);
	if (u->shutdown) {
		say(u, "the host goes down, then the stub is started");
		/* systemd may end us before it has answered */
		guests_keep_on(&u->collect);
		guard_going_down(&u->guard);
		return kexec_shutdown(diag);
	}
	say(u, "point of no return: starting the stub");
	return kexec_jump(diag);
}

/* Nobody was touched yet: all that can be refused is. Two loads: this one, and
 * the one that takes it back. */
static int begin(struct upgrade *u, struct diag_log *diag)
{
	int rc = lock_alone("upgrade", diag);

	if (!rc)
		rc = kexec_allowed_times(2, false, diag);
	if (!rc)
		rc = slot_check(false, u->replace, diag);
	if (!rc)
		rc = handover_parent(&u->parent, diag);
	if (!rc)
		rc = collect_check(&u->collect, u->parent, diag);
	if (!rc)
		rc = guests_open(&u->collect, diag);
	if (!rc)
		rc = guests_left(&u->collect, diag);
	u->begun = !rc;
	return rc;
}

static int run(struct upgrade *u, struct diag_log *diag)
{
	int rc = begin(u, diag);

	if (!rc)
		rc = guests_keep(&u->collect, diag);
	if (!rc)
		rc = collect_find(&u->collect, diag);
	if (!rc)
		rc = guard_start(&u->guard, &u->collect, diag);
	if (!rc)
		rc = prepare(u, diag);
	if (!rc)
		rc = finish(u, diag);
	guard_stop(&u->guard, !rc);
	/* a stream that is too long for the blob is where it is until the jump */
	if (rc && u->begun)
		unlink(UPGRADE_STREAM);
	if (u->begun)
		unlink(UPGRADE_BLOB);
	if (rc)
		guests_resume(&u->collect);
	guests_close(&u->collect);
	handover_free(u->parent);
	return rc;
}

int cmd_upgrade(int argc, char **argv, struct diag_log *diag)
{
	static const struct option options[] = { COLLECT_OPTIONS,
		PACK_OPTIONS, { "no-exec", no_argument, NULL, 'X' },
		{ "shutdown", no_argument, NULL, 'Z' },
		{ "replace", no_argument, NULL, 'Y' }, { 0 } };
	struct upgrade u = { .collect.kept = true, .pack = PACK_DEFAULTS,
			     .guard = GUARD_NONE };
	int option, rc;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == '?')
			return command_usage(diag, argv[optind - 1]);
		if (option == 'X')
			u.no_exec = true;
		else if (option == 'Z')
			u.shutdown = true;
		else if (option == 'Y')
			u.replace = true;
		else if (option < 256 && strchr("pqrmndskKwgG", option))
			collect_option(&u.collect, option, optarg, diag);
		else
			pack_option(&u.pack, option, optarg, diag);
		if (diag->total)
			return -HO_EUSAGE;
	}
	for (option = 0; option < u.collect.domain_count; option++)
		if (u.no_exec && u.collect.domains[option].monitor)
			return command_usage(diag, "--no-exec with --qemu: the saved state is of one moment");
		else if (u.shutdown && !u.collect.domains[option].monitor)
			return command_usage(diag, "--shutdown with --pid: the process would end first");
	if (optind != argc || u.pack.stream_count)
		return command_usage(diag, "upgrade takes options of collect and pack, no --stream");
	clock_gettime(CLOCK_MONOTONIC, &u.start);
	rc = run(&u, diag);
	collect_free(&u.collect);
	return rc;
}
