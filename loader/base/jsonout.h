/* SPDX-License-Identifier: MIT */
/*
 * jsonout.h - the few words of json-c that the commands' --json needs.
 */
#ifndef LOADER_JSONOUT_H
#define LOADER_JSONOUT_H

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>

/* Add a number to an object. */
static inline void json_u64(struct json_object *o, const char *name,
			    uint64_t v)
{
	json_object_object_add(o, name, json_object_new_int64(v));
}

/* Add a string; it is copied. */
static inline void json_text(struct json_object *o, const char *name,
			     const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

/* Add true or false. */
static inline void json_flag(struct json_object *o, const char *name, int v)
{
	json_object_object_add(o, name, json_object_new_boolean(v));
}

/* Print it and let it go. */
static inline void json_print(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}

#endif /* LOADER_JSONOUT_H */
