/* SPDX-License-Identifier: MIT */
/*
 * keeperwatch.h - a keeper sees whether the guest that it holds runs after it was
 * saved: once its QEMU has ended nobody else could say. A thread of a virtual CPU
 * sleeps as long as the guest stands still.
 */
#ifndef LOADER_KEEPERWATCH_H
#define LOADER_KEEPERWATCH_H

#include "process.h"

#define KEEPER_THREADS_MAX	4096
#define KEEPER_LOOK_MS		50

struct keeper_thread {
	pid_t tid;
	uint64_t ns;			/* on a CPU, when the window began */
};

struct keeper_watch {
	int task;			/* /proc/PID/task; -1: no watch */
	int process;			/* of pidfd_open(2) */
	uint64_t since;			/* the window; CLOCK_MONOTONIC, ns */
	bool grown;			/* at the last look */
	uint32_t count;
	struct keeper_thread threads[KEEPER_THREADS_MAX];
};

/* What keeper_watch_look() has seen so far. */
enum keeper_saw {
	KEEPER_NOTHING,			/* it does not watch, or did not */
	KEEPER_STOOD,			/* still as at the begin, or as it ended */
	KEEPER_RAN
};

/* The guest stands still. False: these threads' times cannot be read. */
bool keeper_watch_begin(struct keeper_watch *w, struct process_id runner,
			const pid_t *threads, uint32_t count);
/* Waits for KEEPER_LOOK_MS, or the end of the process, and looks. Twice more than what
 * a question of QEMU's monitor may take is a guest that runs: what it did in the last
 * two looks before its end is not seen. KEEPER_NOTHING: it has ended, and had stood
 * still. */
enum keeper_saw keeper_watch_look(struct keeper_watch *w);

#endif /* LOADER_KEEPERWATCH_H */
