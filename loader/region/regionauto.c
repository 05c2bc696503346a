// SPDX-License-Identifier: MIT
/*
 * regionauto.c - see regionauto.h.
 */
#include "regionauto.h"

#include "checked.h"
#include "iomem.h"
#include "machine.h"
#include "room.h"
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

/* The highest place of `bytes` bytes that is free RAM below `limit`, 0: none. */
static uint64_t highest(const struct handover *h, const struct taken *t,
			uint64_t bytes, uint64_t limit)
{
	uint64_t at, best = 0;
	uint32_t i;

	for (i = 0; i < h->blob.memory_count; i++) {
		struct range r = h->blob.memory[i];

		if (r.start < MIB)
			r.start = MIB;
		if (r.end > limit)
			r.end = limit;
		at = room_highest(r, bytes, HO_PAGE_2M_BYTES,
				  taken_in_the_way, t);
		if (at > best)
			best = at;
	}
	return best;
}

/* The largest below `limit`: where there is room for a larger one, there is for
 * each smaller one. Empty when there is none. */
static struct range largest(const struct handover *h, const struct taken *t,
			    uint64_t limit)
{
	uint64_t least = LEAST_BYTES / HO_PAGE_2M_BYTES;
	uint64_t most = MOST_BYTES / HO_PAGE_2M_BYTES;
	struct range best = { 0, 0 };

	while (least <= most) {
		uint64_t middle = least + (most - least) / 2;
		uint64_t bytes = middle * HO_PAGE_2M_BYTES;
		uint64_t at = highest(h, t, bytes, limit);

		if (at) {
			best = (struct range){ at, at + bytes };
			least = middle + 1;
		} else {
			most = middle - 1;
		}
	}
	return best;
}

int region_auto(struct range *out, const struct handover *h,
		const char *iomem, struct diag_log *diag)
{
	struct taken t = { 0 };
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
		*out = largest(h, &t, LIMIT_4G);
		if (!range_bytes(*out))
			*out = largest(h, &t, UINT64_MAX);
		if (!range_bytes(*out))
			rc = diag_add(diag, HO_ENOREGION,
				      "no free range of %s",
				      human_bytes(LEAST_BYTES));
	}
	taken_free(&t);
	return rc;
}
