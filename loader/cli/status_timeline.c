// SPDX-License-Identifier: MIT
/*
 * status_timeline.c - see status_timeline.h.
 */
#include "status_timeline.h"

#include <stdio.h>

#include "jsonout.h"
#include "table.h"
#include "timeline.h"
#include "util.h"

static void print_one(const char *name, const struct timeline *t)
{
	static const char *const columns[] = {
		"<part", ">seconds", ">%", "<grows with", "<what", NULL
	};
	struct table table;
	int i;

	printf("%s stood still for %.3f s%s\n\n", name, t->total,
	       t->over ? "" : ", and does yet");
	table_begin(&table, "parts", columns, NULL);
	for (i = 0; i < TIMELINE_PARTS; i++) {
		if (!timeline_has(t, i))
			continue;
		table_cell(&table, "%s", timeline_name(i));
		table_cell(&table, "%.3f", t->s[i]);
		table_cell(&table, "%.1f", t->total ? 100 * t->s[i] / t->total
						    : 0);
		table_cell(&table, "%s", timeline_cause(i));
		table_cell(&table, "%s", timeline_what(i));
	}
	table_print(&table);
	if (!t->jump_known)
		puts("load has the old kernel's end, too: nobody noted the jump");
	printf("%s of files, %s of them in place before; %s loaded, %llu page map entries read\n\n",
	       human_bytes(t->saved.file_bytes),
	       human_bytes(t->saved.placed_bytes), human_bytes(t->loaded_bytes),
	       (unsigned long long)t->saved.pagemap_entries);
}

static struct json_object *one_json(const char *name,
				    const struct timeline *t)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t us, total = 0;
	int i;

	json_text(o, "name", name);
	json_flag(o, "over", t->over);
	json_u64(o, "pagemap_entries", t->saved.pagemap_entries);
	json_u64(o, "file_bytes", t->saved.file_bytes);
	json_u64(o, "placed_bytes", t->saved.placed_bytes);
	json_u64(o, "loaded_bytes", t->loaded_bytes);
	for (i = 0; i < TIMELINE_PARTS; i++) {
		struct json_object *part = json_object_new_object();

		if (!timeline_has(t, i)) {
			json_object_put(part);
			continue;
		}
		json_text(part, "part", timeline_name(i));
		us = t->s[i] * 1e6 + 0.5;
		total += us;
		json_u64(part, "us", us);
		json_text(part, "grows_with", timeline_cause(i));
		json_text(part, "what", timeline_what(i));
		json_object_array_add(list, part);
	}
	json_u64(o, "total_us", total);
	json_object_object_add(o, "parts", list);
	return o;
}

int status_timeline(const struct handover *h, bool json,
		    struct diag_log *diag)
{
	struct json_object *o = json_object_new_object();
	struct json_object *guests = json_object_new_array();
	char name[HO_NAME_BYTES + 1];
	struct timeline t;
	uint32_t i, count = 0;

	for (i = 0; i < h->result.domain_count; i++) {
		if (!timeline_read(&t, h, &h->domains[i]))
			continue;
		count++;
		snprintf(name, sizeof(name), "%.*s", HO_NAME_BYTES,
			 h->domains[i].name);
		if (json)
			json_object_array_add(guests, one_json(name, &t));
		else
			print_one(name, &t);
	}
	json_u64(o, "generation", h->crumb.generation);
	json_object_object_add(o, "guests", guests);
	if (json)
		json_print(o);
	else
		json_object_put(o);
	return json || count ? 0
		: diag_add(diag, HO_ENODOMAIN, "no guest that upgrade paused");
}
