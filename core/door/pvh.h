/* SPDX-License-Identifier: MIT */
/*
 * pvh.h - what a PVH boot loader hands over: struct hvm_start_info of the
 * x86/HVM direct boot ABI (Xen, docs/misc/pvh.pandoc and
 * public/arch-x86/hvm/start_info.h).
 */
#ifndef CORE_PVH_H
#define CORE_PVH_H

#include "facts.h"

/* See facts.h. HO_EDOOR, too, for version 0, which has no memory map. */
int pvh_read(struct facts *facts, struct hostmap *map,
	     const struct physmem *memory, uint64_t at,
	     struct diag_log *diag);

#endif /* CORE_PVH_H */
