/* SPDX-License-Identifier: MIT */
/*
 * owners.h - who has which part of the machine's memory, as a picture needs
 * it: spans that are added in any order, and settled once.
 */
#ifndef LOADER_OWNERS_H
#define LOADER_OWNERS_H

#include "diag.h"
#include "types.h"

/* Where two overlap, the later one of this list has the memory. */
enum owner_kind {
	OWNER_NONE,			/* no memory, or not Baton's to say */
	OWNER_FREE,			/* RAM of the running kernel */
	OWNER_KERNEL,			/* its code and data */
	OWNER_LEFT,			/* not plugged: nobody uses it */
	OWNER_REGION,
	OWNER_GUEST,
	OWNER_KINDS,
};

struct owner_span {
	struct range place;
	enum owner_kind kind;
	uint32_t guest;			/* index into owners.guests */
};

struct owner_guest {
	uint32_t domid;
	char name[64];
	uint64_t bytes;			/* owners_settle() sums up */
};

struct owners {
	struct owner_span *spans;	/* settled: sorted, separate */
	size_t count, capacity;
	struct owner_guest *guests;
	uint32_t guest_count, guest_capacity;
	uint64_t bytes[OWNER_KINDS];
};

/* A guest of this name (cut off when longer); its index, or -HO_ENOMEM. A
 * domid that is there already keeps its index and its name. */
int owners_guest(struct owners *o, uint32_t domid, const char *name,
		 struct diag_log *diag);
/* One span; an empty one is left out. `guest`: for OWNER_GUEST. HO_ENOMEM. */
int owners_add(struct owners *o, struct range place, enum owner_kind kind,
	       uint32_t guest, struct diag_log *diag);
/* Decide who has what where spans overlap, merge neighbours of one owner, and
 * sum up. To be called once, after the last owners_add(). HO_ENOMEM. */
int owners_settle(struct owners *o, struct diag_log *diag);
/* Free what it holds; `o` itself is the caller's. */
void owners_free(struct owners *o);

#endif /* LOADER_OWNERS_H */
