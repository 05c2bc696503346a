// SPDX-License-Identifier: MIT
/*
 * libvirt_conf.c - see libvirt_conf.h.
 */
#include "libvirt_conf.h"

#include <stdlib.h>
#include <string.h>

#include "jsonin.h"
#include "jsonout.h"
#include "qmp.h"

char *libvirt_conf_write(const struct libvirt_conf *c, struct diag_log *diag)
{
	struct json_object *o = json_object_new_object();
	char *text;

	json_u64(o, "version", LIBVIRT_CONF_VERSION);
	json_text(o, "uuid", c->uuid);
	json_text(o, "name", c->name);
	guest_conf_json(&c->qemu, o);
	json_u64(o, "uid", c->qemu.process.uid);
	json_u64(o, "gid", c->qemu.process.gid);
	json_text(o, "xml", c->xml);
	json_text(o, "cookie", c->cookie);
	text = strdup(json_object_to_json_string_ext(o,
		      JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	if (!text)
		diag_add(diag, HO_ENOMEM, "guest's configuration");
	return text;
}

static bool take_id(struct json_object *o, const char *key, uint32_t *out)
{
	uint64_t id;

	/* -1 is nobody */
	if (!json_take_u64(o, key, &id) || id >= UINT32_MAX)
		return false;
	*out = id;
	return true;
}

static bool take_uuid(struct libvirt_conf *c, struct json_object *o)
{
	const char *text = qmp_text(o, "uuid");

	if (!text || strlen(text) != 36 ||
	    text[strspn(text, "0123456789abcdef-")])
		return false;
	strcpy(c->uuid, text);
	return true;
}

static int take_all(void *conf, struct json_object *o, struct diag_log *diag)
{
	struct libvirt_conf *c = conf;
	uint64_t version;

	if (!json_take_u64(o, "version", &version) ||
	    version != LIBVIRT_CONF_VERSION)
		return guest_conf_bad(diag, "libvirt: version");
	c->name = json_take_text(o, "name");
	c->xml = json_take_text(o, "xml");
	c->cookie = json_take_text(o, "cookie");
	if (!c->name || !c->xml || !c->cookie || !take_uuid(c, o))
		return guest_conf_bad(diag, "libvirt: name, uuid, XML or cookie");
	if (!take_id(o, "uid", &c->qemu.process.uid) ||
	    !take_id(o, "gid", &c->qemu.process.gid))
		return guest_conf_bad(diag, "libvirt: user or group");
	return guest_conf_take(&c->qemu, o, diag);
}

int libvirt_conf_read(struct libvirt_conf *c, const char *text, size_t bytes,
		      struct diag_log *diag)
{
	int rc;

	*c = (struct libvirt_conf){ 0 };
	rc = guest_conf_parse(text, bytes, take_all, c, diag);
	if (rc)
		libvirt_conf_free(c);
	return rc;
}

void libvirt_conf_free(struct libvirt_conf *c)
{
	free(c->name);
	free(c->xml);
	free(c->cookie);
	guest_conf_free(&c->qemu);
	*c = (struct libvirt_conf){ 0 };
}
