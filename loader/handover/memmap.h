/* SPDX-License-Identifier: MIT */
/*
 * memmap.h - memory as the running kernel sees it: what it was given
 * (/sys/firmware/memmap, as the firmware, a boot loader or the stub wrote it,
 * and what was hot-added since), and what of its RAM it leaves out
 * (/proc/iomem): by memmap= or mem=, or because it found it broken. There may
 * be a bad page, or somebody's data.
 *
 * What the stub gave as reserved, kept frames and what the budget left no entry
 * for, was not given as RAM, and is left out by nobody.
 */
#ifndef LOADER_MEMMAP_H
#define LOADER_MEMMAP_H

#include "hostmap.h"
#include "taken.h"

/* Every entry of `folder`, to be settled. HO_EIO, HO_EMEMORY. */
int memmap_read(struct hostmap *map, const char *folder,
		struct diag_log *diag);

/*
 * The RAM of `given` (settled) above 1 MiB that is neither System RAM in the
 * file `iomem`, at any depth, nor in `also`; in address order. The kernel's
 * copies of ACPI tables, an initrd's, lie in its RAM and are named ACPI Tables:
 * these are RAM, too, unless `command_line` (the text) has memmap=SIZE#BASE.
 * HO_EPERM: the file shows no addresses. HO_EIO, HO_ENOMEM.
 */
int memmap_left_out(struct taken *out, const struct hostmap *given,
		    const char *iomem, const char *command_line,
		    const struct taken *also, struct diag_log *diag);

/* That, as what the file says that it is: persistent, unusable, reserved, to be
 * settled. HO_EIO, HO_EMEMORY. */
int memmap_add_left_out(struct hostmap *map, const struct taken *left_out,
			const char *iomem, struct diag_log *diag);

#endif /* LOADER_MEMMAP_H */
