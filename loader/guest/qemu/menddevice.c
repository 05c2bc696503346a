// SPDX-License-Identifier: MIT
/*
 * menddevice.c - devices that came while a guest ran: see mend.h.
 */
#include "mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static struct json_object *text(const char *words)
{
	return json_object_new_string(words);
}

/* A device that came while the guest ran. */
struct device {
	char path[MEND_PATH_BYTES];
	const char *id;			/* NULL: none */
	bool done;
};

static bool is_left_out(const char *name, const char *type,
			const char *driver)
{
	static const char *const names[] = { "attached", "bus", "busnr", "id",
					     "romsize" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	/* how large its backend is */
	if (!strcmp(name, "size") && (strstr(driver, "dimm") ||
				      strstr(driver, "-mem")))
		return true;
	return !strncmp(type, "child<", 6);
}

/* Of a value that QEMU gave itself: it would again. */
static bool is_default(struct json_object *property,
		       struct json_object *value, const char *name)
{
	const char *words = json_object_get_string(value);
	struct json_object *usual;

	if (json_object_object_get_ex(property, "default-value", &usual))
		return json_object_equal(usual, value);
	if (!strcmp(name, "romfile"))
		return *words != '\0';
	if (json_object_is_type(value, json_type_string))
		return !*words;
	return json_object_is_type(value, json_type_int) &&
	       json_object_get_int64(value) < 0;
}

static const char *short_link(const char *path)
{
	return !strncmp(path, "/objects/", 9) ? path + 9 : NULL;
}

static void add_value(struct mend *m, struct json_object *o,
		      const struct device *d, const char *name,
		      const char *type, struct json_object *value)
{
	char address[16], *node;
	const char *link;

	if (!strncmp(type, "link<", 5)) {
		link = short_link(json_object_get_string(value));
		if (link)
			json_object_object_add(o, name, text(link));
	} else if (!strcmp(name, "drive")) {
		node = *json_object_get_string(value) == '#' && d->id
			? mend_medium(m, d->id) : NULL;
		json_object_object_add(o, name, node ? text(node)
						     : json_object_get(value));
		free(node);
	} else if (!strcmp(name, "addr") &&
		   mend_pci_address(m, d->path, address)) {
		json_object_object_add(o, name, text(address));
	} else if (!strchr(type, '<') &&
		   !json_object_is_type(value, json_type_object) &&
		   !json_object_is_type(value, json_type_array)) {
		json_object_object_add(o, name, json_object_get(value));
	}
}

static void add_properties(struct mend *m, struct json_object *o,
			   const struct device *d, const char *driver)
{
	struct json_object *list = qemu_ask(m->q, "device-list-properties",
					    qmp_argument("typename", driver));
	size_t i;

	for (i = 0; i < qemu_list_length(list); i++) {
		struct json_object *property = qmp_item(list, i), *value;
		const char *name = qmp_text(property, "name") ?: "";
		const char *type = qmp_text(property, "type") ?: "";

		if (is_left_out(name, type, driver))
			continue;
		value = mend_get(m, d->path, name);
		if (value && !is_default(property, value, name))
			add_value(m, o, d, name, type, value);
		json_object_put(value);
	}
	json_object_put(list);
}

/* Where it is among the CPUs; its features are those of all. */
static bool add_cpu(struct mend *m, struct json_object *o, const char *path)
{
	struct json_object *props;
	size_t i;

	for (i = 0; i < qemu_list_length(m->cpus); i++) {
		if (strcmp(qmp_text(qmp_item(m->cpus, i), "qom-path") ?: "",
			   path) ||
		    !json_object_object_get_ex(qmp_item(m->cpus, i), "props",
					       &props))
			continue;
		json_object_object_foreach(props, key, value)
			json_object_object_add(o, key,
					       json_object_get(value));
		return true;
	}
	return false;
}

static void add_device(struct mend *m, const struct device *d)
{
	struct json_object *type = mend_get(m, d->path, "type"), *o;
	const char *driver = json_object_get_string(type);
	char *bus = mend_bus(m, d->path), port[16];
	int number = driver ? mend_usb_port(m, driver, d->id) : 0;

	o = json_object_new_object();
	json_object_object_add(o, "driver", text(driver ? driver : ""));
	if (d->id)
		json_object_object_add(o, "id", text(d->id));
	if (bus)
		json_object_object_add(o, "bus", text(bus));
	snprintf(port, sizeof(port), "%d", number);
	if (number)
		json_object_object_add(o, "port", text(port));
	if (driver && !add_cpu(m, o, d->path))
		add_properties(m, o, d, driver);
	arg_option(&m->added, "device", guest_json_text(o));
	json_object_put(type);
	free(bus);
	m->moved = m->changed = true;
}

/* True when the bus that it is on is of one that is still to be added. */
static bool must_wait(struct mend *m, const struct device *d,
		      const struct device *all, int count)
{
	struct json_object *o = mend_get(m, d->path, "parent_bus");
	const char *bus = o ? json_object_get_string(o) ?: "" : "";
	bool waits = false;
	int i;

	for (i = 0; i < count && !waits; i++) {
		size_t length = strlen(all[i].path);

		waits = !all[i].done && !strncmp(bus, all[i].path, length) &&
			bus[length] == '/';
	}
	json_object_put(o);
	return waits;
}

static void add_all(struct mend *m, struct device *all, int count)
{
	bool more = true;
	int i;

	while (more)
		for (more = false, i = 0; i < count; i++) {
			if (all[i].done || must_wait(m, &all[i], all, count))
				continue;
			add_device(m, &all[i]);
			all[i].done = more = true;
		}
}

static int by_path(const void *a, const void *b)
{
	const struct device *one = a, *other = b;

	return strverscmp(one->path, other->path);
}

void mend_add_devices(struct mend *m)
{
	int known = qemu_count_nameless(m->q), count = 0;
	size_t i, named = qemu_list_length(m->devices);
	size_t all = named + qemu_list_length(m->nameless);
	struct device *list = calloc(all + 1, sizeof(*list));
	unsigned int number;

	for (i = 0; list && i < all; i++) {
		const char *name = i < named ? mend_child(m->devices, i)
			: mend_child(m->nameless, i - named);
		struct device *d = &list[count];

		if (!name || (i < named &&
			      (qemu_has_id(m->q, "device", name) ||
			       qemu_is_own_part(m->q, name))))
			continue;
		if (i >= named && (sscanf(name, "device[%u]", &number) != 1 ||
				   number < (unsigned int)known))
			continue;
		snprintf(d->path, sizeof(d->path), "/machine/peripheral%s/%s",
			 i < named ? "" : "-anon", name);
		d->id = i < named ? name : NULL;
		count++;
	}
	m->added.failed |= !list;
	if (list)
		qsort(list, count, sizeof(*list), by_path);
	add_all(m, list, count);
	free(list);
}
