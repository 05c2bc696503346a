/* SPDX-License-Identifier: MIT */
/*
 * libvirt_conf.h - what is kept of a libvirt guest beside its memory and its device
 * state: the XML that libvirt starts it from again. Travels as a STATE record, in
 * JSON; read back in the new instance, where nothing of it is believed.
 */
#ifndef LOADER_LIBVIRT_CONF_H
#define LOADER_LIBVIRT_CONF_H

#include "guestconf.h"
#include "handover/frametable.h"

#define LIBVIRT_CONF_STATE	"libvirt"	/* name of the STATE record */
#define LIBVIRT_CONF_VERSION	1

struct libvirt_conf {
	char uuid[40];			/* text, as libvirt writes it */
	char *name;			/* libvirt's, in any script */
	char *xml;			/* dumpxml --security-info --migratable */
	char *cookie;			/* of its save image */
	/* of `qemu`: machine, version, backends, running, and of the process its
	 * uid and gid, which are to open the kept memory */
	struct guest_conf qemu;
};

/* Its text as JSON, to be freed; NULL: HO_ENOMEM. */
char *libvirt_conf_write(const struct libvirt_conf *c, struct diag_log *diag);
/* HO_EGUESTCONF, HO_ENOMEM. */
int libvirt_conf_read(struct libvirt_conf *c, const char *text, size_t bytes,
		      struct diag_log *diag);
/* Free what it holds, also after libvirt_conf_read() failed. */
void libvirt_conf_free(struct libvirt_conf *c);

#endif /* LOADER_LIBVIRT_CONF_H */
