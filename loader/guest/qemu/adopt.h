/* SPDX-License-Identifier: MIT */
/*
 * adopt.h - a kept QEMU guest goes on in the new instance: its memory as a
 * device in the same frames, a QEMU started from its recorded command line,
 * its device state given back.
 */
#ifndef LOADER_ADOPT_H
#define LOADER_ADOPT_H

#include "guest.h"
#include "guestconf.h"

/* The bytes of all STATE records of one name, in a memfd to be closed. -1:
 * there are none (HO_EGUESTCONF, if diag is not NULL). */
int adopt_state_file(const struct handover *h, const struct ho_domain *d,
		     const char *name, struct diag_log *diag);
/* Fill *conf from a QEMU guest's configuration there; guest_conf_free() it in any
 * case. HO_EGUESTCONF, HO_ENOMEM. */
int adopt_read_conf(const struct handover *h, const struct ho_domain *d,
		    struct guest_conf *conf, struct diag_log *diag);
/* One that was adopted: check_runs of struct guest_kind. HO_EADOPT. */
int adopt_check_runs(const struct handover *h, const struct ho_domain *d,
		     struct diag_log *diag);
/* True when the domain is not released and has a STATE of this name. */
bool adopt_has_state(const struct handover *h, const struct ho_domain *d,
		     const char *name);
/* True when the domain is not released and has a QEMU guest's configuration. */
bool adopt_is_guest(const struct handover *h, const struct ho_domain *d);

/*
 * Until it runs (or is paused, as it was): then d is HO_DOM_RELEASED, its
 * frames are its QEMU's and the next update collects it from there. On
 * failure before that its QEMU is gone again, memory and state are as they
 * were. HO_EGUESTCONF, HO_EGUESTARGS,
 * HO_EGUESTMEM, HO_EGUESTQEMU, HO_EADOPT (early: also what it needs that is not
 * there yet), HO_EQMP.
 */
int adopt_run(const struct handover *h, struct ho_domain *d,
	      const struct guest_adopt *how, struct diag_log *diag);

#endif /* LOADER_ADOPT_H */
