// SPDX-License-Identifier: MIT
/*
 * cmd_map.c - a picture of who has the machine's memory: now, or as a blob says.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "handover.h"
#include "jsonout.h"
#include "mapread.h"
#include "util.h"
#include "verdict.h"

#define TEXT_WIDTH	64		/* cells of a row */
#define SVG_WIDTH	384
#define ROWS		24

/* This machine, now. */
static int read_running(struct owners *o, char *title, size_t bytes,
			struct diag_log *diag)
{
	struct handover *h;
	int rc = mapread_iomem(o, "/proc/iomem", diag);

	if (!rc)
		rc = handover_parent(&h, diag);
	if (rc)
		return rc;
	snprintf(title, bytes, "memory of this machine");
	if (h) {
		snprintf(title, bytes, "memory after update %u",
			 h->crumb.generation);
		rc = mapread_handover(o, h, diag);
	}
	handover_free(h);
	return rc;
}

/* What a blob hands over. */
static int read_blob(struct owners *o, const char *path, char *title,
		     size_t bytes, struct diag_log *diag)
{
	struct blob *blob = calloc(1, sizeof(*blob));
	struct mapped m = { 0 }, stream = { 0 };
	int rc;

	if (!blob)
		return diag_add(diag, HO_ENOMEM, "blob");
	rc = mapped_open(&m, path, HO_EFILE, diag);
	if (!rc)
		rc = blob_parse(blob, m.bytes, m.length, BLOB_HANDOVER, diag);
	if (!rc)
		rc = verdict_open_stream(&stream, blob, diag);
	if (!rc)
		rc = mapread_blob(o, blob, blob->stream, diag);
	if (!rc)
		snprintf(title, bytes, "what update %u keeps",
			 blob->generation);
	mapped_close(&stream);
	mapped_close(&m);
	free(blob);
	return rc;
}

static void print_json(const struct owners *o)
{
	struct json_object *all = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	json_u64(all, "free_bytes", o->bytes[OWNER_FREE]);
	json_u64(all, "kernel_bytes", o->bytes[OWNER_KERNEL]);
	json_u64(all, "not_plugged_bytes", o->bytes[OWNER_LEFT]);
	json_u64(all, "region_bytes", o->bytes[OWNER_REGION]);
	for (i = 0; i < o->guest_count; i++) {
		struct json_object *g = json_object_new_object();

		json_u64(g, "domid", o->guests[i].domid);
		json_text(g, "name", o->guests[i].name);
		json_u64(g, "bytes", o->guests[i].bytes);
		json_object_array_add(list, g);
	}
	json_object_object_add(all, "guests", list);
	json_print(all);
}

static int write_svg(const struct owners *o, const char *path,
		     const char *title, struct diag_log *diag)
{
	struct outfile out;
	struct grid g;
	int rc = grid_make(&g, o, SVG_WIDTH, ROWS, diag);

	if (rc)
		return rc;
	rc = outfile_open(&out, path, diag);
	if (!rc) {
		grid_print_svg(out.file, &g, o, title);
		rc = outfile_commit(&out, diag);
	}
	grid_free(&g);
	return rc;
}

static int print_text(const struct owners *o, const char *title,
		      struct diag_log *diag)
{
	struct grid g;
	int rc = grid_make(&g, o, TEXT_WIDTH, ROWS, diag);

	if (rc)
		return rc;
	printf("%s\n\n", title);
	grid_print_text(stdout, &g, o);
	grid_free(&g);
	return 0;
}

int cmd_map(struct arguments *a, struct diag_log *diag)
{
	struct owners o = { 0 };
	char title[64];
	int rc = a->operand_count
	       ? read_blob(&o, a->operands[0], title, sizeof(title), diag)
	       : read_running(&o, title, sizeof(title), diag);

	if (!rc)
		rc = owners_settle(&o, diag);
	if (!rc && a->json)
		print_json(&o);
	else if (!rc && a->svg)
		rc = write_svg(&o, a->svg, title, diag);
	else if (!rc)
		rc = print_text(&o, title, diag);
	owners_free(&o);
	return rc;
}
