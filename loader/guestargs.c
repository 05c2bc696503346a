// SPDX-License-Identifier: MIT
/*
 * guestargs.c - a QEMU command line, changed so that it takes a kept guest
 * over: see guest_args() in guestconf.h.
 */
#include "guestconf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonout.h"
#include "qmp.h"
#include "util.h"

struct args {
	char **list;
	int count, room;
	bool failed;
};

static void put(struct args *a, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (a->count + 1 >= a->room) {
		int room = a->room ? 2 * a->room : 64;
		char **more = realloc(a->list, room * sizeof(*more));

		if (!more) {
			a->failed = true;
			free(copy);
			return;
		}
		a->list = more;
		a->room = room;
	}
	a->failed |= !copy;
	a->list[a->count++] = copy;
	a->list[a->count] = NULL;
}

/* "-name" and "--name" are the same to QEMU. */
static bool is_option(const char *arg, const char *name)
{
	if (*arg++ != '-')
		return false;
	arg += *arg == '-';
	return !strcmp(arg, name);
}

/* The value of KEY in "a=b,key=value,...", to be freed. A comma is written
 * twice in a value. */
static char *value_of(const char *text, const char *key)
{
	size_t length = strlen(key), at;
	char *out;

	while (*text) {
		if (!strncmp(text, key, length) && text[length] == '=') {
			out = strdup(text + length + 1);
			for (at = 0; out && out[at]; at++) {
				if (out[at] == ',' && out[at + 1] != ',') {
					out[at] = '\0';
					break;
				}
				at += out[at] == ',';
			}
			return out;
		}
		while (*text && (*text != ',' || text[1] == ','))
			text += *text == ',' ? 2 : 1;
		text += *text == ',';
	}
	return NULL;
}

/* The id of an -object value in either form, to be freed. */
static char *object_id(const char *value)
{
	struct json_object *o;
	const char *id;
	char *out;

	if (*value != '{')
		return value_of(value, "id");
	o = json_tokener_parse(value);
	id = o ? qmp_text(o, "id") : NULL;
	out = id ? strdup(id) : NULL;
	json_object_put(o);
	return out;
}

static const struct guest_backend *backend_of(const struct guest_conf *c,
					      const char *value)
{
	char *id = object_id(value);
	int i;

	for (i = 0; id && i < c->backend_count; i++)
		if (!strcmp(c->backends[i].id, id))
			break;
	free(id);
	return id && i < c->backend_count ? &c->backends[i] : NULL;
}

static void put_backend(struct args *a, const struct guest_backend *b,
			const char *prefix)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "memory-backend-file,id=%s,mem-path=%s.%s,size=%llu,share=on,align=2M",
		 b->id, prefix, b->id, (unsigned long long)b->bytes);
	put(a, text);
}

/* "pc,accel=kvm" becomes "pc-i440fx-7.2,accel=kvm". */
static void put_machine(struct args *a, const char *value,
			const char *machine)
{
	const char *rest = value + strcspn(value, ",");
	char *text = NULL, *type = value_of(value, "type");

	if (type) {
		const char *at = strstr(value, "type=");

		rest = at + strcspn(at, ",");
		if (asprintf(&text, "%.*stype=%s%s", (int)(at - value), value,
			     machine, rest) < 0)
			text = NULL;
	} else if (memchr(value, '=', rest - value)) {
		text = strdup(value);		/* options alone */
	} else if (asprintf(&text, "%s%s", machine, rest) < 0) {
		text = NULL;
	}
	put(a, text);
	free(type);
	free(text);
}

/* What only the process that was started with it can have. */
static int check_value(const char *option, const char *value,
		       struct diag_log *diag)
{
	static const char *const keys[] = { "fd", "fds", "vhostfd",
					    "vhostfds" };
	char *found = NULL;
	size_t i;

	if (is_option(option, "add-fd"))
		return diag_add(diag, HO_EGUESTARGS, "%s %.60s", option,
				value);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && !found; i++)
		found = value_of(value, keys[i]);
	if (!found)
		return 0;
	free(found);
	return diag_add(diag, HO_EGUESTARGS, "%s %.60s", option, value);
}

bool guest_args_change_user(char *const *args)
{
	char *user = NULL;
	int i;

	for (i = 0; args[i] && args[i + 1] && !user; i++) {
		if (is_option(args[i], "runas"))
			return true;
		if (is_option(args[i], "run-with"))
			user = value_of(args[i + 1], "user");
	}
	free(user);
	return user;
}

static void change(struct args *a, const struct guest_conf *c,
		   const char *prefix, int *at)
{
	const char *option = c->args[*at], *value = c->args[*at + 1];

	if (is_option(option, "S"))
		return;
	put(a, option);
	if (!value)
		return;
	if (is_option(option, "incoming")) {
		free(a->list[--a->count]);
		a->list[a->count] = NULL;
		++*at;
	} else if (is_option(option, "machine") || is_option(option, "M")) {
		put_machine(a, value, c->machine);
		++*at;
	} else if (is_option(option, "object") && backend_of(c, value)) {
		put_backend(a, backend_of(c, value), prefix);
		++*at;
	}
}

char **guest_args(const struct guest_conf *c, const char *prefix,
		  struct diag_log *diag)
{
	struct args a = { 0 };
	bool machine = false;
	int i;

	for (i = 0; i + 1 < c->arg_count; i++)
		if (c->args[i][0] == '-' &&
		    check_value(c->args[i], c->args[i + 1], diag))
			return NULL;
	for (i = 0; i < c->arg_count; i++) {
		machine |= is_option(c->args[i], "machine") ||
			   is_option(c->args[i], "M");
		change(&a, c, prefix, &i);
	}
	if (!machine) {
		put(&a, "-machine");
		put(&a, c->machine);
	}
	put(&a, "-incoming");
	put(&a, "defer");
	if (!a.failed)
		return a.list;
	diag_add(diag, HO_ENOMEM, "arguments");
	strings_free(a.list);
	return NULL;
}
