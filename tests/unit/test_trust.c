// SPDX-License-Identifier: MIT
/*
 * test_trust.c - what a stub with a key starts: the golden manifest, which
 * `openssl dgst -sha256 -sign` has signed, and others, signed here by libcrypto,
 * with whose RSA BearSSL's must agree.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "digest.h"
#include "signature.h"
#include "testgolden.h"
#include "trust.h"

#define SHA_A \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEAD	"baton-manifest 1\nsecurity-version 3\n"
#define FILE_A	"file " SHA_A " " SHA_A "\n"

static uint8_t tree[64 * 1024] __attribute__((aligned(8)));
static uint8_t image[5000], initrd[300];
static const void *modules[HO_TARGET_MODULES_MAX] = { initrd };
static uint8_t manifest[HO_MANIFEST_BYTES_MAX], signature[512];
static struct blob blob;
static struct ho_trust key;
static struct diag_log diag;

static int setup(void **state)
{
	uint64_t n = golden_read("v2-trust.dtb", tree, sizeof(tree));

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	golden_read("v2-trust.bin", &key, sizeof(key));
	assert_int_equal(blob_parse(&blob, tree, n, BLOB_HANDOVER, &diag), 0);
	memcpy(manifest, blob.trust.manifest, blob.trust.manifest_bytes);
	memcpy(signature, blob.trust.signature, blob.trust.signature_bytes);
	blob.trust.manifest = manifest;
	blob.trust.signature = signature;
	memset(image, 0x11, sizeof(image));
	memset(initrd, 0x22, sizeof(initrd));
	return 0;
}

static int check(void)
{
	diag_init(&diag, HO_STAGE_LOADER);
	return trust_check(&key, &blob.trust, &blob.target, image, modules,
			   &diag);
}

static void golden_is_started(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	assert_int_equal(diag.total, 0);
	/* by the bytes, where the tree has another digest, or none */
	blob.target.image.digest_alg = HO_DIGEST_XXH64;
	blob.target.modules[0].digest_alg = HO_DIGEST_NONE;
	assert_int_equal(check(), 0);
	image[4999] ^= 1;
	assert_int_equal(check(), -HO_ENOTRUST);
}

static void without_a_key(void **state)
{
	(void)state;
	key.alg = HO_TRUST_NONE;
	assert_int_equal(check(), -HO_ESIGNATURE);	/* not sane */
	key = (struct ho_trust){ .magic = HO_TRUST_MAGIC,
		.version = HO_TRUST_VERSION, .bytes = sizeof(key) };
	blob.trust.manifest_bytes = 0;
	assert_int_equal(check(), 0);
	setup(NULL);
	blob.trust.manifest_bytes = 0;
	assert_int_equal(check(), -HO_ENOTRUST);
}

static void forged(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < blob.trust.signature_bytes; i += 5) {
		signature[i] ^= 1 << i % 8;
		assert_int_equal(check(), -HO_ESIGNATURE);
		signature[i] ^= 1 << i % 8;
	}
	for (i = 0; i < blob.trust.manifest_bytes; i += 3) {
		manifest[i] ^= 1;
		assert_int_equal(check(), -HO_ESIGNATURE);
		manifest[i] ^= 1;
	}
	blob.trust.manifest_bytes--;
	assert_int_equal(check(), -HO_ESIGNATURE);
	setup(NULL);
	blob.trust.signature_bytes--;
	assert_int_equal(check(), -HO_ESIGNATURE);
	setup(NULL);
	key.modulus[100] ^= 1;		/* another key */
	assert_int_equal(check(), -HO_ESIGNATURE);
	setup(NULL);
	key.exponent = 3;
	assert_int_equal(check(), -HO_ESIGNATURE);
}

static void another_target(void **state)
{
	(void)state;
	blob.target.image.digest[31] ^= 1;
	assert_int_equal(check(), -HO_ENOTRUST);
	setup(NULL);
	blob.target.modules[0].digest[0] ^= 1;
	assert_int_equal(check(), -HO_ENOTRUST);
	setup(NULL);
	blob.target.bootargs = "console=ttyS0,115200 init=/bin/sh";
	assert_int_equal(check(), -HO_ENOTRUST);
	setup(NULL);
	blob.target.modules[0].bootargs = "x";
	assert_int_equal(check(), -HO_ENOTRUST);
	setup(NULL);
	blob.target.module_count = 0;
	assert_int_equal(check(), -HO_ENOTRUST);
	setup(NULL);
	blob.target.modules[1] = blob.target.modules[0];
	modules[1] = initrd;
	blob.target.module_count = 2;
	assert_int_equal(check(), -HO_ENOTRUST);
	setup(NULL);
	blob.target.kind = TARGET_MULTIBOOT2;
	assert_int_equal(check(), -HO_ENOTRUST);
}

static void withdrawn(void **state)
{
	(void)state;
	key.least = 3;
	assert_int_equal(check(), 0);
	key.least = 4;
	assert_int_equal(check(), -HO_EOLDMANIFEST);
}

static void manifests(void **state)
{
	static const struct { const char *text; bool good; } rows[] = {
		{ HEAD "target linux\n" FILE_A, true },
		{ HEAD "target xen\n" FILE_A FILE_A FILE_A, true },
		{ HEAD "target linux\n" FILE_A "target linux\n" FILE_A, true },
		{ "baton-manifest 1\nsecurity-version 0\ntarget linux\n"
		  FILE_A, true },
		{ "baton-manifest 1\nsecurity-version 4294967295\n"
		  "target linux\n" FILE_A, true },
		{ "baton-manifest 1\nsecurity-version 4294967296\n"
		  "target linux\n" FILE_A, false },
		{ "baton-manifest 1\nsecurity-version 03\n"
		  "target linux\n" FILE_A, false },
		{ "baton-manifest 1\nsecurity-version \n"
		  "target linux\n" FILE_A, false },
		{ "baton-manifest 1\nsecurity-version 3 \n"
		  "target linux\n" FILE_A, false },
		{ "baton-manifest 2\nsecurity-version 3\n"
		  "target linux\n" FILE_A, false },
		{ "baton-manifest 1 \nsecurity-version 3\n"
		  "target linux\n" FILE_A, false },
		{ "", false }, { "\n", false }, { HEAD, false },
		{ HEAD "target linux\n", false },
		{ HEAD "target linux\ntarget xen\n" FILE_A, false },
		{ HEAD "target linux\n" FILE_A "target xen\n", false },
		{ HEAD "target bsd\n" FILE_A, false },
		{ HEAD "target linuxx\n" FILE_A, false },
		{ HEAD FILE_A, false },
		{ HEAD "target linux\n" FILE_A "\n", false },
		{ HEAD "target linux\n" FILE_A "target", false },
		{ HEAD "target linux\nfile " SHA_A " " SHA_A, false },
		{ HEAD "target linux\nfile " SHA_A "\n", false },
		{ HEAD "target linux\nfile " SHA_A "  " SHA_A "\n", false },
		{ HEAD "target linux\nfile " SHA_A " " SHA_A " \n", false },
		{ HEAD "target linux\nfile A" SHA_A " " SHA_A "\n", false },
		{ HEAD "target linux\r\n" FILE_A, false },
		{ HEAD "target xen\n" FILE_A FILE_A FILE_A FILE_A FILE_A
		  FILE_A FILE_A FILE_A FILE_A, true },
		{ HEAD "target xen\n" FILE_A FILE_A FILE_A FILE_A FILE_A
		  FILE_A FILE_A FILE_A FILE_A FILE_A, false },
	};
	uint32_t i, security;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(rows); i++) {
		int rc = trust_check_manifest(rows[i].text,
					      strlen(rows[i].text), &security,
					      &diag);

		if (rc != (rows[i].good ? 0 : -HO_EMANIFEST))
			fail_msg("%s: %d", rows[i].text, rc);
	}
	assert_int_equal(trust_check_manifest(HEAD "target linux\n" FILE_A,
			strlen(HEAD "target linux\n" FILE_A), &security,
			&diag), 0);
	assert_int_equal(security, 3);
}

/* A key of that many bits, its public half in `key`. */
static EVP_PKEY *make_key(unsigned int bits)
{
	EVP_PKEY *pair = EVP_RSA_gen(bits);
	BIGNUM *n = NULL;

	assert_non_null(pair);
	assert_int_equal(EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N,
					       &n), 1);
	key = (struct ho_trust){
		.magic = HO_TRUST_MAGIC, .version = HO_TRUST_VERSION,
		.bytes = sizeof(key), .alg = HO_TRUST_RSA_SHA256,
		.exponent = 65537, .modulus_bytes = BN_num_bytes(n),
	};
	BN_bn2bin(n, key.modulus);
	BN_free(n);
	assert_true(trust_is_sane(&key));
	return pair;
}

static void sign(EVP_PKEY *pair, const EVP_MD *md, const char *text)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t length = sizeof(signature);

	blob.trust.manifest_bytes = strlen(text);
	memcpy(manifest, text, strlen(text));
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, pair), 1);
	assert_int_equal(EVP_DigestSign(ctx, signature, &length, manifest,
					strlen(text)), 1);
	blob.trust.signature_bytes = length;
	EVP_MD_CTX_free(ctx);
}

/* Signed, and yet no good; and what is not SHA-256. */
static void signed_by_another(void **state)
{
	EVP_PKEY *pair = make_key(3072);

	(void)state;
	sign(pair, EVP_sha256(), HEAD "target linux\n" FILE_A);
	assert_int_equal(check(), -HO_ENOTRUST);
	sign(pair, EVP_sha512(), HEAD "target linux\n" FILE_A);
	assert_int_equal(check(), -HO_ESIGNATURE);
	sign(pair, EVP_sha256(), HEAD "target linux\n" FILE_A "x\n");
	assert_int_equal(check(), -HO_EMANIFEST);
	assert_string_equal(diag.items[0].where,
			    "line 5: neither a target nor a file");
	EVP_PKEY_free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(golden_is_started, setup),
		cmocka_unit_test_setup(without_a_key, setup),
		cmocka_unit_test_setup(forged, setup),
		cmocka_unit_test_setup(another_target, setup),
		cmocka_unit_test_setup(withdrawn, setup),
		cmocka_unit_test_setup(manifests, setup),
		cmocka_unit_test_setup(signed_by_another, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
