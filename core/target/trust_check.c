// SPDX-License-Identifier: MIT
/*
 * trust_check.c - a manifest read line by line, and compared with a target; see
 * trust.h. All of it is read, also behind the target that is looked for.
 */
#include "trust.h"

#include <string.h>

#include "digest.h"
#include "signature.h"
#include "span.h"

#define FILES_MAX	(1 + HO_TARGET_MODULES_MAX)

/* A line of the manifest: bytes and command line, as SHA-256. */
struct file_digests {
	uint8_t bytes[HO_DIGEST_BYTES];
	uint8_t bootargs[HO_DIGEST_BYTES];
};

struct wanted {
	const char *kind;		/* NULL: nothing is looked for */
	uint32_t count;
	struct file_digests files[FILES_MAX];
};

struct reader {
	struct span in;
	struct span line;
	uint32_t number;		/* of the line, from 1 */
	uint32_t security;
	/* of the target that is being read */
	bool open;
	bool same;			/* so far it is the one */
	uint32_t files;
	bool found;
	struct diag_log *diag;
};

const char *trust_kind(enum target_kind kind)
{
	static const char *const words[] = {
		[TARGET_NONE] = "", [TARGET_LINUX] = "linux",
		[TARGET_MULTIBOOT2] = "multiboot2", [TARGET_XEN] = "xen",
	};

	return words[kind];
}

static int malformed(const struct reader *r, const char *what)
{
	return diag_add(r->diag, HO_EMANIFEST, "line %u: %s", r->number, what);
}

/* False at the end, or when the last line has no newline (then bytes are
 * left). */
static bool next_line(struct reader *r)
{
	const uint8_t *at = r->in.bytes + r->in.offset;
	const uint8_t *end = memchr(at, '\n', span_left(&r->in));

	r->number++;
	if (!end)
		return false;
	span_take(&r->in, end - at, &r->line);
	return span_skip(&r->in, 1);
}

/* The line goes on with just this. */
static bool take_word(struct reader *r, const char *word)
{
	uint64_t length = strlen(word);

	if (span_left(&r->line) < length ||
	    memcmp(r->line.bytes + r->line.offset, word, length))
		return false;
	return span_skip(&r->line, length);
}

static bool at_end(const struct reader *r)
{
	return !span_left(&r->line);
}

/* One way to write each: no sign, no zero in front. */
static bool take_number(struct reader *r, uint32_t *out)
{
	uint64_t value = 0, digits = 0;
	uint8_t c;

	while (span_read(&r->line, &c, 1)) {
		if (c < '0' || c > '9' || (digits == 1 && !value))
			return false;
		value = value * 10 + (c - '0');
		if (++digits > 10 || value > UINT32_MAX)
			return false;
	}
	*out = value;
	return digits > 0;
}

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0'
	     : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_digest(struct reader *r, uint8_t out[HO_DIGEST_BYTES])
{
	uint8_t text[2 * HO_DIGEST_BYTES];
	uint32_t i;

	if (!span_read(&r->line, text, sizeof(text)))
		return false;
	for (i = 0; i < HO_DIGEST_BYTES; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = high << 4 | low;
	}
	return true;
}

static int read_head(struct reader *r)
{
	if (!next_line(r) || !take_word(r, "baton-manifest 1") || !at_end(r))
		return malformed(r, "want `baton-manifest 1'");
	if (!next_line(r) || !take_word(r, "security-version ") ||
	    !take_number(r, &r->security))
		return malformed(r, "want `security-version NUMBER'");
	return 0;
}

static int end_target(struct reader *r, const struct wanted *want)
{
	if (r->open && !r->files)
		return malformed(r, "a target without a file");
	if (r->open && r->same && r->files == want->count)
		r->found = true;
	return 0;
}

static int begin_target(struct reader *r, const struct wanted *want)
{
	static const char *const kinds[] = { "linux", "multiboot2", "xen" };
	int rc = end_target(r, want);
	uint32_t i;

	if (rc)
		return rc;
	for (i = 0; i < ARRAY_COUNT(kinds); i++)
		if (take_word(r, kinds[i]))
			break;
	if (i == ARRAY_COUNT(kinds) || !at_end(r))
		return malformed(r, "no such kind of target");
	r->open = true;
	r->files = 0;
	r->same = want->kind && !strcmp(want->kind, kinds[i]);
	return 0;
}

static int read_file(struct reader *r, const struct wanted *want)
{
	struct file_digests f;

	if (!r->open || r->files == FILES_MAX)
		return malformed(r, "a file of no target, or too many");
	if (!take_digest(r, f.bytes) || !take_word(r, " ") ||
	    !take_digest(r, f.bootargs) || !at_end(r))
		return malformed(r, "want `file DIGEST DIGEST'");
	if (r->same && (r->files >= want->count ||
			memcmp(&f, &want->files[r->files], sizeof(f))))
		r->same = false;
	r->files++;
	return 0;
}

static int read_all(struct reader *r, const struct wanted *want)
{
	int rc = read_head(r);

	while (!rc && next_line(r)) {
		if (take_word(r, "target "))
			rc = begin_target(r, want);
		else if (take_word(r, "file "))
			rc = read_file(r, want);
		else
			rc = malformed(r, "neither a target nor a file");
	}
	if (!rc && span_left(&r->in))
		rc = malformed(r, "no newline at its end");
	if (!rc && !r->open)
		rc = malformed(r, "no target");
	return rc ? rc : end_target(r, want);
}

int trust_check_manifest(const void *manifest, uint32_t bytes,
			 uint32_t *security, struct diag_log *diag)
{
	const struct wanted none = { 0 };
	struct reader r = { .in = span_of(manifest, bytes), .diag = diag };
	int rc = read_all(&r, &none);

	*security = r.security;
	return rc;
}

static void want_file(struct wanted *w, const struct blob_image *image,
		      const char *bootargs, const void *bytes)
{
	struct file_digests *f = &w->files[w->count++];

	if (image->digest_alg == HO_DIGEST_SHA256)
		memcpy(f->bytes, image->digest, sizeof(f->bytes));
	else
		digest_of(HO_DIGEST_SHA256, bytes, range_bytes(image->place),
			  f->bytes);
	digest_of(HO_DIGEST_SHA256, bootargs, strlen(bootargs), f->bootargs);
}

static int compare(const struct ho_trust *key, const struct blob_trust *trust,
		   const struct wanted *want, struct diag_log *diag)
{
	struct reader r = {
		.in = span_of(trust->manifest, trust->manifest_bytes),
		.diag = diag,
	};
	int rc = read_all(&r, want);

	if (rc)
		return rc;
	if (r.security < key->least)
		return diag_add(diag, HO_EOLDMANIFEST,
				"security-version %u, at least %u", r.security,
				key->least);
	return r.found ? 0 : diag_add(diag, HO_ENOTRUST,
			"a %s target of %u files is not among them",
			want->kind, want->count);
}

int trust_check(const struct ho_trust *key, const struct blob_trust *trust,
		const struct blob_target *target, const void *image,
		const void *const modules[HO_TARGET_MODULES_MAX],
		struct diag_log *diag)
{
	struct wanted want = { .kind = trust_kind(target->kind) };
	uint32_t i;

	if (!trust_is_sane(key))
		return diag_add(diag, HO_ESIGNATURE, "the key is damaged");
	if (key->alg == HO_TRUST_NONE)
		return 0;
	if (!trust->manifest_bytes)
		return diag_add(diag, HO_ENOTRUST, "no manifest");
	if (!signature_is_good(key, trust->manifest, trust->manifest_bytes,
			       trust->signature, trust->signature_bytes))
		return diag_add(diag, HO_ESIGNATURE,
				"manifest of %u bytes, signature of %u",
				trust->manifest_bytes, trust->signature_bytes);
	want_file(&want, &target->image, target->bootargs, image);
	for (i = 0; i < target->module_count; i++)
		want_file(&want, &target->modules[i],
			  target->modules[i].bootargs, modules[i]);
	return compare(key, trust, &want, diag);
}
