// SPDX-License-Identifier: MIT
/*
 * qemucaps.c - settings of migrations that a manager or an earlier migration
 * left in a QEMU: see qemulook.h.
 */
#include "qemulook.h"

#include <string.h>

#include "jsonin.h"
#include "util.h"

/* Those that were seen to change nothing for a stopped guest with shared RAM, by
 * tests/qemu/run. Any other one, and one not known here, does or may. */
static bool is_harmless(const char *capability)
{
	static const char *const known[] = {
		"auto-converge", "events", "late-block-activate",
		"postcopy-blocktime", "rdma-pin-all", "validate-uuid",
		"x-ignore-shared", "xbzrle", "zero-blocks",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(known); i++)
		if (!strcmp(capability, known[i]))
			return true;
	return false;
}

static int spoils(const struct qemu *q, const char *what, const char *value,
		  struct diag_log *diag)
{
	return diag_add(diag, HO_EGUESTCAP, "%.40s: %.40s is %.12s",
			q->qmp.path, what, value);
}

/* What is set otherwise for the save is set back to what it was here. */
static int check_parameters(struct qemu *q, struct diag_log *diag)
{
	struct json_object *o = qemu_ask(q, "query-migrate-parameters", NULL);
	const char *tls = qmp_text(o, "tls-creds");
	const char *mode = qmp_text(o, "mode");
	int rc = 0;

	if (tls && *tls)
		rc = spoils(q, "tls-creds", tls, diag);
	else if (mode && strcmp(mode, "normal"))
		rc = spoils(q, "mode", mode, diag);
	if (!json_take_u64(o, "max-bandwidth", &q->bandwidth))
		q->bandwidth = 0;
	json_object_put(o);
	return rc;
}

int qemu_check_settings(struct qemu *q, struct diag_log *diag)
{
	struct json_object *list, *state;
	size_t i;
	int rc = qmp_call(&q->qmp, "query-migrate-capabilities", NULL, &list,
			  HO_EQMP, diag);

	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *name = qmp_text(o, "capability");

		if (name && !is_harmless(name) &&
		    json_object_object_get_ex(o, "state", &state) &&
		    json_object_get_boolean(state))
			rc = spoils(q, name, "on", diag);
	}
	json_object_put(list);
	return rc ? rc : check_parameters(q, diag);
}
