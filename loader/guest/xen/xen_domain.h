/* SPDX-License-Identifier: MIT */
/*
 * xen_domain.h - guests of the Xen this dom0 controls: which, may they be handed
 * over, and which machine frames are theirs.
 */
#ifndef LOADER_XEN_DOMAIN_H
#define LOADER_XEN_DOMAIN_H

#include "guest.h"
#include "xen.h"
#include "handover/stream.h"

#define XEN_DOMAINS_MAX	1024

struct xen_domain {
	char name[HO_NAME_BYTES];
	uint32_t domid;
	uint8_t uuid[HO_ID_BYTES];
	bool hvm;			/* a translated guest: HVM or PVH */
	bool paused;
	bool suspended;			/* by itself; xl save -p then pauses it */
	uint64_t cpu_time;		/* ns it has run */
	uint64_t tot_pages;
	uint64_t shared_info;		/* mfn */
};

/* A domain by name or domid. HO_EXENDOMAIN when it is not there, is dom0, is
 * paused, dying or crashed, has a device passed through, or has memory that is not
 * simply its own (xen_domain_hvm()); HO_EXENBALLOON while its size changes. */
int xen_domain_find(struct xen *x, const char *name, struct xen_domain *out,
		    struct diag_log *diag);
/* All but dom0 and those to be left; each that is refused, as above, is recorded
 * and left out.
 * HO_EXENDOMAIN also for more than
 * XEN_DOMAINS_MAX, HO_EXENBALLOON. */
int xen_domain_all(struct xen *x, const struct guest_wanted *wanted,
		   struct xen_domain *out, int *count, struct diag_log *diag);
/* Domid, uuid and state of all but dom0 and those that are ending; `out` is zero
 * before, with room for XEN_DOMAINS_MAX. HO_EXENDOMAIN: more; codes of
 * xen_refused(). */
int xen_domain_running(struct xen *x, struct xen_domain *out, int *count,
		       struct diag_log *diag);
/* Is it to be left? Its name is asked for that: a program of xl's. */
bool xen_domain_is_left(struct xen_domain *d,
			const struct guest_wanted *wanted);
/* The same again, as it is now. HO_EXENDOMAIN: it is gone; codes of
 * xen_refused(). */
int xen_domain_refresh(struct xen *x, struct xen_domain *d,
		       struct diag_log *diag);

/* What was collected must not have run since: HO_EXENRAN. A guest that is not
 * there (it was kept by an earlier update) has not; *there says so. */
int xen_domain_has_stayed(struct xen *x, const char *name,
			  const uint8_t uuid[HO_ID_BYTES], uint64_t cpu_time,
			  bool *there, struct diag_log *diag);

/* The domain of this uuid, if there is one: *there. Codes of xen_refused(). */
int xen_domain_by_uuid(struct xen *x, const uint8_t uuid[HO_ID_BYTES],
		       struct xen_domain *out, bool *there,
		       struct diag_log *diag);

/* The undo of a suspension by xl save -p: the guest runs on. False: xl
 * fails, or is not done within so many seconds. */
bool xen_domain_unpause(const struct xen_domain *d, int seconds);

/*
 * p2m of a suspended PV guest: *out has the mfn of each pfn below *count, ~0
 * for none; free() it. Read by way of pfn_to_mfn_frame_list_list and, where
 * the guest has one, by way of its linear p2m; both must name the same frames.
 * HO_EXENP2M.
 */
int xen_domain_p2m(struct xen *x, const struct xen_domain *d, uint64_t **out,
		   uint64_t *count, struct diag_log *diag);

/* Why a translated guest cannot be handed over: memory that is populated on
 * demand, paged out or shared, altp2m, a nested hypervisor, a device model in a
 * domain of its own, or a dom0 that sees no machine frames. NULL: it can. */
const char *xen_domain_hvm(struct xen *x, const struct xen_domain *d,
			   const xc_domaininfo_t *info);

/*
 * The machine frames of a suspended translated guest, out[gfn], for each gfn below
 * `count` whose type is one of memory; the others are left as they are. Xen's
 * machine to physical table must say the same. HO_EXENGRANTS: Xen does not tell
 * one; HO_EXENP2M, HO_EIO, HO_ENOMEM.
 */
int xen_domain_gmap(struct xen *x, const struct xen_domain *d,
		    const uint8_t *types, uint64_t count, uint64_t *out,
		    struct diag_log *diag);

#endif /* LOADER_XEN_DOMAIN_H */
