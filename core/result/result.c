// SPDX-License-Identifier: MIT
/*
 * result.c - the writer of the result tree: the blob's tree without the
 * stream's bytes, and /result. The reader is result_read.c.
 */
#include "result.h"

#include <libfdt.h>
#include <string.h>

#include "checked.h"
#include "fdtwrite.h"

#define SLACK_BYTES	4096	/* nodes and property heads of /result */

uint64_t result_bytes(const struct result_input *in)
{
	uint64_t dropped = in->blob->stream_range_count
		? 0 : in->blob->stream_bytes;

	return in->blob->fdt_bytes - dropped +
	       (uint64_t)in->plan->map.count * 20 +
	       (uint64_t)in->plan->report.listed * 16 + SLACK_BYTES;
}

static void put_reg_node(struct fdtwrite *w, const char *name,
			 uint64_t address, uint64_t bytes)
{
	fdtwrite_begin_at(w, name, address, bytes);
	fdtwrite_end(w);
}

static void put_map(struct fdtwrite *w, const struct e820_map *map)
{
	uint8_t *at = fdtwrite_room(w, HO_FDT_MEMORY_MAP, 20 * map->count);
	uint32_t i;

	for (i = 0; at && i < map->count; i++, at += 20) {
		const struct e820_entry *e = &map->entries[i];
		fdt32_t type = cpu_to_fdt32(e->type);
		fdt64_t reg[2] = { cpu_to_fdt64(e->place.start),
				   cpu_to_fdt64(range_bytes(e->place)) };

		memcpy(at, &type, 4);
		memcpy(at + 4, reg, 16);
	}
}

static void put_not_plugged(struct fdtwrite *w, const struct e820_report *r)
{
	uint8_t *at = fdtwrite_room(w, HO_FDT_NOT_PLUGGED, 16 * r->listed);
	uint32_t i;

	for (i = 0; at && i < r->listed; i++, at += 16) {
		fdt64_t reg[2] = { cpu_to_fdt64(r->list[i].start),
				   cpu_to_fdt64(range_bytes(r->list[i])) };

		memcpy(at, reg, 16);
	}
}

static void put_tables(struct fdtwrite *w, const struct result_input *in)
{
	const struct pass *pass = in->pass;
	uint32_t count = pass->domains.count;

	fdtwrite_begin_at(w, HO_FDT_FRAMETABLE, pass->ft.root, HO_PAGE_BYTES);
	fdtwrite_u32(w, HO_FDT_LEVELS, HO_FT_LEVELS);
	fdtwrite_u32(w, HO_FDT_TABLES, pass->ft.work.tables);
	fdtwrite_u32(w, HO_FDT_RUNS, pass->ft.work.nodes);
	fdtwrite_end(w);
	if (count) {
		fdtwrite_begin_at(w, HO_FDT_DOMAIN_TABLE, pass->domains.paddr,
				  (uint64_t)count * sizeof(struct ho_domain));
		fdtwrite_u32(w, HO_FDT_COUNT, count);
		fdtwrite_u32(w, HO_FDT_ENTRY_SIZE, sizeof(struct ho_domain));
		fdtwrite_end(w);
	}
}

static void put_result(struct fdtwrite *w, const struct result_input *in)
{
	fdt64_t tsc[8];
	int i;

	for (i = 0; i < 8; i++)
		tsc[i] = cpu_to_fdt64(in->stage_tsc[i]);
	fdtwrite_begin(w, HO_FDT_RESULT);
	fdtwrite_string(w, "compatible", HO_FDT_RESULT_COMPAT);
	fdtwrite_u32(w, HO_FDT_VERSION, HO_ABI_VERSION);
	fdtwrite_u32(w, HO_FDT_COMPAT, HO_ABI_COMPAT);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_bytes(w, HO_FDT_STAGE_TSC, tsc, sizeof(tsc));
	fdtwrite_u32(w, HO_FDT_TSC_KHZ, in->blob->tsc_khz);
	fdtwrite_u64(w, HO_FDT_FRAMES_OWNED, in->pass->frame_count);
	fdtwrite_u64(w, HO_FDT_FRAMES_PLUGGED, in->plan->report.plugged_frames);
	fdtwrite_u64(w, HO_FDT_FRAMES_UNPLUGGED,
		     in->plan->report.unplugged_frames);
	fdtwrite_u64(w, HO_FDT_REGION_USED, in->pass->region->used_bytes);
	put_map(w, &in->plan->map);
	put_not_plugged(w, &in->plan->report);
	put_reg_node(w, HO_FDT_BLOB, in->blob_paddr, in->blob->fdt_bytes);
	put_tables(w, in);
	put_reg_node(w, HO_FDT_LOG, in->log_paddr, in->log_bytes);
	fdtwrite_end(w);
}

/* A property of the blob; the stream's bytes become their address, and no other
 * is one. */
static void copy_property(struct fdtwrite *w, const struct result_input *in,
			  int offset)
{
	const struct fdt_property *prop;
	const char *name;
	int length;

	prop = fdt_get_property_by_offset(in->blob->fdt, offset, &length);
	if (!prop) {
		w->rc = length;
		return;
	}
	name = fdt_string(in->blob->fdt, fdt32_to_cpu(prop->nameoff));
	if (!in->blob->stream_range_count &&
	    (const uint8_t *)prop->data == in->blob->stream)
		fdtwrite_u64(w, HO_FDT_DATA_ADDRESS,
			     in->blob_paddr + in->blob->stream_offset);
	else if (strcmp(name, HO_FDT_DATA_ADDRESS))
		fdtwrite_bytes(w, name, prop->data, length);
}

/* The blob's tree, tag by tag, but for its root, which the writer makes, and a
 * /result that some writer has put there: that is the stub's. */
static void copy_tree(struct fdtwrite *w, const struct result_input *in)
{
	const void *fdt = in->blob->fdt;
	int offset = 0, next, depth = 0;
	bool left_out = false;
	const char *name;
	uint32_t tag;

	do {
		tag = fdt_next_tag(fdt, offset, &next);
		switch (tag) {
		case FDT_BEGIN_NODE:
			name = fdt_get_name(fdt, offset, NULL);
			if (depth == 1)
				left_out = !strcmp(name, HO_FDT_RESULT);
			if (depth++ && !left_out)
				fdtwrite_begin(w, name);
			break;
		case FDT_PROP:
			if (!left_out)
				copy_property(w, in, offset);
			break;
		case FDT_END_NODE:
			if (--depth && !left_out)
				fdtwrite_end(w);
			if (depth == 1)
				left_out = false;
			break;
		case FDT_END:
			if (next < 0 && !w->rc)
				w->rc = next;
			break;
		}
		offset = next;
	} while (tag != FDT_END && !w->rc);
}

int result_write(void *out, uint64_t capacity, const struct result_input *in,
		 uint64_t *bytes, struct diag_log *diag)
{
	struct fdtwrite w;

	fdtwrite_start(&w, out, capacity > INT32_MAX ? INT32_MAX : capacity);
	copy_tree(&w, in);
	put_result(&w, in);
	*bytes = fdtwrite_finish(&w);
	if (w.rc)
		return diag_add(diag, HO_EINTERNAL,
				"result tree: libfdt error %d", w.rc);
	return 0;
}
