// SPDX-License-Identifier: MIT
/*
 * rehearsetree.c - devices and disks of rehearsefacts.h.
 */
#include "rehearsefacts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemulook.h"
#include "util.h"

#define DEVICE_LINES	256		/* properties of a device */
#define DEPTH		64

/* One device of "info qtree", until its last line. */
struct device {
	char type[128], bus[64], place[128];
	int count;
	struct {
		const char *name, *value;
		int name_length, value_length;
	} lines[DEVICE_LINES];
	bool open;
};

static bool is_one_of(const char *const *names, size_t count, const char *name,
		      int length)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((int)strlen(names[i]) == length &&
		    !strncmp(names[i], name, length))
			return true;
	return false;
}

/* What a device found out of its medium, or its guest has set. */
static bool is_found_out(const char *name, int length)
{
	static const char *const names[] = {
		/* of q35: where its firmware has put the PCIe registers */
		"MCFG",
		"cyls", "heads", "lcyls", "lheads", "lsecs", "min_io_size",
		"opt_io_size", "port", "secs", "smb_io_base",
	};

	return is_one_of(names, ARRAY_COUNT(names), name, length);
}

/* Where on its bus it is. */
static bool is_address(const char *name, int length)
{
	static const char *const names[] = {
		"addr", "address", "base", "channel", "iobase", "lun", "nr",
		"port", "scsi-id", "unit",
	};

	return is_one_of(names, ARRAY_COUNT(names), name, length);
}

static void write_device(struct guest_facts *f, struct device *d)
{
	char key[384];
	int i;

	if (!d->open)
		return;
	d->open = false;
	snprintf(key, sizeof(key), "device %s%s on %s", d->type, d->place,
		 d->bus);
	fact_part(f, "%s\t", key);
	for (i = 0; i < d->count; i++) {
		char value[512];

		if (is_found_out(d->lines[i].name, d->lines[i].name_length))
			continue;
		snprintf(value, sizeof(value), "%.*s",
			 d->lines[i].value_length, d->lines[i].value);
		if (!strncmp(value, "\"#", 2) ||
		    !strncmp(value, "\"baton-", 7))
			strcpy(value, "#");
		fact_property(f, "%s, %.*s\t%s", key, d->lines[i].name_length,
			      d->lines[i].name, value);
	}
}

static void add_place(struct device *d, const char *name, int name_length,
		      const char *value, int length)
{
	size_t used = strlen(d->place);

	snprintf(d->place + used, sizeof(d->place) - used, " %.*s %.*s",
		 name_length, name, length, value);
}

/* "NAME = VALUE", or of a USB device "addr 0.1, port 1, ...". */
static void take_line(struct device *d, const char *line, int length)
{
	const char *equals = memmem(line, length, " = ", 3), *port;
	const char *end = line + length;

	if (equals && d->count < DEVICE_LINES) {
		const char *value = equals + 3;

		d->lines[d->count].name = line;
		d->lines[d->count].name_length = equals - line;
		d->lines[d->count].value = value;
		d->lines[d->count++].value_length = end - value;
		if (is_address(line, equals - line) && *value != '"')
			add_place(d, line, equals - line, value, end - value);
	} else if (length > 5 && !strncmp(line, "addr ", 5)) {
		port = memmem(line, length, "port ", 5);
		if (port)
			add_place(d, "port", 4, port + 5,
				  strcspn(port + 5, ",\r\n"));
	}
}

static void begin_device(struct device *d, const char *line,
			 const char *bus)
{
	char id[64] = "";

	*d = (struct device){ .open = true };
	sscanf(line, "dev: %127[^,], id \"%63[^\"]", d->type, id);
	snprintf(d->bus, sizeof(d->bus), "%s", bus);
	if (*id)
		add_place(d, "id", 2, id, strlen(id));
}

void guest_facts_devices(struct guest_facts *f, const char *text)
{
	char buses[DEPTH][64] = { "" };
	struct device *d = calloc(1, sizeof(*d));
	const char *line = text, *bus = "";
	int depth, length;

	for (; d && *line; line += length + (line[length] == '\n')) {
		depth = strspn(line, " ");
		line += depth;
		length = strcspn(line, "\n");
		depth = depth / 2 < DEPTH ? depth / 2 : DEPTH - 1;
		if (!strncmp(line, "bus: ", 5)) {
			write_device(f, d);
			snprintf(buses[depth], sizeof(buses[depth]), "%.*s",
				 (int)strcspn(line + 5, "\r\n"), line + 5);
		} else if (!strncmp(line, "dev: ", 5)) {
			write_device(f, d);
			bus = depth ? buses[depth - 1] : "";
			begin_device(d, line, bus);
		} else if (d->open) {
			take_line(d, line, length -
				  (length && line[length - 1] == '\r'));
		}
	}
	if (d)
		write_device(f, d);
	f->failed |= !d;
	free(d);
}

/* A path of the object model without numbers that QEMU gave. */
static const char *owner(struct json_object *block)
{
	const char *name = qmp_text(block, "device"), *qdev;

	if (name && *name)
		return name;
	qdev = qmp_text(block, "qdev");
	return !qdev || strchr(qdev, '[') ? "" : qdev;
}

/* The same file by its one name. To be freed. */
static char *file_of(const struct guest_facts *f, const char *file)
{
	char *path = NULL, *real = NULL;

	if (strncmp(file, "json:", 5) &&
	    asprintf(&path, "%s%s%s", *file == '/' ? "" : f->directory,
		     *file == '/' ? "" : "/", file) > 0)
		real = realpath(path, NULL);
	free(path);
	return real ? real : strdup(qemu_short_name(file));
}

/* Whether it writes back is for its guest to say. */
static void take_cache(struct guest_facts *f, const char *what,
		       struct json_object *o)
{
	struct json_object *cache;

	if (json_object_object_get_ex(o, "cache", &cache))
		fact_part(f, "cache of %s\tdirect %s, no-flush %s", what,
			      qmp_plain(cache, "direct"),
			      qmp_plain(cache, "no-flush"));
}

static void take_backend(struct guest_facts *f, struct json_object *block)
{
	const char *name = owner(block);
	struct json_object *in;
	char *file;

	if (!json_object_object_get_ex(block, "inserted", &in)) {
		fact_part(f, "medium of %s\tnone", name);
		return;
	}
	file = file_of(f, qmp_text(in, "file") ?: "");
	fact_part(f, "medium of %s\t%s by %s, %s", name, file ? file : "",
		  qmp_text(in, "drv") ?: "", fact_name(qmp_text(in,
						       "node-name")));
	free(file);
	take_cache(f, name, in);
	json_object_object_foreach(in, key, value)
		if (!strncmp(key, "bps", 3) || !strncmp(key, "iops", 4) ||
		    !strcmp(key, "group") || !strcmp(key, "ro") ||
		    !strcmp(key, "detect_zeroes"))
			fact_part(f, "%s of %s\t%s", key, name,
				json_object_to_json_string_ext(value,
					JSON_C_TO_STRING_PLAIN));
}

static void take_node(struct guest_facts *f, struct json_object *node)
{
	struct json_object *image = NULL;
	const char *name = fact_name(qmp_text(node, "node-name"));
	char *file = file_of(f, qmp_text(node, "file") ?: "");
	char what[256];

	json_object_object_get_ex(node, "image", &image);
	snprintf(what, sizeof(what), "node %s for %s by %s", name,
		 file ? file : "", qmp_text(node, "drv") ?: "");
	free(file);
	file = file_of(f, qmp_text(node, "backing_file") ?: "");
	fact_part(f, "%s\tover %s, size %s, read-only %s", what,
		  qmp_text(node, "backing_file") && file ? file : "nothing",
		  qmp_plain(image, "virtual-size"), qmp_plain(node, "ro"));
	free(file);
	take_cache(f, what, node);
	fact_part(f, "zeroes of %s\t%s", what,
		      qmp_plain(node, "detect_zeroes"));
}

int guest_facts_disks(struct guest_facts *f, struct qmp *m, struct diag_log *diag)
{
	struct json_object *list;
	size_t i;
	int rc = qmp_call(m, "query-block", NULL, &list, HO_EQMP, diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++)
		take_backend(f, qmp_item(list, i));
	json_object_put(list);
	if (rc)
		return rc;
	rc = qmp_call(m, "query-named-block-nodes", qmp_flat(), &list, HO_EQMP,
		      diag);
	for (i = 0; !rc && i < qemu_list_length(list); i++)
		take_node(f, qmp_item(list, i));
	json_object_put(list);
	return rc;
}
