// SPDX-License-Identifier: MIT
/*
 * guestargs.c - a QEMU command line, changed so that it takes a kept guest
 * over: see guest_args() in guestconf.h.
 */
#include "guestconf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guestedit.h"
#include "util.h"

static const struct guest_backend *backend_of(const struct guest_conf *c,
					      const char *value)
{
	char *id = guest_value_get(value, "id");
	int i;

	for (i = 0; id && i < c->backend_count; i++)
		if (!strcmp(c->backends[i].id, id))
			break;
	free(id);
	return id && i < c->backend_count ? &c->backends[i] : NULL;
}

/* What names its memory in the device state stays; all else is the kept
 * memory's. */
static void put_backend(struct arg_list *a, const struct guest_backend *b,
			const char *value, const char *prefix)
{
	static const char naming[] = "x-use-canonical-path-for-ramblock-id";
	char *named = guest_value_get(value, naming), *text;

	if (asprintf(&text, "memory-backend-file,id=%s,mem-path=%s.%s,size=%llu,share=on,align=2M%s%s%s%s",
		     b->id, prefix, b->id, (unsigned long long)b->bytes,
		     named ? "," : "", named ? naming : "",
		     named ? "=" : "", named ? named : "") < 0)
		text = NULL;
	arg_put(a, text);
	free(named);
	free(text);
}

/* "a=b,,c,d": the length of "a=b,,c". */
static size_t pair_length(const char *text)
{
	size_t i = 0;

	while (text[i] && (text[i] != ',' || text[i + 1] == ','))
		i += text[i] == ',' ? 2 : 1;
	return i;
}

/* "pc,accel=kvm" becomes "pc-i440fx-7.2,accel=kvm". True: it said a type. */
static bool put_machine(struct arg_list *a, const char *value,
			const char *machine)
{
	const char *at = value;
	bool typed = false;
	size_t length;
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);

	for (; f && *at; at += length + (at[length] == ',')) {
		bool bare;

		length = pair_length(at);
		bare = at == value && !memchr(at, '=', length);
		if (at != value)
			fputc(',', f);
		if (bare || !strncmp(at, "type=", 5))
			fprintf(f, "%s%s", bare ? "" : "type=", machine);
		else
			fwrite(at, 1, length, f);
		typed |= bare || !strncmp(at, "type=", 5);
	}
	if (f)
		fclose(f);
	arg_put(a, f ? text : NULL);
	free(text);
	return typed;
}

/*
 * A socket where QEMU waits for somebody to connect, before its monitor answers:
 * those who did in the old host do so later, if at all.
 */
static bool waits(const struct guest_option *o)
{
	static const char *const lines[] = { "debugcon", "gdb", "monitor",
		"parallel", "qmp", "qmp-pretty", "serial", NULL };
	static const char *const sockets[] = { "tcp:", "telnet:", "tn3270:",
		"unix:", "websocket:" };
	const char *line = o->value;
	bool is = false;
	size_t i;

	if (guest_option_is(o, "chardev"))
		is = guest_value_is(line, "", "socket") ||
		     guest_value_is(line, "backend", "socket");
	else if (!guest_option_in(o, lines))
		return false;
	else if (!strncmp(line, "mon:", 4))
		line += 4;
	for (i = 0; i < ARRAY_COUNT(sockets); i++)
		is |= !strncmp(line, sockets[i], strlen(sockets[i]));
	return is && guest_value_is_on(line, "server", false) &&
	       guest_value_is_on(line, "wait", true);
}

/* The option as it was written is `arg`. True: it says the machine type. */
static bool change(struct arg_list *a, const struct guest_conf *c,
		   const char *prefix, const char *arg,
		   const struct guest_option *o)
{
	const struct guest_backend *b;

	if (guest_option_is(o, "S") || guest_option_is(o, "incoming"))
		return false;
	arg_put(a, arg);
	if (!o->value || !*o->name)
		return false;
	if (guest_option_is(o, "machine") || guest_option_is(o, "M"))
		return put_machine(a, o->value, c->machine);
	b = guest_option_is(o, "object") ? backend_of(c, o->value) : NULL;
	if (b)
		put_backend(a, b, o->value, prefix);
	else if (waits(o))
		arg_take(a, guest_value_with(o->value, "wait",
					     json_object_new_string("off")));
	else
		arg_put(a, o->value);
	return false;
}

char **guest_args(const struct guest_conf *c, const char *prefix,
		  struct diag_log *diag)
{
	struct arg_list a = { 0 };
	struct guest_option o;
	bool typed = false;
	int at = 1, from = 1;

	arg_put(&a, c->args[0]);
	for (; guest_option_next(c->args, &at, &o); from = at)
		typed |= change(&a, c, prefix, c->args[from], &o);
	if (!typed) {
		arg_put(&a, "-machine");
		arg_put(&a, c->machine);
	}
	/* not by itself, also where the state does not say that it was paused (old
	 * machine types): it counts as adopted first */
	arg_put(&a, "-S");
	arg_put(&a, "-incoming");
	arg_put(&a, "defer");
	if (!a.failed)
		return a.list;
	diag_add(diag, HO_ENOMEM, "arguments");
	strings_free(a.list);
	return NULL;
}
