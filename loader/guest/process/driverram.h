/* SPDX-License-Identifier: MIT */
/*
 * driverram.h - RAM that no firmware's map names: virtio-mem's, and that of dax
 * devices (CXL, persistent memory, memory for a purpose) which kmem has made RAM.
 * A driver added it, and at its next start has it back, with whatever is in it:
 * virtio-mem unplugs all that it had. So no guest of an update may be there.
 */
#ifndef LOADER_DRIVERRAM_H
#define LOADER_DRIVERRAM_H

#include "guest.h"

/* HO_EDRIVERRAM when a frame of the guest is in such RAM, by the lines of
 * /proc/iomem. The guest may run. Codes of iomem_walk(), guest_each_range(),
 * HO_ENOMEM. */
int driverram_check(const struct guest *g, struct diag_log *diag);

#endif /* LOADER_DRIVERRAM_H */
