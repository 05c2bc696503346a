// SPDX-License-Identifier: MIT
/*
 * qemumigrate.c - see qemumigrate.h.
 */
#include "qemumigrate.h"

#include <string.h>

#include "jsonin.h"
#include "qemulook.h"
#include "util.h"

#define CAPABILITY	"x-ignore-shared"

static bool is_idle(const char *status)
{
	static const char *const idle[] = { "none", "completed", "failed",
					    "cancelled" };
	size_t i;

	for (i = 0; status && i < ARRAY_COUNT(idle); i++)
		if (!strcmp(status, idle[i]))
			return true;
	return !status;
}

static uint64_t figure(struct json_object *o, const char *key)
{
	uint64_t value;

	return o && json_take_u64(o, key, &value) ? value : 0;
}

/* What QEMU counted while it migrated, and does not count any more. One of the whole
 * RAM has other numbers than one without. FNV-1a; the ledger has 63 bits. */
static uint64_t mark_of(struct json_object *o, struct json_object *ram)
{
	const uint64_t figures[] = {
		figure(o, "total-time"), figure(o, "setup-time"),
		figure(o, "downtime"), figure(ram, "transferred"),
		figure(ram, "normal"), figure(ram, "duplicate"),
		figure(ram, "dirty-sync-count"),
	};
	const uint8_t *bytes = (const uint8_t *)figures;
	uint64_t mark = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < sizeof(figures); i++)
		mark = (mark ^ bytes[i]) * 0x100000001b3;
	mark &= INT64_MAX;
	return mark ? mark : 1;
}

/* Each page is sent at least once, but for what virtio-mem has not plugged and what a
 * balloon says is free. "total" is of all RAM once the capability is off. */
static bool leaves_out(struct json_object *ram)
{
	uint64_t total = figure(ram, "total");
	uint64_t pages = figure(ram, "normal") + figure(ram, "duplicate");

	return !total || pages * figure(ram, "page-size") < total;
}

int qemu_migration_ask(struct qmp *m, struct qemu_migration *out,
		       struct diag_log *diag)
{
	struct json_object *o, *ram;
	const char *status;
	int rc = qmp_call(m, "query-migrate", NULL, &o, HO_EQMP, diag);

	if (rc)
		return rc;
	status = qmp_text(o, "status");
	ram = qmp_member(o, "ram");
	*out = (struct qemu_migration){
		.under_way = !is_idle(status),
		.completed = status && !strcmp(status, "completed"),
		.mark = mark_of(o, ram), .left_out = leaves_out(ram) };
	json_object_put(o);
	return 0;
}

int qemu_check_migration(struct qemu *q, struct diag_log *diag)
{
	struct json_object *o, *reasons;
	const char *status;
	int rc = qmp_call(&q->qmp, "query-migrate", NULL, &o, HO_EQMP, diag);

	if (rc)
		return rc;
	status = qmp_text(o, "status");
	if (!is_idle(status))
		rc = diag_add(diag, HO_EGUESTBUSY, "%.60s: migration is %s",
			      q->qmp.path, status);
	if (!rc && json_object_object_get_ex(o, "blocked-reasons", &reasons) &&
	    json_object_is_type(reasons, json_type_array) &&
	    json_object_array_length(reasons))
		rc = diag_add(diag, HO_EGUESTDEV, "%.90s",
			      json_object_get_string(
				json_object_array_get_idx(reasons, 0)));
	json_object_put(o);
	return rc;
}

/* QEMU lets nobody set it while a migration is under way, so what is under way while
 * it is set began after our `stop`. */
static int leaves_shared(struct qemu *q, bool *on, struct diag_log *diag)
{
	struct json_object *list, *state;
	const char *name;
	size_t i;
	int rc = qmp_call(&q->qmp, "query-migrate-capabilities", NULL, &list,
			  HO_EQMP, diag);

	*on = false;
	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		name = qmp_text(qmp_item(list, i), "capability");
		if (name && !strcmp(name, CAPABILITY) &&
		    json_object_object_get_ex(qmp_item(list, i), "state",
					      &state))
			*on = json_object_get_boolean(state);
	}
	if (!rc)
		json_object_put(list);
	return rc;
}

int qemu_migration_is_ours(struct qemu *q, const struct qemu_migration *m,
			   bool *ours, struct diag_log *diag)
{
	int rc;

	*ours = false;
	if (m->completed && q->mark) {
		*ours = m->mark == q->mark;
		return 0;
	}
	if (q->sent != QEMU_SENT_UNKNOWN) {
		*ours = q->sent == QEMU_SENT;
		return 0;
	}
	rc = leaves_shared(q, ours, diag);
	if (!rc && m->completed)
		*ours |= m->left_out;
	return rc;
}

int qemu_set_ignore_shared(struct qmp *m, bool on, struct diag_log *diag)
{
	static const char *const texts[] = {
		"{\"capabilities\":[{\"capability\":\"" CAPABILITY
		"\",\"state\":false}]}",
		"{\"capabilities\":[{\"capability\":\"" CAPABILITY
		"\",\"state\":true}]}",
	};

	return qmp_call(m, "migrate-set-capabilities",
			json_tokener_parse(texts[on]), NULL, HO_EGUESTSAVE,
			diag);
}

int qemu_set_bandwidth(struct qmp *m, uint64_t bytes, int code,
		       struct diag_log *diag)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "max-bandwidth",
			       json_object_new_int64(bytes));
	return qmp_call(m, "migrate-set-parameters", o, NULL, code, diag);
}

int qemu_is_away(struct qemu *q, bool *away, struct diag_log *diag)
{
	struct qemu_migration m;
	bool ours = true;
	int rc;

	*away = false;
	if (q->sent == QEMU_SENT && !q->mark)	/* it was ours that began */
		return 0;
	rc = qemu_migration_ask(&q->qmp, &m, diag);
	if (!rc && m.completed)
		rc = qemu_migration_is_ours(q, &m, &ours, diag);
	*away = !rc && !ours;
	return rc;
}
