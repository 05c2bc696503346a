// SPDX-License-Identifier: MIT
/*
 * guestconf.c - see guestconf.h.
 */
#include "guestconf.h"

#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "jsonin.h"
#include "jsonout.h"
#include "qmp.h"
#include "util.h"

static struct json_object *backends_json(const struct guest_conf *c)
{
	struct json_object *list = json_object_new_array();
	int i;

	for (i = 0; i < c->backend_count; i++) {
		struct json_object *o = json_object_new_object();

		json_text(o, "id", c->backends[i].id);
		json_u64(o, "address", c->backends[i].address);
		json_u64(o, "bytes", c->backends[i].bytes);
		json_object_array_add(list, o);
	}
	return list;
}

void guest_conf_json(const struct guest_conf *c, struct json_object *o)
{
	json_text(o, "qemu", c->version);
	json_text(o, "machine", c->machine);
	json_flag(o, "running", c->running);
	json_object_object_add(o, "backends", backends_json(c));
}

static struct json_object *bridges_json(const struct guest_conf *c)
{
	struct json_object *list = json_object_new_array();
	int i;

	for (i = 0; i < c->bridge_count; i++)
		json_object_array_add(list,
				      json_object_new_string(c->bridges[i]));
	return list;
}

char *guest_conf_write(const struct guest_conf *c, struct diag_log *diag)
{
	struct json_object *o = json_object_new_object();
	struct json_object *args = json_object_new_array();
	char *text;
	int i;

	for (i = 0; i < c->arg_count; i++)
		json_object_array_add(args,
				      json_object_new_string(c->args[i]));
	json_u64(o, "version", c->has_process ? GUEST_CONF_VERSION : 1);
	json_text(o, "program", c->program);
	json_text(o, "directory", c->directory);
	json_text(o, "monitor", c->monitor);
	guest_conf_json(c, o);
	json_object_object_add(o, "args", args);
	if (c->bridge_count)
		json_object_object_add(o, "bridges", bridges_json(c));
	if (c->has_process)
		json_object_object_add(o, "process",
				       guest_process_json(&c->process));
	text = strdup(json_object_to_json_string_ext(o,
		      JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	if (!text)
		diag_add(diag, HO_ENOMEM, "guest's configuration");
	return text;
}

int guest_conf_bad(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EGUESTCONF, "%s", what);
}

static bool take_word(struct json_object *o, const char *key, char *out,
		      size_t bytes)
{
	const char *text = qmp_text(o, key);

	if (!text || !*text || strlen(text) >= bytes)
		return false;
	strcpy(out, text);
	return !out[strspn(out, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+")];
}

static int take_backends(struct guest_conf *c, struct json_object *o,
			 struct diag_log *diag)
{
	struct json_object *list;
	size_t i, count;

	list = json_take_list(o, "backends", GUEST_BACKENDS_MAX, &count);
	if (!list || !count)
		return guest_conf_bad(diag, "backends");
	for (i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		struct guest_backend *b = &c->backends[i];

		if (!take_word(item, "id", b->id, sizeof(b->id)) ||
		    !json_take_u64(item, "address", &b->address) ||
		    !json_take_u64(item, "bytes", &b->bytes) || !b->bytes ||
		    b->bytes > 1ull << 46 || b->address > 1ull << 47 ||
		    !is_aligned(b->address | b->bytes, HO_PAGE_BYTES))
			return guest_conf_bad(diag, "backend");
	}
	c->backend_count = count;
	return 0;
}

static int take_args(struct guest_conf *c, struct json_object *o,
		     struct diag_log *diag)
{
	struct json_object *list;
	size_t i, count;

	list = json_take_list(o, "args", GUEST_ARGS_MAX, &count);
	if (!list || !count)
		return guest_conf_bad(diag, "args");
	c->args = calloc(count + 1, sizeof(*c->args));
	if (!c->args)
		return diag_add(diag, HO_ENOMEM, "args");
	for (i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return guest_conf_bad(diag, "argument");
		c->args[i] = strdup(json_object_get_string(item));
		if (!c->args[i])
			return diag_add(diag, HO_ENOMEM, "args");
		c->arg_count++;
	}
	return 0;
}

/* The name of a file below /sys. */
static bool take_bridge(struct json_object *item, char name[IFNAMSIZ])
{
	const char *text = json_object_is_type(item, json_type_string)
			   ? json_object_get_string(item) : "";

	if (!*text || *text == '.' || strchr(text, '/') ||
	    strlen(text) >= IFNAMSIZ)
		return false;
	strcpy(name, text);
	return true;
}

/* They are not there in what an older loader wrote. */
static int take_bridges(struct guest_conf *c, struct json_object *o,
			struct diag_log *diag)
{
	struct json_object *list;
	size_t i, count;

	if (!json_object_object_get_ex(o, "bridges", &list))
		return 0;
	list = json_take_list(o, "bridges", GUEST_BRIDGES_MAX, &count);
	if (!list)
		return guest_conf_bad(diag, "bridges");
	for (i = 0; i < count; i++)
		if (!take_bridge(json_object_array_get_idx(list, i),
				 c->bridges[c->bridge_count++]))
			return guest_conf_bad(diag, "bridge");
	return 0;
}

static int take_process(struct guest_conf *c, struct json_object *o,
			struct diag_log *diag)
{
	struct json_object *process;

	if (!json_object_object_get_ex(o, "process", &process) ||
	    !guest_process_take(&c->process, process))
		return guest_conf_bad(diag, "process");
	c->has_process = true;
	return 0;
}

int guest_conf_take(struct guest_conf *c, struct json_object *o,
		    struct diag_log *diag)
{
	struct json_object *running;

	if (!take_word(o, "machine", c->machine, sizeof(c->machine)) ||
	    !take_word(o, "qemu", c->version, sizeof(c->version)) ||
	    !json_object_object_get_ex(o, "running", &running))
		return guest_conf_bad(diag, "machine, version or state");
	c->running = json_object_get_boolean(running);
	return take_backends(c, o, diag);
}

static int take_all(void *conf, struct json_object *o, struct diag_log *diag)
{
	struct guest_conf *c = conf;
	uint64_t version;
	int rc;

	if (!json_take_u64(o, "version", &version) ||
	    !version || version > GUEST_CONF_VERSION)
		return guest_conf_bad(diag, "version");
	c->program = json_take_text(o, "program");
	c->directory = json_take_text(o, "directory");
	c->monitor = json_take_text(o, "monitor");
	if (!c->program || !c->directory || !c->monitor)
		return guest_conf_bad(diag, "program, directory or monitor");
	rc = guest_conf_take(c, o, diag);
	if (!rc)
		rc = take_args(c, o, diag);
	if (!rc)
		rc = take_bridges(c, o, diag);
	return rc || version < 2 ? rc : take_process(c, o, diag);
}

int guest_conf_parse(const char *text, size_t bytes, guest_conf_fn take,
		     void *conf, struct diag_log *diag)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o = NULL;
	size_t used;
	int rc;

	if (!t)
		return diag_add(diag, HO_ENOMEM, "guest's configuration");
	if (bytes > QMP_ANSWER_MAX ||
	    qmp_parse(t, text, bytes, &used, &o) != 1 ||
	    !json_object_is_type(o, json_type_object))
		rc = guest_conf_bad(diag, "not JSON");
	else
		rc = take(conf, o, diag);
	json_object_put(o);
	json_tokener_free(t);
	return rc;
}

int guest_conf_read(struct guest_conf *c, const char *text, size_t bytes,
		    struct diag_log *diag)
{
	int rc;

	*c = (struct guest_conf){ 0 };
	rc = guest_conf_parse(text, bytes, take_all, c, diag);
	if (rc)
		guest_conf_free(c);
	return rc;
}

void guest_conf_free(struct guest_conf *c)
{
	strings_free(c->args);
	free(c->program);
	free(c->directory);
	free(c->monitor);
	guest_process_free(&c->process);
	*c = (struct guest_conf){ 0 };
}
