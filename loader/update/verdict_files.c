// SPDX-License-Identifier: MIT
/*
 * verdict_files.c - see verdict.h: the files that a blob names, as long as they
 * were and with their digests, or copies of them.
 */
#include "verdict_files.h"

#include "digest.h"
#include "unpack.h"
#include "work.h"

/* A file that the blob names: as long as it was, with its digest, unless that
 * was made just now (HO_DIGEST_NONE). */
static int open_packed(struct mapped *m, const char *path, uint64_t bytes,
		       uint32_t digest_alg, const uint8_t *digest, int code,
		       bool unpack, struct diag_log *diag)
{
	int rc = mapped_open(m, path, code, diag);

	if (!rc && unpack)
		rc = mapped_unpack(m, path, diag);
	if (rc)
		return rc;
	if (m->length != bytes)
		return diag_add(diag, HO_EDIGEST,
				"%s: %llu bytes, was %llu when packed", path,
				(unsigned long long)m->length,
				(unsigned long long)bytes);
	if (digest_alg == HO_DIGEST_NONE)
		return 0;
	work_add(WORK_HASHED, m->length);
	rc = digest_check(digest_alg, digest, m->bytes, m->length);
	return rc ? diag_add(diag, -rc, "%s", path) : 0;
}

static int open_image(struct mapped *m, const struct blob_image *image,
		      int code, bool unpack, const struct verdict_known *known,
		      struct diag_log *diag)
{
	const struct staged_file *f = staged_find(known->staged, image);
	int rc;

	if (f) {
		*m = (struct mapped){ f->bytes, range_bytes(image->place) };
		return 0;
	}
	rc = open_packed(m, image->file, range_bytes(image->place),
			 known->fresh ? HO_DIGEST_NONE : image->digest_alg,
			 image->digest, code, unpack, diag);
	if (!rc && !known->fresh && image->placed &&
	    digest_xxh64(m->bytes, m->length) != image->placed)
		rc = diag_add(diag, HO_EDIGEST, "%s: placed-xxh64",
			      image->file);
	return rc;
}

int verdict_open_stream(struct mapped *m, struct blob *b,
			struct diag_log *diag)
{
	int rc;

	if (!b->stream_range_count)
		return 0;
	rc = open_packed(m, b->stream_file, b->stream_bytes,
			 b->stream_digest_alg, b->stream_digest, HO_EFILE,
			 false, diag);
	b->stream = m->bytes;
	return rc;
}

static int open_target(struct verdict_files *f, const struct blob_target *t,
		       const struct verdict_known *known, struct diag_log *diag)
{
	int code = t->kind == TARGET_LINUX ? HO_EINITRD : HO_EFILE, rc, other;
	uint32_t i;

	if (t->kind == TARGET_NONE)
		return 0;
	rc = open_image(&f->image, &t->image, HO_EFILE,
			t->kind == TARGET_XEN, known, diag);
	for (i = 0; i < t->module_count; i++) {
		other = open_image(&f->modules[i], &t->modules[i], code,
				   false, known, diag);
		rc = rc ? rc : other;
	}
	return rc;
}

int verdict_take_files(struct verdict *v, const struct verdict_known *known,
		       struct diag_log *diag)
{
	int rc = open_target(&v->target, &v->blob.target, known, diag);
	int other = open_target(&v->fallback, &v->blob.fallback, known, diag);

	v->staged = known->staged;
	rc = rc ? rc : other;
	other = verdict_open_stream(&v->stream, &v->blob, diag);
	return rc ? rc : other;
}

int verdict_open_files(struct verdict *v, struct diag_log *diag)
{
	return verdict_take_files(v, &(struct verdict_known){ 0 }, diag);
}

/* A staged copy is another's. */
static void close_file(const struct verdict *v, struct mapped *m)
{
	uint32_t i;

	for (i = 0; v->staged && i < v->staged->count; i++)
		if (m->bytes && m->bytes == v->staged->files[i].bytes)
			*m = (struct mapped){ 0 };
	mapped_close(m);
}

static void close_target(const struct verdict *v, struct verdict_files *f)
{
	int i;

	close_file(v, &f->image);
	for (i = 0; i < HO_TARGET_MODULES_MAX; i++)
		close_file(v, &f->modules[i]);
}

void verdict_drop_files(struct verdict *v)
{
	close_target(v, &v->target);
	close_target(v, &v->fallback);
	mapped_close(&v->stream);
}
