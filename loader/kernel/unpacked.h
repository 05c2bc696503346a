/* SPDX-License-Identifier: MIT */
/*
 * unpacked.h - a bzImage whose kernel is unpacked already. It is started as any other
 * by who enters it in 64-bit mode (kexec, the stub), and by nobody else: a BIOS or EFI
 * finds no code for them in it. Unpacking, and choosing where it runs (KASLR), is
 * done here, while guests run, and not by the kernel, while they stand still.
 *
 *   setup sectors       as they were, but for what says how to start it otherwise
 *   ENTRY at 0x200      a jump
 *   KERNEL at 2 MiB     what the kernel would have made of itself
 */
#ifndef LOADER_KERNEL_UNPACKED_H
#define LOADER_KERNEL_UNPACKED_H

#include "util.h"

struct kernel_unpacked {
	uint64_t packed, bytes;		/* of the bzImage, before and after */
	bool moved;			/* by KASLR */
};

/*
 * Unpack the bzImage `in` to `out`, 0600; NULL: only look whether it can be. Without
 * `stay` it is moved to a random virtual address, if it can be. HO_EFILE,
 * HO_ENOTBZIMAGE, HO_EBZOLD, HO_ENOMEM; HO_EUNPACK: unpacked already, or in a form
 * that is not known.
 */
int kernel_unpack(struct kernel_unpacked *u, const char *in, const char *out,
		  bool stay, struct diag_log *diag);

/* Does this command line say that it stays (nokaslr)? NULL: no. */
bool kernel_stays(const char *cmdline);

/* Where an image that bzimage_parse() has taken says its release and version: bytes
 * from its start, which may be beyond its end. */
uint64_t kernel_version_at(const void *image);

#define KERNEL_RELEASE(major, minor)	((major) * 1000 + (minor))

/* Which Linux it says to be: KERNEL_RELEASE(6, 12). 0: it does not, or is no bzImage. */
unsigned int kernel_release(const void *image, uint64_t bytes);

#endif /* LOADER_KERNEL_UNPACKED_H */
