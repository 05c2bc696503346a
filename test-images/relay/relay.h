/* SPDX-License-Identifier: MIT */
/*
 * relay.h - the domains of the relay between two of its updates: read from
 * the stream it was given, changed, and written as the next one.
 */
#ifndef TEST_IMAGES_RELAY_H
#define TEST_IMAGES_RELAY_H

#include "checks.h"

#define DOMAINS_MAX	24
#define EXTENTS_MAX	64		/* of a domain */

struct relay_domain {
	struct ho_rec_domain head;	/* its uuid salts what is in its
					 * frames */
	uint32_t extent_count;
	uint64_t words[EXTENTS_MAX];	/* frame words */
};

struct domains {
	uint32_t count;
	struct relay_domain of[DOMAINS_MAX];
	uint64_t random;		/* state of the generator, not 0 */
	/* what may not be given to a domain although the map says RAM */
	uint32_t taken_count;
	struct range taken[2 + HO_TARGET_MODULES_MAX];
};

/* Content of a frame as domains_change() left it, or a holder's. */
void domains_check_frame(const struct ho_rec_domain *domain, uint64_t mfn);

/* From the stream; its states are compared. */
void domains_read(struct domains *d);

/*
 * The days between two updates: some domains end, lose frames, move to other
 * frames, new ones come; each new frame is filled. `all_new`: so many new
 * ones, and nothing else.
 */
void domains_change(struct domains *d, uint32_t all_new);

/* The LU stream of them, to out[capacity]; its length. */
uint64_t domains_write(const struct domains *d, uint8_t *out,
		       uint64_t capacity);

#endif /* TEST_IMAGES_RELAY_H */
