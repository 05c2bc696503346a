/* SPDX-License-Identifier: MIT */
/*
 * collect.h - from live guests (and from what an earlier handover kept) to an
 * LU stream.
 */
#ifndef LOADER_COLLECT_H
#define LOADER_COLLECT_H

#include "guest.h"
#include "timeline.h"

#define COLLECT_DOMAINS_MAX	4096
#define COLLECT_NAMES_MAX	1024
#define COLLECT_LEAVE_MAX	64

/* Guests that are found by their kind: --xen, --xen-all. */
struct collect_names {
	const struct guest_kind *kind;
	const char *name;		/* NULL: all of the kind */
};

struct collect {
	const struct guest_kind *const *kinds;	/* NULL: guest_kinds[] */
	int domain_count;
	struct guest *domains;		/* [COLLECT_DOMAINS_MAX] */
	int name_count;
	struct collect_names names[COLLECT_NAMES_MAX];
	bool everybody;			/* nobody was named: all of every kind */
	struct guest_trial trial;	/* of all domains */
	int leave_count;		/* whom finding all does not find */
	const char *leave[COLLECT_LEAVE_MAX];
	bool kept;			/* carry on what is not released */
	bool wipe_state;		/* state files are used up */
	const char *command;		/* in the ledger; NULL: nothing of it is
					 * written there */
	bool noted;			/* they are there */
	struct timeline_saved *pause;	/* of an upgrade; NULL: nobody asks */
	struct collect_stream *stream;	/* while it is written */
};

/*
 * Options that take a value, which must live. 0, or -HO_EUSAGE with the
 * option's name. --pid and --qemu begin a domain; --name, --map, --range,
 * --state and --domid are of the last one that was begun, and refused before
 * the first.
 */
/* --pid PID. HO_EUSAGE: no PID, too many; HO_ENOMEM. */
int collect_option_pid(struct collect *c, const char *value,
		       struct diag_log *diag);
/* --qemu SOCKET. HO_EUSAGE: too many; HO_ENOMEM. */
int collect_option_qemu(struct collect *c, const char *value,
			struct diag_log *diag);
/* --xen NAME. HO_EUSAGE: too many. */
int collect_option_xen(struct collect *c, const char *value,
		       struct diag_log *diag);
/* --xen-all. HO_EUSAGE: too many. */
int collect_option_xen_all(struct collect *c, const char *value,
			   struct diag_log *diag);
/* --libvirt NAME. HO_EUSAGE: too many. */
int collect_option_libvirt(struct collect *c, const char *value,
			   struct diag_log *diag);
/* --libvirt-all. HO_EUSAGE: too many. */
int collect_option_libvirt_all(struct collect *c, const char *value,
			       struct diag_log *diag);
/* --leave NAME. HO_EUSAGE: too many. */
int collect_option_leave(struct collect *c, const char *value,
			 struct diag_log *diag);
/* --name NAME. HO_EUSAGE: there is no domain. */
int collect_option_name(struct collect *c, const char *value,
			struct diag_log *diag);
/* --map NAME. HO_EUSAGE: no domain, too many. */
int collect_option_map(struct collect *c, const char *value,
		       struct diag_log *diag);
/* --range START-END. HO_EUSAGE: no domain, no range of whole pages, too
 * many. */
int collect_option_range(struct collect *c, const char *value,
			 struct diag_log *diag);
/* --state KIND=FILE. HO_EUSAGE: no domain, no kind, too many. */
int collect_option_state(struct collect *c, const char *value,
			 struct diag_log *diag);
/* --domid N. HO_EUSAGE: no domain, no number up to 32751. */
int collect_option_domid(struct collect *c, const char *value,
			 struct diag_log *diag);
/* --rehearse none|start|state. HO_EUSAGE: another word. */
int collect_option_rehearse(struct collect *c, const char *value,
			    struct diag_log *diag);

/*
 * All that can be known to be wrong with a call before anything is touched: names
 * and domids (also against what `h`, which may be NULL, keeps and is carried on),
 * what is to be collected, state files. Every reason is recorded; a guest that is
 * refused already is not looked at again. HO_EUSAGE, HO_EDOMDUP, HO_EFILE,
 * HO_EXENPROCESS.
 */
int collect_check(struct collect *c, const struct handover *h,
		  struct diag_log *diag);

/* One more domain of that kind. NULL, recorded: HO_ENOMEM, HO_EUSAGE when
 * COLLECT_DOMAINS_MAX are there. */
struct guest *collect_add(struct collect *c, const struct guest_kind *kind,
			  struct diag_log *diag);

/*
 * Before a guest is paused: begin the stream with what `h` keeps (NULL: there
 * was no handover), and say what each domain is called in it. HO_EFILE,
 * HO_EDIGEST, HO_EDOMID, HO_EDOMDUP (names, domids).
 */
int collect_begin(struct collect *c, const struct handover *h,
		  const char *path, struct diag_log *diag);
/* All are saved: write them. Codes of their kinds, HO_EFILE. */
int collect_end(struct collect *c, struct diag_log *diag);
/*
 * The stream that would be written now, of guests that run: of each that is not
 * refused and whose kind can tell. The same codes as both of them; what is wrong
 * with a guest's frames is recorded of it, and then there is a stream, too.
 */
int collect_preview(const struct collect *c, const struct handover *h,
		    const char *path, struct diag_log *diag);
/* There is to be no stream. No harm when there is none, or it is complete. */
void collect_abandon(struct collect *c);
/* Is there one of this kind (HO_KIND_...)? */
bool collect_has(const struct collect *c, uint32_t record);
/* Free what it holds. The guests stay as they are. */
void collect_free(struct collect *c);

/* With wipe_state: overwrite the state files with zeroes and remove them. The
 * caller says when they are no longer needed. HO_EFILE. */
int collect_wipe(const struct collect *c, struct diag_log *diag);

#endif /* LOADER_COLLECT_H */
