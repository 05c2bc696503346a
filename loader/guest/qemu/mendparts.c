// SPDX-License-Identifier: MIT
/*
 * mendparts.c - options that are over, and backends that came while a guest
 * ran: see mend.h.
 */
#include "mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static bool has_label(const struct mend *m, const char *label)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->chardevs); i++)
		if (!strcmp(qmp_text(qmp_item(m->chardevs, i), "label") ?: "",
			    label))
			return true;
	return false;
}

static bool has_netdev(const struct mend *m, const char *id)
{
	char *line = NULL;
	bool found = asprintf(&line, "%s: index=", id) < 0 ||
		     strstr(m->network, line);

	free(line);
	return found;
}

/* True when another option that stays names it. */
static bool is_needed(const struct mend *m, const char *id, int self)
{
	struct guest_option o;
	char chardev[160], object[160];
	int at = 1, from = 1;

	snprintf(chardev, sizeof(chardev), "chardev:%s", id);
	snprintf(object, sizeof(object), "/objects/%s", id);
	for (; guest_option_next(m->q->conf.args, &at, &o); from = at)
		if (o.value && from != self && !m->gone[from] &&
		    (guest_value_has(o.value, id) ||
		     !strcmp(o.value, chardev) ||
		     guest_value_has(o.value, object)))
			return true;
	return false;
}

static bool stays(struct mend *m, const struct guest_option *o)
{
	char *id = guest_value_get(o->value, "id");
	bool there = true;

	if (guest_option_is(o, "blockdev"))
		there = mend_node_stays(m, o->value);
	else if (guest_option_is(o, "drive"))
		there = mend_drive_stays(m, o->value);
	else if (id && guest_option_is(o, "netdev"))
		there = has_netdev(m, id);
	else if (id && guest_option_is(o, "object"))
		there = mend_has_child(m->objects, id);
	else if (id && guest_option_is(o, "chardev"))
		there = has_label(m, id);
	free(id);
	return there;
}

static bool mark(struct mend *m, const struct guest_option *o, int from)
{
	char *id = guest_value_get(o->value, guest_option_is(o, "blockdev")
				   ? "node-name" : "id");
	/* a node of that name over another file is added, for those that
	 * need it */
	bool again = guest_option_is(o, "blockdev") && id;
	bool gone = !stays(m, o) &&
		    (again || !id || !is_needed(m, id, from));

	free(id);
	if (gone)
		m->gone[from] = m->changed = true;
	return gone;
}

/* Until nothing more goes: what needed another one may have gone. */
void mend_gone(struct mend *m)
{
	struct guest_option o;
	bool more = true;

	while (more) {
		int at = 1, from = 1;

		for (more = false;
		     guest_option_next(m->q->conf.args, &at, &o); from = at)
			if (o.value && !m->gone[from])
				more |= mark(m, &o, from);
	}
}

/* Those that a label and a name say all about. */
static void add_chardev(struct mend *m, const char *label, const char *name)
{
	static const char tail[] = ",server=on";
	size_t length = strlen(name);
	char *value = NULL, *path;
	int rc = -1;

	if (!strncmp(name, "disconnected:", 13)) {
		name += 13;
		length -= 13;
	}
	if (!strcmp(name, "null")) {
		rc = asprintf(&value, "null,id=%s", label);
	} else if (!strncmp(name, "unix:/", 6) && length > strlen(tail) &&
		   !strcmp(name + length - strlen(tail), tail)) {
		path = strndup(name + 5, length - 5 - strlen(tail));
		if (path && !strchr(path, ','))
			rc = asprintf(&value, "socket,id=%s,path=%s,server=on,wait=off",
				      label, path);
		free(path);
	}
	if (rc < 0)
		return;
	arg_option(&m->added, "chardev", value);
	m->changed = true;
}

/* Behind a multiplexer stands what it was made of. */
static bool is_base(const struct mend *m, const char *label)
{
	size_t length = strlen(label);
	char *front = length > 5 && !strcmp(label + length - 5, "-base")
		      ? strndup(label, length - 5) : NULL;
	bool base = front && has_label(m, front);

	free(front);
	return base;
}

void mend_add_chardevs(struct mend *m)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->chardevs); i++) {
		struct json_object *one = qmp_item(m->chardevs, i);
		const char *label = qmp_text(one, "label");
		const char *name = qmp_text(one, "filename");

		if (label && name && !qemu_is_own_label(label) &&
		    !is_base(m, label) &&
		    !qemu_has_id(m->q, "chardev", label))
			add_chardev(m, label, name);
	}
}
