// SPDX-License-Identifier: MIT
/*
 * rehearsenet.c - the network of a rehearsal, which reaches nobody: see
 * rehearse.h.
 */
#include "rehearse.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guestedit.h"
#include "util.h"

char *rehearse_with_id(const char *text, const char *value)
{
	char *id = guest_value_get(value, "id"), *out;

	if (asprintf(&out, "%s%s%s", text, id ? ",id=" : "",
		     id ? id : "") < 0)
		out = NULL;
	free(id);
	return out;
}

static bool reaches_out(const char *key)
{
	static const char *const keys[] = {
		"bootfile", "guestfwd", "hostfwd", "smb", "smbserver", "tftp",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(keys); i++)
		if (!strncmp(key, keys[i], strlen(keys[i])))
			return true;
	return false;
}

static bool is_script(const char *key)
{
	static const char *const keys[] = { "br", "downscript", "helper",
					    "ifname", "script", "type", "" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

/* All but what says where its other end is. */
static bool is_of_backend(const char *key)
{
	static const char *const keep[] = { "addr", "id", "macaddr", "model",
					    "mac", "name", "netdev",
					    "vectors" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(keep); i++)
		if (!strcmp(key, keep[i]))
			return false;
	return true;
}

/* A tap has features of its own that a NIC shows its guest. */
static char *tap(const char *value, int number)
{
	char *rest = guest_value_without(value, is_script), *out;
	char *name = guest_value_get(value, "ifname");

	if (!rest || *value == '{' ||
	    asprintf(&out, "tap,script=no,downscript=no,ifname=%s%.0d%s%s",
		     name ? name : "baton", name ? 0 : number,
		     *rest ? "," : "", rest) < 0)
		out = NULL;
	if (rest && *value == '{') {
		free(name);
		name = NULL;
		out = rest;
		rest = NULL;
		guest_value_add(&out, "type", json_object_new_string("tap"));
		guest_value_add(&out, "script", json_object_new_string("no"));
		guest_value_add(&out, "downscript",
				json_object_new_string("no"));
		name = guest_value_get(value, "ifname");
		if (!name && asprintf(&name, "baton%d", number) < 0)
			name = NULL;
		guest_value_add(&out, "ifname",
				json_object_new_string(name ?: ""));
	}
	free(name);
	free(rest);
	return out;
}

char *rehearse_network(const struct guest_option *o, int number)
{
	char *type = guest_value_get(o->value, "type"), *out, *rest;

	type = type ?: guest_value_get(o->value, "");
	if (type && (!strcmp(type, "tap") || !strcmp(type, "bridge"))) {
		out = tap(o->value, number);
	} else if (type && (!strcmp(type, "nic") || !strcmp(type, "none") ||
			    !strcmp(type, "hubport"))) {
		out = strdup(o->value);
	} else if (type && !strcmp(type, "user")) {
		out = guest_value_without(o->value, reaches_out);
	} else if (*o->value == '{') {
		out = rehearse_with_id("user", o->value);
	} else {
		rest = guest_value_without(o->value, is_of_backend);
		if (!rest || asprintf(&out, "user%s%s", *rest ? "," : "",
				      rest) < 0)
			out = NULL;
		free(rest);
	}
	free(type);
	return out;
}

static bool make_tap(const char *name, bool many, uid_t uid)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI |
					      IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	bool good;

	if (many)
		request.ifr_flags |= IFF_MULTI_QUEUE;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	good = fd >= 0 && !ioctl(fd, TUNSETIFF, &request) &&
	       !ioctl(fd, TUNSETOWNER, (unsigned long)uid) &&
	       !ioctl(fd, TUNSETPERSIST, 1ul);
	if (!good)
		perror(name);
	if (fd >= 0)
		close(fd);
	return good;
}

bool rehearse_taps(char *const *args, uid_t uid)
{
	struct guest_option o;
	bool good = true;
	int at = 1;

	while (good && args[0] && guest_option_next(args, &at, &o)) {
		char *name, *queues;

		if (!o.value || !guest_option_is_net(&o))
			continue;
		name = guest_value_get(o.value, "ifname");
		queues = guest_value_get(o.value, "queues");
		if (name)
			good = make_tap(name, queues && atoi(queues) > 1,
					uid);
		free(name);
		free(queues);
	}
	return good;
}
