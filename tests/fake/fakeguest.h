/* SPDX-License-Identifier: MIT */
/*
 * fakeguest.h - a QEMU with a guest of 2 MiB: a process with a monitor, and what
 * /proc says of it. It does what a QEMU does unless a rule says otherwise.
 * `baton adopt` starts the test's own program as the next one.
 */
#ifndef FAKE_FAKEGUEST_H
#define FAKE_FAKEGUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "fakeqmp.h"

#define FAKE_GUEST_BYTES	(2 << 20)
#define FAKE_GUEST_MFN		0x30000	/* 768 MiB */
#define FAKE_GUEST_HVA		0x7e0000000000ull /* in QEMU */

#define FAKE_COMER	"7777777"	/* a process: no number that Linux gives */

enum fake_how {
	FAKE_ANSWER,			/* with `text` as the value */
	FAKE_REFUSE,			/* `text` is why */
	FAKE_RAW,			/* these bytes, whatever they are */
	FAKE_CLOSE,			/* in the middle of an answer */
	FAKE_WRONG_ID,			/* an answer to somebody else, first */
	FAKE_EVENTS,			/* many events, and then the answer */
	FAKE_SILENT,
	FAKE_END,			/* the process ends */
	FAKE_OTHER_FILE,		/* its memory is another, then the answer */
	FAKE_LEAVES,			/* another's migration is through, then the
					 * answer */
	FAKE_COMES,			/* it answers, and from now on FAKE_COMER is
					 * another guest, of this command line */
};

struct fake_rule {
	char command[64];		/* what is sent holds this */
	enum fake_how how;
	int from;			/* counts from the n-th on, 0: always */
	bool once;			/* and not again */
	char text[1024];
};

/* In a file that both the test and QEMU have mapped. */
struct fake_guest {
	struct fake_qmp qmp;
	char name[32];
	char status[32], migration[32];
	char restored[32];		/* the next QEMU of it; "": "paused" */
	char version[64];		/* of query-version */
	int stops, saves, conts, cancels, starts;
	bool ignores_shared;		/* x-ignore-shared is set */
	int migrations;			/* that were through */
	bool all_ram;			/* with the last, all of it was sent */
	int fast;			/* calls with the speed of a save */
	int polls;			/* of query-migrate, until it is done */
	int rule_count;
	int heard[16];			/* by rule */
	struct fake_rule rules[16];
};

/* A running guest; its monitor is g->qmp.path, /proc has all of it. */
struct fake_guest *fake_guest_begin(const char *name);
void fake_guest_end(struct fake_guest *g);
void fake_guest_rule(struct fake_guest *g, const char *command,
		     enum fake_how how, const char *text);
void fake_guest_no_rules(struct fake_guest *g);
/* Its command line, words cut at blanks; by default a good one. */
void fake_guest_args(struct fake_guest *g, const char *text);
/* Its memory is a file with this inode; by default 1. */
void fake_guest_file(const struct fake_guest *g, int inode);
/* How long its virtual CPU has run; 0: the kernel does not count. */
void fake_guest_time(const struct fake_guest *g, uint64_t ns);
/* It runs, and nothing is loaded; as if nothing had been tried. */
void fake_guest_runs_on(const struct fake_guest *g);
/* The same, and nobody has stopped or saved it. */
void fake_guest_untouched(const struct fake_guest *g);
/* Another hand lets it run, and it goes to another host: this one's QEMU stays. */
void fake_guest_leaves(struct fake_guest *g);
/* The process ends, what /proc says goes; the rest stays for adopt. */
void fake_guest_stop(struct fake_guest *g);


/* The monitor of a guest, for fake_qmp_start(): context is a fake_guest. */
void fake_guest_play(int fd, void *context);

#endif /* FAKE_FAKEGUEST_H */
