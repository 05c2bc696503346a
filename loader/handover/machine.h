/* SPDX-License-Identifier: MIT */
/*
 * machine.h - the facts of this machine that travel in a blob: the
 * firmware's memory map, RSDP, EFI, TSC frequency.
 */
#ifndef LOADER_MACHINE_H
#define LOADER_MACHINE_H

#include "blob.h"
#include "efisys.h"
#include "handover.h"
#include "hostmap.h"
#include "taken.h"

struct machine {
	struct hostmap map;
	struct efisys efi;
	uint64_t acpi_rsdp;
	uint32_t wdat_bytes;		/* 0: no watchdog that can be used */
	uint8_t wdat[2048];
	uint32_t tsc_khz;
};

/*
 * Read it. In an instance that a handover started (h not NULL, its blob known)
 * the map is the one of that handover's tree, and what was hot-added since:
 * /sys/firmware/memmap shows what the stub gave. So is EFI, if this instance does not use it itself (a
 * dom0, efi=noruntime). What EFI runs in is not RAM, whatever the map says.
 * `placed_by_kernel`: it is this kernel that says where the door goes, and it
 * takes pages for RAM in which boot services left tables: so does the target.
 * HO_EMEMENCRYPT, HO_EIO, HO_EMEMORY, HO_EEFI.
 */
int machine_read(struct machine *m, const struct handover *h,
		 bool placed_by_kernel, struct diag_log *diag);

/* The command line of a Linux that starts next on this machine; NULL: none.
 * HO_EMEMENCRYPT: it would read kept memory, which is not encrypted, as if it were. */
int machine_check_next(const char *cmdline, struct diag_log *diag);

/*
 * RAM that this kernel was told to leave out, or leaves out by itself, but for
 * `also` (memmap.h). In a dom0 none: its own view is not the machine's.
 * HO_EPERM, HO_EIO, HO_EMEMORY, HO_ENOMEM.
 */
int machine_left_out(struct taken *out, const struct taken *also,
		     struct diag_log *diag);
/*
 * That is no RAM of the machine any more, for this update and what follows: no
 * target and no region is put there. memmap=SIZE$BASE is also a way to reserve
 * the region, whose ranges stay RAM. Codes of machine_left_out().
 */
int machine_leave_out(struct machine *m, const struct range *region,
		      uint32_t count, struct diag_log *diag);

/* Measured, which takes 20 ms; 0: it cannot be. */
uint32_t machine_tsc_khz(void);
/* Does /proc/cpuinfo have this among the flags of the first CPU? */
bool machine_cpu_has(const char *flag);

/* The memory map from lines "START-END TYPE" (hexadecimal, END inclusive,
 * TYPE an E820 number or "RAM"). HO_EFILE, HO_EMEMORY. */
int machine_read_map(struct machine *m, const char *path,
		     struct diag_log *diag);

#endif /* LOADER_MACHINE_H */
