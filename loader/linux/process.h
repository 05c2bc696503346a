/* SPDX-License-Identifier: MIT */
/*
 * process.h - the memory of a live process: its mappings, and which frames
 * are behind them. Source: Documentation/admin-guide/mm/pagemap.rst,
 * proc(5).
 */
#ifndef LOADER_PROCESS_H
#define LOADER_PROCESS_H

#include <stdio.h>
#include <sys/types.h>

#include "diag.h"
#include "handover/stream.h"

/* Virtual bytes [start, end), page-aligned. */
struct vrange {
	uint64_t start;
	uint64_t end;
};

#define MAPS_LINE_BYTES	(4096 + 128)
/* The next line of an open /proc/PID/maps, with its newline; no piece of one that is
 * longer, whose path may say anything. False: no more. */
bool maps_line(FILE *maps, char *line, int bytes);

/*
 * The mappings called `name` in an open /proc/PID/maps: the whole path, the
 * path's last part, or the name of a memfd as "memfd:NAME"; " (deleted)" is
 * not part of it. *out is an array to free; returns the count, -1 when out of
 * memory.
 */
int maps_find(FILE *maps, const char *name, struct vrange **out);

/* Called for each run of pages that continue each other in both numbers. */
typedef void (*extent_fn)(void *context, uint64_t mfn, uint64_t pages,
			  uint64_t vpn);

/*
 * Read the frames behind a range. *hash runs over all of them, so that two
 * readings can be compared. HO_EPROCESS, HO_ENOTPRESENT (absent or
 * swapped), HO_EPERM (frame numbers hidden).
 */
int process_extents(pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *hash, struct diag_log *diag);

/* The same from an open pagemap; `pid` is for messages. The same codes. */
int pagemap_extents(int fd, pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *hash, struct diag_log *diag);

/* The same of whole pages of 2 MiB, or larger ones: an entry for each 2 MiB is
 * read. The same codes. */
int process_huge_extents(pid_t pid, struct vrange range, extent_fn fn,
			 void *context, struct diag_log *diag);
/* Bytes of huge pages (hugetlb) that it has mapped and has touched, by the
 * kernel's count; false: not known. */
bool process_huge_bytes(pid_t pid, uint64_t *out);

/* The same of a process that may run: pages that are not there are left out, and
 * counted in *absent. HO_EPROCESS, HO_EPERM. */
int process_present(pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *absent, struct diag_log *diag);

/* True when the pages from vpn on are still the frames from mfn on. `fd` is
 * of /proc/PID/pagemap. The first that is not: *moved. */
bool process_holds(int fd, uint64_t vpn, uint64_t pages, uint64_t mfn,
		   uint64_t *moved);

/* Who holds the memory: start time and boot id tell a process from a later
 * one of the same number. HO_EPROCESS, HO_EIO. */
int process_owner(pid_t pid, struct ho_rec_owner *out, struct diag_log *diag);

/* A process, and no later one of the same number. */
struct process_id {
	pid_t pid;			/* 0: none */
	uint64_t start;			/* field 22 of /proc/PID/stat, ticks */
};

/* The process that has this number now; pid 0: there is none. */
struct process_id process_id_of(pid_t pid);
/* A descriptor of it, close-on-exec, that never means another one. -1 with errno:
 * it has ended (ESRCH), or the kernel refuses. */
int process_open(struct process_id id);
/* False: it has ended. */
bool process_lives(struct process_id id);
/* Send it a signal; false with errno, as process_open(). */
bool process_signal(struct process_id id, int sig);
/* SIGKILL; and, of a child of this process, wait for its end. */
void process_end(struct process_id id);

/* The kernel does not end this process when it runs out of memory. */
void process_spare(void);
/* Of so many guests: monitor, keeper, two states; and what is open for a moment. */
#define PROCESS_FILES(guests)	(256 + 8 * (uint64_t)(guests))
/* Room for so many open files. HO_ENOFILES: the limit cannot be raised to
 * that. */
int process_files(uint64_t count, struct diag_log *diag);

/* True when it is stopped by a signal (state T); false when it is gone. */
bool process_is_stopped(pid_t pid);
/* True when none of its threads can go on by itself: all are stopped, or have ended.
 * False: *thread is one that can; 0: the process is gone. */
bool process_stands(pid_t pid, pid_t *thread);

/* A random UUID, version 4: for names, not for keys. Never waits, also early in a
 * boot. HO_EIO. */
int random_id(uint8_t id[HO_ID_BYTES], struct diag_log *diag);

#endif /* LOADER_PROCESS_H */
