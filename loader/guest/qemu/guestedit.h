/* SPDX-License-Identifier: MIT */
/*
 * guestedit.h - a QEMU command line is changed: lists of arguments that grow,
 * and values of options with other keys. See guestopts.h for how they are read.
 */
#ifndef LOADER_GUESTEDIT_H
#define LOADER_GUESTEDIT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "guestopts.h"

struct arg_list {
	char **list;			/* NULL-terminated, for strings_free() */
	int count, room;
	bool failed;			/* out of memory: something is missing */
};

/* Append a copy; NULL: `failed`. */
void arg_put(struct arg_list *a, const char *text);
/* Append what it takes over; NULL: `failed`. */
void arg_take(struct arg_list *a, char *text);
/* Append "-NAME", and a value that it takes over. */
void arg_option(struct arg_list *a, const char *name, char *value);

/* The value without the keys for which drop(KEY) is true; a word without "="
 * has the key "". Both forms, the top level of JSON. To be freed; NULL: out of
 * memory, or no JSON. */
char *guest_value_without(const char *value, bool (*drop)(const char *key));
/* The value with KEY at its end, in its own form. `o` is used up. To be freed;
 * NULL as above. */
char *guest_value_with(const char *value, const char *key,
		       struct json_object *o);
/* The same over *value, which is freed; NULL stays NULL. */
void guest_value_add(char **value, const char *key, struct json_object *o);
/* Its text, compact, to be freed; `o` is used up. NULL: out of memory. */
char *guest_json_text(struct json_object *o);
/* A text as KEY=VALUE wants it: each comma twice. To be freed. */
char *guest_text_escaped(const char *text);

#endif /* LOADER_GUESTEDIT_H */
