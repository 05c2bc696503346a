/* SPDX-License-Identifier: MIT */
/*
 * kexec_elf.h - what kexec would get as a file: an ELF with a PVH entry
 * (QEMU -kernel) that enters the stub as an old instance does. For people who
 * want to look at a stub and a blob without an old instance before them.
 */
#ifndef LOADER_KEXEC_ELF_H
#define LOADER_KEXEC_ELF_H

#include "kexec.h"

/*
 * Write the file: the pieces at their physical addresses, and between 1 and
 * 2 MiB the way from PVH's entry to `entry` in the state of
 * handover-abi/README.md 3.1. HO_ETARGET when a piece ends above 64 GiB, what
 * the page tables there can show, or there are too many; HO_EFILE.
 */
int kexec_write_elf(const char *path, uint64_t entry,
		    const struct kexec_piece *pieces, int count,
		    struct diag_log *diag);

#endif /* LOADER_KEXEC_ELF_H */
