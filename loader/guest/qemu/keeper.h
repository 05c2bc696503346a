/* SPDX-License-Identifier: MIT */
/*
 * keeper.h - a process that maps a guest's memory, so that every page of it
 * is there and stays where it is, also when QEMU has ended: it is the owner
 * of the frames in the LU stream.
 */
#ifndef LOADER_KEEPER_H
#define LOADER_KEEPER_H

#include "keeperwatch.h"

struct keeper_range {
	char file[96];			/* /proc/PID/map_files/... */
	uint64_t offset;		/* in it */
	uint64_t address;		/* where it is to be mapped */
	uint64_t bytes;
};

/* What keeper_start() found, for fixed.h. */
struct keeper_fixed {
	bool all;			/* every page stays in its frame */
	uint64_t huge_bytes;		/* of them, of huge pages (hugetlb) */
};

/*
 * Fork it; returns when all is mapped and present. It ends when nobody has *hold
 * open any more, unless it was told to stay; then, when the ledger no longer
 * names it. Its name begins with an @, which spares it systemd's last kill, and
 * it is in no unit that systemd could stop. HO_EIO, HO_EGUESTROOM, HO_EPERM.
 */
int keeper_start(const char *name, const struct keeper_range *ranges,
		 int count, struct process_id *keeper, int *hold,
		 struct keeper_fixed *fixed, struct diag_log *diag);
/* Tell it to stay when the last *hold is closed: it is in the ledger. `hold`
 * below 0: nothing to tell. */
void keeper_stay(int hold);
/* Before that, of a guest that is saved: tell it whose threads are its virtual CPUs. It
 * watches them from here on. */
void keeper_watch(int hold, struct process_id runner, const pid_t *threads,
		  uint32_t count);
/* True when the process is a keeper, by its name. */
bool keeper_is(pid_t pid);
/* What it has seen of the guest since, by its name, too. */
enum keeper_saw keeper_saw(pid_t pid);

#endif /* LOADER_KEEPER_H */
