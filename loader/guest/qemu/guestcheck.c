// SPDX-License-Identifier: MIT
/*
 * guestcheck.c - what of a QEMU command line a second start could not have: see
 * guest_args_check() in guestconf.h. docs/guests.md lists it.
 */
#include "guestconf.h"

#include <string.h>

#include "guestopts.h"
#include "util.h"

/* Their text is the guest's or a path, and has no keys. */
static const char *const plain[] = {
	"", "D", "L", "append", "bios", "cdrom", "chroot", "dtb", "fda",
	"fdb", "hda", "hdb", "hdc", "hdd", "initrd", "kernel", "mtdblock",
	"pflash", "pidfile", "sd", NULL,
};

/* A state that is loaded over the kept one, or a disk that is thrown away; files
 * with options that are not seen here; a machine that waits to be made. */
static const char *const once[] = {
	"loadvm", "preconfig", "readconfig", "snapshot", "writeconfig", NULL,
};

static bool ends_in(const char *key, const char *word)
{
	const char *last = strrchr(key, '.');

	return !strcmp(last ? last + 1 : key, word);
}

/* A descriptor that was inherited: only the process that was started with it
 * has it. */
static bool is_descriptor(void *context, const char *key, const char *text)
{
	static const char *const keys[] = {
		"fd", "fds", "sock_fd", "sockfd", "vhostfd", "vhostfds",
	};
	size_t i;

	(void)context;
	for (i = 0; i < ARRAY_COUNT(keys); i++)
		if (ends_in(key, keys[i]))
			return true;
	return ends_in(key, "type") && !strcmp(text, "fd");
}

static bool is_descriptor_path(const char *value)
{
	static const char *const places[] = {
		"/dev/fd/", "/dev/fdset/", "/dev/stdin", "/proc/self/fd/",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(places); i++)
		if (strstr(value, places[i]))
			return true;
	return false;
}

static bool is_replay(void *context, const char *key, const char *text)
{
	(void)context;
	return !strcmp(key, "rr") && strcmp(text, "none") != 0;
}

/* True when the option belongs to one start. */
static bool is_of_one_start(const struct guest_option *o)
{
	if (guest_option_in(o, once))
		return true;
	if (!o->value)
		return false;
	if (guest_option_is(o, "drive"))
		return guest_value_is_on(o->value, "snapshot", false);
	if (guest_option_is(o, "icount"))
		return guest_value_each(o->value, is_replay, NULL);
	/* its number is of this boot */
	return guest_option_is(o, "object") &&
	       (guest_value_is(o->value, "", "secret_keyring") ||
		guest_value_is(o->value, "qom-type", "secret_keyring"));
}

static bool is_inherited(const struct guest_option *o)
{
	if (guest_option_is(o, "add-fd"))
		return true;
	if (!o->value || guest_option_is(o, "append") ||
	    guest_option_is(o, "incoming"))
		return false;
	return is_descriptor_path(o->value) ||
	       (!guest_option_in(o, plain) &&
		guest_value_each(o->value, is_descriptor, NULL));
}

static bool is_user(void *context, const char *key, const char *text)
{
	(void)context;
	(void)text;
	return !strcmp(key, "user");
}

/*
 * QEMU began as root and became another user: to start it again takes root. The
 * arguments are that user's to write, who may never have been root.
 */
static bool is_of_root(const struct guest_conf *c,
		       const struct guest_option *o)
{
	return c->process.uid &&
	       (guest_option_is(o, "runas") ||
		(guest_option_is(o, "run-with") &&
		 guest_value_each(o->value, is_user, NULL)));
}

int guest_args_check(const struct guest_conf *c, struct diag_log *diag)
{
	struct guest_option o;
	int at = 1;

	while (guest_option_next(c->args, &at, &o)) {
		const char *value = o.value ? o.value : "";

		if (is_of_one_start(&o))
			return diag_add(diag, HO_EGUESTONCE, "-%.20s%s%.60s",
					o.name, *value ? " " : "", value);
		if (is_inherited(&o))
			return diag_add(diag, HO_EGUESTARGS, "-%.20s %.60s",
					o.name, value);
		if (is_of_root(c, &o))
			return diag_add(diag, HO_EGUESTPROC, "-%.20s %.60s",
					o.name, value);
		if (!guest_option_in(&o, plain) &&
		    !guest_value_is_good(value))
			return diag_add(diag, HO_EGUESTARGS,
					"-%.20s: JSON that cannot be read: %.30s",
					o.name, value);
		if ((guest_option_is(&o, "machine") ||
		     guest_option_is(&o, "M")) && *value == '{')
			return diag_add(diag, HO_EGUESTARGS, "-%.20s in JSON",
					o.name);
	}
	return 0;
}
