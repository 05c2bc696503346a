// SPDX-License-Identifier: MIT
/*
 * ledger_json.c - see ledger_json.h. What is read may be anything: a ledger is as
 * it was written, or it is refused.
 */
#include "ledger_json.h"

#include <stdlib.h>
#include <string.h>

#include "jsonin.h"
#include "jsonout.h"
#include "kinds.h"
#include "util.h"

#define DEPTH	8

static void put_process(struct json_object *o, const char *name,
			const char *start, struct process_id id)
{
	json_u64(o, name, id.pid);
	json_u64(o, start, id.start);
}

static struct json_object *guest_object(const struct ledger_guest *g)
{
	struct json_object *o = json_object_new_object();
	const struct guest_taken *t = &g->taken;

	json_text(o, "kind", g->kind->name);
	json_text(o, "name", t->name);
	json_text(o, "stage", ledger_guest_name(t->stage));
	json_text(o, "given", t->given);
	json_text(o, "uuid", human_id(t->uuid));
	put_process(o, "pid", "start", t->runner);
	put_process(o, "keeper", "keeper_start", t->keeper);
	json_flag(o, "ran", t->ran);
	json_u64(o, "number", t->number);
	json_u64(o, "mark", t->mark);
	return o;
}

struct json_object *ledger_object(const struct ledger *l)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	json_u64(o, "version", LEDGER_VERSION);
	json_text(o, "stage", ledger_stage_name(l->stage));
	json_text(o, "command", l->command);
	put_process(o, "pid", "start", l->who);
	json_u64(o, "since", l->since);
	json_text(o, "loaded", l->loaded);
	json_text(o, "armed", l->armed);
	for (i = 0; i < l->count; i++)
		json_object_array_add(list, guest_object(&l->guests[i]));
	json_object_object_add(o, "guests", list);
	return o;
}

char *ledger_to_json(const struct ledger *l)
{
	struct json_object *o = ledger_object(l);
	char *text = strdup(json_object_to_json_string_ext(o,
						JSON_C_TO_STRING_PLAIN));

	json_object_put(o);
	return text;
}

static int bad(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_ELEDGER, "%s", what);
}

/* One that json_u64() can write again. */
static bool take_number(struct json_object *o, const char *key, uint64_t *out)
{
	return json_take_u64(o, key, out) && *out <= INT64_MAX;
}

/* A text that fits, with nothing behind a NUL in it. */
static bool take_text(struct json_object *o, const char *key, char *out,
		      size_t bytes)
{
	struct json_object *v;
	size_t length;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_string))
		return false;
	length = json_object_get_string_len(v);
	if (length >= bytes || strlen(json_object_get_string(v)) != length)
		return false;
	memcpy(out, json_object_get_string(v), length + 1);
	return true;
}

/* Which of the names it is; -1: none. */
static int take_name(struct json_object *o, const char *key,
		     const char *(*name)(unsigned int i), int count)
{
	char text[32];
	int i;

	if (!take_text(o, key, text, sizeof(text)))
		return -1;
	for (i = 0; i < count; i++)
		if (!strcmp(text, name(i)))
			return i;
	return -1;
}

static const char *stage_text(unsigned int i)
{
	return ledger_stage_name(i);
}

static const char *guest_text(unsigned int i)
{
	return ledger_guest_name(i);
}

static bool take_process(struct json_object *o, const char *name,
			 const char *start, struct process_id *out)
{
	uint64_t pid;

	if (!take_number(o, name, &pid) || pid > INT32_MAX ||
	    !take_number(o, start, &out->start))
		return false;
	out->pid = pid;
	return true;
}

static bool take_digest(struct json_object *o, const char *key, char *out)
{
	if (!take_text(o, key, out, LEDGER_DIGEST_CHARS + 1))
		return false;
	return !*out || strspn(out, "0123456789abcdef") ==
			LEDGER_DIGEST_CHARS;
}

/* As human_id() writes it, and no other way. */
static bool take_uuid(struct json_object *o, uint8_t out[HO_ID_BYTES])
{
	char text[40];
	const char *at = text;
	int i;

	if (!take_text(o, "uuid", text, sizeof(text)))
		return false;
	for (i = 0; i < HO_ID_BYTES; i++, at += 2) {
		at += *at == '-';
		if (sscanf(at, "%2hhx", &out[i]) != 1 || !at[1])
			return false;
	}
	return !strcmp(text, human_id(out));
}

static bool take_guest(struct json_object *o, struct ledger_guest *g)
{
	struct guest_taken *t = &g->taken;
	char text[32];
	struct json_object *ran;
	int stage = take_name(o, "stage", guest_text, GUEST_STAGES);

	if (stage < 0 || !take_text(o, "kind", text, sizeof(text)))
		return false;
	t->stage = stage;
	g->kind = guest_kind_named(text);
	if (!g->kind || !g->kind->let_run ||
	    !take_text(o, "name", t->name, sizeof(t->name)) ||
	    !take_text(o, "given", t->given, sizeof(t->given)) ||
	    !take_uuid(o, t->uuid) ||
	    !take_process(o, "pid", "start", &t->runner) ||
	    !take_process(o, "keeper", "keeper_start", &t->keeper) ||
	    !json_object_object_get_ex(o, "ran", &ran) ||
	    !json_object_is_type(ran, json_type_boolean))
		return false;
	t->ran = json_object_get_boolean(ran);
	/* an older baton, just before it was replaced, wrote no mark */
	return take_number(o, "number", &t->number) &&
	       (!json_object_object_get_ex(o, "mark", NULL) ||
		take_number(o, "mark", &t->mark));
}

/* No guest is in it twice: the writer has one record of each. */
static int add_guest(struct ledger *l, const struct ledger_guest *g,
		     struct diag_log *diag)
{
	if (ledger_find(l, g->kind, &g->taken))
		return bad(diag, "a guest twice");
	return ledger_put(l, g->kind, &g->taken, diag);
}

static int take_guests(struct ledger *l, struct json_object *o,
		       struct diag_log *diag)
{
	size_t count = 0, i;
	struct json_object *list = json_take_list(o, "guests",
						  LEDGER_GUESTS_MAX, &count);
	int rc = list ? 0 : bad(diag, "guests");

	for (i = 0; !rc && i < count; i++) {
		struct ledger_guest g = { 0 };

		rc = take_guest(json_object_array_get_idx(list, i), &g)
		   ? add_guest(l, &g, diag)
		   : bad(diag, "a guest");
	}
	return rc;
}

static int take_all(struct ledger *l, struct json_object *o,
		    struct diag_log *diag)
{
	int stage = take_name(o, "stage", stage_text, LEDGER_STAGES);
	uint64_t version, since;

	if (!take_number(o, "version", &version) ||
	    version != LEDGER_VERSION)
		return bad(diag, "not of this version");
	if (stage < 0 || !take_number(o, "since", &since) ||
	    !take_text(o, "command", l->command, sizeof(l->command)) ||
	    !take_process(o, "pid", "start", &l->who) ||
	    !take_digest(o, "loaded", l->loaded) ||
	    !take_digest(o, "armed", l->armed))
		return bad(diag, "head");
	l->stage = stage;
	l->since = since;
	return take_guests(l, o, diag);
}

int ledger_from_json(struct ledger *l, const char *text, uint64_t length,
		     struct diag_log *diag)
{
	struct json_tokener *t = json_tokener_new_ex(DEPTH);
	struct json_object *o = t ? json_tokener_parse_ex(t, text, length)
				  : NULL;
	int rc = 0;

	if (!t)
		return diag_add(diag, HO_ENOMEM, "ledger");
	if (!o || json_tokener_get_parse_end(t) != length ||
	    !json_object_is_type(o, json_type_object))
		rc = bad(diag, "not JSON");
	if (!rc)
		rc = take_all(l, o, diag);
	json_object_put(o);
	json_tokener_free(t);
	return rc;
}
