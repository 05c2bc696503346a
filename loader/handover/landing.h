/* SPDX-License-Identifier: MIT */
/*
 * landing.h - the breadcrumb, and private copies of what lies in the range of the
 * region that it is in, through a descriptor of /dev/mem: what is validated must
 * not change. Called by handover.c.
 */
#ifndef LOADER_LANDING_H
#define LOADER_LANDING_H

#include "diag.h"
#include "handover/breadcrumb.h"

/* The breadcrumb at `base`, checked. HO_EBREADCRUMB, HO_EBLOBVERSION: of a later
 * version; HO_EPERM, HO_EIO: it cannot be mapped. */
int landing_read_crumb(struct ho_breadcrumb *c, int fd, uint64_t base,
		       struct diag_log *diag);
/* `bytes` of memory at `pa`, wherever that is, for free(); NULL on error
 * (recorded): HO_EBREADCRUMB, HO_ENOMEM, HO_EPERM, HO_EIO. */
void *landing_copy_any(int fd, uint64_t pa, uint64_t bytes,
		       struct diag_log *diag);
/* The same of the landing range alone: else HO_EBREADCRUMB. */
void *landing_copy(const struct ho_breadcrumb *c, int fd, uint64_t pa,
		   uint64_t bytes, struct diag_log *diag);
/* True when the blob is what the entry block of the stub in the region says. */
bool landing_blob_is_intact(const struct ho_breadcrumb *c, int fd,
			    const void *blob, uint64_t bytes);

#endif /* LOADER_LANDING_H */
