/* SPDX-License-Identifier: MIT */
/*
 * kept.h - the domains of an LU stream that may be damaged: each is believed
 * as far as the digest of its own records goes. For the instance that a
 * failed update fell back to.
 */
#ifndef LOADER_KEPT_H
#define LOADER_KEPT_H

#include "stream.h"
#include "handover/frametable.h"

struct kept_domain {
	struct ho_domain domain;	/* as the stub would have made it */
	bool intact;			/* its records are as written */
};

struct kept_list {
	struct kept_domain *domains;
	uint32_t count;
	bool complete;			/* the walk reached the end, and every
					 * domain is intact */
};

/* `trusted`: the whole stream has a digest that was right. HO_ENOMEM; damage
 * is no error. */
int kept_read(struct kept_list *list, const uint8_t *stream, uint64_t bytes,
	      bool trusted, struct diag_log *diag);
/* Free the list of kept_read(). */
void kept_free(struct kept_list *list);

/* One extent after the other, in the stream's order. */
struct kept_extent {
	uint32_t domid;
	uint32_t type;
	struct range place;		/* bytes */
	uint64_t gfn;
};

struct kept_walk {
	struct stream stream;
	uint64_t only;			/* offset of a DOMAIN record, or ~0 */
	bool inside;
	struct frames frames;
	uint32_t next;
};

/* Of the domain whose DOMAIN record is at `only`, or ~0: of all. Codes of
 * stream_open(). */
int kept_walk_begin(struct kept_walk *w, const uint8_t *stream,
		    uint64_t bytes, uint64_t only, struct diag_log *diag);
/* 1 and *out, 0 at the end, or the framing's error. Codes of stream_next()
 * and record_frames(). */
int kept_walk_next(struct kept_walk *w, struct kept_extent *out,
		   struct diag_log *diag);

/*
 * Give each STATE record of the domain whose DOMAIN record is at `from` to a
 * function: kind, and what follows the head. The framing's errors, and the
 * function's, which ends it.
 */
typedef int (*kept_state_fn)(void *context, const char *kind,
			     struct span *body, struct diag_log *diag);
/* Returns 0, or the first error of the framing or of `give`. Codes of
 * stream_open(), stream_next() and record_state(). */
int kept_states(const uint8_t *stream, uint64_t bytes, uint64_t from,
		kept_state_fn give, void *context, struct diag_log *diag);

#endif /* LOADER_KEPT_H */
