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
#include "taken.h"

struct driverram {
	struct taken ranges;		/* of such RAM; the usual host has none */
	bool found;
	uint64_t at;			/* of the first frame there */
};

/* What drivers have added, by the lines of /proc/iomem. Codes of iomem_walk();
 * driverram_end() follows in any case. */
int driverram_begin(struct driverram *d, struct diag_log *diag);
/* Frames of a guest. */
void driverram_look(struct driverram *d, uint64_t mfn, uint64_t pages);
/* Returns HO_EDRIVERRAM when one was there. */
int driverram_end(struct driverram *d, const struct guest *g,
		  struct diag_log *diag);

/* All of it, of what guest_each_range() has: HO_EDRIVERRAM when a frame of the
 * guest is in such RAM. The guest may run. Codes of driverram_begin(),
 * guest_each_range(). */
int driverram_check(const struct guest *g, struct diag_log *diag);

#endif /* LOADER_DRIVERRAM_H */
