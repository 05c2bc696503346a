// SPDX-License-Identifier: MIT
/*
 * signature.c - see signature.h.
 */
#include "signature.h"

#include <bearssl/bearssl_rsa.h>
#include <string.h>

#include "digest.h"

bool signature_is_good(const struct ho_trust *key, const void *bytes,
		       uint64_t length, const uint8_t *signature,
		       uint32_t signature_bytes)
{
	uint8_t exponent[4] = {
		key->exponent >> 24, key->exponent >> 16, key->exponent >> 8,
		key->exponent,
	};
	uint8_t modulus[HO_TRUST_MODULUS_MAX];
	uint8_t have[HO_DIGEST_BYTES], said[HO_DIGEST_BYTES];
	const br_rsa_public_key rsa = {
		modulus, key->modulus_bytes, exponent, sizeof(exponent),
	};

	if (key->alg != HO_TRUST_RSA_SHA256 ||
	    signature_bytes != key->modulus_bytes ||
	    digest_of(HO_DIGEST_SHA256, bytes, length, have))
		return false;
	memcpy(modulus, key->modulus, sizeof(modulus));
	return br_rsa_i31_pkcs1_vrfy(signature, signature_bytes,
				     BR_HASH_OID_SHA256, sizeof(said), &rsa,
				     said) &&
	       !memcmp(have, said, sizeof(said));
}
