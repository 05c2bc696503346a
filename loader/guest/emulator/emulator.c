// SPDX-License-Identifier: MIT
/*
 * emulator.c - see emulator.h.
 */
#include "emulator.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guestopts.h"

#define BACKEND		"memory-backend-"
#define ALIGN		(2 << 20)	/* of the kept memory's mappings */

static bool refuse(struct emulator *e, const char *what, const char *name)
{
	snprintf(e->why, sizeof(e->why), "%s: %s", what, name);
	return false;
}

/* What stays of a backend. The rest is of the memory that it would have been:
 * pages, nodes, how it is filled. */
static struct json_object *new_backend(const char *value, const char *file)
{
	static const char *const kept[] = {
		"id", "size", "dump", "merge",
		"x-use-canonical-path-for-ramblock-id",
	};
	struct json_object *was = json_tokener_parse(value), *is, *v;
	size_t i;

	if (!json_object_is_type(was, json_type_object)) {
		json_object_put(was);
		return NULL;
	}
	is = json_object_new_object();
	json_object_object_add(is, "qom-type",
			       json_object_new_string(BACKEND "file"));
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (json_object_object_get_ex(was, kept[i], &v))
			json_object_object_add(is, kept[i],
					       json_object_get(v));
	json_object_object_add(is, "mem-path", json_object_new_string(file));
	json_object_object_add(is, "share", json_object_new_boolean(true));
	json_object_object_add(is, "align", json_object_new_int64(ALIGN));
	json_object_put(was);
	return is;
}

/* Has the file as many bytes as it is to have? */
static bool fits(struct json_object *backend, const struct stat *st)
{
	struct json_object *size;

	return json_object_object_get_ex(backend, "size", &size) &&
	       json_object_is_type(size, json_type_int) &&
	       json_object_get_int64(size) == st->st_size;
}

static bool replace(struct emulator *e, char **value, const char *file,
		    const struct stat *st)
{
	struct json_object *o = new_backend(*value, file);
	char *text;

	if (!o || !fits(o, st)) {
		json_object_put(o);
		return refuse(e, "kept memory of another size", file);
	}
	text = strdup(json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	if (!text)
		return refuse(e, "out of memory", file);
	*value = text;
	e->replaced++;
	return true;
}

/* `value` is that of an -object. */
static bool change_object(struct emulator *e, char **value, const char *uuid)
{
	char *type = guest_value_get(*value, "qom-type");
	char *id = guest_value_get(*value, "id"), *file = NULL;
	struct stat st;
	bool good = true;

	if (!type || strncmp(type, BACKEND, strlen(BACKEND)) || !id)
		;
	else if (strchr(id, '/') ||
		 asprintf(&file, "%s/%s.%s", e->memory, uuid, id) < 0)
		good = refuse(e, "name of a backend", id);
	else if (!stat(file, &st))
		good = replace(e, value, file, &st);
	else
		good = refuse(e, "no kept memory", file);
	free(file);
	free(type);
	free(id);
	return good;
}

static const char *value_of(char **args, const char *name)
{
	struct guest_option o;
	int at = 1;

	while (guest_option_next(args, &at, &o))
		if (guest_option_is(&o, name))
			return o.value;
	return NULL;
}

static bool is_pending(const struct emulator *e, const char *uuid)
{
	char *path;
	bool is;

	if (asprintf(&path, "%s/%s.save", e->images, uuid) < 0)
		return true;
	/* what this user cannot see may be there */
	is = !access(path, F_OK) || errno != ENOENT;
	free(path);
	return is;
}

/* What was kept for a guest lies there until the next update, long after it has ended
 * or gone elsewhere. Any other stream that comes in, a migration or an image of
 * libvirt's, may leave out pages of zeros, for its memory is new. */
bool emulator_change(struct emulator *e, char **args)
{
	const char *uuid = value_of(args, "uuid");
	struct guest_option o;
	int at = 1;

	e->replaced = 0;
	if (!uuid || !value_of(args, "incoming"))
		return true;
	if (strchr(uuid, '/'))
		return refuse(e, "uuid", uuid);
	if (!is_pending(e, uuid))
		return true;
	while (guest_option_next(args, &at, &o))
		if (guest_option_is(&o, "object") && o.value &&
		    !change_object(e, &args[at - 1], uuid))
			return false;
	return e->replaced ||
	       refuse(e, "it has no memory backends", uuid);
}
