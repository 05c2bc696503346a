/* SPDX-License-Identifier: MIT */
/*
 * jsonin.h - the few words of json-c that strict readers need: what is there
 * is of the right type, or it is not there.
 */
#ifndef LOADER_JSONIN_H
#define LOADER_JSONIN_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A whole number that is not negative. */
static inline bool json_is_u64(struct json_object *value, uint64_t *out)
{
	if (!json_object_is_type(value, json_type_int) ||
	    json_object_get_int64(value) < 0)
		return false;
	*out = json_object_get_uint64(value);
	return true;
}

/* The same of the member `key` of an object. False: absent, or not such a
 * number. */
static inline bool json_take_u64(struct json_object *o, const char *key,
				 uint64_t *out)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) &&
	       json_is_u64(value, out);
}

/* The text under `key`, to be freed; NULL: absent, empty, not text, or no memory. */
static inline char *json_take_text(struct json_object *o, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, key, &value) ||
	    !json_object_is_type(value, json_type_string) ||
	    !*json_object_get_string(value))
		return NULL;
	return strdup(json_object_get_string(value));
}

/* The array under `key` of at most `max` items, and how many; NULL: none. */
static inline struct json_object *json_take_list(struct json_object *o,
						 const char *key, size_t max,
						 size_t *count)
{
	struct json_object *list;

	if (!json_object_object_get_ex(o, key, &list) ||
	    !json_object_is_type(list, json_type_array))
		return NULL;
	*count = json_object_array_length(list);
	return *count <= max ? list : NULL;
}

#endif /* LOADER_JSONIN_H */
