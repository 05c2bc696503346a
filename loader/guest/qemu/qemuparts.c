// SPDX-License-Identifier: MIT
/*
 * qemuparts.c - compares a guest's devices, objects, network, character
 * devices and CPUs with its command line. See qemulook.h.
 */
#include "qemulook.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

int qemu_differs(const struct qemu *q, struct diag_log *diag,
		 const char *format, ...)
{
	const char *name = strrchr(q->qmp.path, '/');
	char text[HO_WHERE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return diag_add(diag, HO_EGUESTDIFF, "%.20s: %s",
			name ? name + 1 : q->qmp.path, text);
}

struct json_object *qemu_ask(struct qemu *q, const char *command,
			     struct json_object *arguments)
{
	struct diag_log scratch;
	struct json_object *o;

	diag_init(&scratch, HO_STAGE_LOADER);
	return qmp_call(&q->qmp, command, arguments, &o, 0, &scratch) ? NULL
								      : o;
}

const char *qemu_next_value(const struct qemu *q, const char *name, int *at)
{
	struct guest_option o;

	while (guest_option_next(q->conf.args, at, &o))
		if (o.value && guest_option_is(&o, name))
			return o.value;
	return NULL;
}

bool qemu_has_id(const struct qemu *q, const char *name, const char *id)
{
	const char *value;
	int at = 1;

	while ((value = qemu_next_value(q, name, &at)))
		if (guest_value_is(value, "id", id))
			return true;
	return false;
}

size_t qemu_list_length(struct json_object *list)
{
	return json_object_is_type(list, json_type_array)
		? json_object_array_length(list) : 0;
}

/* The i-th child of a folder of the object model; NULL: no child. */
static const char *child(struct json_object *list, size_t i)
{
	struct json_object *o = json_object_array_get_idx(list, i);
	const char *type = qmp_text(o, "type");

	return type && !strncmp(type, "child<", 6) ? qmp_text(o, "name")
						   : NULL;
}

static bool has_child(struct json_object *list, const char *name)
{
	size_t i;

	for (i = 0; i < qemu_list_length(list); i++) {
		const char *other = child(list, i);

		if (other && !strcmp(other, name))
			return true;
	}
	return false;
}

static bool has_option(const struct qemu *q, const char *name)
{
	int at = 1;

	return qemu_next_value(q, name, &at);
}

bool qemu_is_own_part(const struct qemu *q, const char *name)
{
	return (!strcmp(name, "debugcon") && has_option(q, "debugcon")) ||
	       (!strcmp(name, "dbus-display") && has_option(q, "display"));
}

/* What stands by its id in `folder`, against the options that make it. */
static int check_ids(struct qemu *q, const char *folder, const char *option,
		     struct diag_log *diag)
{
	struct json_object *list;
	const char *value;
	int at = 1, rc;
	size_t i;

	rc = qmp_call(&q->qmp, "qom-list", qmp_argument("path", folder),
		      &list, HO_EQMP, diag);
	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		const char *name = child(list, i);

		if (name && !qemu_has_id(q, option, name) && !qemu_is_own_part(q, name))
			rc = qemu_differs(q, diag, "%s %.50s was added",
					  option, name);
	}
	while (!rc && (value = qemu_next_value(q, option, &at))) {
		char *id = guest_value_get(value, "id");

		/* a failover's other half is there when the guest wants it */
		if (id && !has_child(list, id) &&
		    !strstr(value, "failover_pair_id"))
			rc = qemu_differs(q, diag, "%s %.50s is gone", option,
					  id);
		free(id);
	}
	json_object_put(list);
	return rc;
}

/* Options that make a device without an id. */
int qemu_count_nameless(const struct qemu *q)
{
	struct guest_option o;
	int at = 1, count = 0;

	while (guest_option_next(q->conf.args, &at, &o)) {
		if (!o.value)
			continue;
		if (guest_option_is(&o, "device")) {
			char *id = guest_value_get(o.value, "id");

			count += !id;
			free(id);
		} else if (guest_option_is(&o, "virtfs") ||
			   (guest_option_is(&o, "drive") &&
			    guest_value_is(o.value, "if", "virtio"))) {
			count++;
		}
	}
	return count;
}

/* They are device[0], device[1] ..., and a number is given once. */
static int check_nameless(struct qemu *q, struct diag_log *diag)
{
	struct json_object *list;
	int want = qemu_count_nameless(q), have = 0, rc;
	unsigned int number;
	size_t i;

	rc = qmp_call(&q->qmp, "qom-list",
		      qmp_argument("path", "/machine/peripheral-anon"), &list,
		      HO_EQMP, diag);
	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		const char *name = child(list, i);

		if (!name)
			continue;
		have++;
		/* numbers of the past are not those of an option mended */
		if (!q->mended && (sscanf(name, "device[%u]", &number) != 1 ||
				   number >= (unsigned int)want))
			rc = qemu_differs(q, diag,
				"device without id was added: %.20s %.40s", name,
				qmp_text(json_object_array_get_idx(list, i),
					 "type"));
	}
	if (!rc && have < want)
		rc = qemu_differs(q, diag,
				  "%d of %d devices without id are gone",
				  want - have, want);
	json_object_put(list);
	return rc;
}

const char *qemu_network_name(char *line, const char **type)
{
	char *end = strstr(line, ": index="), *at, *name = line;

	if (!end)
		return NULL;
	*type = strstr(end, ",type=");
	*end = '\0';
	for (at = strstr(line, ": "); at; at = strstr(at + 2, ": "))
		name = at + 2;
	*type = *type ? *type + 6 : "";
	return name + strspn(name, " \\");
}

static bool is_automatic(const char *name)
{
	unsigned int hub, port;

	return *name == '#' || sscanf(name, "hub%uport%u", &hub, &port) == 2;
}

static int check_network(struct qemu *q, struct diag_log *diag)
{
	char *text = qmp_human(&q->qmp, "info network", diag), *line, *rest;
	const char *value, *name, *type, *all;
	int at = 1, rc = 0;
	char *copy;

	if (!text)
		return -HO_EQMP;
	all = copy = strdup(text);
	for (line = strtok_r(text, "\r\n", &rest); line && !rc;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		name = qemu_network_name(line, &type);
		if (name && strncmp(type, "nic,", 4) && !is_automatic(name) &&
		    !qemu_has_id(q, "netdev", name) &&
		    !qemu_has_id(q, "nic", name) &&
		    !qemu_has_id(q, "net", name))
			rc = qemu_differs(q, diag, "netdev %.40s was added",
					  name);
	}
	while (!rc && all && (value = qemu_next_value(q, "netdev", &at))) {
		char *id = guest_value_get(value, "id"), *wanted = NULL;

		if (id && asprintf(&wanted, "%s: index=", id) > 0 &&
		    !strstr(all, wanted))
			rc = qemu_differs(q, diag, "netdev %.40s is gone", id);
		free(wanted);
		free(id);
	}
	free(copy);
	free(text);
	return rc;
}

/* What QEMU calls those of -serial, -monitor and others. */
bool qemu_is_own_label(const char *label)
{
	static const char *const own[] = {
		"braille", "compat_monitor", "debugcon", "gdb", "parallel",
		"serial", "vc",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(own); i++) {
		size_t length = strlen(own[i]);

		if (!strncmp(label, own[i], length) &&
		    !label[length + strspn(label + length, "0123456789")])
			return true;
	}
	return *label == '#';
}

/* Where it goes, as far as its name says: a kind is the first word of both. */
static bool goes_elsewhere(const struct qemu *q, const char *label,
			   const char *name)
{
	static const char *const kinds[] = {
		"file", "null", "pipe", "pty", "ringbuf", "stdio", "udp",
	};
	const char *value, *option = NULL;
	size_t i, length;
	int at = 1;

	while ((value = qemu_next_value(q, "chardev", &at)))
		if (guest_value_is(value, "id", label))
			option = value;
	for (i = 0; option && i < ARRAY_COUNT(kinds); i++) {
		length = strlen(kinds[i]);
		if (!strncmp(option, kinds[i], length) !=
		    !strncmp(name, kinds[i], length) &&
		    !guest_value_is(option, "mux", "on"))
			return true;
	}
	return false;
}

static int check_chardevs(struct qemu *q, struct diag_log *diag)
{
	struct json_object *list;
	char label[128], *base;
	size_t i;
	int rc = qmp_call(&q->qmp, "query-chardev", NULL, &list, HO_EQMP,
			  diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *text = qmp_text(o, "label");
		const char *name = qmp_text(o, "filename");

		snprintf(label, sizeof(label), "%s", text ? text : "#");
		base = strrchr(label, '-');	/* behind a multiplexer */
		if (base && !strcmp(base, "-base") &&
		    !qemu_has_id(q, "chardev", label))
			*base = '\0';
		if (!qemu_is_own_label(label) && !qemu_has_id(q, "chardev", label))
			rc = qemu_differs(q, diag, "chardev %.40s was added",
					  label);
		else if (name && goes_elsewhere(q, label, name))
			rc = qemu_differs(q, diag, "chardev %.20s is %.40s now",
					  label, name);
	}
	json_object_put(list);
	return rc;
}

/* CPUs by -device or device_add are among the devices; the others are those of
 * -smp, unless one was unplugged. */
static int check_cpus(struct qemu *q, struct diag_log *diag)
{
	struct json_object *list = qemu_ask(q, "query-hotpluggable-cpus",
					    NULL), *path, *smp, *value;
	int64_t want = 0, have = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < qemu_list_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *at = qmp_text(o, "qom-path");

		if (at && !strncmp(at, "/machine/unattached/", 20) &&
		    json_object_object_get_ex(o, "vcpus-count", &value))
			have += json_object_get_int(value);
	}
	path = qmp_argument("path", "/machine");
	json_object_object_add(path, "property",
			       json_object_new_string("smp"));
	smp = qemu_ask(q, "qom-get", path);
	if (json_object_object_get_ex(smp, "cpus", &value))
		want = json_object_get_int(value);
	if (list && want && have != want)
		rc = qemu_differs(q, diag, "%d CPUs of -smp's %d", (int)have,
				  (int)want);
	json_object_put(smp);
	json_object_put(list);
	return rc;
}

int qemu_check_parts(struct qemu *q, struct diag_log *diag)
{
	int rc = check_ids(q, "/machine/peripheral", "device", diag);

	if (!rc)
		rc = check_nameless(q, diag);
	if (!rc)
		rc = check_ids(q, "/objects", "object", diag);
	if (!rc)
		rc = check_network(q, diag);
	if (!rc)
		rc = check_chardevs(q, diag);
	return rc ? rc : check_cpus(q, diag);
}
