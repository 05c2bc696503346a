// SPDX-License-Identifier: MIT
/*
 * pack.c - see pack.h: what is gathered, and the trees of it. pack_option.c has the
 * options, pack_files.c the files, pack_tree.c writes a tree.
 */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "cxlwords.h"
#include "digest.h"
#include "hvwords.h"
#include "pack_tree.h"
#include "process.h"
#include "regionnext.h"
#include "rundir.h"
#include "told.h"
#include "work.h"

/* More than 2 * HO_MEMORY_RANGES_MAX ranges, EFI's map and the names need. */
#define REGION_ONLY_BYTES (256 * 1024 + HO_EFI_MAP_BYTES_MAX)

/* Its tree is written first, for the blob says how long it is. */
static int make_fallback_tree(struct packing *k)
{
	uint32_t total;
	int rc;

	if (!k->has_fallback)
		return 0;
	k->tree_bytes = malloc(REGION_ONLY_BYTES);
	if (!k->tree_bytes)
		return diag_add(k->diag, HO_ENOMEM, "fallback tree");
	rc = pack_write_region_only(k, &k->fallback, k->tree_bytes,
				    REGION_ONLY_BYTES, &total);
	if (rc)
		return rc;
	k->tree.at = k->next;
	k->tree.bytes = total;
	k->next = align_up(k->next + total, HO_PAGE_BYTES);
	k->tree.digest_alg = HO_DIGEST_SHA256;
	work_add(WORK_HASHED, total);
	return digest_of(k->tree.digest_alg, k->tree_bytes, total,
			 k->tree.digest);
}

static int write_staged(struct packing *k, const char *path,
			const void *bytes, uint32_t length)
{
	if (k->next + length > k->region.ranges[0].end)
		return diag_add(k->diag, HO_EREGIONSMALL,
				"region of %s: %s more for what is staged",
				human_bytes(range_bytes(k->region.ranges[0])),
				human_bytes(k->next + length -
					    k->region.ranges[0].end));
	return file_write(path, bytes, length, k->diag);
}

static int write_blob(struct packing *k, const char *path)
{
	uint64_t data = k->ref.count ? 0 : k->stream.length;
	uint64_t bytes = data + k->stream.length / 2 + 16ull * k->ref.count +
			 REGION_ONLY_BYTES + (1 << 20);
	void *buffer;
	uint32_t total;
	int rc;

	if (bytes > INT32_MAX)
		bytes = INT32_MAX;	/* no tree can be larger */
	buffer = malloc(bytes);
	if (!buffer)
		return diag_add(k->diag, HO_ENOMEM, "blob");
	rc = pack_write_tree(k, buffer, bytes, &total);
	if (!rc)
		rc = write_staged(k, path, buffer, total);
	free(buffer);
	return rc;
}

static int find_next_region(struct packing *k)
{
	const char *wanted = k->options->next_region;
	struct taken taken = { 0 };
	char kept[128];
	uint32_t i;
	int rc;

	if (!wanted && text_read(REGION_NEXT_FILE, kept, sizeof(kept)))
		wanted = kept;
	if (!wanted)
		return 0;
	rc = taken_add_stream(&taken, k->stream.bytes, k->stream.length,
			      k->diag);
	for (i = 0; i < k->ref.count && !rc; i++)
		rc = taken_add(&taken, k->ref.ranges[i], k->diag);
	if (!rc)
		rc = region_next(&k->region, wanted, &k->machine.map, &taken,
				 k->diag);
	taken_free(&taken);
	return rc;
}

/* What this kernel leaves out, and what the next one is told to. One that a panic
 * starts has its region, and nothing else. */
static int leave_out(struct packing *k)
{
	const struct pack *p = k->options;
	int rc;

	if (p->failed.region)
		return 0;
	rc = machine_leave_out(&k->machine, k->region.ranges,
			       k->region.count, k->diag);
	if (!rc && pack_target_kind(p->target) == TARGET_LINUX)
		rc = told_add(&k->machine.map, p->cmdline, k->region.ranges,
			      k->region.count, k->diag);
	return rc;
}

/* Of what the stub may start, and whose word that is. The stub looks at both. */
static int open_manifest(struct packing *k)
{
	const char *path = k->options->manifest;
	char signature[PATH_MAX];
	int rc;

	if (!path)
		return 0;
	snprintf(signature, sizeof(signature), "%s.sig", path);
	rc = mapped_open(&k->manifest, path, HO_EFILE, k->diag);
	rc = first_error(rc, mapped_open(&k->signature, signature, HO_EFILE,
				   k->diag));
	if (!rc && (k->manifest.length > HO_MANIFEST_BYTES_MAX ||
		    k->signature.length > HO_TRUST_MODULUS_MAX))
		rc = diag_add(k->diag, HO_EMANIFEST, "%s: %s, signature %s",
			      path, human_bytes(k->manifest.length),
			      human_bytes(k->signature.length));
	return rc;
}

/* What both kinds of tree need: region, machine, files. All are looked at,
 * whatever is wrong with one. */
static int gather(struct packing *k)
{
	const struct pack *p = k->options;
	int rc = random_id(k->id, k->diag), machine;

	rc = first_error(rc, region_find(&k->region, p->region, k->parent,
				   k->diag));
	machine = machine_read(&k->machine, k->parent, p->placed_by_kernel,
			       k->diag);
	if (!machine && p->memory_map)
		machine = machine_read_map(&k->machine, p->memory_map,
					   k->diag);
	else if (!machine && !rc)
		machine = leave_out(k);
	if (!machine && !p->memory_map &&
	    pack_target_kind(p->target) == TARGET_LINUX)
		machine = machine_check_next(p->cmdline, k->diag);
	rc = first_error(first_error(rc, machine), pack_place_files(k));
	rc = first_error(rc, open_manifest(k));
	rc = rc ? rc : cxl_add_words(k);
	return rc ? rc : hv_add_words(k);
}

int pack_begin(struct packing **out, const struct pack *p,
	       const struct handover *h, struct diag_log *diag)
{
	struct packing *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (!k)
		return diag_add(diag, HO_ENOMEM, "pack");
	k->options = p;
	k->parent = h;
	k->diag = diag;
	rc = gather(k);
	if (rc)
		pack_end(k, NULL);
	else
		*out = k;
	return rc;
}

/* The trees, once it is known which frames may not be region. */
static int write_trees(struct packing *k, const char *path)
{
	bool with_stream = !k->options->failed.region;
	int rc = with_stream ? pack_open_stream(k, path) : 0;

	if (!rc && with_stream)
		rc = find_next_region(k);
	if (!rc)
		rc = make_fallback_tree(k);
	if (rc)
		return rc;
	return with_stream ? write_blob(k, path)
	     : write_staged(k, path, k->tree_bytes, k->tree.bytes);
}

int pack_write(struct packing *k, const char *path)
{
	struct region_found region = k->region;
	uint64_t next = k->next;
	int rc = write_trees(k, path);

	/* what was added for this stream goes */
	mapped_close(&k->stream);
	streamref_close(&k->ref);
	free(k->tree_bytes);
	k->tree_bytes = NULL;
	k->region = region;
	k->next = next;
	return rc;
}

int pack_end(struct packing *k, const char *path)
{
	int rc = path ? pack_write(k, path) : 0;

	free((char *)k->fallback.cmdline);
	free(k->own_cmdline);
	mapped_close(&k->manifest);
	mapped_close(&k->signature);
	free(k);
	return rc;
}

uint64_t pack_staged_bytes(const struct packing *k)
{
	return k->next - k->region.ranges[0].start;
}

int pack_run(const struct pack *p, const struct handover *h,
	     const char *path, struct diag_log *diag)
{
	struct packing *k;
	int rc;

	if (!p->failed.region && !p->stream_count)
		return diag_add(diag, HO_EUSAGE, "--stream is missing");
	rc = pack_begin(&k, p, h, diag);
	return rc ? rc : pack_end(k, path);
}
