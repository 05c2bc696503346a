// SPDX-License-Identifier: MIT
/*
 * trust.c - see trust.h.
 */
#include "trust.h"

#include <string.h>

#include "span.h"

bool trust_is_sane(const struct ho_trust *t)
{
	uint32_t used = t->modulus_bytes;

	if (t->magic != HO_TRUST_MAGIC || t->version != HO_TRUST_VERSION ||
	    t->bytes != sizeof(*t) || used > sizeof(t->modulus) ||
	    !bytes_are_zero(t->modulus + used, sizeof(t->modulus) - used) ||
	    !bytes_are_zero(t->reserved, sizeof(t->reserved)))
		return false;
	if (t->alg == HO_TRUST_NONE)
		return !used && !t->exponent && !t->least;
	return t->alg == HO_TRUST_RSA_SHA256 && used >= HO_TRUST_MODULUS_MIN &&
	       t->modulus[0] & 0x80 && t->modulus[used - 1] & 1 &&
	       t->exponent > 2 && t->exponent & 1;
}

uint64_t trust_find(const void *image, uint64_t bytes)
{
	static const uint64_t magic = HO_TRUST_MAGIC;
	uint64_t at, found = 0;
	struct ho_trust slot;

	for (at = HO_TRUST_ALIGN_BYTES; at + sizeof(slot) <= bytes;
	     at += HO_TRUST_ALIGN_BYTES) {
		const uint8_t *p = (const uint8_t *)image + at;

		if (memcmp(p, &magic, sizeof(magic)))
			continue;
		/* code that compares with the magic has it, too */
		memcpy(&slot, p, sizeof(slot));
		if (!trust_is_sane(&slot))
			continue;
		if (found)
			return 0;
		found = at;
	}
	return found;
}
