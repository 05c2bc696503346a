// SPDX-License-Identifier: MIT
/*
 * golden.c - what handover-abi/golden holds, by today's readers:
 *   golden FILE...   each by its name: *-entry.bin, *-breadcrumb.bin,
 *                    *-package.bin, *-trust.bin, *-result.dtb, *-cold.dtb, any other .dtb a blob
 * The exit status is that of the first one refused, with its code.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "cold.h"
#include "digest.h"
#include "package.h"
#include "result.h"
#include "trust.h"

static struct blob blob, tree;
static struct cold cold;
static struct result result;
static struct diag_log diag;

static bool ends_in(const char *path, const char *end)
{
	size_t length = strlen(path), want = strlen(end);

	return length >= want && !strcmp(path + length - want, end);
}

static uint8_t *read_file(const char *path, long *length)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;

	if (!f || fseek(f, 0, SEEK_END) || (*length = ftell(f)) <= 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	bytes = malloc(*length);
	if (!bytes || fread(bytes, *length, 1, f) != 1)
		exit(1);
	fclose(f);
	return bytes;
}

static int read_entry(const uint8_t *bytes, long length)
{
	struct ho_entry e;

	if (length != sizeof(e))
		return diag_add(&diag, HO_EENTRY, "%ld bytes", length);
	memcpy(&e, bytes, sizeof(e));
	if (entry_is_newer(&e))
		return diag_version(&diag, "entry block", e.version, e.compat);
	return entry_check(&e) ? 0 : diag_add(&diag, HO_EENTRY, "entry block");
}

static int read_crumb(const uint8_t *bytes, long length)
{
	struct ho_breadcrumb c;

	if (length != sizeof(c))
		return diag_add(&diag, HO_EBREADCRUMB, "%ld bytes", length);
	memcpy(&c, bytes, sizeof(c));
	if (breadcrumb_is_newer(&c))
		return diag_version(&diag, "breadcrumb", c.version, c.compat);
	return breadcrumb_check(&c)
	     ? 0 : diag_add(&diag, HO_EBREADCRUMB, "breadcrumb");
}

static int read_package(const uint8_t *bytes, long length)
{
	struct ho_entry e;

	return package_open(bytes, length, &e, &blob, &diag);
}

static int read_trust(const uint8_t *bytes, long length)
{
	struct ho_trust t;

	if (length != sizeof(t))
		return diag_add(&diag, HO_EMANIFEST, "%ld bytes", length);
	memcpy(&t, bytes, sizeof(t));
	return trust_is_sane(&t) ? 0 : diag_add(&diag, HO_EMANIFEST, "slot");
}

static int read_result(const uint8_t *bytes, long length)
{
	int rc = blob_parse(&blob, bytes, length, BLOB_RESULT, &diag);

	return rc ? rc : result_parse(&result, &blob, &diag);
}

/* And the tree in it, if it has a fallback. */
static int read_blob(const uint8_t *bytes, long length)
{
	int rc = blob_parse(&blob, bytes, length, BLOB_HANDOVER, &diag);
	uint64_t copy_bytes = range_bytes(blob.fallback_tree.place);
	void *copy;

	if (rc || blob.fallback.kind == TARGET_NONE)
		return rc;
	copy = malloc(copy_bytes);
	if (!copy)
		return diag_add(&diag, HO_ENOMEM, "fallback tree");
	memcpy(copy, blob.fallback_data, copy_bytes);
	rc = blob_parse_fallback(&tree, &blob, copy, &diag);
	free(copy);
	return rc;
}

static int read_one(const char *path)
{
	long length;
	uint8_t *bytes = read_file(path, &length);
	int rc = ends_in(path, "-entry.bin") ? read_entry(bytes, length)
	       : ends_in(path, "-breadcrumb.bin") ? read_crumb(bytes, length)
	       : ends_in(path, "-package.bin") ? read_package(bytes, length)
	       : ends_in(path, "-trust.bin") ? read_trust(bytes, length)
	       : ends_in(path, "-result.dtb") ? read_result(bytes, length)
	       : ends_in(path, "-cold.dtb")
	       ? cold_parse(&cold, bytes, length, &diag)
	       : read_blob(bytes, length);

	free(bytes);
	return rc;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		diag_init(&diag, HO_STAGE_LOADER);
		if (read_one(argv[i])) {
			printf("%s: %s: %s [%s]\n", argv[i],
			       diag.items[0].where,
			       error_text(diag.items[0].code),
			       error_name(diag.items[0].code));
			return error_exit(diag.items[0].code);
		}
		printf("read: %s\n", argv[i]);
	}
	return argc < 2;
}
