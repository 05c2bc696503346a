// SPDX-License-Identifier: MIT
/*
 * rehearseargs.c - a guest's command line for a rehearsal: nothing in it reaches
 * out of the process. See rehearse.h.
 */
#include "rehearse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guestedit.h"
#include "qemulook.h"
#include "util.h"

/* Monitors and screens, files that are written, what a process does to itself:
 * nothing that a device is made of. */
static const char *const left_out[] = {
	"D", "alt-grab", "chroot", "ctrl-grab", "curses", "d", "daemonize",
	"display", "full-screen", "gdb", "mem-prealloc", "mon", "monitor",
	"overcommit", "pidfile", "plugin", "qmp", "qmp-pretty", "run-with",
	"runas", "s", "sandbox", "sdl", "spice", "trace", "vnc", NULL,
};

static const char *const lines[] = {
	"debugcon", "parallel", "serial", NULL,
};

/* Options and types that take something from the guest that runs, or need what
 * answers one client alone. */
static const char *const parts[] = {
	"can-host-socketcan", "colo-compare", "dbus-vmstate", "input-linux",
	"ivshmem-doorbell", "scsi-generic", "usb-host", "x-remote-object",
	NULL,
};

/* Drivers of nodes that stay on this machine; others talk to a server. */
static bool is_local(const char *driver)
{
	static const char *const remote[] = {
		"blkio", "ftp", "ftps", "gluster", "http", "https",
		"io_uring", "iscsi", "nbd", "nfs", "nvme", "nvme-io_uring",
		"rbd", "replication", "sheepdog", "ssh", "vhdx",
		"virtio-blk-vfio-pci", "virtio-blk-vhost-user",
		"virtio-blk-vhost-vdpa", "vvfat", "vxhs",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(remote); i++)
		if (!strcmp(driver, remote[i]))
			return false;
	return true;
}

static bool is_part(const struct guest_option *o)
{
	char *type;
	bool found = false;
	size_t i;

	if (guest_option_is(o, "tpmdev"))
		return true;
	if (!o->value || (!guest_option_is(o, "device") &&
			  !guest_option_is(o, "object") &&
			  !guest_option_is(o, "netdev")))
		return false;
	type = guest_value_get(o->value, "driver");
	type = type ?: guest_value_get(o->value, "qom-type");
	type = type ?: guest_value_get(o->value, "type");
	type = type ?: guest_value_get(o->value, "");
	for (i = 0; type && parts[i] && !found; i++)
		found = !strcmp(type, parts[i]);
	found |= type && !strncmp(type, "vhost-", 6);
	free(type);
	return found;
}

const char *rehearse_cannot(struct qemu *q)
{
	struct json_object *nodes;
	static char text[64];
	struct guest_option o;
	bool found = false;
	int at = 1;
	size_t i;

	while (guest_option_next(q->conf.args, &at, &o)) {
		if (!is_part(&o))
			continue;
		snprintf(text, sizeof(text), "-%.16s %.40s", o.name,
			 o.value ? o.value : "");
		return text;
	}
	nodes = qemu_ask(q, "query-named-block-nodes", qmp_flat());
	for (i = 0; i < qemu_list_length(nodes) && !found; i++) {
		const char *driver = qmp_text(
			json_object_array_get_idx(nodes, i), "drv");

		found = driver && !is_local(driver);
		snprintf(text, sizeof(text), "disk by %.40s",
			 driver ? driver : "");
	}
	json_object_put(nodes);
	return found ? text : NULL;
}

static char *chardev(const char *value)
{
	return rehearse_with_id(guest_value_is(value, "mux", "on") ? "null,mux=on"
							  : "null", value);
}

/* "mon:" makes a multiplexer, which is a part of the machine. */
static char *line(const char *value)
{
	if (!strncmp(value, "chardev:", 8) || !strcmp(value, "none"))
		return strdup(value);
	return strdup(strncmp(value, "mon:", 4) ? "null" : "mon:null");
}

static bool is_place(const char *key)
{
	return !strcmp(key, "mem-path") || !strcmp(key, "align") ||
	       !strcmp(key, "share");
}

/* The kept memory becomes a private view of the guest's: devices map what they
 * would write to. `value` is of guest_args(). An empty file stands for memory
 * without such a view; QEMU makes it as long as it should be. */
static char *memory(const char *value, int fd, uint64_t offset)
{
	char *rest = guest_value_without(value, is_place), *out, at[40] = "";
	const char *how = "share=off,reserve=off";
	struct stat file;

	if (offset && !fstat(fd, &file) && file.st_size)
		snprintf(at, sizeof(at), ",offset=%llu",
			 (unsigned long long)offset);
	if (!rest || asprintf(&out, "%s,mem-path=/proc/self/fd/%d,%s%s", rest,
			      fd, how, at) < 0)
		out = NULL;
	free(rest);
	return out;
}

static bool is_file(const char *key)
{
	return !strcmp(key, "file");
}

static char *object(const struct qemu *q, const char *value,
		    const int *files)
{
	char *id = guest_value_get(value, "id"), *out;
	int i;

	for (i = 0; id && i < q->conf.backend_count; i++)
		if (!strcmp(q->conf.backends[i].id, id))
			break;
	if (id && i < q->conf.backend_count) {
		const struct qemu_mapping *m = &q->mappings[i];

		out = memory(value, files[i],
			     m->map_offset + (m->hva - m->map_start));
	} else if (guest_value_is(value, "", "filter-dump") ||
		   guest_value_is(value, "qom-type", "filter-dump")) {
		out = guest_value_without(value, is_file);
		guest_value_add(&out, "file",
				json_object_new_string("/dev/null"));
	} else {
		out = strdup(value);
	}
	free(id);
	return out;
}

static char *audio(const char *value)
{
	return guest_value_is(value, "driver", "none") ? strdup(value)
						       : rehearse_with_id("none", value);
}

static void put(struct arg_list *a, const struct qemu *q, const int *files,
		const char *arg, const struct guest_option *o, int number)
{
	if (guest_option_in(o, left_out))
		return;
	arg_put(a, arg);
	if (!o->value || !*o->name)
		return;
	if (guest_option_is(o, "chardev"))
		arg_take(a, chardev(o->value));
	else if (guest_option_in(o, lines))
		arg_take(a, line(o->value));
	else if (guest_option_is_net(o))
		arg_take(a, rehearse_network(o, number));
	else if (guest_option_is(o, "object"))
		arg_take(a, object(q, o->value, files));
	else if (guest_option_is(o, "audiodev"))
		arg_take(a, audio(o->value));
	else
		arg_put(a, o->value);
}

char **rehearse_args(const struct qemu *q, int monitor, const int *files,
		     struct diag_log *diag)
{
	char **whole = guest_args(&q->conf, "", diag), *text;
	struct arg_list a = { 0 };
	struct guest_option o;
	int at = 1, from = 1;

	if (!whole)
		return NULL;
	arg_put(&a, whole[0]);
	for (; guest_option_next(whole, &at, &o); from = at)
		put(&a, q, files, whole[from], &o, from);
	strings_free(whole);
	arg_option(&a, "display", strdup("none"));
	if (asprintf(&text, "socket,id=" REHEARSAL_MONITOR ",fd=%d", monitor) < 0)
		text = NULL;
	arg_option(&a, "chardev", text);
	arg_option(&a, "mon",
		   strdup("chardev=" REHEARSAL_MONITOR ",mode=control"));
	if (!a.failed)
		return a.list;
	diag_add(diag, HO_ENOMEM, "arguments");
	strings_free(a.list);
	return NULL;
}
