// SPDX-License-Identifier: MIT
/*
 * mendnet.c - network backends that came while a guest ran: see mend.h. QEMU
 * tells a tap's name and scripts, or a bridge's name and helper ("info network");
 * what a tap is otherwise, the kernel tells. Of all others QEMU tells too little.
 * Sources: net/tap.c of QEMU, Documentation/networking/tuntap.rst of Linux.
 */
#include "mend.h"

#include <glob.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define VHOST	"/dev/vhost-net"

/* Descriptors of /dev/vhost-net that QEMU has: one a queue. -1: nobody can
 * tell. */
static int vhost_open(const struct mend *m)
{
	char pattern[64], target[sizeof(VHOST) + 1];
	int count = 0;
	glob_t fds;
	ssize_t n;
	size_t i;

	snprintf(pattern, sizeof(pattern), "/proc/%d/fd/*",
		 (int)m->q->qmp.pid);
	if (glob(pattern, 0, NULL, &fds))
		return -1;
	for (i = 0; i < fds.gl_pathc; i++) {
		n = readlink(fds.gl_pathv[i], target, sizeof(target));
		count += n == strlen(VHOST) && !memcmp(target, VHOST, n);
	}
	globfree(&fds);
	return count;
}

static bool is_on(const char *value, const char *key)
{
	return guest_value_is(value, key, "on") ||
	       guest_value_is(value, key, "true") ||
	       guest_value_is(value, key, "yes");
}

/* Those that the options have. */
static int vhost_said(const struct mend *m)
{
	struct guest_option o;
	int at = 1, from = 1, count = 0;

	for (; guest_option_next(m->q->conf.args, &at, &o); from = at) {
		char *queues;

		if (!o.value || m->gone[from] ||
		    (!is_on(o.value, "vhost") && !is_on(o.value, "vhostforce")))
			continue;
		queues = guest_value_get(o.value, "queues");
		count += queues ? atoi(queues) : 1;
		free(queues);
	}
	return count;
}

/* "...type=tap,ifname=NAME,script=A,downscript=B" at the end of a line: what
 * stands behind `key`, up to `next` or the end. To be freed; NULL: it is not
 * there. */
static char *said_of(const char *line, const char *key, const char *next)
{
	const char *at = strstr(line, key), *end;

	if (!at)
		return NULL;
	at += strlen(key);
	end = next ? strstr(at, next) : at + strcspn(at, "\r\n");
	return end && end < at + strcspn(at, "\r\n") + 1 && end > at
		? strndup(at, end - at) : NULL;
}

/* Each queue has a line; a NIC of the same name has others. */
static int queues_of(const struct mend *m, const char *id)
{
	const char *at = m->network;
	size_t length = strlen(id);
	int count = 0, n;

	while ((at = strstr(at, id))) {
		bool first = at == m->network || strchr("\n ", at[-1]);

		at += length;
		n = 0;
		sscanf(at, ": index=%*u,type=tap,%n", &n);
		count += first && n;
	}
	return count;
}

/* How the kernel has the tap. False: it has none of this name, here. */
static bool tap_flags(const char *name, unsigned int *flags)
{
	char path[64], text[32];
	bool good;
	FILE *f;

	if (strchr(name, '/') || strlen(name) >= IFNAMSIZ)
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/tun_flags", name);
	f = fopen(path, "re");
	good = f && fgets(text, sizeof(text), f) &&
	       sscanf(text, "%x", flags) == 1 && *flags & IFF_TAP;
	if (f)
		fclose(f);
	return good;
}

struct tap {
	char *name, *script, *down;
	unsigned int flags;
	int queues;
};

static bool tap_read(const struct mend *m, struct tap *t, const char *id,
		     const char *line)
{
	t->name = said_of(line, ",ifname=", ",script=");
	t->script = said_of(line, ",script=", ",downscript=");
	t->down = said_of(line, ",downscript=", NULL);
	t->queues = queues_of(m, id);
	return t->name && t->script && t->down &&
	       tap_flags(t->name, &t->flags);
}

static void tap_close(struct tap *t)
{
	free(t->name);
	free(t->script);
	free(t->down);
}

static void put(struct json_object *o, const char *key, const char *words)
{
	json_object_object_add(o, key, json_object_new_string(words));
}

static void add_tap(struct mend *m, const char *id, const struct tap *t,
		    bool vhost)
{
	struct json_object *o = json_object_new_object();

	put(o, "type", "tap");
	put(o, "id", id);
	put(o, "ifname", t->name);
	put(o, "script", t->script);
	put(o, "downscript", t->down);
	json_object_object_add(o, "vnet_hdr",
		json_object_new_boolean(t->flags & IFF_VNET_HDR));
	if (t->queues > 1)
		json_object_object_add(o, "queues",
				       json_object_new_int(t->queues));
	if (vhost)
		json_object_object_add(o, "vhost",
				       json_object_new_boolean(true));
	arg_option(&m->added, "netdev", guest_json_text(o));
	m->changed = true;
}

static void add_bridge(struct mend *m, const char *id, const char *line)
{
	char *helper = said_of(line, ",helper=", ",br=");
	char *bridge = said_of(line, ",br=", NULL);
	struct json_object *o;

	if (helper && bridge) {
		o = json_object_new_object();
		put(o, "type", "bridge");
		put(o, "id", id);
		put(o, "helper", helper);
		put(o, "br", bridge);
		arg_option(&m->added, "netdev", guest_json_text(o));
		m->changed = true;
	}
	free(helper);
	free(bridge);
}

/* The id in a line "ID: index=0,type=TYPE,...", which may stand behind a NIC's
 * mark; only of the first queue. To be freed; NULL: another line. */
static char *netdev_of(const struct mend *m, const char *line,
		       const char *type)
{
	const char *end = strstr(line, ": index=0,type=");
	size_t length = strcspn(line, "\r\n");
	char *id;

	if (!end || end > line + length ||
	    strncmp(end + 15, type, strlen(type)))
		return NULL;
	line += strspn(line, " \\");
	id = strndup(line, end - line);
	if (id && (strchr(id, ' ') || *id == '#' ||
		   qemu_has_id(m->q, "netdev", id) ||
		   qemu_has_id(m->q, "nic", id) ||
		   qemu_has_id(m->q, "net", id))) {
		free(id);
		id = NULL;
	}
	return id;
}

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : NULL;
}

/* Queues of all taps that were added; -1: not all of one can be read. */
static int queues_added(const struct mend *m)
{
	const char *line;
	int count = 0;

	for (line = m->network; line; line = next_line(line)) {
		char *id = netdev_of(m, line, "tap,");
		struct tap t = { 0 };

		if (id && count >= 0)
			count = tap_read(m, &t, id, line) ? count + t.queues
							  : -1;
		tap_close(&t);
		free(id);
	}
	return count;
}

void mend_add_netdevs(struct mend *m)
{
	int have = vhost_open(m), more = have - vhost_said(m);
	int queues = queues_added(m);
	const char *line;

	for (line = m->network; line; line = next_line(line)) {
		char *id = netdev_of(m, line, "tap,");
		struct tap t = { 0 };

		/* all of them have it, or none: which has it is not told */
		if (id && tap_read(m, &t, id, line) && have >= 0 &&
		    (!more || more == queues))
			add_tap(m, id, &t, more);
		tap_close(&t);
		free(id);
		id = netdev_of(m, line, "bridge,");
		if (id)
			add_bridge(m, id, line);
		free(id);
	}
}
