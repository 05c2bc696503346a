/* SPDX-License-Identifier: MIT */
/*
 * libvirt_adopt.h - a kept guest of libvirt goes on in the new instance: its memory
 * as files in the same frames, and libvirt's own restore of a save image that has
 * the rest of it.
 */
#ifndef LOADER_LIBVIRT_ADOPT_H
#define LOADER_LIBVIRT_ADOPT_H

#include "guest.h"

/* True when the domain is not released and has a libvirt guest's
 * configuration. */
bool libvirt_adopt_is_kept(const struct handover *h,
			   const struct ho_domain *d);

/*
 * Until libvirt has it, running or paused as it was: then d is HO_DOM_RELEASED. On
 * failure before that libvirt has forgotten it again, and memory and state are as
 * they were. HO_EGUESTCONF, HO_EGUESTMEM, HO_EGUESTQEMU, HO_ELIBVIRT,
 * HO_ELIBVIRTSETUP, HO_EADOPT: libvirt's own words.
 */
int libvirt_adopt(const struct handover *h, struct ho_domain *d,
		  const struct guest_adopt *how, struct diag_log *diag);

#endif /* LOADER_LIBVIRT_ADOPT_H */
