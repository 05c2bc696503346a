// SPDX-License-Identifier: MIT
/*
 * menddrive.c - drives and their media as they are now: see mend.h.
 * Source of the names of limits: qapi/block-core.json, blockdev.c of QEMU.
 */
#include "mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Options that are a drive, and what -drive says instead. */
static const struct { const char *name, *text; } drives[] = {
	{ "", "index=0,media=disk" }, { "cdrom", "index=2,media=cdrom" },
	{ "drive", "" }, { "fda", "index=0,if=floppy" },
	{ "fdb", "index=1,if=floppy" }, { "hda", "index=0,media=disk" },
	{ "hdb", "index=1,media=disk" }, { "hdc", "index=2,media=disk" },
	{ "hdd", "index=3,media=disk" }, { "mtdblock", "if=mtd" },
	{ "pflash", "if=pflash" }, { "sd", "if=sd" },
};

/* The option as -drive has it; NULL: it is no drive. */
static char *drive_text(const struct guest_option *o)
{
	char *file, *out = NULL;
	size_t i;

	if (guest_option_is(o, "drive"))
		return strdup(o->value);
	for (i = 0; i < ARRAY_COUNT(drives); i++)
		if (guest_option_is(o, drives[i].name))
			break;
	file = i < ARRAY_COUNT(drives) ? guest_text_escaped(o->value) : NULL;
	if (file && asprintf(&out, "%s,file=%s", drives[i].text, file) < 0)
		out = NULL;
	free(file);
	return out;
}

bool mend_is_drive(const struct mend *m, const char *name)
{
	return qemu_has_id(m->q, "drive", name);
}

static struct json_object *named_block(struct mend *m, const char *name)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->blocks); i++)
		if (!strcmp(qmp_text(qmp_item(m->blocks, i), "device") ?: "",
			    name))
			return qmp_item(m->blocks, i);
	return NULL;
}

/* Backends that no option names are in the order of their options. */
static struct json_object *block_of(struct mend *m,
				    const struct guest_option *wanted)
{
	struct guest_option o;
	size_t i = 0;
	int at = 1, from = 1;

	for (; guest_option_next(m->q->conf.args, &at, &o); from = at) {
		char *text = o.value && !m->gone[from] ? drive_text(&o)
						       : NULL;
		char *id = text ? guest_value_get(text, "id") : NULL;
		struct json_object *found = id ? named_block(m, id) : NULL;
		bool here = o.value == wanted->value;

		for (; text && !id && i < qemu_list_length(m->blocks); i++) {
			const char *name = qmp_text(qmp_item(m->blocks, i),
						    "device") ?: "";

			if (!*name || mend_is_drive(m, name))
				continue;
			found = qmp_item(m->blocks, i++);
			break;
		}
		free(text);
		free(id);
		if (here)
			return found;
	}
	return NULL;
}

static bool is_medium(const char *key)
{
	static const char *const keys[] = { "backing", "driver", "file",
					    "format", "node-name",
					    "read-only", "readonly" };
	size_t i, length;

	for (i = 0; i < ARRAY_COUNT(keys); i++) {
		length = strlen(keys[i]);
		if (!strncmp(key, keys[i], length) &&
		    (!key[length] || key[length] == '.'))
			return true;
	}
	return false;
}

static bool is_limit(const char *key)
{
	return !strncmp(key, "throttling.", 11) || !strncmp(key, "bps", 3) ||
	       !strncmp(key, "iops", 4) || !strcmp(key, "group");
}

/* A name that an option can say as it is. */
static bool is_plain(const char *file)
{
	return *file && strncmp(file, "json:", 5) && !strstr(file, "://");
}

static bool is_local(struct mend *m, const char *file)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->nodes); i++) {
		struct json_object *o = qmp_item(m->nodes, i);
		const char *driver = qmp_text(o, "drv") ?: "";

		if (!strcmp(qmp_text(o, "file") ?: "", file) &&
		    (!strcmp(driver, "file") ||
		     !strncmp(driver, "host_", 5)))
			return is_plain(file);
	}
	return false;
}

/* True when the option has something that is not a plain medium. */
static bool is_empty_option(const char *text)
{
	char *file = guest_value_get(text, "file");
	char *driver = guest_value_get(text, "file.driver");
	char *name = guest_value_get(text, "file.filename");
	char *format = guest_value_get(text, "driver");
	bool empty = !(file && *file) && !driver && !name && !format;

	free(file);
	free(driver);
	free(name);
	free(format);
	return empty;
}

static char *change_medium(struct mend *m, char *text,
			   struct json_object *in)
{
	const char *file = in ? qmp_text(in, "file") ?: "" : "";
	const char *node = in ? qmp_text(in, "node-name") ?: "#" : "#";
	bool cd = guest_value_is(text, "media", "cdrom");
	bool empty = is_empty_option(text);
	char *out;

	if (*file ? !empty && qemu_is_named(m->q, text, file) : empty)
		return text;
	if (*file && !is_local(m, file))
		return text;
	out = guest_value_without(text, is_medium);
	if (*file) {
		guest_value_add(&out, "file", json_object_new_string(file));
		guest_value_add(&out, "format", json_object_new_string(
				qmp_text(in, "drv") ?: "raw"));
		if (*node != '#')
			guest_value_add(&out, "node-name",
					json_object_new_string(node));
		if (!cd)
			guest_value_add(&out, "readonly",
				json_object_new_string(
					json_object_get_boolean(
						qmp_member(in, "ro"))
					? "on" : "off"));
	}
	m->changed = true;
	free(text);
	return out;
}

/* bps_rd_max_length is throttling.bps-read-max-length. */
static const struct { const char *name, *text; } limits[] = {
	{ "bps", "bps-total" }, { "bps_rd", "bps-read" },
	{ "bps_wr", "bps-write" }, { "iops", "iops-total" },
	{ "iops_rd", "iops-read" }, { "iops_wr", "iops-write" },
};
static const char *const limit_ends[][2] = {
	{ "", "" }, { "_max", "-max" }, { "_max_length", "-max-length" },
};

/* The limit that the option says, by any of its names; 0: none. */
static int64_t said(const char *text, const char *old, const char *key)
{
	char *value = guest_value_get(text, key);
	int64_t limit;

	value = value ?: guest_value_get(text, old);
	limit = value ? atoll(value) : 0;
	free(value);
	return limit;
}

struct limit {
	char name[32], key[48];
	int64_t now;
};

static bool next_limit(struct json_object *in, size_t i, struct limit *l)
{
	size_t kind = i / ARRAY_COUNT(limit_ends);
	const char *const *end = limit_ends[i % ARRAY_COUNT(limit_ends)];
	struct json_object *value;

	if (kind == ARRAY_COUNT(limits)) {
		strcpy(l->name, "iops_size");
		strcpy(l->key, "throttling.iops-size");
		if (i % ARRAY_COUNT(limit_ends))
			return false;
	} else if (kind > ARRAY_COUNT(limits)) {
		return false;
	} else {
		snprintf(l->name, sizeof(l->name), "%s%s", limits[kind].name,
			 end[0]);
		snprintf(l->key, sizeof(l->key), "throttling.%s%s",
			 limits[kind].text, end[1]);
	}
	value = qmp_member(in, l->name);
	l->now = value ? json_object_get_int64(value) : 0;
	return true;
}

bool qemu_limits_differ(const char *text, struct json_object *in)
{
	struct limit l;
	size_t i;

	for (i = 0; next_limit(in, i, &l); i++) {
		int64_t was = said(text, l.name, l.key);

		if (was != l.now && !(strstr(l.key, "length") && !was &&
				      l.now == 1))
			return true;
	}
	return false;
}

static char *change_limits(struct mend *m, char *text,
			   struct json_object *block, struct json_object *in)
{
	const char *group = qmp_text(in, "group");
	struct limit l;
	char *out;
	size_t i;

	if (!in || !qemu_limits_differ(text, in))
		return text;
	out = guest_value_without(text, is_limit);
	for (i = 0; next_limit(in, i, &l); i++)
		if (l.now)
			guest_value_add(&out, l.key,
					json_object_new_int64(l.now));
	if (group && strcmp(group, qmp_text(block, "device") ?: ""))
		guest_value_add(&out, "throttling.group",
				json_object_new_string(group));
	m->changed = true;
	free(text);
	return out;
}

char *mend_drive(struct mend *m, const struct guest_option *o)
{
	char *text = drive_text(o), *was = text ? strdup(text) : NULL;
	struct json_object *block = text ? block_of(m, o) : NULL;

	if (block) {
		struct json_object *in = qmp_member(block, "inserted");

		text = change_medium(m, text, in);
		if (text)
			text = change_limits(m, text, block, in);
	}
	/* an option of another kind stays as it was written */
	if (!block || (text && was && !strcmp(text, was))) {
		free(text);
		text = NULL;
	}
	free(was);
	return text;
}

bool mend_drive_stays(struct mend *m, const char *option)
{
	char *id = guest_value_get(option, "id");
	bool stays = !id || named_block(m, id);

	free(id);
	return stays;
}

/* Options that make a backend whose name QEMU chose. */
static size_t count_nameless(const struct mend *m)
{
	struct guest_option o;
	size_t count = 0;
	int at = 1, from = 1;

	for (; guest_option_next(m->q->conf.args, &at, &o); from = at) {
		char *text = o.value && !m->gone[from] ? drive_text(&o)
						       : NULL;
		char *id = text ? guest_value_get(text, "id") : NULL;

		count += text && !id;
		free(text);
		free(id);
	}
	return count;
}

static const char *on_off(struct json_object *o, const char *key)
{
	return json_object_get_boolean(qmp_member(o, key)) ? "on" : "off";
}

/* A drive of the monitor's drive_add. NULL: not all that it is can be read. */
static char *added_drive(struct mend *m, struct json_object *block)
{
	struct json_object *in = qmp_member(block, "inserted");
	struct json_object *cache = qmp_member(in, "cache");
	const char *format = qmp_text(in, "drv") ?: "";
	const char *file = qmp_text(in, "file") ?: "";
	char *escaped = NULL, *text = NULL;

	if (cache && is_local(m, file) &&
	    (!strcmp(format, "raw") || !strcmp(format, "qcow2")) &&
	    !json_object_get_boolean(qmp_member(in, "encrypted")))
		escaped = guest_text_escaped(file);
	if (escaped &&
	    asprintf(&text, "file=%s,if=none,id=%s,format=%s,readonly=%s,"
		     "cache.direct=%s,cache.no-flush=%s,detect-zeroes=%s",
		     escaped, qmp_text(block, "device"), format,
		     on_off(in, "ro"), on_off(cache, "direct"),
		     on_off(cache, "no-flush"),
		     qmp_text(in, "detect_zeroes") ?: "off") < 0)
		text = NULL;
	free(escaped);
	return text ? change_limits(m, text, block, in) : NULL;
}

/* QEMU's own, which it makes again, are of devices without an option. */
static bool is_of_machine(struct json_object *block)
{
	static const char folder[] = "/machine/unattached/";

	return !strncmp(qmp_text(block, "qdev") ?: "", folder,
			strlen(folder));
}

void mend_add_drives(struct mend *m)
{
	size_t i, known = count_nameless(m);

	for (i = 0; i < qemu_list_length(m->blocks); i++) {
		struct json_object *block = qmp_item(m->blocks, i);
		const char *name = qmp_text(block, "device") ?: "";
		char *text;

		if (!*name || mend_is_drive(m, name))
			continue;
		if (known) {
			known--;
			continue;
		}
		text = is_of_machine(block) ? NULL : added_drive(m, block);
		if (!text)
			continue;
		arg_option(&m->added, "drive", text);
		m->changed = true;
	}
}
