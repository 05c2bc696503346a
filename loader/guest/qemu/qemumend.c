// SPDX-License-Identifier: MIT
/*
 * qemumend.c - see qemumend.h. Here: the options that are there already.
 */
#include "qemumend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mend.h"
#include "util.h"

#define MEND_SECONDS	60		/* for all questions together */

static struct json_object *ask_folder(struct qemu *q, const char *path)
{
	return qemu_ask(q, "qom-list", qmp_argument("path", path));
}

const char *mend_child(struct json_object *list, size_t i)
{
	struct json_object *o = json_object_array_get_idx(list, i);
	const char *type = qmp_text(o, "type");

	return type && !strncmp(type, "child<", 6) ? qmp_text(o, "name")
						   : NULL;
}

bool mend_has_child(struct json_object *list, const char *name)
{
	size_t i;

	for (i = 0; i < qemu_list_length(list); i++)
		if (!strcmp(mend_child(list, i) ?: "", name))
			return true;
	return false;
}

struct json_object *mend_get(struct mend *m, const char *path,
			     const char *property)
{
	struct json_object *argument = qmp_argument("path", path);

	json_object_object_add(argument, "property",
			       json_object_new_string(property));
	return qemu_ask(m->q, "qom-get", argument);
}

/* Numbers of devices without an id: those of KEY=VALUE first, then disks that
 * are virtio's, then those of JSON. `from`: where the option begins. */
static int number_of(const struct mend *m, int from)
{
	struct guest_option o;
	int at, start, pass, number = 0;

	for (pass = 0; pass < 3; pass++) {
		for (at = start = 1;
		     guest_option_next(m->q->conf.args, &at, &o);
		     start = at) {
			char *id = o.value ? guest_value_get(o.value, "id")
					   : NULL;
			bool device = guest_option_is(&o, "device") && !id;
			bool here = o.value && (pass == 1
				? guest_option_is(&o, "drive") &&
				  guest_value_is(o.value, "if", "virtio")
				: device && (*o.value == '{') == (pass == 2));

			here |= !pass && guest_option_is(&o, "virtfs");
			free(id);
			if (here && start == from)
				return number;
			number += here;
		}
	}
	return -1;
}

static bool is_number_there(struct mend *m, int from)
{
	char name[32];

	snprintf(name, sizeof(name), "device[%d]", number_of(m, from));
	return mend_has_child(m->nameless, name);
}

static bool is_there(struct mend *m, const struct guest_option *o, int from)
{
	char *id = guest_value_get(o->value, "id");
	bool there;

	if (id) {
		/* a failover's other half comes when its guest wants it */
		there = mend_has_child(m->devices, id) ||
			strstr(o->value, "failover_pair_id");
	} else {
		there = is_number_there(m, from);
	}
	free(id);
	return there;
}

/* Devices go first: what they stood on may go then. */
static void mark_devices(struct mend *m)
{
	struct guest_option o;
	int at = 1, from = 1;

	for (; guest_option_next(m->q->conf.args, &at, &o); from = at) {
		bool there = true;

		if (o.value && guest_option_is(&o, "device"))
			there = is_there(m, &o, from);
		else if (o.value && guest_option_is(&o, "drive") &&
			 guest_value_is(o.value, "if", "virtio"))
			there = is_number_there(m, from);
		m->gone[from] = !there;
		m->moved |= !there;
		m->changed |= !there;
	}
}

/* The value of an option that stays what it is; NULL: it is another's. */
static char *same_kind(struct mend *m, const struct guest_option *o, int from)
{
	if (guest_option_is(o, "device"))
		return mend_device(m, o, number_of(m, from));
	if (guest_option_is(o, "blockdev"))
		return mend_node(m, o->value);
	if (guest_option_is(o, "object"))
		return mend_object(m, o->value);
	return NULL;
}

static void write_back(struct mend *m, struct arg_list *out)
{
	char **args = m->q->conf.args;
	struct guest_option o;
	int at = 1, from = 1, i;

	arg_put(out, args[0]);
	for (; guest_option_next(args, &at, &o); from = at) {
		char *value = NULL, *drive = NULL;

		if (m->gone[from])
			continue;
		if (o.value)
			value = same_kind(m, &o, from);
		if (o.value && !value)
			drive = mend_drive(m, &o);
		if (drive) {
			arg_put(out, "-drive");
			arg_take(out, drive);
			continue;
		}
		arg_put(out, args[from]);
		if (o.value && *o.name)
			arg_take(out, value ? value : strdup(o.value));
	}
	for (i = 0; i < m->added.count; i++)
		arg_put(out, m->added.list[i]);
	out->failed |= m->added.failed;
}

static void take(struct mend *m)
{
	struct qemu *q = m->q;
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	m->blocks = qemu_ask(q, "query-block", NULL);
	m->nodes = qemu_ask(q, "query-named-block-nodes", qmp_flat());
	m->graph = qemu_ask(q, "x-debug-query-block-graph", NULL);
	m->devices = ask_folder(q, "/machine/peripheral");
	m->nameless = ask_folder(q, "/machine/peripheral-anon");
	m->objects = ask_folder(q, "/objects");
	m->chardevs = qemu_ask(q, "query-chardev", NULL);
	m->cpus = qemu_ask(q, "query-hotpluggable-cpus", NULL);
	m->network = qmp_human(&q->qmp, "info network", &scratch);
	m->tree = qmp_human(&q->qmp, "info qtree", &scratch);
	m->gone = calloc(q->conf.arg_count + 1, sizeof(*m->gone));
}

static void drop(struct mend *m)
{
	json_object_put(m->blocks);
	json_object_put(m->nodes);
	json_object_put(m->graph);
	json_object_put(m->devices);
	json_object_put(m->nameless);
	json_object_put(m->objects);
	json_object_put(m->chardevs);
	json_object_put(m->cpus);
	free(m->network);
	free(m->tree);
	free(m->gone);
	strings_free(m->added.list);
}

/* What comes is added before the options are written: that it moves others is
 * known then. */
static int mend(struct mend *m, struct diag_log *diag)
{
	struct guest_conf *c = &m->q->conf;
	struct arg_list out = { 0 };

	mark_devices(m);
	mend_gone(m);
	mend_add_nodes(m);
	mend_add_drives(m);
	mend_add_netdevs(m);
	mend_add_objects(m);
	mend_add_chardevs(m);
	mend_add_devices(m);
	write_back(m, &out);
	if (out.failed) {
		strings_free(out.list);
		return diag_add(diag, HO_ENOMEM, "arguments");
	}
	if (!m->changed || out.count > GUEST_ARGS_MAX) {
		strings_free(out.list);
		return 0;
	}
	strings_free(c->args);
	c->args = out.list;
	c->arg_count = out.count;
	m->q->mended = true;
	return 0;
}

int qemu_mend(struct qemu *q, struct diag_log *diag)
{
	struct mend m = { .q = q };
	int rc;

	qmp_set_deadline(&q->qmp, MEND_SECONDS);
	take(&m);
	if (m.gone && m.blocks && m.nodes && m.devices && m.nameless &&
	    m.objects && m.chardevs && m.network && m.tree)
		rc = mend(&m, diag);
	else
		rc = m.gone ? diag_add(diag, HO_EQMP, "%.60s: no answer",
				       q->qmp.path)
			    : diag_add(diag, HO_ENOMEM, "arguments");
	qmp_set_deadline(&q->qmp, 0);
	drop(&m);
	return rc;
}
