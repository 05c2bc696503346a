// SPDX-License-Identifier: MIT
/*
 * maps.c - see maps.h.
 */
#include "maps.h"

#include "checked.h"
#include "e820.h"
#include "plan_xen.h"

int maps_add(struct paging *p, uint64_t start, uint64_t end,
	     unsigned int flags, struct diag_log *diag)
{
	if (!paging_map(p, start, end, flags))
		return 0;
	return diag_add(diag, HO_EPAGETABLE, "mapping 0x%llx..0x%llx",
			(unsigned long long)start, (unsigned long long)end);
}

int maps_landing(struct paging *p, struct range landing, struct range stub,
		 struct range blob, struct range fallback,
		 struct diag_log *diag)
{
	int rc = maps_add(p, landing.start, stub.start, PAGING_WRITE, diag);

	if (!rc)
		rc = maps_add(p, stub.end, landing.end, PAGING_WRITE, diag);
	if (!rc)
		rc = maps_add(p, blob.start, blob.end, 0, diag);
	if (!rc && fallback.start < fallback.end)
		rc = maps_add(p, fallback.start, fallback.end, 0, diag);
	return rc;
}

static int add_images(struct paging *p, const struct blob_target *t,
		      struct diag_log *diag)
{
	uint32_t i;
	int rc;

	if (t->kind == TARGET_NONE)
		return 0;
	rc = maps_add(p, t->image.place.start, t->image.place.end, 0, diag);
	for (i = 0; !rc && i < t->module_count; i++)
		rc = maps_add(p, t->modules[i].place.start,
			      t->modules[i].place.end, 0, diag);
	return rc;
}

int maps_blob(struct paging *p, const struct blob *b, struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 1; !rc && i < b->region_count; i++)
		rc = maps_add(p, b->region[i].start, b->region[i].end,
			      PAGING_WRITE, diag);
	if (!rc)
		rc = add_images(p, &b->target, diag);
	return rc ? rc : add_images(p, &b->fallback, diag);
}

int maps_stream(struct paging *p, const struct blob *b, struct diag_log *diag)
{
	uint64_t va = PAGING_UPPER;
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < b->stream_range_count; i++) {
		struct range r = blob_stream_range(b, i);

		rc = paging_show_at(p, va, r.start, range_bytes(r));
		va += range_bytes(r);
	}
	return rc ? diag_add(diag, -rc, "lu-stream of %llu bytes",
			     (unsigned long long)b->stream_bytes) : 0;
}

int maps_tables(struct paging *p, const struct region *r,
		struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < r->chunk_count && !rc; i++)
		if (r->chunks[i].start < r->chunks[i].next)
			rc = maps_add(p, r->chunks[i].start,
				      r->chunks[i].next, 0, diag);
	return rc;
}

int maps_firmware(struct paging *p, const struct blob *b, struct range r,
		  struct diag_log *diag)
{
	int rc;

	r.start = align_down(r.start, HO_PAGE_BYTES);
	r.end = align_up(r.end, HO_PAGE_BYTES);
	if (r.start >= r.end || blob_overlaps_memory(b, r))
		return 0;
	rc = maps_add(p, r.start, r.end, 0, diag);
	return rc ? rc : 1;
}

int maps_acpi(struct paging *p, const struct blob *b, struct diag_log *diag)
{
	const uint64_t rsdp = b->acpi_rsdp;
	uint32_t i;
	int rc = 0;

	if (rsdp >= MAPS_LOW_MEMORY)
		rc = maps_firmware(p, b, (struct range){
			rsdp, rsdp + PLAN_XEN_RSDP_BYTES }, diag);
	for (i = 0; rc >= 0 && i < b->firmware_count; i++)
		if (b->firmware[i].type == E820_ACPI ||
		    b->firmware[i].type == E820_NVS)
			rc = maps_firmware(p, b, b->firmware[i].place, diag);
	return rc < 0 ? rc : 0;
}

int maps_target(struct paging *p, const struct place *place,
		struct diag_log *diag)
{
	uint32_t i;
	int rc = maps_add(p, 0, MAPS_LOW_MEMORY,
			  PAGING_WRITE | PAGING_EXECUTE, diag);

	for (i = 0; !rc && i < place->taken_count; i++)
		rc = maps_add(p, place->taken[i].start, place->taken[i].end,
			      PAGING_WRITE | PAGING_EXECUTE, diag);
	return rc;
}
