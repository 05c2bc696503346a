// SPDX-License-Identifier: MIT
/*
 * qemuagain.c - between the look at a guest and its save are minutes, and others who
 * may change it: is it still what is recorded of it? See qemu.h.
 */
#include <string.h>

#include "qemulook.h"
#include "qemumigrate.h"

int qemu_check_running(struct qemu *q, struct diag_log *diag)
{
	bool ran = q->was_running;
	int rc = qemu_take_status(q, diag);

	if (!rc && q->was_running != ran)
		rc = diag_add(diag, HO_EGUESTBUSY, "%.60s: %s meanwhile",
			      q->qmp.path, ran ? "paused" : "let run");
	return rc ? rc : qemu_check_migration(q, diag);
}

static uint64_t offset_of(const struct qemu_mapping *m)
{
	return m->map_offset + (m->hva - m->map_start);
}

/* Another file by the same name has another inode: the keeper holds the old one. */
static bool is_same(const struct qemu *a, const struct qemu *b, int i)
{
	const struct qemu_mapping *x = &a->mappings[i], *y = &b->mappings[i];

	return !strcmp(a->conf.backends[i].id, b->conf.backends[i].id) &&
	       a->conf.backends[i].bytes == b->conf.backends[i].bytes &&
	       x->hva == y->hva && offset_of(x) == offset_of(y) &&
	       !strcmp(x->device, y->device) && x->inode == y->inode;
}

/* Without a version of QEMU each backend's kind is not asked: in the same file it is
 * the same. */
int qemu_check_memory(struct qemu *q, struct diag_log *diag)
{
	struct qemu now = { .qmp = q->qmp };
	int i, rc = qemu_take_backends(&now, diag);
	bool same = now.conf.backend_count == q->conf.backend_count;

	q->qmp = now.qmp;
	for (i = 0; !rc && same && i < q->conf.backend_count; i++)
		same = is_same(q, &now, i);
	return rc || same ? rc : qemu_differs(q, diag, "its memory is not what is held");
}

int qemu_check_made(struct qemu *q, struct diag_log *diag)
{
	int rc = qemu_check_memory(q, diag);

	if (!rc)
		rc = qemu_check_disks(q, diag);
	return rc ? rc : qemu_check_parts(q, diag);
}
