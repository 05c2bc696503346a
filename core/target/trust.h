/* SPDX-License-Identifier: MIT */
/*
 * trust.h - the key inside a stub's image, and what it lets start. Shapes and the
 * grammar of a manifest: handover/trust.h.
 */
#ifndef CORE_TRUST_H
#define CORE_TRUST_H

#include "blob.h"

/* True for a slot as it is built or as `baton sign` fills it: sizes, a modulus
 * that has its highest bit and is odd, an odd exponent, zero where it is
 * unused. */
bool trust_is_sane(const struct ho_trust *t);

/* The one slot of an image (stub.bin, baton.bzImage, baton.elf): its offset, 0
 * when there is none, or more than one, or one that is not sane. */
uint64_t trust_find(const void *image, uint64_t bytes);

#endif /* CORE_TRUST_H */
