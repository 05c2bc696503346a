// SPDX-License-Identifier: MIT
/*
 * qmpcalls.c - commands that many need, over qmp_call(): see qmp.h.
 */
#include "qmp.h"

#include <stdio.h>
#include <string.h>

int qmp_version(struct qmp *q, int version[3], struct diag_log *diag)
{
	static const char *const parts[3] = { "major", "minor", "micro" };
	struct json_object *o, *numbers, *part;
	int i, rc = qmp_call(q, "query-version", NULL, &o, HO_EQMP, diag);

	if (rc)
		return rc;
	if (!json_object_object_get_ex(o, "qemu", &numbers))
		numbers = NULL;
	for (i = 0; i < 3; i++)
		version[i] = json_object_object_get_ex(numbers, parts[i], &part)
			     ? json_object_get_int(part) : 0;
	json_object_put(o);
	return version[0] ? 0 : diag_add(diag, HO_EQMP, "%.60s: no version",
					 q->path);
}

int qmp_status(struct qmp *q, char out[QMP_STATUS_BYTES],
	       struct diag_log *diag)
{
	struct json_object *o;
	int rc = qmp_call(q, "query-status", NULL, &o, HO_EQMP, diag);

	if (rc)
		return rc;
	snprintf(out, QMP_STATUS_BYTES, "%s", qmp_text(o, "status") ?: "");
	json_object_put(o);
	return 0;
}

const char *qmp_text(struct json_object *o, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

const char *qmp_plain(struct json_object *o, const char *key)
{
	struct json_object *value = qmp_member(o, key);

	return value ? json_object_to_json_string_ext(value,
						JSON_C_TO_STRING_PLAIN) : "";
}

struct json_object *qmp_argument(const char *name, const char *value)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, name, json_object_new_string(value));
	return o;
}

struct json_object *qmp_flat(void)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "flat", json_object_new_boolean(true));
	return o;
}

char *qmp_human(struct qmp *q, const char *line, struct diag_log *diag)
{
	struct json_object *answer;
	char *text;

	if (qmp_call(q, "human-monitor-command",
		     qmp_argument("command-line", line), &answer, HO_EQMP,
		     diag))
		return NULL;
	text = strdup(json_object_get_string(answer) ?: "");
	json_object_put(answer);
	if (!text)
		diag_add(diag, HO_ENOMEM, "%s", line);
	return text;
}
