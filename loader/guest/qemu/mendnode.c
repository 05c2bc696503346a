// SPDX-License-Identifier: MIT
/*
 * mendnode.c - block nodes as they are now, and the media of devices that have
 * no drive: see mend.h.
 */
#include "mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH	16			/* of nodes over nodes */

/* A name that an option can say as it is. */
static bool is_plain(const char *file)
{
	return *file && strncmp(file, "json:", 5) && !strstr(file, "://");
}

static struct json_object *node_named(struct mend *m, const char *name)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->nodes); i++)
		if (!strcmp(qmp_text(qmp_item(m->nodes, i), "node-name") ?: "",
			    name))
			return qmp_item(m->nodes, i);
	return NULL;
}

/* A node under a snapshot can only be read. */
char *mend_node(struct mend *m, const char *option)
{
	char *name = guest_value_get(option, "node-name"), *out;
	char *only = guest_value_get(option, "read-only");
	struct json_object *node = name ? node_named(m, name) : NULL;

	out = strdup(option);
	if (node && !only && json_object_get_boolean(qmp_member(node, "ro")) &&
	    !guest_value_is(option, "auto-read-only", "on") &&
	    !guest_value_is(option, "auto-read-only", "true")) {
		guest_value_add(&out, "read-only", *option == '{'
				? json_object_new_boolean(true)
				: json_object_new_string("on"));
		m->changed = true;
	}
	free(name);
	free(only);
	return out;
}

static int64_t graph_id(struct mend *m, const char *name)
{
	struct json_object *list = qmp_member(m->graph, "nodes");
	size_t i;

	for (i = 0; i < qemu_list_length(list); i++)
		if (!strcmp(qmp_text(qmp_item(list, i), "name") ?: "", name) &&
		    !strcmp(qmp_text(qmp_item(list, i), "type") ?: "",
			    "block-driver"))
			return json_object_get_int64(
				qmp_member(qmp_item(list, i), "id"));
	return -1;
}

/* The name of the node under this one; NULL: none. */
static const char *graph_child(struct mend *m, const char *name,
			       const char *edge)
{
	struct json_object *list = qmp_member(m->graph, "edges"), *nodes;
	int64_t id = graph_id(m, name), child = -1;
	size_t i;

	for (i = 0; i < qemu_list_length(list); i++) {
		struct json_object *one = qmp_item(list, i);

		if (json_object_get_int64(qmp_member(one, "parent")) == id &&
		    !strcmp(qmp_text(one, "name") ?: "", edge))
			child = json_object_get_int64(qmp_member(one, "child"));
	}
	nodes = qmp_member(m->graph, "nodes");
	for (i = 0; child >= 0 && i < qemu_list_length(nodes); i++)
		if (json_object_get_int64(
			    qmp_member(qmp_item(nodes, i), "id")) == child)
			return qmp_text(qmp_item(nodes, i), "name");
	return NULL;
}

static bool is_leaf(const char *driver)
{
	return !strcmp(driver, "file") || !strcmp(driver, "host_device") ||
	       !strcmp(driver, "host_cdrom");
}

static struct json_object *text(const char *words)
{
	return json_object_new_string(words);
}

static struct json_object *leaf(struct json_object *node)
{
	struct json_object *o;

	if (!is_leaf(qmp_text(node, "drv") ?: "") ||
	    !is_plain(qmp_text(node, "file") ?: ""))
		return NULL;
	o = json_object_new_object();
	json_object_object_add(o, "driver", text(qmp_text(node, "drv")));
	json_object_object_add(o, "filename", text(qmp_text(node, "file")));
	return o;
}

/* What stands under an image: a node by its name, or one of its own. */
static bool add_children(struct mend *m, struct json_object *o,
			 const char *name, struct json_object *node)
{
	const char *file = graph_child(m, name, "file");
	const char *backing = graph_child(m, name, "backing");
	struct json_object *under;

	if (!file)
		return false;
	under = *file == '#' ? leaf(node_named(m, file)) : text(file);
	if (!under)
		return false;
	json_object_object_add(o, "file", under);
	if (backing && *backing != '#')
		json_object_object_add(o, "backing", text(backing));
	if (!backing &&
	    qmp_member(qmp_member(node, "image"), "backing-filename"))
		json_object_object_add(o, "backing", NULL);
	return true;
}

/* A node as -blockdev makes it. NULL: not all that it is can be read. */
static struct json_object *node_json(struct mend *m,
				     struct json_object *node,
				     const char *name)
{
	const char *driver = qmp_text(node, "drv") ?: "";
	const char *zeroes = qmp_text(node, "detect_zeroes") ?: "off";
	struct json_object *cache = qmp_member(node, "cache"), *o;
	bool image = !strcmp(driver, "raw") || !strcmp(driver, "qcow2");

	if (!is_plain(qmp_text(node, "file") ?: "") || !cache ||
	    json_object_get_boolean(qmp_member(node, "encrypted")))
		return NULL;
	o = image ? json_object_new_object() : leaf(node);
	if (image)
		json_object_object_add(o, "driver", text(driver));
	if (o && image && !add_children(m, o, qmp_text(node, "node-name") ?: "",
					node)) {
		json_object_put(o);
		return NULL;
	}
	if (!o)
		return NULL;
	json_object_object_add(o, "node-name", text(name));
	json_object_object_add(o, "read-only",
			       json_object_get(qmp_member(node, "ro")));
	if (strcmp(zeroes, "off"))
		json_object_object_add(o, "detect-zeroes", text(zeroes));
	json_object_object_del(cache, "writeback");
	json_object_object_add(o, "cache", json_object_get(cache));
	return o;
}

static bool is_said(struct mend *m, const char *name)
{
	struct guest_option o;
	int at = 1, from = 1;

	for (; guest_option_next(m->q->conf.args, &at, &o); from = at)
		if (o.value && !m->gone[from] &&
		    (guest_option_is(&o, "blockdev") ||
		     guest_option_is(&o, "drive")) &&
		    guest_value_has(o.value, name))
			return true;
	for (at = 1; m->added.list && at < m->added.count; at += 2)
		if (guest_value_is(m->added.list[at], "node-name", name))
			return true;
	return false;
}

/* One that has the name of a node that was replaced goes by `gone`. */
static void add_node(struct mend *m, const char *name, int depth)
{
	static const char *const edges[] = { "backing", "file" };
	struct json_object *node = node_named(m, name), *o;
	size_t i;

	if (!node || *name == '#' || is_said(m, name) || depth > DEPTH)
		return;
	for (i = 0; i < ARRAY_COUNT(edges); i++) {
		const char *child = graph_child(m, name, edges[i]);

		if (child)
			add_node(m, child, depth + 1);
	}
	o = node_json(m, node, name);
	if (!o)
		return;
	arg_option(&m->added, "blockdev", guest_json_text(o));
	m->changed = true;
}

/* A node of a drive's own name is the drive's to say. */
static bool is_of_drive(struct mend *m, const char *name)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->blocks); i++) {
		struct json_object *in = qmp_member(qmp_item(m->blocks, i),
						"inserted");

		if (*(qmp_text(qmp_item(m->blocks, i), "device") ?: "") &&
		    !strcmp(qmp_text(in, "node-name") ?: "", name))
			return true;
	}
	return false;
}

void mend_add_nodes(struct mend *m)
{
	size_t i;

	for (i = 0; m->graph && i < qemu_list_length(m->nodes); i++) {
		const char *name = qmp_text(qmp_item(m->nodes, i), "node-name");

		if (name && !is_of_drive(m, name))
			add_node(m, name, 0);
	}
}

/* "/machine/peripheral/ID" or what stands under it, or the id alone. */
static bool is_of_device(const char *qdev, const char *id)
{
	static const char folder[] = "/machine/peripheral/";
	size_t length = strlen(id);

	if (!strncmp(qdev, folder, strlen(folder)))
		qdev += strlen(folder);
	return !strncmp(qdev, id, length) &&
	       (!qdev[length] || qdev[length] == '/');
}

char *mend_medium(struct mend *m, const char *id)
{
	struct json_object *in = NULL, *node, *o;
	const char *name;
	char made[32];
	bool found = false;
	size_t i;

	for (i = 0; i < qemu_list_length(m->blocks) && !found; i++) {
		struct json_object *block = qmp_item(m->blocks, i);

		found = is_of_device(qmp_text(block, "qdev") ?: "", id);
		if (found && *(qmp_text(block, "device") ?: ""))
			return NULL;
		in = found ? qmp_member(block, "inserted") : NULL;
	}
	if (!found)
		return NULL;
	name = in ? qmp_text(in, "node-name") ?: "" : "";
	if (*name != '#')
		return strdup(name);
	node = node_named(m, name);
	do
		snprintf(made, sizeof(made), QEMU_MADE "%d", ++m->media);
	while (is_said(m, made) || node_named(m, made));
	o = node && m->graph ? node_json(m, node, made) : NULL;
	if (!o)
		return NULL;
	arg_option(&m->added, "blockdev", guest_json_text(o));
	m->changed = true;
	return strdup(made);
}

bool mend_node_stays(struct mend *m, const char *option)
{
	char *name = guest_value_get(option, "node-name");
	struct json_object *node = name ? node_named(m, name) : NULL;
	const char *file = qmp_text(node, "file") ?: "";
	bool stays = !name || (node && (!*file ||
			       qemu_is_named(m->q, option, file)));

	free(name);
	return stays;
}
