// SPDX-License-Identifier: MIT
/*
 * regionauto.c - see regionauto.h.
 */
#include "regionauto.h"

#include "checked.h"
#include "iomem.h"
#include "machine.h"
#include "taken.h"
#include "util.h"

#define LEAST_BYTES	(64 * MIB)
#define MOST_BYTES	(512 * MIB)

static int take_domains(struct taken *t, const struct handover *h,
			struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < h->blob.stream_range_count; i++)
		rc = taken_add(t, blob_stream_range(&h->blob, i), diag);
	return rc ? rc : taken_add_stream(t, h->stream, h->blob.stream_bytes,
					  diag);
}

/* Where this instance lives. */
static int take_ram(void *context, struct range place, const char *name,
		    struct diag_log *diag)
{
	return iomem_name_is_ram(name) ? taken_add(context, place, diag) : 0;
}

/* What it was told to leave alone. */
static int take_left_out(struct taken *t, struct diag_log *diag)
{
	static const struct taken none;

	return machine_left_out(t, &none, diag);
}

/* [start, end) is free: take it when it is better than *best. Takes the
 * upper end of what is more than enough: a dom0 wants the first 80 MiB. */
static void offer(struct range *best, uint64_t start, uint64_t end)
{
	bool low, best_low;

	start = align_up(start, HO_PAGE_2M_BYTES);
	end = align_down(end, HO_PAGE_2M_BYTES);
	if (start + LEAST_BYTES <= LIMIT_4G && end > LIMIT_4G)
		end = LIMIT_4G;
	if (end > start + MOST_BYTES)
		start = end - MOST_BYTES;
	if (end < start + LEAST_BYTES)
		return;
	low = end <= LIMIT_4G;
	best_low = range_bytes(*best) && best->end <= LIMIT_4G;
	if (low > best_low || (low == best_low &&
			       end - start > range_bytes(*best)))
		*best = (struct range){ start, end };
}

static void search(struct range *best, struct range memory,
		   const struct taken *t)
{
	uint64_t at = memory.start < MIB ? MIB : memory.start;
	size_t i;

	for (i = 0; i < t->count && t->ranges[i].start < memory.end; i++) {
		if (t->ranges[i].start > at)
			offer(best, at, t->ranges[i].start);
		if (t->ranges[i].end > at)
			at = t->ranges[i].end;
	}
	if (at < memory.end)
		offer(best, at, memory.end);
}

int region_auto(struct range *out, const struct handover *h,
		const char *iomem, struct diag_log *diag)
{
	struct taken t = { 0 };
	uint32_t i;
	int rc;

	*out = (struct range){ 0, 0 };
	if (!h->kept.complete)
		return diag_add(diag, HO_EDIGEST, "records of kept domains");
	rc = take_domains(&t, h, diag);
	if (!rc)
		rc = iomem_walk(iomem, take_ram, &t, diag);
	if (!rc)
		rc = take_left_out(&t, diag);
	if (!rc) {
		taken_sort(&t);
		for (i = 0; i < h->blob.memory_count; i++)
			search(out, h->blob.memory[i], &t);
		if (!range_bytes(*out))
			rc = diag_add(diag, HO_ENOREGION,
				      "no free range of %s",
				      human_bytes(LEAST_BYTES));
	}
	taken_free(&t);
	return rc;
}
