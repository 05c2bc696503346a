/* SPDX-License-Identifier: MIT */
/*
 * fakerun.h - whole runs of the baton command over the fakes, and processes that
 * pose as guests.
 */
#ifndef FAKE_FAKERUN_H
#define FAKE_FAKERUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "diag.h"
#include "fakekernel.h"
#include "fakeroot.h"

/* The options of a target that fake_kernel_begin() has put there, and what they
 * are of */
#define TARGET	"--kernel %s --initrd %s --cmdline quiet"
#define FILES	fake_path("/boot/vmlinuz"), fake_path("/boot/initrd.img")

/* Run `baton WORDS...` (one text, cut at blanks; "a b" in single quotes is one
 * word) to its end, with all that it started and did not detach. Returns its
 * exit status, or 128 and the signal's number. */
int baton(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An upgrade to that target of fake_process(), as "one", with `more` options. */
int baton_upgrade(pid_t guest, const char *more);
/* The same as baton() beside others: what it prints is in /out.N and /err.N. */
struct fake_run {
	pid_t pid;
	int life;			/* its end: nobody of it is left */
};
void fake_run_start(struct fake_run *r, int n, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int fake_run_end(struct fake_run *r);

/* What the last run printed. */
const char *baton_said(void);
const char *baton_complained(void);

/* What became of it: exit status, error code, a text on standard output. All that
 * is wrong is shown with what was printed, and fake_end() fails. */
void expect_ok(int status);
void expect_refusal(int status, int code);
void expect_said(int status, const char *text);

/* A program `name` for PATH, a shell script. Every call is a line in calls. Those
 * that baton knows are there from the start, and fail. */
void fake_program(const char *name, const char *script);
/* The program of standin.c; this test itself where lines are counted. */
const char *fake_standin(void);
/* The lines of all calls so far. */
bool fake_called(const char *line);
void fake_programs_begin(void);

/* A process that waits, with `pages` of a mapping memfd:guest whose frames are
 * from `mfn` on, at FAKE_ADDRESS. */
#define FAKE_ADDRESS	0x7f0000000000ull
pid_t fake_process(uint64_t mfn, uint64_t pages);
/* Other frames for it. */
void fake_frames(pid_t pid, uint64_t mfn, uint64_t pages);
bool fake_is_stopped(pid_t pid);
void fake_process_end(pid_t pid);

/* All of it, as cmocka's setup and teardown. */
int fake_begin(void **state);
int fake_end(void **state);

#endif /* FAKE_FAKERUN_H */
