// SPDX-License-Identifier: MIT
/*
 * signmanifest.c - a manifest of files and command lines, and its signature: see
 * signmanifest.h. The grammar: handover/trust.h.
 */
#include "signmanifest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "trust.h"
#include "unpack.h"

static void put_digest(FILE *to, const void *bytes, uint64_t length)
{
	uint8_t digest[HO_DIGEST_BYTES];
	int i;

	digest_of(HO_DIGEST_SHA256, bytes, length, digest);
	for (i = 0; i < HO_DIGEST_BYTES; i++)
		fprintf(to, "%02x", digest[i]);
}

/* As pack stages it: Xen is unpacked. */
static int put_file(FILE *to, const char *path, const char *args, bool unpack,
		    struct diag_log *diag)
{
	struct mapped m = { 0 };
	int rc = mapped_open(&m, path, HO_EFILE, diag);

	if (!rc && unpack)
		rc = mapped_unpack(&m, path, diag);
	if (rc) {
		mapped_close(&m);
		return rc;
	}
	fputs("file ", to);
	put_digest(to, m.bytes, m.length);
	fputc(' ', to);
	put_digest(to, args, strlen(args));
	fputc('\n', to);
	mapped_close(&m);
	return 0;
}

/* "FILE ARGS", as pack takes it. */
static int put_module(FILE *to, const char *text, struct diag_log *diag)
{
	size_t length = strcspn(text, " ");
	char *path = strndup(text, length);
	int rc;

	if (!path)
		return diag_add(diag, HO_ENOMEM, "module");
	rc = put_file(to, path, text + length + (text[length] == ' '), false,
		      diag);
	free(path);
	return rc;
}

static int put_linux(FILE *to, const char *kernel, const char *initrd,
		     const char *cmdline, struct diag_log *diag)
{
	int rc;

	fprintf(to, "target %s\n", trust_kind(TARGET_LINUX));
	rc = put_file(to, kernel, cmdline ? cmdline : "", false, diag);
	if (!rc && initrd && strcmp(initrd, "none"))
		rc = put_file(to, initrd, "", false, diag);
	return rc;
}

static int put_all(FILE *to, const struct sign *s, const struct pack *p,
		   struct diag_log *diag)
{
	int rc = 0, i;

	fprintf(to, "baton-manifest %d\nsecurity-version %u\n",
		HO_MANIFEST_VERSION, s->security_version);
	if (!strcmp(p->target, "linux")) {
		rc = put_linux(to, p->kernel, p->initrd, p->cmdline, diag);
	} else {
		fprintf(to, "target %s\n", p->target);
		rc = put_file(to, p->kernel, p->cmdline,
			      !strcmp(p->target, trust_kind(TARGET_XEN)), diag);
		for (i = 0; i < p->module_count && !rc; i++)
			rc = put_module(to, p->modules[i], diag);
	}
	if (!rc && p->fallback_kernel)
		rc = put_linux(to, p->fallback_kernel, p->fallback_initrd,
			       p->fallback_cmdline, diag);
	return rc;
}

/* RSASSA-PKCS1-v1_5, SHA-256: `openssl dgst -sha256 -sign`. */
static uint8_t *sign_text(EVP_PKEY *key, const char *text, size_t bytes,
			  size_t *length)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *out = NULL;

	*length = 0;
	if (ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, NULL, length, (const uint8_t *)text,
			   bytes) == 1)
		out = malloc(*length);
	if (out && EVP_DigestSign(ctx, out, length, (const uint8_t *)text,
				  bytes) != 1) {
		free(out);
		out = NULL;
	}
	EVP_MD_CTX_free(ctx);
	return out;
}

static int write_signature(const struct sign *s, const char *text,
			   size_t bytes, struct diag_log *diag)
{
	FILE *f = fopen(s->key, "r");
	EVP_PKEY *key;
	uint8_t *out;
	size_t length;
	char *path;
	int rc;

	if (!f)
		return diag_add(diag, HO_EFILE, "%.80s: %s", s->key,
				strerror(errno));
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	out = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
	    ? sign_text(key, text, bytes, &length) : NULL;
	EVP_PKEY_free(key);
	if (!out || length < HO_TRUST_MODULUS_MIN ||
	    length > HO_TRUST_MODULUS_MAX) {
		free(out);
		return diag_add(diag, HO_EKEY,
				"%.80s: no private RSA key of 2048 to 4096 bits",
				s->key);
	}
	rc = asprintf(&path, "%s.sig", s->output) < 0
	   ? diag_add(diag, HO_ENOMEM, "sign") : 0;
	if (!rc) {
		rc = file_write(path, out, length, diag);
		free(path);
	}
	free(out);
	return rc;
}

int sign_manifest(const struct sign *s, const struct pack *p,
		  struct diag_log *diag)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *to;
	int rc = pack_check_target(p, diag);

	if (rc)
		return rc;
	to = open_memstream(&text, &bytes);
	if (!to)
		return diag_add(diag, HO_ENOMEM, "sign");
	rc = put_all(to, s, p, diag);
	if (fclose(to) && !rc)
		rc = diag_add(diag, HO_ENOMEM, "sign");
	if (!rc)
		rc = write_signature(s, text, bytes, diag);
	if (!rc)
		rc = file_write(s->output, text, bytes, diag);
	free(text);
	return rc;
}
