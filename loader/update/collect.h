/* SPDX-License-Identifier: MIT */
/*
 * collect.h - from live processes and QEMU guests (and from what an earlier
 * handover kept) to an LU stream.
 */
#ifndef LOADER_COLLECT_H
#define LOADER_COLLECT_H

#include "handover.h"
#include "process.h"
#include "qemu.h"
#include "xen_domain.h"

#define COLLECT_DOMAINS_MAX	1024
#define COLLECT_ITEMS_MAX	64	/* ranges, maps, states of a domain */

struct collect_state {
	const char *name;
	const char *path;
};

/* One domain to collect: options between one --pid or --qemu and the next. */
struct collect_domain {
	pid_t pid;
	const char *monitor;		/* a QEMU guest: its QMP socket */
	struct qemu *guest;		/* while it is worked on (guests.h) */
	const char *name;
	int64_t domid;			/* -1: the lowest free one */
	bool was_stopped;		/* before upgrade paused it */
	int range_count, map_count, state_count;
	struct vrange ranges[COLLECT_ITEMS_MAX];
	const char *maps[COLLECT_ITEMS_MAX];
	struct collect_state states[COLLECT_ITEMS_MAX];
};

struct collect {
	int domain_count;
	struct collect_domain *domains;	/* [COLLECT_DOMAINS_MAX] */
	int xen_count;			/* guests of Xen: --xen, --xen-all */
	const char *xen[XEN_DOMAINS_MAX];
	bool xen_all;
	int xen_domain_count;		/* the same, found by collect_find() */
	struct xen_domain *xen_domains;	/* [XEN_DOMAINS_MAX] */
	bool guests;			/* any of them a QEMU guest */
	bool kept;			/* carry on what is not released */
	bool wipe_state;		/* state files are used up */
};

/* An option of collect (also of upgrade): 0, or -HO_EUSAGE. */
int collect_option(struct collect *c, int option, const char *value,
		   struct diag_log *diag);

/*
 * All that can be known to be wrong with a call before anything is touched: names
 * and domids (also against what `h`, which may be NULL, keeps and is carried on),
 * what is to be collected, state files. HO_EUSAGE, HO_EDOMDUP, HO_EFILE,
 * HO_EXENPROCESS.
 */
int collect_check(const struct collect *c, const struct handover *h,
		  struct diag_log *diag);

/* One more range or state; the texts are the caller's and must live. HO_EUSAGE:
 * COLLECT_ITEMS_MAX are there. */
int collect_add_range(struct collect_domain *d, struct vrange r,
		      struct diag_log *diag);
int collect_add_state(struct collect_domain *d, const char *name,
		      const char *path, struct diag_log *diag);

/* Find the guests of Xen that were asked for; none was changed yet. Codes of
 * xen_open() and xen_domain_find(). */
int collect_find(struct collect *c, struct diag_log *diag);
/* The undo: guests of Xen run on. */
void collect_resume(const struct collect *c);
void collect_free(struct collect *c);

/*
 * Write the stream. `h` may be NULL when there was no handover. The frames
 * of each range are read twice; HO_EMIGRATED when they differ. Codes of
 * process_extents(), collect_xen(), HO_ENOMAP, HO_EFILE, HO_EDOMDUP (names,
 * domids). Guests of Xen are suspended by it, after processes were read; on
 * failure they run on.
 */
int collect_run(const struct collect *c, const struct handover *h,
		const char *path, struct diag_log *diag);

/* With wipe_state: overwrite the state files with zeroes and remove them. The
 * caller says when they are no longer needed. HO_EFILE. */
int collect_wipe(const struct collect *c, struct diag_log *diag);

/* The getopt_long options, for collect and upgrade. */
#define COLLECT_OPTIONS \
	{ "pid", required_argument, NULL, 'p' }, \
	{ "qemu", required_argument, NULL, 'q' }, \
	{ "range", required_argument, NULL, 'r' }, \
	{ "map", required_argument, NULL, 'm' }, \
	{ "name", required_argument, NULL, 'n' }, \
	{ "domid", required_argument, NULL, 'd' }, \
	{ "state", required_argument, NULL, 's' }, \
	{ "xen", required_argument, NULL, 'g' }, \
	{ "xen-all", no_argument, NULL, 'G' }, \
	{ "wipe-state", no_argument, NULL, 'w' }, \
	{ "kept", no_argument, NULL, 'k' }, \
	{ "no-kept", no_argument, NULL, 'K' }

#endif /* LOADER_COLLECT_H */
