/* SPDX-License-Identifier: MIT */
/*
 * guestopts.h - a QEMU command line as QEMU reads it: option by option, and
 * what stands in an option's value, in both of its forms (KEY=VALUE and JSON).
 * Source: qemu-options.hx; docs of QemuOpts and keyval: util/qemu-option.c,
 * util/keyval.c.
 */
#ifndef LOADER_GUESTOPTS_H
#define LOADER_GUESTOPTS_H

#include <stdbool.h>

struct guest_option {
	const char *name;		/* no dashes; "": an image, without */
	const char *value;		/* NULL: it has none */
};

/* The option at args[*at], which goes on behind it; *at begins at 1. False: no
 * more. `args` ends with NULL. */
bool guest_option_next(char *const *args, int *at, struct guest_option *o);
/* True when the option has this name (without dashes). */
bool guest_option_is(const struct guest_option *o, const char *name);
/* The same of several names, ended by NULL. */
bool guest_option_in(const struct guest_option *o, const char *const *names);
/* True when its value may say what the host's side of a network is. */
bool guest_option_is_net(const struct guest_option *o);

/*
 * Everything that an option's value says: fn(context, KEY, TEXT). What is
 * nested has a dotted key ("addr.type"), a list's items that of the list, a
 * word without "=" the key "". True: fn said so, which ends it. A text that
 * begins with json: is gone into, too.
 */
typedef bool (*guest_value_fn)(void *context, const char *key,
			       const char *text);
/* Returns true when fn ended it. A NULL value has nothing. */
bool guest_value_each(const char *value, guest_value_fn fn, void *context);
/* True when the value can be read: text that begins as JSON is JSON. */
bool guest_value_is_good(const char *value);

/* What KEY says, the last one when there are more, as in QEMU; to be freed.
 * NULL: it is not there. */
char *guest_value_get(const char *value, const char *key);
/* True when the key is there, with this text. */
bool guest_value_is(const char *value, const char *key, const char *text);
/* Whether the key is on, as QEMU takes it ("KEY" and "noKEY", too); `otherwise`
 * when it is not there. */
bool guest_value_is_on(const char *value, const char *key, bool otherwise);
/* True when any key has this text. */
bool guest_value_has(const char *value, const char *text);

#endif /* LOADER_GUESTOPTS_H */
