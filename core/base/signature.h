/* SPDX-License-Identifier: MIT */
/*
 * signature.h - is a signature one of this key? RSASSA-PKCS1-v1_5 with SHA-256
 * (RFC 8017, section 8.2), by BearSSL: its functions allocate nothing, need no
 * C library, and are 8 KiB in the stub.
 */
#ifndef CORE_SIGNATURE_H
#define CORE_SIGNATURE_H

#include "types.h"
#include "handover/trust.h"

/* True when `signature` of `signature_bytes` bytes is one of `key`, which is sane
 * and has one, over the `length` bytes. */
bool signature_is_good(const struct ho_trust *key, const void *bytes,
		       uint64_t length, const uint8_t *signature,
		       uint32_t signature_bytes);

#endif /* CORE_SIGNATURE_H */
