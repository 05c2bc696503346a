// SPDX-License-Identifier: MIT
/*
 * rehearsefacts.c - see rehearsefacts.h. Devices are in rehearsetree.c.
 */
#include "rehearsefacts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "qemulook.h"
#include "util.h"

static void add(struct guest_facts *f, char ***list, int *count, int *room,
		const char *format, va_list args)
{
	if (*count == *room) {
		int more = *room ? 2 * *room : 256;
		char **bigger = realloc(*list, more * sizeof(*bigger));

		if (!bigger) {
			f->failed = true;
			return;
		}
		*list = bigger;
		*room = more;
	}
	if (vasprintf(&(*list)[*count], format, args) < 0)
		f->failed = true;
	else
		++*count;
}

void fact_part(struct guest_facts *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(f, &f->parts, &f->part_count, &f->part_room, format, args);
	va_end(args);
}

void fact_property(struct guest_facts *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(f, &f->properties, &f->property_count, &f->property_room, format,
	    args);
	va_end(args);
}

void guest_facts_free(struct guest_facts *f)
{
	int i;

	for (i = 0; i < f->part_count; i++)
		free(f->parts[i]);
	for (i = 0; i < f->property_count; i++)
		free(f->properties[i]);
	free(f->parts);
	free(f->properties);
	f->parts = f->properties = NULL;
	f->part_count = f->property_count = 0;
	f->part_room = f->property_room = 0;
}

const char *fact_name(const char *name)
{
	return !name ? "" : *name == '#' || !strncmp(name, "baton-", 6) ? "#"
								: name;
}

/* "NAME PSIZE 0xOFFSET 0xUSED 0xTOTAL": a block that is used up to less than its
 * end (tables of the firmware) grows to what comes in. */
void guest_facts_ram(struct guest_facts *f, const char *text)
{
	char name[128];
	uint64_t total;
	const char *line;

	for (line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%127s %*s %*s %*x %*x %" SCNx64, name,
			   &total) == 2)
			fact_part(f, "RAM block %s\t%s", name,
				  human_bytes(total));
	}
}

/* Types that are the same thing by another name: memory that is kept is a file
 * to the new QEMU. */
static const char *type_of(const char *type)
{
	return type && !strncmp(type, "child<memory-backend", 20)
		? "memory-backend" : type ? type : "";
}

/* dbus-display comes with -display, which a rehearsal does not have. */
static int take_folder(struct guest_facts *f, struct qmp *m, const char *folder,
		       const char *what, struct diag_log *diag)
{
	struct json_object *list;
	size_t i;
	int rc = qmp_call(m, "qom-list", qmp_argument("path", folder), &list,
			  HO_EQMP, diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		const char *name = qmp_text(qmp_item(list, i), "name");
		const char *type = qmp_text(qmp_item(list, i), "type");

		if (!name || !type || strncmp(type, "child<", 6) ||
		    !strcmp(name, "dbus-display"))
			continue;
		if (strchr(name, '['))
			fact_part(f, "%s without id\t%s", what, type);
		else
			fact_part(f, "%s %s\t%s", what, name, type_of(type));
	}
	json_object_put(list);
	return rc;
}

static struct json_object *get(struct qmp *m, const char *path,
			       const char *property)
{
	struct json_object *argument = qmp_argument("path", path), *o = NULL;
	struct diag_log scratch;

	json_object_object_add(argument, "property",
			       json_object_new_string(property));
	diag_init(&scratch, HO_STAGE_LOADER);
	if (qmp_call(m, "qom-get", argument, &o, 0, &scratch))
		return NULL;
	return o;
}

/* Only values that are the same at any time: no links, no clock. */
static bool is_setting(const char *name, const char *type)
{
	static const char *const types[] = {
		"MemorySizeConfiguration", "OnOffAuto", "SMPConfiguration",
		"ThrottleLimits",
		"bool", "int", "size", "str", "string", "uint32", "uint64",
		"uint64_t",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(types); i++)
		if (!strcmp(type, types[i]))
			return strcmp(name, "dumpdtb") &&
			       strcmp(name, "thread-id");
	return false;
}

/* Member by member: a newer QEMU has more of them. */
static void add_setting(struct guest_facts *f, const char *path,
			const char *name, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_object)) {
		fact_property(f, "%s's %s\t%s", path, name,
			      json_object_get_string(value) ?: "");
		return;
	}
	json_object_object_foreach(value, key, member)
		fact_property(f, "%s's %s.%s\t%s", path, name, key,
			      json_object_get_string(member) ?: "");
}

static int take_settings(struct guest_facts *f, struct qmp *m,
			 const char *path, struct diag_log *diag)
{
	struct json_object *list;
	size_t i;
	int rc = qmp_call(m, "qom-list", qmp_argument("path", path), &list,
			  HO_EQMP, diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		const char *name = qmp_text(qmp_item(list, i), "name");
		const char *type = qmp_text(qmp_item(list, i), "type");
		struct json_object *value;

		if (!name || !type || !is_setting(name, type))
			continue;
		value = get(m, path, name);
		add_setting(f, path, name, value);
		json_object_put(value);
	}
	json_object_put(list);
	return rc;
}

/* Memory that is kept has other settings. */
static int take_objects(struct guest_facts *f, struct qmp *m,
			struct diag_log *diag)
{
	struct json_object *list;
	char path[256];
	size_t i;
	int rc = qmp_call(m, "qom-list", qmp_argument("path", "/objects"),
			  &list, HO_EQMP, diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		const char *type = qmp_text(qmp_item(list, i), "type") ?: "";

		snprintf(path, sizeof(path), "/objects/%s",
			 qmp_text(qmp_item(list, i), "name") ?: "");
		if (!strncmp(type, "child<", 6) &&
		    strcmp(type_of(type), "memory-backend"))
			rc = take_settings(f, m, path, diag);
	}
	json_object_put(list);
	return rc;
}

/* Word by word: a newer QEMU knows more of them. */
static void take_features(struct guest_facts *f, struct qmp *m,
			  const char *path)
{
	struct json_object *list = get(m, path, "feature-words");
	size_t i;

	for (i = 0; i < qemu_list_length(list); i++) {
		struct json_object *o = qmp_item(list, i);

		fact_property(f, "CPU's features of leaf %s %s %s\t%s",
			      qmp_plain(o, "cpuid-input-eax"),
			      qmp_plain(o, "cpuid-input-ecx"),
			      qmp_text(o, "cpuid-register") ?: "",
			      qmp_plain(o, "features"));
	}
	json_object_put(list);
}

/* The features that its guest sees are the same for all CPUs of a type. */
static int take_cpus(struct guest_facts *f, struct qmp *m, struct diag_log *diag)
{
	static const char *const features[] = {
		"family", "model", "model-id", "stepping", "vendor",
	};
	struct json_object *list, *value;
	const char *path;
	size_t i;
	int rc = qmp_call(m, "query-cpus-fast", NULL, &list, HO_EQMP, diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		struct json_object *cpu = qmp_item(list, i);

		path = qmp_text(cpu, "qom-path");
		value = path ? get(m, path, "type") : NULL;
		fact_part(f, "CPU %s\t%s", qmp_plain(cpu, "props"),
			  json_object_get_string(value) ?: "");
		json_object_put(value);
	}
	path = rc ? NULL : qmp_text(qmp_item(list, 0), "qom-path");
	for (i = 0; path && i < ARRAY_COUNT(features); i++) {
		value = get(m, path, features[i]);
		fact_property(f, "CPU's %s\t%s", features[i],
			      json_object_get_string(value) ?: "");
		json_object_put(value);
	}
	if (path)
		take_features(f, m, path);
	json_object_put(list);
	return rc;
}

static int take_memory(struct guest_facts *f, struct qmp *m, struct diag_log *diag)
{
	static const char *const places[] = { "addr", "memaddr", "memdev",
					      "node", "slot" };
	struct json_object *list, *data;
	size_t i, j;
	int rc = qmp_call(m, "query-memory-devices", NULL, &list, HO_EQMP,
			  diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		if (!json_object_object_get_ex(qmp_item(list, i), "data",
					       &data))
			continue;
		for (j = 0; j < ARRAY_COUNT(places); j++)
			fact_part(f, "memory device %s's %s\t%s",
				  qmp_text(data, "id") ?: "", places[j],
				  qmp_plain(data, places[j]));
	}
	json_object_put(list);
	return rc;
}

static int take_text(struct guest_facts *f, struct qmp *m, const char *line,
		     void (*take)(struct guest_facts *f, const char *text),
		     struct diag_log *diag)
{
	char *text = qmp_human(m, line, diag);

	if (!text)
		return -HO_EQMP;
	take(f, text);
	free(text);
	return 0;
}

int guest_facts_take(struct guest_facts *f, struct qmp *m, struct diag_log *diag)
{
	int rc = take_text(f, m, "info ramblock", guest_facts_ram, diag);

	if (!rc)
		rc = take_text(f, m, "info qtree", guest_facts_devices, diag);
	if (!rc)
		rc = take_folder(f, m, "/machine/peripheral", "device", diag);
	if (!rc)
		rc = take_folder(f, m, "/machine/peripheral-anon", "device",
				 diag);
	if (!rc)
		rc = take_folder(f, m, "/objects", "object", diag);
	if (!rc)
		rc = take_objects(f, m, diag);
	if (!rc)
		rc = take_settings(f, m, "/machine", diag);
	if (!rc)
		rc = take_cpus(f, m, diag);
	if (!rc)
		rc = take_memory(f, m, diag);
	if (!rc)
		rc = guest_facts_disks(f, m, diag);
	return !rc && f->failed ? diag_add(diag, HO_ENOMEM, "rehearsal") : rc;
}
