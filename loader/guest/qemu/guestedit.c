// SPDX-License-Identifier: MIT
/*
 * guestedit.c - see guestedit.h.
 */
#include "guestedit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void arg_take(struct arg_list *a, char *text)
{
	if (a->count + 1 >= a->room) {
		int room = a->room ? 2 * a->room : 64;
		char **more = realloc(a->list, room * sizeof(*more));

		if (!more) {
			a->failed = true;
			free(text);
			return;
		}
		a->list = more;
		a->room = room;
	}
	a->failed |= !text;
	a->list[a->count++] = text;
	a->list[a->count] = NULL;
}

void arg_put(struct arg_list *a, const char *text)
{
	arg_take(a, text ? strdup(text) : NULL);
}

void arg_option(struct arg_list *a, const char *name, char *value)
{
	char *text;

	if (asprintf(&text, "-%s", name) < 0)
		text = NULL;
	arg_take(a, text);
	arg_take(a, value);
}

char *guest_json_text(struct json_object *o)
{
	char *text = strdup(json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(o);
	return text;
}

/* "a=b,,c,d": the length of "a=b,,c". */
static size_t pair_length(const char *text)
{
	size_t i = 0;

	while (text[i] && (text[i] != ',' || text[i + 1] == ','))
		i += text[i] == ',' ? 2 : 1;
	return i;
}

static bool dropped(const char *pair, size_t length,
		    bool (*drop)(const char *key))
{
	const char *equals = memchr(pair, '=', length);
	char *key = strndup(pair, equals ? (size_t)(equals - pair) : 0);
	bool yes = key && drop(key);

	free(key);
	return yes;
}

static char *json_without(const char *value, bool (*drop)(const char *key))
{
	struct json_object *o = json_tokener_parse(value);
	struct json_object *out = o ? json_object_new_object() : NULL;

	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		json_object_put(out);
		return NULL;
	}
	json_object_object_foreach(o, key, member)
		if (!drop(key))
			json_object_object_add(out, key,
					       json_object_get(member));
	json_object_put(o);
	return guest_json_text(out);
}

char *guest_value_without(const char *value, bool (*drop)(const char *key))
{
	char *out, *to;
	size_t length;

	if (*value == '{')
		return json_without(value, drop);
	out = to = malloc(strlen(value) + 1);
	for (; out && *value; value += length + (value[length] == ',')) {
		length = pair_length(value);
		if (dropped(value, length, drop))
			continue;
		if (to != out)
			*to++ = ',';
		memcpy(to, value, length);
		to += length;
	}
	if (out)
		*to = '\0';
	return out;
}

char *guest_text_escaped(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *to = out;

	for (; out && *text; text++) {
		*to++ = *text;
		if (*text == ',')
			*to++ = ',';
	}
	if (out)
		*to = '\0';
	return out;
}

static char *json_with(const char *value, const char *key,
		       struct json_object *member)
{
	struct json_object *o = json_tokener_parse(value);

	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		json_object_put(member);
		return NULL;
	}
	json_object_object_add(o, key, member);
	return guest_json_text(o);
}

/* Does a pair begin behind it? QEMU takes a comma at the end for the end of one; two
 * are a comma of its text. */
static bool is_between(const char *value)
{
	size_t length = strlen(value), commas = 0;

	while (commas < length && value[length - commas - 1] == ',')
		commas++;
	return !length || commas % 2;
}

char *guest_value_with(const char *value, const char *key,
		       struct json_object *o)
{
	char *text, *out;

	if (*value == '{')
		return json_with(value, key, o);
	text = guest_text_escaped(json_object_get_string(o) ?: "");
	if (!text || asprintf(&out, "%s%s%s=%s", value,
			      is_between(value) ? "" : ",", key, text) < 0)
		out = NULL;
	free(text);
	json_object_put(o);
	return out;
}

void guest_value_add(char **value, const char *key, struct json_object *o)
{
	char *was = *value;

	if (!was) {
		json_object_put(o);
		return;
	}
	*value = guest_value_with(was, key, o);
	free(was);
}
