// SPDX-License-Identifier: MIT
/*
 * qemudisk.c - compares a guest's disks and media with its command line. A new
 * QEMU would open what stands there: the file before the snapshot, the CD that
 * was taken out, an empty overlay. See qemulook.h.
 *
 * Each -drive is a backend with a name: its id, or one that QEMU chose, and these
 * are in this order in query-block. Each device on a -blockdev has that node. And
 * every file that is open is the one that its name leads to.
 */
#include "qemulook.h"

#include <stdlib.h>
#include <string.h>

/* Options that are a drive, beside -drive; "": an image alone. */
static const char *const drives[] = {
	"", "cdrom", "drive", "fda", "fdb", "hda", "hdb", "hdc", "hdd",
	"mtdblock", "pflash", "sd", NULL,
};

/* NULL: no medium. */
static struct json_object *inserted(struct json_object *block)
{
	struct json_object *o = NULL;

	json_object_object_get_ex(block, "inserted", &o);
	return o;
}

/* "": no medium. */
static const char *member_text(struct json_object *block, const char *key)
{
	const char *text = qmp_text(inserted(block), key);

	return text ? text : "";
}

static bool is_medium(void *context, const char *key, const char *text)
{
	(void)context;
	return *text && (!strcmp(key, "file") || !strncmp(key, "file.", 5) ||
			 !strcmp(key, "driver"));
}

/* The option as -drive would have it: -hda and the like are a file alone. */
static char *drive_text(const struct guest_option *o)
{
	const char *from = o->value;
	char *text, *to;

	if (guest_option_is(o, "drive"))
		return strdup(from);
	text = malloc(2 * strlen(from) + 6);
	if (!text)
		return NULL;
	for (to = stpcpy(text, "file="); *from; from++) {
		*to++ = *from;
		if (*from == ',')
			*to++ = ',';
	}
	*to = '\0';
	return text;
}

static int check_drive(const struct qemu *q, const char *option,
		       struct json_object *block, struct diag_log *diag)
{
	const char *name = block ? qmp_text(block, "device") : "";
	const char *file = block ? member_text(block, "file") : "";
	bool empty = !guest_value_each(option, is_medium, NULL);
	char *id = guest_value_get(option, "id");
	int rc = 0;

	if (!block || (id && strcmp(id, name)))
		rc = qemu_differs(q, diag, "drive %.40s is gone",
				  id ? id : option);
	else if (!*file && !empty)
		rc = qemu_differs(q, diag, "drive %.20s is empty, was %.40s",
				  name, option);
	else if (*file && (empty || !qemu_is_named(q, option, file)))
		rc = qemu_differs(q, diag, "drive %.20s has %.48s now", name,
				  qemu_short_name(file));
	else if (qemu_limits_differ(option, inserted(block)))
		rc = qemu_differs(q, diag, "drive %.40s has other I/O limits",
				  name);
	free(id);
	return rc;
}

static const char *name_of(struct json_object *block)
{
	return qmp_text(block, "device") ?: "";
}

static struct json_object *named(struct json_object *blocks, const char *id)
{
	size_t i;

	for (i = 0; i < qemu_list_length(blocks); i++)
		if (!strcmp(name_of(qmp_item(blocks, i)), id))
			return qmp_item(blocks, i);
	return NULL;
}

/* The next one from *i on whose name QEMU chose; NULL: no more. */
static struct json_object *next_nameless(const struct qemu *q,
					 struct json_object *blocks, size_t *i)
{
	while (*i < qemu_list_length(blocks)) {
		struct json_object *block = qmp_item(blocks, (*i)++);

		if (*name_of(block) && !qemu_has_id(q, "drive", name_of(block)))
			return block;
	}
	return NULL;
}

/* Backends that no option names are in the order of their options; behind them
 * QEMU's own, which are empty. */
static int check_drives(const struct qemu *q, struct json_object *blocks,
			struct diag_log *diag)
{
	struct json_object *block;
	struct guest_option o;
	size_t i = 0;
	char *text, *id;
	int at = 1, rc = 0;

	while (!rc && guest_option_next(q->conf.args, &at, &o)) {
		if (!o.value || !guest_option_in(&o, drives))
			continue;
		text = drive_text(&o);
		id = text ? guest_value_get(text, "id") : NULL;
		block = id ? named(blocks, id) : next_nameless(q, blocks, &i);
		rc = text ? check_drive(q, text, block, diag)
			  : diag_add(diag, HO_ENOMEM, "drive");
		free(text);
		free(id);
	}
	while (!rc && (block = next_nameless(q, blocks, &i)))
		if (*member_text(block, "file"))
			rc = qemu_differs(q, diag, "drive %.20s (%.40s) was added",
				name_of(block),
				qemu_short_name(member_text(block, "file")));
	return rc;
}

/* The id of the device in a name like /machine/peripheral/ID/virtio-backend;
 * NULL: it has none. To be freed. */
static char *device_id(const char *qdev)
{
	static const char folder[] = "/machine/peripheral/";

	if (*qdev != '/')
		return strdup(qdev);
	if (strncmp(qdev, folder, strlen(folder)))
		return NULL;
	qdev += strlen(folder);
	return strndup(qdev, strcspn(qdev, "/"));
}

/* True when the device's own option (without an id: any) names this node. */
static bool device_says(const struct qemu *q, const char *id,
			const char *node)
{
	struct guest_option o;
	int at = 1;

	while (guest_option_next(q->conf.args, &at, &o)) {
		if (!o.value || guest_option_is(&o, "blockdev") ||
		    guest_option_in(&o, drives))
			continue;
		if (id && (!guest_option_is(&o, "device") ||
			   !guest_value_is(o.value, "id", id)))
			continue;
		if (guest_value_has(o.value, node))
			return true;
	}
	return false;
}

/* Devices whose medium is a node, not a drive. */
static int check_device(const struct qemu *q, struct json_object *block,
			struct diag_log *diag)
{
	const char *qdev = qmp_text(block, "qdev");
	const char *node = member_text(block, "node-name");
	char *id = device_id(qdev ? qdev : "/");
	int rc = 0;

	/* one without a name has one in an option that was mended */
	if (*node && !(q->mended && *node == '#') &&
	    !device_says(q, id, node))
		rc = qemu_differs(q, diag, "disk of %.24s: %.40s now",
				  id ? id : qdev ? qdev : "?",
				  qemu_short_name(member_text(block, "file")));
	/* no option of a device or a node has them */
	else if (qemu_limits_differ("", inserted(block)))
		rc = qemu_differs(q, diag, "disk of %.40s has I/O limits",
				  id ? id : qdev ? qdev : "?");
	free(id);
	return rc;
}

static bool in_use(struct json_object *blocks, const char *node)
{
	size_t i;

	for (i = 0; i < qemu_list_length(blocks); i++)
		if (!strcmp(member_text(qmp_item(blocks, i), "node-name"),
			    node))
			return true;
	return false;
}

static int check_devices(const struct qemu *q, struct json_object *blocks,
			 struct diag_log *diag)
{
	const char *value;
	int at = 1, rc = 0;
	size_t i;

	for (i = 0; !rc && i < qemu_list_length(blocks); i++)
		if (!*(qmp_text(qmp_item(blocks, i), "device") ?: ""))
			rc = check_device(q, qmp_item(blocks, i), diag);
	while (!rc && (value = qemu_next_value(q, "device", &at))) {
		char *node = guest_value_get(value, "drive");

		if (node && !qemu_has_id(q, "drive", node) &&
		    !qemu_is_made(q, node) && !in_use(blocks, node))
			rc = qemu_differs(q, diag, "medium %.40s was taken out",
					  node);
		free(node);
	}
	return rc;
}

/* Jobs end with their QEMU, half done; exports have clients. */
int qemu_check_jobs(struct qemu *q, struct diag_log *diag)
{
	struct json_object *list = qemu_ask(q, "query-jobs", NULL);
	int rc = 0;
	size_t i;

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		const char *status =
			qmp_text(qmp_item(list, i), "status") ?: "";

		if (strcmp(status, "concluded") && strcmp(status, "null"))
			rc = diag_add(diag, HO_EGUESTBUSY,
				      "%.30s: job %.30s (%.12s) is %.12s",
				      q->qmp.path,
				      qmp_text(qmp_item(list, i), "id") ?: "",
				      qmp_text(qmp_item(list, i), "type") ?: "",
				      status);
	}
	json_object_put(list);
	list = rc ? NULL : qemu_ask(q, "query-block-exports", NULL);
	if (qemu_list_length(list))
		rc = qemu_differs(q, diag, "block export %.40s was added",
				  qmp_text(qmp_item(list, 0), "id") ?: "");
	json_object_put(list);
	return rc;
}

int qemu_check_disks(struct qemu *q, struct diag_log *diag)
{
	struct json_object *blocks = NULL, *nodes = NULL;
	int rc = qemu_check_jobs(q, diag);

	if (!rc)
		rc = qmp_call(&q->qmp, "query-block", NULL, &blocks, HO_EQMP,
			      diag);
	if (!rc)
		rc = qmp_call(&q->qmp, "query-named-block-nodes", qmp_flat(),
			      &nodes, HO_EQMP, diag);
	if (!rc)
		rc = check_drives(q, blocks, diag);
	if (!rc)
		rc = check_devices(q, blocks, diag);
	if (!rc)
		rc = qemu_check_nodes(q, nodes, diag);
	json_object_put(blocks);
	json_object_put(nodes);
	return rc;
}
