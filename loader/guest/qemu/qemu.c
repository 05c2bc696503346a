// SPDX-License-Identifier: MIT
/*
 * qemu.c - see qemu.h. Looking at a guest is in qemulook.c, the undo in qemuundo.c.
 */
#include "qemu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "jsonin.h"
#include "keeper.h"
#include "qemulook.h"
#include "qemumigrate.h"
#include "util.h"

#define POLL_NS		2000000
#define BANDWIDTH	(16ull << 30)	/* bytes a second */

int qemu_keep(struct qemu *q, const char *name, struct diag_log *diag)
{
	struct keeper_range ranges[GUEST_BACKENDS_MAX] = { 0 };
	int i;

	for (i = 0; i < q->conf.backend_count; i++) {
		const struct qemu_mapping *m = &q->mappings[i];
		struct keeper_range *r = &ranges[i];

		snprintf(r->file, sizeof(r->file),
			 "/proc/%d/map_files/%llx-%llx", (int)q->qmp.pid,
			 (unsigned long long)m->map_start,
			 (unsigned long long)m->map_end);
		r->offset = m->map_offset + (m->hva - m->map_start);
		r->address = q->conf.backends[i].address;
		r->bytes = q->conf.backends[i].bytes;
	}
	return keeper_start(name, ranges, i, &q->keeper,
			    &q->keeper_hold, &q->fixed, diag);
}

static int memory_file(const char *name, int *fd, char path[32],
		       struct diag_log *diag)
{
	*fd = memfd_create(name, MFD_CLOEXEC);
	if (*fd < 0)
		return io_error(diag, "memfd_create");
	snprintf(path, 32, "/proc/self/fd/%d", *fd);
	return 0;
}

static int write_conf(struct qemu *q, struct diag_log *diag)
{
	char *text;
	size_t bytes;
	int rc = memory_file("qemu", &q->conf_fd, q->conf_path, diag);

	if (rc)
		return rc;
	text = guest_conf_write(&q->conf, diag);
	if (!text)
		return -HO_ENOMEM;
	bytes = strlen(text);
	if (write(q->conf_fd, text, bytes) != (ssize_t)bytes)
		rc = io_error(diag, "writing to memory");
	free(text);
	return rc;
}

int qemu_save_prepare(struct qemu *q, struct diag_log *diag)
{
	int rc = memory_file("qemu-vmstate", &q->state_fd, q->state_path,
			     diag);

	q->touched = true;
	q->sent = QEMU_NOT_SENT;
	return rc ? rc : qmp_give_fd(&q->qmp, "baton", q->state_fd, diag);
}

static int migrate(struct qemu *q, struct diag_log *diag)
{
	int rc;

	q->sent = QEMU_SENT_UNKNOWN;
	rc = qmp_call(&q->qmp, "migrate", qmp_argument("uri", "fd:baton"),
		      NULL, HO_EGUESTSAVE, diag);
	if (!rc)
		q->sent = QEMU_SENT;
	else if (rc == -HO_EGUESTSAVE)
		q->sent = QEMU_NOT_SENT;
	return rc;
}

/* Another's migration would take what is set here, and be through at once. Shared
 * memory stays out of the stream: that is set last, as a manager that saves the guest
 * by itself just then would leave its memory out, too. */
int qemu_save_migrate(struct qemu *q, struct diag_log *diag)
{
	int rc = qemu_check_migration(q, diag);

	if (!rc)
		rc = qemu_set_bandwidth(&q->qmp, BANDWIDTH, HO_EGUESTSAVE,
					diag);
	if (!rc)
		rc = qemu_set_ignore_shared(&q->qmp, true, diag);
	return rc ? rc : migrate(q, diag);
}

int qemu_save_begin(struct qemu *q, struct diag_log *diag)
{
	int rc = write_conf(q, diag);

	if (!rc)
		rc = qemu_save_prepare(q, diag);
	if (!rc)
		rc = qemu_check_running(q, diag);
	if (!rc)
		rc = qmp_call(&q->qmp, "stop", NULL, NULL, HO_EGUESTSAVE,
			      diag);
	return rc ? rc : qemu_save_migrate(q, diag);
}

/* 1: done, 0: not yet. */
static int saved(struct qemu *q, struct diag_log *diag)
{
	struct json_object *o;
	const char *status, *why;
	int rc = qmp_call(&q->qmp, "query-migrate", NULL, &o, HO_EGUESTSAVE,
			  diag);

	if (rc)
		return rc;
	status = qmp_text(o, "status");
	why = qmp_text(o, "error-desc");
	if (status && !strcmp(status, "completed"))
		rc = 1;
	else if (!status || !strcmp(status, "failed") ||
		 !strcmp(status, "cancelled"))
		rc = diag_add(diag, HO_EGUESTSAVE, "%.40s: %.50s",
			      q->qmp.path, why ? why : status ? status : "");
	json_object_put(o);
	return rc;
}

static int wait_for(struct qemu *q,
		    int (*ask)(struct qemu *q, struct diag_log *diag),
		    int seconds, struct diag_log *diag)
{
	struct timespec now, start, nap = { .tv_nsec = POLL_NS };
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!(rc = ask(q, diag))) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec >= seconds)
			return diag_add(diag, HO_EGUESTSAVE,
					"%.40s: not done after %d s",
					q->qmp.path, seconds);
		nanosleep(&nap, NULL);
	}
	return rc < 0 ? rc : 0;
}

/* 1: it stands as after a save, 0: not yet. */
static int stands(struct qemu *q, struct diag_log *diag)
{
	char status[QMP_STATUS_BYTES];
	int rc = qmp_status(&q->qmp, status, diag);

	if (rc || !strcmp(status, "finish-migrate"))
		return rc;
	return !strcmp(status, "postmigrate") ? 1 :
	       diag_add(diag, HO_EGUESTBUSY, "%.40s: %.20s while it was saved",
			q->qmp.path, status);
}

/* Nobody else asks for them before the jump. Not known: none. */
static void take_threads(struct qemu *q)
{
	struct json_object *list = qemu_ask(q, "query-cpus-fast", NULL);
	size_t i, count = qemu_list_length(list);
	uint64_t tid;

	free(q->threads);
	q->threads = calloc(count + 1, sizeof(*q->threads));
	if (!q->threads || count > KEEPER_THREADS_MAX)
		count = 0;
	for (i = 0; i < count; i++) {
		if (!json_take_u64(qmp_item(list, i), "thread-id", &tid))
			count = 0;
		else
			q->threads[i] = tid;
	}
	q->thread_count = count;
	json_object_put(list);
}

/* QEMU says that it is done before it has the last numbers, and then how the guest
 * stands. */
static int take_mark(struct qemu *q, int seconds, struct diag_log *diag)
{
	struct qemu_migration m;
	int rc = wait_for(q, stands, seconds, diag);

	if (!rc)
		rc = qemu_migration_ask(&q->qmp, &m, diag);
	if (!rc)
		q->mark = m.mark;
	if (!rc)
		take_threads(q);
	return rc;
}

int qemu_save_wait(struct qemu *q, int seconds, struct diag_log *diag)
{
	int rc = wait_for(q, saved, seconds, diag);

	return rc ? rc : take_mark(q, seconds, diag);
}

int qemu_still_saved(struct qmp *m, uint64_t mark, struct diag_log *diag)
{
	struct qemu_migration now;
	char status[QMP_STATUS_BYTES];
	int rc = qmp_status(m, status, diag);

	if (rc)
		return rc;
	if (strcmp(status, "postmigrate"))
		rc = diag_add(diag, HO_EGUESTBUSY,
			      "%.60s: %.20s since it was saved", m->path,
			      status);
	if (!rc && mark)
		rc = qemu_migration_ask(m, &now, diag);
	if (!rc && mark && (!now.completed || now.mark != mark))
		rc = diag_add(diag, HO_EGUESTBUSY,
			      "%.60s: let run and migrated since it was saved",
			      m->path);
	return rc;
}

int qemu_look_again(const char *socket, uint64_t mark, pid_t *pid,
		    struct diag_log *diag)
{
	struct diag_log scratch;
	struct qmp m;
	int rc;

	*pid = 0;
	diag_init(&scratch, HO_STAGE_LOADER);
	if (qmp_open(&m, socket, &scratch))
		return m.gone ? 0 : diag_add(diag, HO_EQMP, "%.90s",
					     scratch.items[0].where);
	*pid = m.pid;
	rc = qemu_still_saved(&m, mark, diag);
	qmp_close(&m);
	return rc;
}

void qemu_keep_on(struct qemu *q)
{
	if (q->thread_count)
		keeper_watch(q->keeper_hold, process_id_of(q->qmp.pid),
			     q->threads, q->thread_count);
	else if (q->mark)
		progress("%s: nobody sees whether it is let run: do not end its QEMU before the jump",
			 q->qmp.path);
	keeper_stay(q->keeper_hold);
}

void qemu_close(struct qemu *q)
{
	if (q->keeper_hold >= 0)
		close(q->keeper_hold);
	q->keeper_hold = -1;
	free(q->threads);
	q->threads = NULL;
	qmp_close(&q->qmp);
	guest_conf_free(&q->conf);
	if (q->conf_fd >= 0)
		close(q->conf_fd);
	if (q->state_fd >= 0)
		close(q->state_fd);
	q->conf_fd = q->state_fd = -1;
}
