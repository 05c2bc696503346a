/* SPDX-License-Identifier: MIT */
/*
 * window.h - physical memory that this kernel does not use itself: /dev/mem, or
 * where that is closed (lockdown) or missing the read-only window of baton_mem
 * (module/baton_mem.h). Offsets are physical addresses.
 */
#ifndef LOADER_WINDOW_H
#define LOADER_WINDOW_H

#include "diag.h"
#include "handover/frametable.h"

#define WINDOW_MEMORY	"/dev/mem"

/* A descriptor to map; *window: it is baton_mem's, and for reading alone. `path` is
 * WINDOW_MEMORY, or a file in its place, which has no window. HO_EPERM, HO_EIO. */
int window_open(const char *path, bool writable, bool *window,
		struct diag_log *diag);

/*
 * The domain table of an instance whose region cannot be written: what is done
 * with the domains there (ho_domain.flags) is noted in WINDOW_DOMAINS, which ends
 * with the boot as the region's own does. Returns the table to use, mapped, for
 * window_forget(); `from` itself where nothing is noted, and it is not `writable`.
 * NULL, recorded: HO_EIO, HO_EFILE, HO_EOWNER; HO_EBREADCRUMB: the note is of
 * another table.
 */
struct ho_domain *window_domains(struct ho_domain *from, uint32_t count,
				 bool writable, struct diag_log *diag);
/* Unmap it; what is noted stays. */
void window_forget(struct ho_domain *domains, uint32_t count);

#endif /* LOADER_WINDOW_H */
