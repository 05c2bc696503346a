// SPDX-License-Identifier: MIT
/*
 * guestopts.c - see guestopts.h.
 */
#include "guestopts.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES	128		/* of a dotted key; what is longer is cut */

/* Options without a value; all others have one. */
static const char *const flags[] = {
	"S", "alt-grab", "ctrl-grab", "curses", "daemonize", "enable-fips",
	"enable-hax", "enable-kvm", "enable-sync-profile", "full-screen",
	"h", "help", "mem-prealloc", "no-acpi", "no-fd-bootchk", "no-frame",
	"no-hpet", "no-kvm", "no-kvm-irqchip", "no-kvm-pit",
	"no-kvm-pit-reinjection", "no-quit", "no-reboot", "no-shutdown",
	"no-user-config", "nodefaults", "nodefconfig", "nographic",
	"old-param", "only-migratable", "portrait", "preconfig",
	"rtc-td-hack", "s", "sdl", "semihosting", "singlestep", "snapshot",
	"tdf", "usb", "version", "win2k-hack", "xen-attach",
	"xen-domid-restrict", NULL,
};

bool guest_option_is(const struct guest_option *o, const char *name)
{
	return !strcmp(o->name, name);
}

bool guest_option_in(const struct guest_option *o, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(o->name, *names))
			return true;
	return false;
}

bool guest_option_is_net(const struct guest_option *o)
{
	static const char *const names[] = { "netdev", "nic", "net", NULL };

	return guest_option_in(o, names);
}

/* "-name" and "--name" are the same to QEMU; "-" is a file, the console. */
bool guest_option_next(char *const *args, int *at, struct guest_option *o)
{
	const char *arg = args[*at];

	if (!arg)
		return false;
	++*at;
	if (arg[0] != '-' || !arg[1]) {
		*o = (struct guest_option){ "", arg };
		return true;
	}
	*o = (struct guest_option){ arg + 1 + (arg[1] == '-'), NULL };
	if (!guest_option_in(o, flags) && args[*at])
		o->value = args[(*at)++];
	return true;
}

struct each {
	guest_value_fn fn;
	void *context;
};

static bool each_json(const struct each *e, const char *key,
		      struct json_object *o);

static bool each_member(const struct each *e, const char *key,
			struct json_object *o)
{
	char path[KEY_BYTES];

	json_object_object_foreach(o, name, value) {
		snprintf(path, sizeof(path), "%s%s%s", key, *key ? "." : "",
			 name);
		if (each_json(e, path, value))
			return true;
	}
	return false;
}

/* As deep as the tokener goes: 32. */
static bool each_json(const struct each *e, const char *key,
		      struct json_object *o)
{
	const char *text;
	size_t i;

	if (json_object_is_type(o, json_type_object))
		return each_member(e, key, o);
	if (json_object_is_type(o, json_type_array)) {
		for (i = 0; i < json_object_array_length(o); i++)
			if (each_json(e, key,
				      json_object_array_get_idx(o, i)))
				return true;
		return false;
	}
	text = json_object_get_string(o);
	return e->fn(e->context, key, text ? text : "");
}

static bool each_text(const struct each *e, const char *key,
		      const char *text)
{
	struct json_object *o;
	bool found;

	if (strncmp(text, "json:", 5))
		return e->fn(e->context, key, text);
	o = json_tokener_parse(text + 5);
	found = o ? each_json(e, key, o) : e->fn(e->context, key, text);
	json_object_put(o);
	return found;
}

/* The next of "a=b,c,d=e": a comma in a text is written twice. */
static const char *next_pair(const char *from, char *out)
{
	for (; *from && (*from != ',' || from[1] == ','); from++) {
		from += *from == ',';
		*out++ = *from;
	}
	*out = '\0';
	return from + (*from == ',');
}

static bool each_pair(const struct each *e, const char *value)
{
	char *pair = malloc(strlen(value) + 1), *equals;
	bool found = false;

	while (pair && *value && !found) {
		value = next_pair(value, pair);
		equals = strchr(pair, '=');
		if (equals)
			*equals = '\0';
		found = each_text(e, equals ? pair : "",
				  equals ? equals + 1 : pair);
	}
	free(pair);
	return found;
}

bool guest_value_each(const char *value, guest_value_fn fn, void *context)
{
	const struct each e = { fn, context };
	struct json_object *o;
	bool found;

	if (!value)
		return false;
	if (*value != '{')
		return each_pair(&e, value);
	o = json_tokener_parse(value);
	found = o && each_json(&e, "", o);
	json_object_put(o);
	return found;
}

bool guest_value_is_good(const char *value)
{
	struct json_object *o = *value == '{' ? json_tokener_parse(value)
					      : NULL;
	bool good = *value != '{' || json_object_is_type(o, json_type_object);

	json_object_put(o);
	return good;
}

struct search {
	const char *key, *text;		/* NULL: any */
	char *found;
};

static bool keep(void *context, const char *key, const char *text)
{
	struct search *s = context;

	if (!strcmp(key, s->key)) {
		free(s->found);
		s->found = strdup(text);
	}
	return false;
}

char *guest_value_get(const char *value, const char *key)
{
	struct search s = { .key = key };

	guest_value_each(value, keep, &s);
	return s.found;
}

static bool matches(void *context, const char *key, const char *text)
{
	const struct search *s = context;

	return (!s->key || !strcmp(key, s->key)) && !strcmp(text, s->text);
}

bool guest_value_is(const char *value, const char *key, const char *text)
{
	struct search s = { .key = key, .text = text };

	return guest_value_each(value, matches, &s);
}

struct toggle {
	const char *key;
	bool on;
};

/* The last one counts. */
static bool turn(void *context, const char *key, const char *text)
{
	static const char *const yes[] = { "on", "yes", "true", "y", NULL };
	struct toggle *t = context;
	int i;

	if (!*key && !strcmp(text, t->key)) {
		t->on = true;
	} else if (!strcmp(key, t->key)) {
		for (i = 0; yes[i] && strcmp(text, yes[i]) != 0; i++)
			;
		t->on = yes[i];
	} else if (!*key && !strncmp(text, "no", 2) &&
		   !strcmp(text + 2, t->key)) {
		t->on = false;
	}
	return false;
}

bool guest_value_is_on(const char *value, const char *key, bool otherwise)
{
	struct toggle t = { key, otherwise };

	guest_value_each(value, turn, &t);
	return t.on;
}

bool guest_value_has(const char *value, const char *text)
{
	struct search s = { .text = text };

	return guest_value_each(value, matches, &s);
}
