// SPDX-License-Identifier: MIT
/*
 * account.c - see account.h. For `baton region` in the new instance.
 */
#include "account.h"

#include "checked.h"

static uint64_t whole_pages(struct range r)
{
	return align_up(r.end, HO_PAGE_BYTES) -
	       align_down(r.start, HO_PAGE_BYTES);
}

static uint64_t images(const struct blob_target *t)
{
	uint64_t n = 0;
	uint32_t i;

	if (t->kind == TARGET_NONE)
		return 0;
	n = whole_pages(t->image.place);
	for (i = 0; i < t->module_count; i++)
		n += whole_pages(t->modules[i].place);
	return n;
}

int account_region(struct account *a, const struct blob *blob,
		   const struct result *result, uint64_t result_bytes,
		   struct diag_log *diag)
{
	uint64_t staged, parts;
	uint32_t i;

	*a = (struct account){
		.breadcrumb = HO_PAGE_BYTES,
		.stub = HO_PAGE_2M_BYTES,
		.images = images(&blob->target),
		.fallback = images(&blob->fallback),
		.blob = whole_pages((struct range){ result->blob_paddr,
				result->blob_paddr + result->blob_bytes }),
		.frametable = (uint64_t)result->tables * HO_PAGE_BYTES +
			align_up((uint64_t)result->runs * HO_FT_RUNS_BYTES,
				 HO_PAGE_BYTES),
		.domains = result->domain_table_bytes,
		.result = result_bytes,
	};
	if (blob->fallback.kind != TARGET_NONE)
		a->fallback += whole_pages(blob->fallback_tree.place);
	for (i = 0; i < blob->region_count; i++)
		a->total += range_bytes(blob->region[i]);
	staged = a->breadcrumb + a->stub + a->images + a->fallback + a->blob;
	parts = a->frametable + a->domains + a->result;
	if (staged > a->total || result->region_used > a->total - staged ||
	    parts > result->region_used)
		return diag_add(diag, HO_EVALUE,
				"region-used %llu of %llu bytes: staged %llu, tables and result %llu",
				(unsigned long long)result->region_used,
				(unsigned long long)a->total,
				(unsigned long long)staged,
				(unsigned long long)parts);
	a->rest = result->region_used - parts;
	a->free = a->total - staged - result->region_used;
	return 0;
}
