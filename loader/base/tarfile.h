/* SPDX-License-Identifier: MIT */
/*
 * tarfile.h - a tar archive of a few texts, written and never read: ustar, IEEE
 * Std 1003.1-2017, pax, "ustar Interchange Format".
 */
#ifndef LOADER_TARFILE_H
#define LOADER_TARFILE_H

#include <time.h>

#include "util.h"

#define TARFILE_NAME_BYTES	100	/* of a member, with its NUL */

/* A file of root's, mode 0600, dated `when`. HO_EFILE; HO_EINTERNAL: the name
 * is too long, or it has 8 GiB. */
int tarfile_add(struct outfile *o, const char *name, const void *bytes,
		uint64_t length, time_t when, struct diag_log *diag);
/* What ends it. HO_EFILE. */
int tarfile_end(struct outfile *o, struct diag_log *diag);

#endif /* LOADER_TARFILE_H */
