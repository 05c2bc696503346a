// SPDX-License-Identifier: MIT
/*
 * early.c - see early.h.
 */
#include "early.h"

static int copy_target(struct staged *s, const struct blob_target *t,
		       const struct verdict_files *f, struct diag_log *diag)
{
	uint32_t i;
	int rc;

	if (t->kind == TARGET_NONE)
		return 0;
	rc = staged_copy(s, &t->image, &f->image, diag);
	for (i = 0; i < t->module_count && !rc; i++)
		rc = staged_copy(s, &t->modules[i], &f->modules[i], diag);
	return rc;
}

static void say(const char *why)
{
	progress("kernel and initrd are loaded in the pause: %s", why);
}

int early_put(struct staged *s, const struct verdict *v,
	      const struct handover *parent, struct diag_log *diag)
{
	const char *why = NULL;
	struct diag_log own;
	int rc;

	diag_init(&own, diag->stage);
	if (!staged_begin(s, &v->blob, parent, &why, &own)) {
		say(why);
		return 0;
	}
	rc = copy_target(s, &v->blob.target, &v->target, &own);
	if (!rc)
		rc = copy_target(s, &v->blob.fallback, &v->fallback, &own);
	if (rc == -HO_EDIGEST) {
		diag_merge(diag, &own);
		return rc;
	}
	if (!rc)
		rc = staged_put(s, &v->blob, parent, &why, &own);
	if (!rc && !why)
		return 0;
	say(why ? why : own.items[0].where);
	staged_free(s);			/* the kernel takes copies then */
	return 0;
}
