// SPDX-License-Identifier: MIT
/*
 * stublook.c - see stublook.h. The reader is core's own (trust.h), which is the
 * stub's.
 */
#include "stublook.h"

#include <stddef.h>
#include <string.h>

#include "digest.h"
#include "stubfile.h"
#include "trust.h"
#include "work.h"

int stublook_open(struct mapped *m, struct ho_stub_header *h,
		  const struct blob *b, struct diag_log *diag)
{
	const struct blob_image *stub = &b->stub;
	int rc = stubfile_open(m, stub->file, diag);

	if (!rc)
		rc = stubfile_read(h, stub->file, m->bytes, m->length, diag);
	if (!rc)
		rc = stubfile_check_blob(h, stub->file, b->version, b->compat,
					 diag);
	if (rc)
		return rc;
	work_add(WORK_HASHED, m->length);
	return digest_check(stub->digest_alg, stub->digest, m->bytes,
			    m->length)
	     ? diag_add(diag, HO_EDIGEST, "%s", stub->file) : 0;
}

/* One target, and how a text names it. */
static int ask(const struct ho_trust *key, const struct blob *b,
	       const struct verdict_files *f, const char *name,
	       struct diag_log *diag)
{
	const void *modules[HO_TARGET_MODULES_MAX];
	struct diag_log why;
	int i, rc;

	for (i = 0; i < HO_TARGET_MODULES_MAX; i++)
		modules[i] = f->modules[i].bytes;
	diag_init(&why, HO_STAGE_LOADER);
	rc = trust_check(key, &b->trust, &b->target, f->image.bytes, modules,
			 &why);
	if (!rc)
		return 0;
	/* words that pack adds (docs/baton.8) are part of it */
	if (rc == -HO_ENOTRUST && b->trust.manifest_bytes)
		progress("%s's command line: %s", name, b->target.bootargs);
	return diag_add(diag, -rc, "%s: %s", name, why.items[0].where);
}

/* Where trust_find() has found no place for a key: is there one, which the stub
 * would find damaged, or does a stub of this version have none? */
static bool has_place(const struct mapped *stub)
{
	const struct ho_trust head = {
		.magic = HO_TRUST_MAGIC, .version = HO_TRUST_VERSION,
		.bytes = sizeof(head),
	};
	uint64_t at;

	for (at = 0; at + sizeof(head) <= stub->length;
	     at += HO_TRUST_ALIGN_BYTES)
		if (!memcmp((const uint8_t *)stub->bytes + at, &head,
			    offsetof(struct ho_trust, alg)))
			return true;
	return false;
}

int stublook_trust(const struct verdict *v, const struct mapped *stub,
		   struct diag_log *diag)
{
	uint64_t at = trust_find(stub->bytes, stub->length);
	struct ho_trust key;
	int rc, other = 0;

	if (!at)
		return has_place(stub) ? diag_add(diag, HO_ESIGNATURE,
				"%s: the key is damaged", v->blob.stub.file)
				       : 0;
	memcpy(&key, (const uint8_t *)stub->bytes + at, sizeof(key));
	rc = ask(&key, &v->blob, &v->target, "target", diag);
	if (v->blob.fallback.kind != TARGET_NONE)
		other = ask(&key, &v->tree, &v->fallback, "fallback", diag);
	return rc ? rc : other;
}

int stublook_check(const struct verdict *v, struct diag_log *diag)
{
	struct mapped m = { 0 };
	struct ho_stub_header h;
	int rc = stublook_open(&m, &h, &v->blob, diag);

	if (!rc)
		rc = stublook_trust(v, &m, diag);
	mapped_close(&m);
	return rc;
}
