// SPDX-License-Identifier: MIT
/*
 * pauses.c - see pauses.h.
 */
#include "pauses.h"

#include <stdio.h>
#include <string.h>

#include "jsonout.h"
#include "util.h"

#define PART_SECONDS	86400.0		/* no part is longer */

static void add(struct pauses *p, const struct pause *new)
{
	int i;

	for (i = 0; i < p->count && strcmp(p->list[i].id, new->id); i++)
		;
	if (i == PAUSES_MAX) {
		memmove(p->list, p->list + 1, (PAUSES_MAX - 1) * sizeof(*p->list));
		i--;
	}
	p->list[i] = *new;
	if (i == p->count)
		p->count++;
}

/* False: it is no part of a pause. */
static bool take_part(struct json_object *parts, int part, double *seconds)
{
	struct json_object *v;

	if (!json_object_object_get_ex(parts, timeline_name(part), &v))
		return part == TIMELINE_DOWN;
	if (!json_object_is_type(v, json_type_double) &&
	    !json_object_is_type(v, json_type_int))
		return false;
	*seconds = json_object_get_double(v);
	return *seconds >= 0 && *seconds <= PART_SECONDS;
}

static bool take(struct json_object *o, struct pause *out)
{
	struct json_object *id, *generation, *parts;
	int i;

	*out = (struct pause){ 0 };
	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "id", &id) ||
	    !json_object_is_type(id, json_type_string) ||
	    json_object_get_string_len(id) >= (int)sizeof(out->id) ||
	    json_object_get_string(id)[strspn(json_object_get_string(id),
					      "0123456789abcdef-")] ||
	    !json_object_object_get_ex(o, "generation", &generation) ||
	    !json_object_object_get_ex(o, "seconds", &parts) ||
	    !json_object_is_type(parts, json_type_object))
		return false;
	snprintf(out->id, sizeof(out->id), "%s", json_object_get_string(id));
	out->generation = json_object_get_int64(generation);
	out->jump_known = json_object_object_get_ex(parts,
				timeline_name(TIMELINE_DOWN), NULL);
	for (i = 0; i < TIMELINE_PARTS; i++)
		if (!take_part(parts, i, &out->s[i]))
			return false;
	return true;
}

void pauses_read(struct pauses *p, const char *path)
{
	struct json_object *list = json_object_from_file(path);
	struct pause one;
	size_t i;

	*p = (struct pauses){ 0 };
	if (json_object_is_type(list, json_type_array))
		for (i = 0; i < json_object_array_length(list); i++)
			if (take(json_object_array_get_idx(list, i), &one))
				add(p, &one);
	json_object_put(list);
}

bool pauses_add(struct pauses *p, const struct handover *h)
{
	struct pause own = { 0 };
	double longest = 0;
	struct timeline t;
	uint32_t i;

	for (i = 0; h && i < h->result.domain_count; i++) {
		if (!timeline_read(&t, h, &h->domains[i]) || !t.over ||
		    t.total <= longest)
			continue;
		longest = t.total;
		own.jump_known = t.jump_known;
		memcpy(own.s, t.s, sizeof(own.s));
	}
	if (!longest)
		return false;
	own.generation = h->crumb.generation;
	snprintf(own.id, sizeof(own.id), "%s", human_id(h->crumb.id));
	add(p, &own);
	return true;
}

static struct json_object *pause_object(const struct pause *one)
{
	struct json_object *o = json_object_new_object();
	struct json_object *parts = json_object_new_object();
	int i;

	json_u64(o, "generation", one->generation);
	json_text(o, "id", one->id);
	for (i = 0; i < TIMELINE_PARTS; i++)
		if (i != TIMELINE_DOWN || one->jump_known)
			json_object_object_add(parts, timeline_name(i),
					       json_object_new_double(one->s[i]));
	json_object_object_add(o, "seconds", parts);
	return o;
}

int pauses_keep(const char *path, const struct handover *h, struct diag_log *diag)
{
	struct json_object *list;
	struct pauses p;
	const char *text;
	int i, rc;

	pauses_read(&p, path);
	if (!pauses_add(&p, h))
		return 0;
	list = json_object_new_array();
	for (i = 0; i < p.count; i++)
		json_object_array_add(list, pause_object(&p.list[i]));
	text = json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY);
	folder_make(path);
	rc = text ? file_write(path, text, strlen(text), diag) :
	     diag_add(diag, HO_ENOMEM, "%s", path);
	json_object_put(list);
	return rc;
}
