// SPDX-License-Identifier: MIT
/*
 * mendobject.c - objects as they are now: see mend.h. Sources of their
 * properties: iothread.c, util/throttle.c, crypto/secret_common.c and
 * crypto/tlscreds*.c of QEMU.
 */
#include "mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Objects whose properties say all that they are. */
static const struct kind {
	const char *type;
	const char *properties[8];
} kinds[] = {
	{ "iothread", { "aio-max-batch", "poll-grow", "poll-max-ns",
			"poll-shrink", "thread-pool-max",
			"thread-pool-min" } },
	{ "rng-builtin", { NULL } },
	{ "rng-random", { "filename" } },
	{ "secret", { "data", "file", "format", "iv", "keyid" } },
	{ "throttle-group", { "limits" } },
	{ "tls-creds-anon", { "dir", "endpoint", "priority",
			      "verify-peer" } },
	{ "tls-creds-psk", { "dir", "endpoint", "priority", "username",
			     "verify-peer" } },
	{ "tls-creds-x509", { "dir", "endpoint", "passwordid", "priority",
			      "sanity-check", "verify-peer" } },
};

static const struct kind *kind_of(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(kinds); i++)
		if (!strcmp(kinds[i].type, type))
			return &kinds[i];
	return NULL;
}

/* What is empty was not given. */
static void copy(struct mend *m, struct json_object *o, const char *path,
		 const char *property)
{
	struct json_object *value = mend_get(m, path, property);

	if (value && json_object_is_type(value, json_type_string) &&
	    !*json_object_get_string(value))
		json_object_put(value);
	else if (value)
		json_object_object_add(o, property, value);
}

static bool is_memory(const struct mend *m, const char *type, const char *id)
{
	int i;

	for (i = 0; i < m->q->conf.backend_count; i++)
		if (!strcmp(m->q->conf.backends[i].id, id))
			return !strncmp(type, "memory-backend-", 15);
	return false;
}

/* A secret as it is would be in the command line, for all users to read. One that
 * is encrypted by another is no secret, and one in a file stays there. */
static bool is_open_secret(const char *type, struct json_object *o)
{
	return !strcmp(type, "secret") && qmp_member(o, "data") &&
	       !qmp_member(o, "keyid");
}

/* What is kept of memory is its name and size: the next QEMU's is a device file
 * (guestargs.c). */
static void memory_json(struct mend *m, struct json_object *o,
			const char *path)
{
	json_object_object_add(o, "qom-type",
			       json_object_new_string("memory-backend-file"));
	copy(m, o, path, "size");
	copy(m, o, path, "share");
	copy(m, o, path, "x-use-canonical-path-for-ramblock-id");
}

/* As object-add would make it. NULL: not all that it is can be said. */
static struct json_object *object_json(struct mend *m, const char *type,
				       const char *id)
{
	const struct kind *kind = kind_of(type);
	struct json_object *o = json_object_new_object();
	char path[MEND_PATH_BYTES];
	size_t i;

	snprintf(path, sizeof(path), "/objects/%s", id);
	json_object_object_add(o, "id", json_object_new_string(id));
	if (is_memory(m, type, id)) {
		memory_json(m, o, path);
		return o;
	}
	json_object_object_add(o, "qom-type", json_object_new_string(type));
	for (i = 0; kind && i < ARRAY_COUNT(kind->properties) &&
		    kind->properties[i]; i++)
		copy(m, o, path, kind->properties[i]);
	if (kind && !is_open_secret(type, o))
		return o;
	json_object_put(o);
	return NULL;
}

/* What QEMU takes where nothing is said. One that is not listed here is 0. */
static int64_t usual(const char *key)
{
	static const struct { const char *key; int64_t value; } values[] = {
		{ "max-length", 1 }, { "poll-max-ns", 32768 },
		{ "thread-pool-max", 64 },
	};
	size_t i, length = strlen(key);

	for (i = 0; i < ARRAY_COUNT(values); i++) {
		size_t tail = strlen(values[i].key);

		if (length >= tail &&
		    !strcmp(key + length - tail, values[i].key))
			return values[i].value;
	}
	return 0;
}

static bool number_differs(const char *option, const char *prefix,
			   const char *key, struct json_object *now)
{
	char name[64], *said;
	int64_t was;

	snprintf(name, sizeof(name), "%s%s", prefix, key);
	said = guest_value_get(option, name);
	was = said ? strtoll(said, NULL, 0) : usual(key);
	if (!said && !strcmp(prefix, "limits.")) {
		snprintf(name, sizeof(name), "x-%s", key);
		said = guest_value_get(option, name);
		was = said ? strtoll(said, NULL, 0) : was;
	}
	free(said);
	return was != json_object_get_int64(now);
}

/* By qom-set, which QEMU allows for numbers of these. One that is written in
 * another way counts as set: it is written anew, and means the same. */
static bool was_set(const char *option, struct json_object *now)
{
	struct json_object *limits = qmp_member(now, "limits");

	json_object_object_foreach(now, key, value)
		if (json_object_is_type(value, json_type_int) &&
		    number_differs(option, "", key, value))
			return true;
	if (limits) {
		json_object_object_foreach(limits, one, limit)
			if (number_differs(option, "limits.", one, limit))
				return true;
	}
	return false;
}

char *mend_object(struct mend *m, const char *option)
{
	char *type = guest_value_get(option, "qom-type");
	char *id = guest_value_get(option, "id"), *out = NULL;
	struct json_object *now = NULL;

	type = type ?: guest_value_get(option, "");
	if (type && id && (!strcmp(type, "iothread") ||
			   !strcmp(type, "throttle-group")))
		now = object_json(m, type, id);
	if (now && was_set(option, now)) {
		out = guest_json_text(json_object_get(now));
		m->changed = true;
	}
	json_object_put(now);
	free(type);
	free(id);
	return out ? out : strdup(option);
}

static void add_object(struct mend *m, const char *id, const char *child)
{
	struct json_object *o;
	char type[64];

	snprintf(type, sizeof(type), "%.*s",
		 (int)strcspn(child + 6, ">"), child + 6);
	o = object_json(m, type, id);
	if (!o)
		return;
	arg_option(&m->added, "object", guest_json_text(o));
	m->changed = true;
}

void mend_add_objects(struct mend *m)
{
	size_t i;

	for (i = 0; i < qemu_list_length(m->objects); i++) {
		const char *id = mend_child(m->objects, i);

		if (id && !qemu_has_id(m->q, "object", id) &&
		    !qemu_is_own_part(m->q, id))
			add_object(m, id, qmp_text(qmp_item(m->objects, i),
						   "type"));
	}
}
