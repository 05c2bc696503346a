// SPDX-License-Identifier: MIT
/*
 * cmd_upgrade.c - everything in one go. Until the jump a guard process
 * watches: if this one ends for any reason, it unloads the image and lets
 * the paused processes run on.
 */
#include "commands.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collect.h"
#include "guests.h"
#include "kexec.h"
#include "load.h"
#include "look.h"
#include "pack.h"
#include "util.h"

#define RUN_DIR "/run/baton"
#define UPGRADE_STREAM RUN_DIR "/upgrade.lu"
#define UPGRADE_BLOB RUN_DIR "/upgrade.dtb"

struct upgrade {
	struct collect collect;
	struct pack pack;
	bool no_exec;
	struct handover *parent;
	int guard_fd;			/* closing it wakes the guard */
	pid_t guard;
	struct timespec start;
};

/* Those that were stopped before stay stopped. */
static void let_run(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (!c->domains[i].monitor && !c->domains[i].was_stopped)
			kill(c->domains[i].pid, SIGCONT);
	collect_resume(c);
	guests_resume(c);
}

/* What the guard is told; the end of the pipe without GUARD_WELL means that
 * this process is gone. */
#define GUARD_LOADING	'l'	/* from now on there may be an image of ours */
#define GUARD_WELL	'w'	/* leave everything as it is */

/* What it was writing, under whatever temporary name: states of guests may be
 * in it. */
static void remove_files(void)
{
	glob_t found;
	size_t i;

	if (glob(RUN_DIR "/upgrade.*", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
}

/* Runs in the child. */
static void guard_main(struct collect *c, int fd)
{
	struct diag_log scratch;
	bool loading = false;
	char byte = 0;
	ssize_t got;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	guests_touched(c);
	while ((got = read(fd, &byte, 1)) == 1 && byte != GUARD_WELL)
		loading |= byte == GUARD_LOADING;
	if (got == 1)
		_exit(0);
	diag_init(&scratch, HO_STAGE_LOADER);
	if (loading)
		load_undo(&scratch);
	let_run(c);
	remove_files();
	_exit(0);
}

static int start_guard(struct upgrade *u, struct diag_log *diag)
{
	int fds[2];

	if (pipe(fds))
		return io_error(diag, "pipe");
	u->guard = fork();
	if (u->guard < 0)
		return io_error(diag, "fork");
	if (!u->guard) {
		close(fds[1]);
		setsid();	/* a signal to our group does not end it */
		guard_main(&u->collect, fds[0]);
	}
	close(fds[0]);
	u->guard_fd = fds[1];
	return 0;
}

static void tell_guard(const struct upgrade *u, char what)
{
	if (write(u->guard_fd, &what, 1) != 1)
		perror("baton: guard");
}

/* `well`: what is loaded may stay. */
static void stop_guard(struct upgrade *u, bool well)
{
	if (u->guard_fd < 0)
		return;
	if (well)
		tell_guard(u, GUARD_WELL);
	close(u->guard_fd);
	u->guard_fd = -1;
	waitpid(u->guard, NULL, 0);
}

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
	int rc;

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
		rc = pack_run(&u->pack, h, UPGRADE_BLOB, diag);
	}
	if (!rc) {
		say(u, "checking and loading it");
		tell_guard(u, GUARD_LOADING);
		rc = load_run(&load, diag);
	}
	return rc;
}

/* Looks at every frame once more; returns only on failure or --no-exec. */
static int finish(struct upgrade *u, struct diag_log *diag)
{
	int rc;

	if (!u->no_exec)
		sync();
	rc = look_again(false, diag);
	if (!rc)
		rc = guests_look_again(&u->collect, diag);
	if (!rc)
		rc = collect_wipe(&u->collect, diag);
	if (rc)
		return rc;
	if (u->no_exec) {
		let_run(&u->collect);
		say(u, "loaded, guests run on. baton exec jumps, baton unload forgets");
		return 0;
	}
	say(u, "point of no return: starting the stub");
	return kexec_jump(diag);
}

static int run(struct upgrade *u, struct diag_log *diag)
{
	int rc = kexec_allowed(diag), i;

	if (!rc && mkdir(RUN_DIR, 0700) && errno != EEXIST)
		rc = io_error(diag, RUN_DIR);
	if (!rc)
		rc = handover_parent(&u->parent, diag);
	for (i = 0; i < u->collect.domain_count; i++)
		if (!u->collect.domains[i].monitor)
			u->collect.domains[i].was_stopped =
				process_is_stopped(u->collect.domains[i].pid);
	if (!rc)
		rc = guests_open(&u->collect, diag);
	if (!rc)
		rc = guests_left(&u->collect, diag);
	if (!rc)
		rc = guests_keep(&u->collect, diag);
	if (!rc)
		rc = collect_find(&u->collect, diag);
	if (!rc)
		rc = start_guard(u, diag);
	if (!rc)
		rc = prepare(u, diag);
	if (!rc)
		rc = finish(u, diag);
	stop_guard(u, !rc);
	unlink(UPGRADE_STREAM);
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
		PACK_OPTIONS, { "no-exec", no_argument, NULL, 'X' }, { 0 } };
	struct upgrade u = { .collect.kept = true, .pack = PACK_DEFAULTS,
			     .guard_fd = -1 };
	int option, rc;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == '?')
			return command_usage(diag, argv[optind - 1]);
		if (option == 'X')
			u.no_exec = true;
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
	if (optind != argc || u.pack.stream_count)
		return command_usage(diag, "upgrade takes options of collect and pack, no --stream");
	clock_gettime(CLOCK_MONOTONIC, &u.start);
	rc = run(&u, diag);
	collect_free(&u.collect);
	return rc;
}
