/* SPDX-License-Identifier: MIT */
/*
 * libvirt.h - a domain of libvirt in the old instance: looked at, saved through
 * libvirt's own monitor, and let run by libvirt itself when anything fails. libvirt
 * sees a domain that is paused, and then is not.
 */
#ifndef LOADER_LIBVIRT_H
#define LOADER_LIBVIRT_H

#include "libvirt_conf.h"
#include "qemu.h"

struct libvirt {
	char uuid[40];			/* of every question */
	char *name;			/* libvirt's */
	char label[HO_NAME_BYTES];	/* its name, or its UUID, as the stream
					 * has it */
	uint8_t id[HO_ID_BYTES];
	char *xml;			/* as it was saved; NULL: not yet */
	struct qemu qemu;		/* its conf: see libvirt_conf.h */
	int plain_fd;			/* the state for the next libvirt, or -1 */
	char plain_path[32];
};

/* The domain of this UUID, which is active: who it is. HO_ELIBVIRT, HO_ENOMEM. */
int libvirt_open(struct libvirt *v, const char *uuid, struct diag_log *diag);
/* QEMU's process, by libvirt's status file and that process's command line.
 * HO_ELIBVIRT, HO_EPROCESS. */
int libvirt_runner(const struct libvirt *v, pid_t *pid,
		   struct diag_log *diag);
/* Forget it; it stays as it is. */
void libvirt_close(struct libvirt *v);

/* Every reason why it cannot go. HO_ELIBVIRT, HO_ELIBVIRTRAM, HO_EGUESTDEV,
 * HO_EPROCESS, and the codes of qemu_open_managed(). */
int libvirt_examine(struct libvirt *v, struct diag_log *diag);

/* What would be kept of it beside memory and device state, as JSON, to be freed. It
 * runs. NULL: HO_ELIBVIRT, HO_ENOMEM. */
char *libvirt_conf_now(const struct libvirt *v, struct diag_log *diag);

/* Pause and begin to save; then wait, and make what is kept of it. HO_ELIBVIRT,
 * HO_EGUESTBUSY, HO_EGUESTSAVE, HO_EQMP. */
int libvirt_save_begin(struct libvirt *v, struct diag_log *diag);
/* The same codes, and those of qemu_check_memory(); `seconds` for QEMU. Nothing that
 * was set for it is left in QEMU: who resumes the domain may save it. */
int libvirt_save_end(struct libvirt *v, int seconds, struct diag_log *diag);

/* Returns 0 when it stands as it was saved, with the XML `xml`. HO_EGUESTBUSY,
 * HO_ELIBVIRT, HO_EQMP. */
int libvirt_still_saved(struct libvirt *v, const char *xml,
			struct diag_log *diag);
/* What was done to QEMU is undone, and libvirt lets it run, if it did: tried until
 * it is, or so many seconds are over. HO_ELIBVIRT, HO_EQMP. */
int libvirt_resume(struct libvirt *v, int seconds, struct diag_log *diag);

#endif /* LOADER_LIBVIRT_H */
