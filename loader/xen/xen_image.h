/* SPDX-License-Identifier: MIT */
/*
 * xen_image.h - the hypervisor that runs, as a file: which of those in /boot
 * it is, and what it was started with. Its build ID tells, which is a note in
 * the file and which the hypervisor names; a name or a version would not do,
 * since a package that was upgraded keeps both.
 */
#ifndef LOADER_XEN_IMAGE_H
#define LOADER_XEN_IMAGE_H

#include "diag.h"
#include "types.h"

#define XEN_BUILD_ID_BYTES 20		/* SHA-1, as ld writes it */
#define XEN_CMDLINE_BYTES 1024		/* of Xen's xen_commandline_t */

struct xen_facts {
	uint8_t build_id[XEN_BUILD_ID_BYTES]; /* 0: Xen names none */
	char cmdline[XEN_CMDLINE_BYTES];
};

/* In a dom0. HO_EIO, codes of xen_open(). */
int xen_facts_read(struct xen_facts *facts, struct diag_log *diag);

/* True when this file, which may be packed, is the build. */
bool xen_image_is(const char *path, const struct xen_facts *facts);

/* True when this file, which may be packed, gives kept PV guests their own frames
 * (xen.h). */
bool xen_image_adopts(const char *path);

/* True when a livepatch is installed for this very build, which may be packed, so that
 * it can be taught to (loader/guest/xen/livepatch.h). */
bool xen_image_is_patched(const char *path);

/* Its name, in path[PATH_MAX]. HO_EFILE: none in /boot is. */
int xen_image_find(char *path, const struct xen_facts *facts,
		   struct diag_log *diag);

#endif /* LOADER_XEN_IMAGE_H */
