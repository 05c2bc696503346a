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

/* Its device, while this instance runs, of the domain table alone. A guest's has a
 * dot in its name. */
#define WINDOW_DEVICE	"baton-domains"

/*
 * The domain table at `at`, of `count`, of which the window has shown `from`. What is
 * done with the domains there (ho_domain.flags) is written to the region itself, so
 * that whatever kernel comes next sees it: a fallback after a panic, too. Returns the
 * table to use, for window_forget(); `from` itself where it is not `writable`.
 * An earlier Baton has noted it in WINDOW_DOMAINS; that is taken over, and asked as
 * long as it is there. NULL, recorded: HO_EGUESTMEM: baton_mem does not give it;
 * HO_EIO, HO_EOWNER; HO_EFILE: also where the note is of another table.
 */
struct ho_domain *window_domains(struct ho_domain *from, uint64_t at,
				 uint32_t count, bool writable,
				 struct diag_log *diag);
/* Unmap it; what is written stays. */
void window_forget(struct ho_domain *domains, uint32_t count);

#endif /* LOADER_WINDOW_H */
