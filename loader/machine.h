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
 * the map is the one of that handover's tree: /sys/firmware/memmap shows
 * what the stub gave. So is EFI, if this instance does not use it itself (a
 * dom0, efi=noruntime). What EFI runs in is not RAM, whatever the map says.
 * HO_EIO, HO_EMEMORY, HO_EEFI.
 */
int machine_read(struct machine *m, const struct handover *h,
		 struct diag_log *diag);

/* Measured, which takes 20 ms; 0: it cannot be. */
uint32_t machine_tsc_khz(void);

/* The memory map from lines "START-END TYPE" (hexadecimal, END inclusive,
 * TYPE an E820 number or "RAM"). HO_EFILE, HO_EMEMORY. */
int machine_read_map(struct machine *m, const char *path,
		     struct diag_log *diag);

#endif /* LOADER_MACHINE_H */
