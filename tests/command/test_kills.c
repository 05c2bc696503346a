// SPDX-License-Identifier: MIT
/*
 * test_kills.c - two commands at once, and SIGKILL at a random step of either or
 * of both: each guest runs on, or is paused and known to the ledger, and one
 * `baton unload` lets all of them run. A seed is a run: `test_kills SEED COUNT`.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"

#define SEEDS	24			/* of `make check`; 500 of `make campaign` */
#define GUESTS	2
#define MFN	0x20000ull
#define LEDGER	"/run/baton/ledger.json"

static struct fake_guest *vms[GUESTS];
static const char *const names[GUESTS] = { "vm0", "vm1" };
static pid_t process;
static unsigned int seed, first = 1, count = SEEDS;
static unsigned int killed, jumped, waited;

/* xorshift: the same on every machine. */
static unsigned int any(unsigned int below)
{
	static unsigned int x;
	static unsigned int of;

	if (of != seed) {
		of = seed;
		x = seed * 2654435761u | 1;
	}
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return (x >> 8) % below;
}

enum what {
	COLLECT, COLLECT_BOTH, LOAD, UPGRADE, UPGRADE_BOTH, UPGRADE_PROCESS, NO_EXEC, EXEC,
	UNLOAD, STATUS, WHATS
};

static void begin(struct fake_run *r, int n, enum what what)
{
	int i = any(GUESTS);

	switch (what) {
	case COLLECT:
		fake_run_start(r, n, "collect --qemu %s --name %s --rehearse none -o %s",
			       vms[i]->qmp.path, names[i], fake_path("/lu"));
		break;
	case COLLECT_BOTH:
		fake_run_start(r, n, "collect --qemu %s --name vm0 --qemu %s --name vm1 --rehearse none -o %s",
			       vms[0]->qmp.path, vms[1]->qmp.path,
			       fake_path("/lu"));
		break;
	case LOAD:
		fake_run_start(r, n, "load %s", fake_path("/blob"));
		break;
	case UPGRADE:
		fake_run_start(r, n, "upgrade " TARGET " --qemu %s --name %s --rehearse none",
			       FILES, vms[i]->qmp.path, names[i]);
		break;
	case UPGRADE_BOTH:
		/* which the load refuses: they share their fake memory */
		fake_run_start(r, n, "upgrade " TARGET " --qemu %s --name vm0 --qemu %s --name vm1 --rehearse none",
			       FILES, vms[0]->qmp.path, vms[1]->qmp.path);
		break;
	case UPGRADE_PROCESS:
		fake_run_start(r, n, "upgrade " TARGET " --pid %d --map memfd:guest --name p --qemu %s --name vm1 --rehearse none",
			       FILES, (int)process, vms[1]->qmp.path);
		break;
	case NO_EXEC:
		fake_run_start(r, n, "upgrade " TARGET " --pid %d --map memfd:guest --name p --no-exec",
			       FILES, (int)process);
		break;
	case EXEC:
		fake_run_start(r, n, "exec --no-sync");
		break;
	case UNLOAD:
		fake_run_start(r, n, "unload");
		break;
	default:
		fake_run_start(r, n, "status");
	}
}

static void wrong(const char *what, int i)
{
	char command[512];

	print_error("seed %u: %s, guest %d (%s); ledger: %s\n", seed, what, i,
		    i < GUESTS ? vms[i]->status : "a process",
		    fake_has(LEDGER) ? "there" : "none");
	snprintf(command, sizeof(command), "cat %s %s.* %s >&2",
		 fake_path(LEDGER), fake_path("/err"), fake_path("/err"));
	if (system(command))
		print_error("(not all)\n");
	fail();
}

static bool runs(int i)
{
	return i < GUESTS ? !strcmp(vms[i]->status, "running")
			  : !fake_is_stopped(process);
}

/* Before anything is undone: nobody is lost, and nobody is both. */
static void check_kept(void)
{
	static const char *const known[] = { "\"vm0\"", "\"vm1\"", "\"p\"" };
	int i;

	for (i = 0; i <= GUESTS; i++) {
		bool is_known = fake_has(LEDGER) &&
				fake_holds(LEDGER, known[i]);

		if (!runs(i) && !is_known)
			wrong("stands still, and nobody knows", i);
		waited += !runs(i);
	}
	/* the image of an upgrade that runs on could be jumped into: only exec
	 * could, and that looks */
	if (fake_machine->loaded[0] && !fake_has("/run/baton/loaded.dtb"))
		wrong("an image that nobody knows", 0);
}

/* The jump: whoever stands still is in what was jumped into. */
static void check_jumped(void)
{
	static const char *const known[] = { "vm0", "vm1", "p\0\0\0" };
	int i;

	for (i = 0; i <= GUESTS; i++)
		if (!runs(i) && !fake_holds("/run/baton/loaded.dtb", known[i]))
			wrong("is left behind by the jump", i);
}

/* Killed it is at once; whose child it is then takes a moment. */
static bool ends(pid_t pid)
{
	int i;

	for (i = 0; i < 500 && !kill(pid, 0); i++)
		usleep(10000);
	return i < 500;
}

static void check_undone(int status)
{
	int i;

	if (status)
		wrong("unload failed", 0);
	for (i = 0; i <= GUESTS; i++)
		if (!runs(i))
			wrong("does not run on", i);
	if (fake_machine->loaded[0])
		wrong("an image is left", 0);
	if (fake_machine->loaded[1] || fake_has("/run/baton/staged"))
		wrong("an image for a panic is left", 0);
	if (fake_has(LEDGER) || fake_has("/run/baton/loaded.dtb"))
		wrong("not at rest", 0);
	for (i = 0; i < fake_machine->child_count; i++)
		if (!ends(fake_machine->children[i]))
			wrong("a process is left", 0);
}

/* What is there when the two begin. */
static void prepare(void)
{
	bool both;

	switch (any(4)) {
	case 0:
		expect_ok(baton("collect --qemu %s --name vm0 --rehearse none -o %s",
				vms[0]->qmp.path, fake_path("/lu")));
		both = any(2);
		if (both)
			expect_ok(baton("collect --qemu %s --name vm1 --rehearse none -o %s",
					vms[1]->qmp.path, fake_path("/lu.1")));
		expect_ok(baton("pack --stream %s " TARGET " -o %s",
				fake_path("/lu"), FILES, fake_path("/blob")));
		if (!any(2))
			break;
		/* of the two the blob has one */
		if (both)
			expect_refusal(baton("load %s", fake_path("/blob")),
				       HO_EUNDONE);
		else
			expect_ok(baton("load %s", fake_path("/blob")));
		break;
	case 1:
		expect_ok(baton("upgrade " TARGET " --pid %d --map memfd:guest --name p --no-exec",
				FILES, (int)process));
	}
}

static void two_commands(void)
{
	static const enum what changes[] = { COLLECT, LOAD, UPGRADE,
					     UPGRADE, UPGRADE_PROCESS, UNLOAD,
					     EXEC };
	struct fake_run runs_of[2];
	int i, status;

	prepare();
	fake_machine->jump_errno = any(2) ? EPERM : 0;
	fake_machine->steps = 0;
	/* an upgrade has 250 */
	fake_machine->kill_at[0] = 1 + any(any(2) ? 300 : 100);
	fake_machine->kill_at[1] = fake_machine->kill_at[0] + 1 + any(60);
	fake_machine->kill_all = any(3);
	begin(&runs_of[0], 0, any(3) ? changes[any(ARRAY_COUNT(changes))]
				     : any(WHATS));
	if (any(2))
		usleep(any(30000));
	begin(&runs_of[1], 1, any(WHATS));
	for (i = 0; i < 2; i++) {
		status = fake_run_end(&runs_of[i]);
		killed += status == 128 + SIGKILL;
		jumped += status == FAKE_JUMPED;
	}
	memset(fake_machine->kill_at, 0, sizeof(fake_machine->kill_at));
}

static void one_run(void)
{
	int i, status;

	fake_begin(NULL);
	for (i = 0; i < GUESTS; i++)
		vms[i] = fake_guest_begin(names[i]);
	process = fake_process(MFN, 16);
	two_commands();
	if (fake_machine->jumps) {
		check_jumped();
	} else {
		check_kept();
		status = baton("status");
		if (status != 0 && status != HO_EXIT_STATE)
			wrong("status", 0);
		check_undone(baton("unload"));
	}
	for (i = 0; i < GUESTS; i++)
		fake_guest_end(vms[i]);
	assert_int_equal(fake_end(NULL), 0);
}

static void random_kills(void **state)
{
	(void)state;
	for (seed = first; seed < first + count; seed++)
		one_run();
	print_message("  seeds %u to %u: %u commands killed, %u jumps, %u guests stood still and were known\n",
		      first, first + count - 1, killed, jumped, waited);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_kills) };
	const char *kills = getenv("KILLS");

	count = kills ? strtoul(kills, NULL, 0) : count;
	first = argc > 1 ? strtoul(argv[1], NULL, 0) : first;
	count = argc > 2 ? strtoul(argv[2], NULL, 0) : count;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
