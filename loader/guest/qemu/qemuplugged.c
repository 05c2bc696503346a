// SPDX-License-Identifier: MIT
/*
 * qemuplugged.c - memory devices of a QEMU that runs, which would lose in an update
 * what they have: see qemulook.h.
 */
#include "qemulook.h"

#include <stdio.h>
#include <string.h>

/* virtio-mem empties its memory by holes in the file, when it is made and for what it
 * has not plugged in when it is loaded; kept memory has no holes. From QEMU 8.1 on it
 * does neither where x-ignore-shared is set, which libvirt does not set. */
static bool empties_memory(const struct qemu *q)
{
	int major = 0, minor = 0;

	sscanf(q->conf.version, "%d.%d", &major, &minor);
	return q->qmp.ask || major < 8 || (major == 8 && minor < 1);
}

int qemu_check_memory_devices(struct qemu *q, struct diag_log *diag)
{
	struct json_object *list;
	const char *type;
	size_t i;
	int rc = qmp_call(&q->qmp, "query-memory-devices", NULL, &list, HO_EQMP,
			  diag);

	if (rc)
		return rc;
	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		type = qmp_text(json_object_array_get_idx(list, i), "type");
		if (type && !strcmp(type, "virtio-mem") && empties_memory(q))
			rc = diag_add(diag, HO_EGUESTDEV,
				      "%.40s: virtio-mem empties its memory, QEMU %.20s",
				      q->qmp.path, q->conf.version);
	}
	json_object_put(list);
	return rc;
}
