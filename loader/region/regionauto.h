/* SPDX-License-Identifier: MIT */
/*
 * regionauto.h - a landing place where none is reserved: in the fallback of
 * an update that failed, which lives in the region itself.
 */
#ifndef LOADER_REGIONAUTO_H
#define LOADER_REGIONAUTO_H

#include "handover.h"

/*
 * The largest piece of RAM, up to 512 MiB, that no kept domain owns and that
 * this instance (System RAM of `iomem`) does not run in, 2 MiB-aligned; below 4
 * GiB if there is one of at least 64 MiB; of a larger piece, and of several,
 * the highest place: a dom0 wants the first 80 MiB. HO_EDIGEST when records of
 * a kept domain are damaged: its frames could be anywhere. HO_ENOREGION, and
 * codes of iomem_walk().
 */
int region_auto(struct range *out, const struct handover *h,
		const char *iomem, struct diag_log *diag);

#endif /* LOADER_REGIONAUTO_H */
