// SPDX-License-Identifier: MIT
/*
 * blob.c - the reader of the handover blob and of the result tree. Checks
 * everything once; the validated struct is what the rest works on.
 */
#include "blob.h"

#include <libfdt.h>
#include <string.h>

#include "blob_head.h"
#include "blob_memory.h"
#include "blob_region.h"
#include "blob_stream.h"
#include "blob_target.h"
#include "checked.h"
#include "digest.h"

static int read_root(const struct fdt_reader *r, struct blob *blob)
{
	uint32_t address_cells, size_cells;
	int rc;

	if (!fdtread_is(r, 0, HO_FDT_COMPATIBLE))
		return fdtread_error(r, HO_EBLOBCOMPAT, 0, "compatible");
	rc = fdtread_properties(r, 0);
	if (!rc)
		rc = blob_check_version(r, 0, &blob->version, &blob->compat);
	if (!rc)
		rc = fdtread_u32(r, 0, HO_FDT_GENERATION, &blob->generation);
	if (!rc)
		rc = fdtread_bytes(r, 0, HO_FDT_ID, blob->id, HO_ID_BYTES);
	if (!rc)
		rc = fdtread_bytes(r, 0, HO_FDT_PARENT_ID, blob->parent_id,
				   HO_ID_BYTES);
	if (!rc)
		rc = fdtread_u32(r, 0, "#address-cells", &address_cells);
	if (!rc)
		rc = fdtread_u32(r, 0, "#size-cells", &size_cells);
	if (!rc && (address_cells != 2 || size_cells != 2))
		rc = fdtread_error(r, HO_EVALUE, 0, "#address-cells");
	return rc;
}

static int read_stub(const struct fdt_reader *r, struct blob *blob)
{
	int node = fdtread_node(r, 0, HO_FDT_STUB);

	if (node < 0)
		return node;
	if (!fdtread_is(r, node, HO_FDT_STUB_COMPAT))
		return fdtread_error(r, HO_EBLOBCOMPAT, node, "compatible");
	return blob_read_image(r, node, &blob->stub);
}

/* "halt", "reset", "fallback" or "fallback", "reset": a list of strings,
 * compared with its NULs. */
static int read_on_failure(const struct fdt_reader *r, int node,
			   struct blob *blob)
{
	static const struct {
		const char *words;
		uint32_t bytes;
		uint32_t policy;
	} all[] = {
#define WORDS(text, policy) { text, sizeof(text), policy }
		WORDS("halt", HO_ON_FAILURE_HALT),
		WORDS("reset", HO_ON_FAILURE_RESET),
		WORDS("fallback", HO_ON_FAILURE_FALLBACK),
		WORDS("fallback\0halt", HO_ON_FAILURE_FALLBACK),
		WORDS("fallback\0reset", HO_ON_FAILURE_FALLBACK_RESET),
#undef WORDS
	};
	uint32_t bytes, i;
	const void *value = fdtread_find(r, node, HO_FDT_ON_FAILURE, &bytes);

	if (!value)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_ON_FAILURE);
	for (i = 0; i < ARRAY_COUNT(all); i++) {
		if (bytes != all[i].bytes || memcmp(value, all[i].words, bytes))
			continue;
		blob->on_failure = all[i].policy;
		return 0;
	}
	return fdtread_error(r, HO_EVALUE, node, HO_FDT_ON_FAILURE);
}

static int read_policy(const struct fdt_reader *r, struct blob *blob)
{
	int node = fdtread_node(r, 0, HO_FDT_POLICY), rc;
	const char *plug;

	if (node < 0)
		return node;
	blob->chosen.e820_budget = HO_E820_BUDGET_DEFAULT;
	rc = read_on_failure(r, node, blob);
	if (!rc)
		rc = fdtread_string(r, node, HO_FDT_PLUG, &plug);
	if (!rc)
		rc = fdtread_optional_u32(r, node, HO_FDT_E820_BUDGET,
					  &blob->chosen.e820_budget);
	if (rc)
		return rc;
	blob->region_only = !strcmp(plug, "region-only");
	if (!blob->region_only && strcmp(plug, "precise"))
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_PLUG);
	if (blob->chosen.e820_budget < HO_E820_BUDGET_MIN ||
	    blob->chosen.e820_budget > HO_E820_BUDGET_MAX)
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_E820_BUDGET);
	return 0;
}

static int read_failed(const struct fdt_reader *r, int node,
		       struct blob_failed *out)
{
	int rc = fdtread_u64(r, node, HO_FDT_FAILED_REGION, &out->region);

	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_FAILED_STAGE, &out->stage);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_FAILED_ERROR, &out->error);
	if (!rc && (!out->region || out->stage >= HO_STAGE_COUNT))
		rc = fdtread_error(r, HO_EVALUE, node, NULL);
	return rc;
}

bool blob_previous_is_sane(const struct blob_previous *p)
{
	return p->region && p->stage < HO_STAGE_COUNT &&
	       p->state >= HO_STATE_RUNNING && p->state <= HO_STATE_FAILED;
}

static int read_previous(const struct fdt_reader *r, int node,
			 struct blob_previous *out)
{
	int rc = fdtread_u64(r, node, HO_FDT_PREVIOUS_REGION, &out->region);

	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_PREVIOUS_GENERATION,
				 &out->generation);
	if (!rc)
		rc = fdtread_bytes(r, node, HO_FDT_PREVIOUS_ID, out->id,
				   HO_ID_BYTES);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_PREVIOUS_STATE, &out->state);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_PREVIOUS_STAGE, &out->stage);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_PREVIOUS_ERROR, &out->error);
	if (!rc && !blob_previous_is_sane(out))
		rc = fdtread_error(r, HO_EVALUE, node, NULL);
	return rc;
}

static uint32_t target_staged(const struct blob_target *t, struct range *out)
{
	uint32_t i, count = 0;

	if (t->kind == TARGET_NONE)
		return 0;
	out[count++] = t->image.place;
	for (i = 0; i < t->module_count; i++)
		out[count++] = t->modules[i].place;
	return count;
}

uint32_t blob_staged(const struct blob *blob, struct range self,
		     struct range out[BLOB_STAGED_MAX])
{
	uint64_t base = blob->region[0].start;
	uint32_t count = 0;

	out[count++] = (struct range){ base, base + HO_PAGE_BYTES };
	out[count++] = (struct range){ blob->stub.place.start,
			blob->stub.place.start + HO_PAGE_2M_BYTES };
	if (range_bytes(self))
		out[count++] = self;
	if (blob->fallback.kind != TARGET_NONE)
		out[count++] = blob->fallback_tree.place;
	count += target_staged(&blob->target, out + count);
	count += target_staged(&blob->fallback, out + count);
	return count;
}

struct range blob_place(const struct blob *blob)
{
	struct range staged[BLOB_STAGED_MAX];
	uint32_t count = blob_staged(blob, (struct range){ 0, 0 }, staged), i;
	uint64_t end = 0;

	for (i = 0; i < count; i++)
		if (staged[i].end > end)
			end = staged[i].end;
	end = align_up(end, HO_PAGE_BYTES);
	return (struct range){ end, end + blob->fdt_bytes };
}

/* All staged pieces inside the landing range, page-aligned, apart. */
static int check_staging(const struct fdt_reader *r, const struct blob *blob)
{
	struct range staged[BLOB_STAGED_MAX];
	uint32_t i, j, count;

	if (blob->stub.place.start !=
	    blob->region[0].start + HO_STUB_OFFSET ||
	    range_bytes(blob->stub.place) > HO_PAGE_2M_BYTES)
		return diag_add(r->diag, HO_ESTAGING, "/stub: 0x%llx..0x%llx",
				(unsigned long long)blob->stub.place.start,
				(unsigned long long)blob->stub.place.end);
	count = blob_staged(blob, (struct range){ 0, 0 }, staged);
	for (i = 0; i < count; i++) {
		bool good = range_covers(blob->region[0], staged[i]) &&
			    is_aligned(staged[i].start, HO_PAGE_BYTES);

		for (j = 0; j < i; j++)
			good &= !range_overlaps(staged[i], staged[j]);
		if (!good)
			return diag_add(r->diag, HO_ESTAGING,
					"staged 0x%llx..0x%llx",
					(unsigned long long)staged[i].start,
					(unsigned long long)staged[i].end);
	}
	return 0;
}

static int read_fallback(const struct fdt_reader *r, int node,
			 struct blob *blob)
{
	return blob->region_only ? fdtread_error(r, HO_EVALUE, node, NULL)
				 : blob_read_fallback(r, node, blob);
}

static int read_failed_node(const struct fdt_reader *r, int node,
			    struct blob *blob)
{
	return read_failed(r, node, &blob->failed);
}

static int read_previous_node(const struct fdt_reader *r, int node,
			      struct blob *blob)
{
	return read_previous(r, node, &blob->previous);
}

/* /target, and what need not be there: /fallback, /failed, /previous */
static int read_targets(const struct fdt_reader *r, struct blob *blob)
{
	static const struct {
		const char *name;
		int (*read)(const struct fdt_reader *r, int node,
			    struct blob *blob);
	} optional[] = {
		{ HO_FDT_FALLBACK, read_fallback },
		{ HO_FDT_FAILED, read_failed_node },
		{ HO_FDT_PREVIOUS, read_previous_node },
	};
	int node = fdtread_node(r, 0, HO_FDT_TARGET), rc;
	uint32_t i;

	if (node < 0)
		return node;
	rc = blob_read_target(r, node, &blob->target);
	for (i = 0; !rc && i < ARRAY_COUNT(optional); i++) {
		node = fdtread_optional_node(r, 0, optional[i].name);
		if (node >= 0)
			rc = optional[i].read(r, node, blob);
		else if (node != -FDTREAD_NONE)
			rc = node;
	}
	return rc;
}

int blob_parse(struct blob *blob, const void *bytes, uint64_t available,
	       enum blob_form form, struct diag_log *diag)
{
	struct fdt_reader r = { .fdt = bytes, .diag = diag };
	int rc;

	memset(blob, 0, sizeof(*blob));
	rc = blob_check_header(&r, available, &blob->fdt_bytes);
	blob->fdt = bytes;
	if (!rc)
		rc = read_root(&r, blob);
	if (!rc)
		rc = blob_read_memory(&r, blob);
	if (!rc)
		rc = blob_read_firmware(&r, blob);
	if (!rc)
		rc = blob_read_region(&r, blob);
	if (!rc)
		rc = read_stub(&r, blob);
	if (!rc)
		rc = read_policy(&r, blob);
	if (!rc)
		rc = blob_read_stream(&r, blob, form);
	if (!rc)
		rc = read_targets(&r, blob);
	if (!rc)
		rc = blob_read_trust(&r, &blob->trust);
	return rc ? rc : check_staging(&r, blob);
}

bool blob_same_image(const struct blob_image *a, const struct blob_image *b)
{
	return a->place.start == b->place.start &&
	       a->place.end == b->place.end &&
	       a->digest_alg == b->digest_alg &&
	       a->placed == b->placed &&
	       !memcmp(a->digest, b->digest, HO_DIGEST_BYTES);
}

/* The same files at the same places, in the same region. */
static bool fallback_agrees(const struct blob *tree, const struct blob *blob)
{
	const struct blob_target *a = &tree->target, *b = &blob->fallback;
	bool same = tree->region_only && a->kind == b->kind &&
		    a->module_count == b->module_count &&
		    tree->region_count == blob->region_count &&
		    blob_same_image(&a->image, &b->image) &&
		    blob_same_image(&tree->stub, &blob->stub);
	uint32_t i;

	for (i = 0; same && i < a->module_count; i++)
		same = blob_same_image(&a->modules[i], &b->modules[i]);
	return same && !memcmp(tree->region, blob->region,
			       sizeof(tree->region));
}

int blob_parse_fallback(struct blob *tree, const struct blob *blob,
			const void *bytes, struct diag_log *diag)
{
	const struct blob_image *place = &blob->fallback_tree;
	int rc = digest_check(place->digest_alg, place->digest, bytes,
			      range_bytes(place->place));

	if (rc)
		return diag_add(diag, -rc, "fallback/tree");
	rc = blob_parse(tree, bytes, range_bytes(place->place),
			BLOB_HANDOVER, diag);
	if (!rc && !fallback_agrees(tree, blob))
		rc = diag_add(diag, HO_EFALLBACK, "fallback/tree");
	return rc;
}
