// SPDX-License-Identifier: MIT
/*
 * sign.c - an image gets a key, and is signed; see sign.h. PEM and RSA are
 * libcrypto's, Authenticode is sbsign's.
 */
#include "sign.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "signmanifest.h"
#include "trust.h"
#include "util.h"

static int no_key(struct diag_log *diag, const char *path, const char *why)
{
	return diag_add(diag, HO_EKEY, "%.80s: %s", path, why);
}

/* The two numbers of a public key. */
static int read_numbers(struct ho_trust *t, EVP_PKEY *key, const char *path,
			struct diag_log *diag)
{
	BIGNUM *n = NULL, *e = NULL;
	int rc = 0, bytes;

	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
	    !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) ||
	    !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e))
		rc = no_key(diag, path, "not an RSA key");
	bytes = rc ? 0 : BN_num_bytes(n);
	if (!rc && (bytes < HO_TRUST_MODULUS_MIN ||
		    bytes > HO_TRUST_MODULUS_MAX || BN_num_bits(n) % 8 ||
		    BN_num_bits(e) > 32))
		rc = no_key(diag, path, "not of 2048 to 4096 bits");
	if (!rc) {
		BN_bn2bin(n, t->modulus);
		t->modulus_bytes = bytes;
		t->exponent = BN_get_word(e);
		t->alg = HO_TRUST_RSA_SHA256;
	}
	BN_free(n);
	BN_free(e);
	return rc;
}

static int read_public(struct ho_trust *t, const char *path,
		       struct diag_log *diag)
{
	FILE *f = fopen(path, "r");
	EVP_PKEY *key;
	int rc;

	if (!f)
		return diag_add(diag, HO_EFILE, "%.80s: %s", path,
				strerror(errno));
	key = PEM_read_PUBKEY(f, NULL, NULL, NULL);
	fclose(f);
	if (!key)
		return no_key(diag, path, "no public key (PEM)");
	rc = read_numbers(t, key, path, diag);
	EVP_PKEY_free(key);
	return rc;
}

/* The key of manifests to its slot. */
static int fill_slot(const struct sign *s, uint8_t *image, uint64_t bytes,
		     struct diag_log *diag)
{
	struct ho_trust t = {
		.magic = HO_TRUST_MAGIC, .version = HO_TRUST_VERSION,
		.bytes = sizeof(t), .least = s->least,
	};
	uint64_t at = trust_find(image, bytes);
	int rc;

	if (!at)
		return diag_add(diag, HO_ESIGN,
				"%.80s: not one place for a key in it",
				s->image);
	rc = read_public(&t, s->trust, diag);
	if (!rc && !trust_is_sane(&t))
		rc = no_key(diag, s->trust, "exponent or modulus");
	if (!rc)
		memcpy(image + at, &t, sizeof(t));
	return rc;
}

/* By sbsign, from a file beside the output. */
static int sign_file(const struct sign *s, const uint8_t *image,
		     uint64_t bytes, struct diag_log *diag)
{
	const char *argv[] = {
		"sbsign", "--key", s->key, "--cert", s->cert, "--output", NULL,
		NULL, NULL,
	};
	char *plain, *made;
	int rc = 0;

	if (asprintf(&plain, "%s.unsigned", s->output) < 0)
		return diag_add(diag, HO_ENOMEM, "sign");
	if (asprintf(&made, "%s.signed", s->output) < 0) {
		free(plain);
		return diag_add(diag, HO_ENOMEM, "sign");
	}
	argv[6] = made;
	argv[7] = plain;
	rc = file_write(plain, image, bytes, diag);
	if (!rc && !child_run(argv))
		rc = diag_add(diag, HO_ESIGN, "sbsign of %.80s", s->image);
	if (!rc && rename(made, s->output))
		rc = diag_add(diag, HO_EFILE, "%.80s: %s", s->output,
			      strerror(errno));
	unlink(plain);
	unlink(made);
	free(plain);
	free(made);
	return rc;
}

static int sign_image(const struct sign *s, struct diag_log *diag)
{
	struct mapped m = { 0 };
	uint8_t *image;
	int rc = mapped_open(&m, s->image, HO_EFILE, diag);

	if (rc)
		return rc;
	image = malloc(m.length);
	if (!image) {
		mapped_close(&m);
		return diag_add(diag, HO_ENOMEM, "sign");
	}
	memcpy(image, m.bytes, m.length);
	if (s->trust)
		rc = fill_slot(s, image, m.length, diag);
	if (!rc)
		rc = s->key ? sign_file(s, image, m.length, diag)
			    : file_write(s->output, image, m.length, diag);
	free(image);
	mapped_close(&m);
	return rc;
}

int sign_run(const struct sign *s, const struct pack *p,
	     struct diag_log *diag)
{
	return s->manifest ? sign_manifest(s, p, diag) : sign_image(s, diag);
}
