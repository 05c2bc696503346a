// SPDX-License-Identifier: MIT
/*
 * digest.c - SHA-256 of OpenSSL's libcrypto, XXH64 of the xxHash library, and
 * the checksums built on it.
 */
#include "digest.h"

/* The plain functions need no context of the library's, and so no libc: the
 * stub links them from libcrypto.a. EVP, which 3.0 prefers, does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "handover/errors.h"
#include "span.h"

_Static_assert(sizeof(struct digest_stream) >= sizeof(XXH64_state_t),
	       "struct digest_stream holds the library's state");
_Static_assert(HO_DIGEST_BYTES == SHA256_DIGEST_LENGTH,
	       "a digest field holds SHA-256");

uint64_t digest_xxh64(const void *bytes, uint64_t length)
{
	return XXH64(bytes, length, 0);
}

static void write_digest(uint64_t hash, uint8_t out[HO_DIGEST_BYTES])
{
	XXH64_canonical_t canonical;

	XXH64_canonicalFromHash(&canonical, hash);
	memset(out, 0, HO_DIGEST_BYTES);
	memcpy(out, &canonical, sizeof(canonical));
}

int digest_of(uint32_t alg, const void *bytes, uint64_t length,
	      uint8_t out[HO_DIGEST_BYTES])
{
	SHA256_CTX sha;

	switch (alg) {
	case HO_DIGEST_XXH64:
		write_digest(digest_xxh64(bytes, length), out);
		return 0;
	case HO_DIGEST_SHA256:
		SHA256_Init(&sha);
		SHA256_Update(&sha, bytes, length);
		SHA256_Final(out, &sha);
		return 0;
	}
	return -HO_EVALUE;
}

bool digest_field_is_sane(uint32_t alg,
			  const uint8_t digest[HO_DIGEST_BYTES])
{
	uint32_t used = alg == HO_DIGEST_NONE ? 0
		      : alg == HO_DIGEST_XXH64 ? sizeof(XXH64_canonical_t)
		      : HO_DIGEST_BYTES;

	return bytes_are_zero(digest + used, HO_DIGEST_BYTES - used);
}

int digest_check(uint32_t alg, const uint8_t expected[HO_DIGEST_BYTES],
		 const void *bytes, uint64_t length)
{
	uint8_t have[HO_DIGEST_BYTES];
	int rc;

	if (alg == HO_DIGEST_NONE)
		return digest_field_is_sane(alg, expected) ? 0 : -HO_ERESERVED;
	rc = digest_of(alg, bytes, length, have);
	if (rc)
		return rc;
	return memcmp(have, expected, HO_DIGEST_BYTES) ? -HO_EDIGEST : 0;
}

void digest_begin(struct digest_stream *d)
{
	XXH64_reset((XXH64_state_t *)d->opaque, 0);
}

void digest_update(struct digest_stream *d, const void *bytes,
		   uint64_t length)
{
	XXH64_update((XXH64_state_t *)d->opaque, bytes, length);
}

void digest_end(struct digest_stream *d, uint8_t out[HO_DIGEST_BYTES])
{
	write_digest(XXH64_digest((XXH64_state_t *)d->opaque), out);
}

static uint64_t entry_checksum(const struct ho_entry *entry)
{
	struct ho_entry copy = *entry;

	copy.checksum = 0;
	return digest_xxh64(&copy, sizeof(copy));
}

void entry_seal(struct ho_entry *entry)
{
	entry->checksum = entry_checksum(entry);
}

void entry_seal_for(struct ho_entry *entry, uint32_t stub_version)
{
	entry->version = stub_version > 1 ? HO_ABI_VERSION : 1;
	entry->compat = stub_version > 1 ? HO_ENTRY_COMPAT : 0;
	entry_seal(entry);
}

/* What a newer writer has put where this one has zeroes may be ignored: its
 * oldest reader says so. */
static bool spare_is_good(uint32_t version, const uint8_t *spare,
			  size_t bytes)
{
	return version > HO_ABI_VERSION || bytes_are_zero(spare, bytes);
}

bool entry_check(const struct ho_entry *entry)
{
	/* version 1 has no second number: it must be 0, and means 1 */
	uint32_t compat = entry->version == 1 ? !entry->compat
					      : entry->compat;

	return entry->magic == HO_ENTRY_MAGIC && compat &&
	       HO_MAY_READ(entry->version, compat) &&
	       entry->bytes == sizeof(*entry) &&
	       spare_is_good(entry->version, entry->reserved,
			     sizeof(entry->reserved)) &&
	       entry->checksum == entry_checksum(entry);
}

bool entry_is_newer(const struct ho_entry *entry)
{
	return entry->magic == HO_ENTRY_MAGIC &&
	       entry->compat > HO_ABI_VERSION &&
	       entry->compat <= entry->version &&
	       (entry->bytes > sizeof(*entry) ||
		entry->checksum == entry_checksum(entry));
}

static uint64_t breadcrumb_checksum(const struct ho_breadcrumb *crumb)
{
	struct ho_breadcrumb copy = *crumb;

	copy.checksum = 0;
	return digest_xxh64(&copy, sizeof(copy));
}

void breadcrumb_seal(struct ho_breadcrumb *crumb)
{
	crumb->checksum = breadcrumb_checksum(crumb);
}

uint32_t breadcrumb_version(const struct ho_breadcrumb *crumb)
{
	return crumb->version ? crumb->version : 1;
}

bool breadcrumb_check(const struct ho_breadcrumb *crumb)
{
	uint32_t version = breadcrumb_version(crumb);

	return crumb->magic == HO_BREADCRUMB_MAGIC && crumb->compat &&
	       HO_MAY_READ(version, crumb->compat) &&
	       crumb->bytes == sizeof(*crumb) &&
	       crumb->where[HO_WHERE_BYTES - 1] == '\0' &&
	       (version > HO_ABI_VERSION || !crumb->reserved0) &&
	       spare_is_good(version, crumb->reserved,
			     sizeof(crumb->reserved)) &&
	       crumb->checksum == breadcrumb_checksum(crumb);
}

bool breadcrumb_is_newer(const struct ho_breadcrumb *crumb)
{
	return crumb->magic == HO_BREADCRUMB_MAGIC &&
	       crumb->compat > HO_ABI_VERSION &&
	       crumb->compat <= crumb->version &&
	       (crumb->bytes > sizeof(*crumb) ||
		crumb->checksum == breadcrumb_checksum(crumb));
}
