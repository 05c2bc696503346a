/* SPDX-License-Identifier: MIT */
/*
 * domxml.h - what libvirt says of a domain, in XML: read with libxml2, which
 * fetches nothing and knows no entities here. Nothing of it is believed.
 * Source: https://libvirt.org/formatdomain.html; src/conf/domain_conf.c for the
 * status file.
 */
#ifndef LOADER_DOMXML_H
#define LOADER_DOMXML_H

#include <sys/types.h>

#include "diag.h"

#define DOMXML_BYTES_MAX	(8u << 20)

struct domxml;

/* A domain's XML, or its status file; domxml_close() it. HO_ELIBVIRT: not XML, too
 * large, or with a DTD; HO_ENOMEM. */
int domxml_open(struct domxml **out, const char *text, uint64_t bytes,
		struct diag_log *diag);
/* NULL is fine. */
void domxml_close(struct domxml *d);

/* The domain's name, to be freed; NULL: it has none. */
char *domxml_name(const struct domxml *d);
/* True when this program is its one emulator. */
bool domxml_has_emulator(const struct domxml *d, const char *program);
/* False: it has none, or no good one. */
bool domxml_uuid(const struct domxml *d, uint8_t uuid[HO_ID_BYTES]);
/* True when the guest sees a new generation id in each restore. */
bool domxml_has_genid(const struct domxml *d);

/* Every reason in it why the domain cannot go; `name` is for the text.
 * HO_EGUESTDEV, HO_EGUESTBUSY, HO_ELIBVIRTRAM, HO_ELIBVIRT. */
int domxml_check(const struct domxml *d, const char *name,
		 struct diag_log *diag);

/* The same with another program as its emulator, to be freed. NULL: HO_EGUESTCONF
 * when it does not have one emulator, HO_ENOMEM. */
char *domxml_with_emulator(struct domxml *d, const char *program,
			   struct diag_log *diag);

/* Its memory, in bytes; 0: it does not say. */
uint64_t domxml_memory(const struct domxml *d);
/* True when its memory is shared, in huge pages, and of no source but a file. */
bool domxml_is_keepable(const struct domxml *d);
/* The same domain with such memory, to be freed; `d` is changed, too. NULL:
 * HO_ELIBVIRT, it is no domain; HO_ENOMEM. */
char *domxml_keepable(struct domxml *d, struct diag_log *diag);

/* Of a status file: QEMU's process; 0: not there. */
pid_t domxml_pid(const struct domxml *d);
/* Of a status file: libvirt's long job (a migration, a save, a backup), in its words,
 * to be freed; NULL: none is under way. */
char *domxml_job(const struct domxml *d);
/* Of a status file: the cookie of a save image, with the CPU that libvirt gave the
 * guest at its start; to be freed. NULL: HO_ENOMEM. */
char *domxml_cookie(const struct domxml *d, struct diag_log *diag);

#endif /* LOADER_DOMXML_H */
