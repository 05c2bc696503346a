// SPDX-License-Identifier: MIT
/*
 * guestnet.c - see guestnet.h.
 */
#include "guestnet.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guestopts.h"
#include "util.h"

#define NET	"/sys/class/net/"

static bool is_there(const char *name)
{
	char path[sizeof(NET) + IFNAMSIZ];

	/* a longer name is no interface's */
	return snprintf(path, sizeof(path), NET "%s", name) <
		       (int)sizeof(path) && !access(path, F_OK);
}

static void add_bridge(struct guest_conf *c, const char *name)
{
	int i;

	if (strlen(name) >= IFNAMSIZ)
		return;
	for (i = 0; i < c->bridge_count; i++)
		if (!strcmp(c->bridges[i], name))
			return;
	if (c->bridge_count < GUEST_BRIDGES_MAX)
		strcpy(c->bridges[c->bridge_count++], name);
}

/* Of the interface, if it is in one. */
static void read_bridge(struct guest_conf *c, const char *tap)
{
	char path[64], target[256], *name;

	snprintf(path, sizeof(path), NET "%.15s/master", tap);
	if (!link_read(path, target, sizeof(target)))
		return;
	name = strrchr(target, '/');
	add_bridge(c, name ? name + 1 : target);
}

/* What one of its files is: "iff:" and a name. */
static void read_file(struct guest_conf *c, pid_t pid, const char *fd)
{
	char path[64], line[128], tap[IFNAMSIZ];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.16s", (int)pid, fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "iff: %15s", tap) == 1 && !strchr(tap, '/'))
			read_bridge(c, tap);
	if (f)
		fclose(f);
}

/* Names of another network mean nothing here. */
static bool is_of_our_network(pid_t pid)
{
	char path[64], its[64], ours[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return !link_read(path, its, sizeof(its)) ||
	       !link_read("/proc/self/ns/net", ours, sizeof(ours)) ||
	       !strcmp(its, ours);
}

void guest_net_read(struct guest_conf *c, pid_t pid)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	c->bridge_count = 0;
	if (!is_of_our_network(pid))
		return;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			read_file(c, pid, entry->d_name);
	if (dir)
		closedir(dir);
}

static bool is_tap(const struct guest_option *o)
{
	return o->value && guest_option_is_net(o) &&
	       (guest_value_is(o->value, "", "tap") ||
		guest_value_is(o->value, "type", "tap"));
}

/* It has a name, and no script: it is made before. */
static bool is_made_before(const struct guest_option *o, char *out,
			   size_t bytes)
{
	char *name = guest_value_get(o->value, "ifname");
	bool is = name && guest_value_is(o->value, "script", "no");

	if (is)
		snprintf(out, bytes, "%s", name);
	free(name);
	return is;
}

const char *guest_net_missing(const struct guest_conf *c)
{
	static __thread char name[64];
	struct guest_option o;
	int i, at = 1;

	for (i = 0; i < c->bridge_count; i++)
		if (!is_there(c->bridges[i]))
			return c->bridges[i];
	while (guest_option_next(c->args, &at, &o))
		if (is_tap(&o) && is_made_before(&o, name, sizeof(name)) &&
		    !is_there(name))
			return name;
	return NULL;
}

bool guest_net_has_script(const struct guest_conf *c)
{
	struct guest_option o;
	char name[64];
	int at = 1;

	while (guest_option_next(c->args, &at, &o))
		if (is_tap(&o) && !is_made_before(&o, name, sizeof(name)))
			return true;
	return false;
}
