// SPDX-License-Identifier: MIT
/*
 * mendplace.c - the option of a device that is there still: where it is, what is in
 * it, and what was set of it. See mend.h.
 */
#include "mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static bool bus_is_one(const struct mend *m, const char *name)
{
	const char *at = m->tree;
	size_t length = strlen(name);
	int count = 0;

	while ((at = strstr(at, "bus: "))) {
		at += 5;
		count += !strncmp(at, name, length) &&
			 strchr("\r\n", at[length]);
	}
	return count == 1;
}

char *mend_bus(struct mend *m, const char *path)
{
	struct json_object *o = mend_get(m, path, "parent_bus");
	const char *name = o ? strrchr(json_object_get_string(o) ?: "", '/')
			     : NULL;
	char *out = name && name[1] && bus_is_one(m, name + 1)
		    ? strdup(name + 1) : NULL;

	json_object_put(o);
	return out;
}

bool mend_pci_address(struct mend *m, const char *path, char out[16])
{
	struct json_object *slot = mend_get(m, path, "addr");
	struct json_object *pci = mend_get(m, path, "multifunction");
	int devfn = slot ? json_object_get_int(slot) : -1;

	snprintf(out, 16, "%x.%x", (devfn >> 3) & 0x1f, devfn & 7);
	json_object_put(slot);
	json_object_put(pci);
	return slot && pci && devfn >= 0 && devfn < 256;
}

int mend_usb_port(struct mend *m, const char *driver, const char *id)
{
	char wanted[MEND_PATH_BYTES];
	const char *at, *end, *port;

	snprintf(wanted, sizeof(wanted), "dev: %s, id \"%s\"", driver,
		 id ? id : "");
	at = strstr(m->tree, wanted);
	end = at ? strstr(at + 1, "dev: ") : NULL;
	port = at ? strstr(at, ", port ") : NULL;
	if (end && !id && strstr(end, wanted))
		return 0;
	/* "2.1" is behind a hub that QEMU made, and makes again in that order */
	if (!port || (end && port > end) ||
	    port[7 + strspn(port + 7, "0123456789")] == '.')
		return 0;
	return atoi(port + 7);
}

static void pin_port(struct mend *m, char **value, const char *path,
		     const char *id)
{
	struct json_object *type = mend_get(m, path, "type");
	char *has = guest_value_get(*value, "port"), text[16];
	int port = has || !type ? 0
		: mend_usb_port(m, json_object_get_string(type), id);

	snprintf(text, sizeof(text), "%d", port);
	if (port)
		guest_value_add(value, "port", json_object_new_string(text));
	json_object_put(type);
	free(has);
}

/* What QEMU chose by the order of its options: the order changes. */
static void pin(struct mend *m, char **value, const char *path,
		const char *id)
{
	static const char *const places[] = { "channel", "lun", "nr",
					      "scsi-id", "unit" };
	char address[16], *has = guest_value_get(*value, "addr");
	struct json_object *o;
	size_t i;

	if (!has && mend_pci_address(m, path, address))
		guest_value_add(value, "addr",
				json_object_new_string(address));
	free(has);
	for (i = 0; i < ARRAY_COUNT(places); i++) {
		has = guest_value_get(*value, places[i]);
		o = has ? NULL : mend_get(m, path, places[i]);
		if (o && json_object_is_type(o, json_type_int) &&
		    json_object_get_int64(o) >= 0)
			guest_value_add(value, places[i], json_object_get(o));
		json_object_put(o);
		free(has);
	}
	pin_port(m, value, path, id);
	has = guest_value_get(*value, "bus");
	if (!has && (has = mend_bus(m, path)))
		guest_value_add(value, "bus", json_object_new_string(has));
	free(has);
}

static bool is_drive_key(const char *key)
{
	return !strcmp(key, "drive");
}

/* The medium of a drive by a node is the device's to say. */
static char *with_medium(struct mend *m, const char *value, const char *id)
{
	char *was = guest_value_get(value, "drive"), *now, *out = NULL;

	now = was && mend_is_drive(m, was) ? NULL : mend_medium(m, id);
	if (now && strcmp(was ? was : "", now)) {
		out = guest_value_without(value, is_drive_key);
		if (*now)
			guest_value_add(&out, "drive",
					json_object_new_string(now));
		m->changed = true;
	}
	free(was);
	free(now);
	return out ? out : strdup(value);
}

static bool is_period(const char *key)
{
	return !strcmp(key, "guest-stats-polling-interval");
}

/* What may be set of a device that runs: how often a balloon asks its guest. */
static void take_period(struct mend *m, char **value, const char *path)
{
	static const char key[] = "guest-stats-polling-interval";
	struct json_object *now = mend_get(m, path, key);
	char *said = now ? guest_value_get(*value, key) : NULL, *out;

	if (now && json_object_get_int64(now) != (said ? atoll(said) : 0)) {
		out = guest_value_without(*value, is_period);
		guest_value_add(&out, key, json_object_get(now));
		free(*value);
		*value = out;
		m->changed = true;
	}
	json_object_put(now);
	free(said);
}

char *mend_device(struct mend *m, const struct guest_option *o, int number)
{
	char *id = guest_value_get(o->value, "id"), *out;
	char path[MEND_PATH_BYTES];

	if (id)
		snprintf(path, sizeof(path), "/machine/peripheral/%s", id);
	else
		snprintf(path, sizeof(path),
			 "/machine/peripheral-anon/device[%d]", number);
	out = id ? with_medium(m, o->value, id) : strdup(o->value);
	if (out && strstr(out, "virtio-balloon"))
		take_period(m, &out, path);
	if (out && m->moved)
		pin(m, &out, path, id);
	free(id);
	return out;
}
