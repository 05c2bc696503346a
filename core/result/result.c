// SPDX-License-Identifier: MIT
/*
 * result.c - the writer of the result tree: the blob's tree without the
 * stream's bytes, and /result. Called by the stub; the reader is result_read.c.
 */
#include "result.h"

#include <libfdt.h>
#include <string.h>

#include "checked.h"
#include "fdtread.h"
#include "fmt.h"

#define SLACK_BYTES	4096	/* nodes and property heads of /result */

uint64_t result_bytes(const struct result_input *in)
{
	uint64_t dropped = in->blob->stream_range_count
		? 0 : in->blob->stream_bytes;

	return in->blob->fdt_bytes - dropped +
	       (uint64_t)in->plan->map.count * 20 +
	       (uint64_t)in->plan->report.listed * 16 + SLACK_BYTES;
}

/* The first libfdt error sticks; the rest is not done. */
struct writer {
	void *fdt;
	int rc;
};

static void put_bytes(struct writer *w, const char *name, const void *bytes,
		      int length)
{
	if (!w->rc)
		w->rc = fdt_property(w->fdt, name, bytes, length);
}

static void put_u32(struct writer *w, const char *name, uint32_t v)
{
	fdt32_t cell = cpu_to_fdt32(v);

	put_bytes(w, name, &cell, sizeof(cell));
}

static void put_u64(struct writer *w, const char *name, uint64_t v)
{
	fdt64_t cells = cpu_to_fdt64(v);

	put_bytes(w, name, &cells, sizeof(cells));
}

static void put_string(struct writer *w, const char *name, const char *text)
{
	put_bytes(w, name, text, strlen(text) + 1);
}

static void begin(struct writer *w, const char *name)
{
	if (!w->rc)
		w->rc = fdt_begin_node(w->fdt, name);
}

static void end(struct writer *w)
{
	if (!w->rc)
		w->rc = fdt_end_node(w->fdt);
}

/* A node `name@address` with reg. */
static void begin_at(struct writer *w, const char *name, uint64_t address,
		     uint64_t bytes)
{
	fdt64_t reg[2] = { cpu_to_fdt64(address), cpu_to_fdt64(bytes) };
	char node[48];

	fmt_print(node, sizeof(node), "%s@%llx", name,
		  (unsigned long long)address);
	begin(w, node);
	put_bytes(w, "reg", reg, sizeof(reg));
}

static void put_reg_node(struct writer *w, const char *name, uint64_t address,
			 uint64_t bytes)
{
	begin_at(w, name, address, bytes);
	end(w);
}

/* Space for a property of `length` bytes to be filled in place. */
static uint8_t *put_space(struct writer *w, const char *name, int length)
{
	void *at = NULL;

	if (!w->rc)
		w->rc = fdt_property_placeholder(w->fdt, name, length, &at);
	return w->rc ? NULL : at;
}

static void put_map(struct writer *w, const struct e820_map *map)
{
	uint8_t *at = put_space(w, HO_FDT_MEMORY_MAP, 20 * map->count);
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

static void put_not_plugged(struct writer *w, const struct e820_report *r)
{
	uint8_t *at = put_space(w, HO_FDT_NOT_PLUGGED, 16 * r->listed);
	uint32_t i;

	for (i = 0; at && i < r->listed; i++, at += 16) {
		fdt64_t reg[2] = { cpu_to_fdt64(r->list[i].start),
				   cpu_to_fdt64(range_bytes(r->list[i])) };

		memcpy(at, reg, 16);
	}
}

static void put_tables(struct writer *w, const struct result_input *in)
{
	const struct pass *pass = in->pass;
	uint32_t count = pass->domains.count;

	begin_at(w, HO_FDT_FRAMETABLE, pass->ft.root, HO_PAGE_BYTES);
	put_u32(w, HO_FDT_LEVELS, HO_FT_LEVELS);
	put_u32(w, HO_FDT_TABLES, pass->ft.work.tables);
	put_u32(w, HO_FDT_RUNS, pass->ft.work.nodes);
	end(w);
	if (count) {
		begin_at(w, HO_FDT_DOMAIN_TABLE, pass->domains.paddr,
			 (uint64_t)count * sizeof(struct ho_domain));
		put_u32(w, HO_FDT_COUNT, count);
		put_u32(w, HO_FDT_ENTRY_SIZE, sizeof(struct ho_domain));
		end(w);
	}
}

static void put_result(struct writer *w, const struct result_input *in)
{
	fdt64_t tsc[8];
	int i;

	for (i = 0; i < 8; i++)
		tsc[i] = cpu_to_fdt64(in->stage_tsc[i]);
	begin(w, HO_FDT_RESULT);
	put_string(w, "compatible", HO_FDT_RESULT_COMPAT);
	put_u32(w, "#address-cells", 2);
	put_u32(w, "#size-cells", 2);
	put_bytes(w, HO_FDT_STAGE_TSC, tsc, sizeof(tsc));
	put_u32(w, HO_FDT_TSC_KHZ, in->blob->tsc_khz);
	put_u64(w, HO_FDT_FRAMES_OWNED, in->pass->frame_count);
	put_u64(w, HO_FDT_FRAMES_PLUGGED, in->plan->report.plugged_frames);
	put_u64(w, HO_FDT_FRAMES_UNPLUGGED,
		in->plan->report.unplugged_frames);
	put_u64(w, HO_FDT_REGION_USED, in->pass->region->used_bytes);
	put_map(w, &in->plan->map);
	put_not_plugged(w, &in->plan->report);
	put_reg_node(w, HO_FDT_BLOB, in->blob_paddr, in->blob->fdt_bytes);
	put_tables(w, in);
	put_reg_node(w, HO_FDT_LOG, in->log_paddr, in->log_bytes);
	end(w);
}

/* A property of the blob; the stream's bytes become their address. */
static void copy_property(struct writer *w, const struct result_input *in,
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
		put_u64(w, HO_FDT_DATA_ADDRESS,
			in->blob_paddr + in->blob->stream_offset);
	else
		put_bytes(w, name, prop->data, length);
}

/* The blob's tree, tag by tag. /result is appended before the root ends. */
static void copy_tree(struct writer *w, const struct result_input *in)
{
	const void *fdt = in->blob->fdt;
	int offset = 0, next, depth = 0;
	uint32_t tag;

	do {
		tag = fdt_next_tag(fdt, offset, &next);
		switch (tag) {
		case FDT_BEGIN_NODE:
			depth++;
			begin(w, fdt_get_name(fdt, offset, NULL));
			break;
		case FDT_PROP:
			copy_property(w, in, offset);
			break;
		case FDT_END_NODE:
			if (--depth == 0)
				put_result(w, in);
			end(w);
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
	struct writer w = { .fdt = out };

	w.rc = fdt_create(out, capacity > INT32_MAX ? INT32_MAX : capacity);
	if (!w.rc)
		w.rc = fdt_finish_reservemap(out);
	if (!w.rc)
		copy_tree(&w, in);
	if (!w.rc)
		w.rc = fdt_finish(out);
	if (w.rc)
		return diag_add(diag, HO_EINTERNAL,
				"result tree: libfdt error %d", w.rc);
	*bytes = fdt_totalsize(out);
	return 0;
}
