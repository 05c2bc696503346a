/* SPDX-License-Identifier: MIT */
/*
 * digest.h - digests and checksums of the contract; handover/base.h says what
 * each algorithm is for and how it is written.
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include "types.h"
#include "handover/breadcrumb.h"
#include "handover/entry.h"

/* XXH64 with seed 0. */
uint64_t digest_xxh64(const void *bytes, uint64_t length);

/* Fill out[HO_DIGEST_BYTES] with the digest of the bytes by `alg`
 * (HO_DIGEST_XXH64, HO_DIGEST_SHA256). Returns 0, or -HO_EVALUE for an unknown algorithm. */
int digest_of(uint32_t alg, const void *bytes, uint64_t length,
	      uint8_t out[HO_DIGEST_BYTES]);

/* True when the bytes that `alg` does not use are zero (README rule 4); an
 * unknown algorithm uses all. */
bool digest_field_is_sane(uint32_t alg,
			  const uint8_t digest[HO_DIGEST_BYTES]);
/* 0 when they agree, or alg is HO_DIGEST_NONE and the field zero; else
 * -HO_EDIGEST, -HO_ERESERVED for a field that should be zero, or -HO_EVALUE
 * for an unknown algorithm. Records nothing. */
int digest_check(uint32_t alg, const uint8_t expected[HO_DIGEST_BYTES],
		 const void *bytes, uint64_t length);

/* Streaming form of XXH64, for those that never hold all of it. Opaque storage so
 * that no allocation is needed. */
struct digest_stream {
	uint64_t opaque[16];
};
/* Begin: no bytes yet. */
void digest_begin(struct digest_stream *d);
/* Add `length` bytes. The pieces may be of any size: only their order
 * counts. */
void digest_update(struct digest_stream *d, const void *bytes,
		   uint64_t length);
/* The digest of all bytes added, written as digest_of() writes XXH64: 8
 * bytes, the others zero. */
void digest_end(struct digest_stream *d, uint8_t out[HO_DIGEST_BYTES]);

/* Set the checksum, after all other fields. */
void entry_seal(struct ho_entry *entry);
/* The same, with the versions for a stub whose header has this one: a stub of
 * version 1 reads version 1 alone. */
void entry_seal_for(struct ho_entry *entry, uint32_t stub_version);
/* True when magic, versions (README rule 3), size, reserved fields and checksum
 * are right. */
bool entry_check(const struct ho_entry *entry);
/* Why it is not: true when it is whole, and needs a newer reader. */
bool entry_is_newer(const struct ho_entry *entry);

/* Set the checksum, after all other fields. */
void breadcrumb_seal(struct ho_breadcrumb *crumb);
/* True when magic, versions, size, reserved bytes and checksum are right, and the
 * text of `where` ends with NUL. */
bool breadcrumb_check(const struct ho_breadcrumb *crumb);
/* Why it is not: true when it is whole, and needs a newer reader. */
bool breadcrumb_is_newer(const struct ho_breadcrumb *crumb);
/* The writer's version: 1 where there is no number. */
uint32_t breadcrumb_version(const struct ho_breadcrumb *crumb);

#endif /* CORE_DIGEST_H */
