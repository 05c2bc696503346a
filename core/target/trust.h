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
 * when there is none that is sane, or more than one. */
uint64_t trust_find(const void *image, uint64_t bytes);

/*
 * May `target` be started? Its digests are those of the bytes at `image` and
 * `modules`, which the caller has compared; where they are no SHA-256 this is
 * taken here. Returns 0, always so without a key. HO_ENOTRUST, HO_ESIGNATURE
 * (also for a slot that is not sane), HO_EMANIFEST with the line's number,
 * HO_EOLDMANIFEST.
 */
int trust_check(const struct ho_trust *key, const struct blob_trust *trust,
		const struct blob_target *target, const void *image,
		const void *const modules[HO_TARGET_MODULES_MAX],
		struct diag_log *diag);

/* A manifest's own checks, without a signature: HO_EMANIFEST. *security becomes
 * its security-version. */
int trust_check_manifest(const void *manifest, uint32_t bytes,
			 uint32_t *security, struct diag_log *diag);

/* The word of a manifest for a kind; "" for TARGET_NONE. */
const char *trust_kind(enum target_kind kind);

#endif /* CORE_TRUST_H */
