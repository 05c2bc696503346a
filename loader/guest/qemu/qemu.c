// SPDX-License-Identifier: MIT
/*
 * qemu.c - see qemu.h. Looking at a guest is in qemulook.c.
 */
#include "qemu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "keeper.h"
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

static struct json_object *number(const char *name, uint64_t value)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, name, json_object_new_int64(value));
	return o;
}

static int set_ignore_shared(struct qmp *m, bool on, struct diag_log *diag)
{
	static const char *const texts[] = {
		"{\"capabilities\":[{\"capability\":\"x-ignore-shared\",\"state\":false}]}",
		"{\"capabilities\":[{\"capability\":\"x-ignore-shared\",\"state\":true}]}",
	};

	return qmp_call(m, "migrate-set-capabilities",
			json_tokener_parse(texts[on]), NULL, HO_EGUESTSAVE,
			diag);
}

int qemu_save_prepare(struct qemu *q, struct diag_log *diag)
{
	int rc = memory_file("qemu-vmstate", &q->state_fd, q->state_path,
			     diag);

	q->touched = true;
	if (!rc)
		rc = qmp_call(&q->qmp, "migrate-set-parameters",
			      number("max-bandwidth", BANDWIDTH), NULL,
			      HO_EGUESTSAVE, diag);
	return rc ? rc : qmp_give_fd(&q->qmp, "baton", q->state_fd, diag);
}

/* Shared memory stays out of the stream. That is set last: a manager that saves the
 * guest by itself just then would leave its memory out, too. */
int qemu_save_migrate(struct qemu *q, struct diag_log *diag)
{
	int rc = set_ignore_shared(&q->qmp, true, diag);

	return rc ? rc : qmp_call(&q->qmp, "migrate",
				  qmp_argument("uri", "fd:baton"), NULL,
				  HO_EGUESTSAVE, diag);
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

int qemu_save_wait(struct qemu *q, int seconds, struct diag_log *diag)
{
	struct timespec now, start, nap = { .tv_nsec = POLL_NS };
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!(rc = saved(q, diag))) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec >= seconds)
			return diag_add(diag, HO_EGUESTSAVE,
					"%.40s: not done after %d s",
					q->qmp.path, seconds);
		nanosleep(&nap, NULL);
	}
	return rc < 0 ? rc : 0;
}

int qemu_still_saved(struct qmp *m, struct diag_log *diag)
{
	struct json_object *o;
	const char *status;
	int rc = qmp_call(m, "query-status", NULL, &o, HO_EQMP, diag);

	if (rc)
		return rc;
	status = qmp_text(o, "status");
	if (!status || strcmp(status, "postmigrate"))
		rc = diag_add(diag, HO_EGUESTBUSY,
			      "%.60s: %.20s since it was saved", m->path,
			      status ? status : "");
	json_object_put(o);
	return rc;
}

int qemu_look_again(const char *socket, pid_t *pid, struct diag_log *diag)
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
	rc = qemu_still_saved(&m, diag);
	qmp_close(&m);
	return rc;
}

/* Until no migration is under way. */
static void cancel(struct qemu *q, struct diag_log *scratch)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct json_object *o;
	bool over = false;

	qmp_call(&q->qmp, "migrate_cancel", NULL, NULL, 0, scratch);
	while (!over && !qmp_call(&q->qmp, "query-migrate", NULL, &o, 0,
				  scratch)) {
		const char *status = qmp_text(o, "status");

		over = !status || !strcmp(status, "completed") ||
		       !strcmp(status, "failed") ||
		       !strcmp(status, "cancelled") || !strcmp(status, "none");
		json_object_put(o);
		if (!over)
			nanosleep(&nap, NULL);
	}
}

/* True when the guest stands still for us, not for a reason of its own (an
 * I/O error). */
static bool waits_for_cont(const char *status)
{
	static const char *const waiting[] = { "paused", "postmigrate",
					       "finish-migrate", "save-vm" };
	size_t i;

	for (i = 0; status && i < ARRAY_COUNT(waiting); i++)
		if (!strcmp(status, waiting[i]))
			return true;
	return false;
}

/* `cont` is refused for a moment after a cancelled migration. */
static int go_on(struct qemu *q, struct diag_log *diag)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct diag_log scratch;
	struct json_object *o;
	bool waits = true;

	while (waits) {
		diag_init(&scratch, HO_STAGE_LOADER);
		qmp_call(&q->qmp, "cont", NULL, NULL, 0, &scratch);
		if (qmp_call(&q->qmp, "query-status", NULL, &o, HO_EQMP,
			     &scratch)) {
			diag_merge(diag, &scratch);
			return -HO_EQMP;
		}
		waits = waits_for_cont(qmp_text(o, "status"));
		json_object_put(o);
		if (waits)
			nanosleep(&nap, NULL);
	}
	return 0;
}

int qemu_set_back(struct qemu *q, struct diag_log *diag)
{
	struct diag_log scratch;
	int rc = set_ignore_shared(&q->qmp, false, diag);

	diag_init(&scratch, HO_STAGE_LOADER);
	if (q->bandwidth)
		qmp_call(&q->qmp, "migrate-set-parameters",
			 number("max-bandwidth", q->bandwidth), NULL, 0,
			 &scratch);
	return rc;
}

int qemu_undo_save(struct qemu *q, int seconds, struct diag_log *diag)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	qmp_set_deadline(&q->qmp, seconds);
	qmp_resync(&q->qmp, &scratch);
	cancel(q, &scratch);
	return qemu_set_back(q, diag);
}

/* The calls fail when the deadline is over, and that ends each loop. */
int qemu_resume(struct qemu *q, int seconds, struct diag_log *diag)
{
	struct diag_log scratch;
	int rc = 0;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (q->touched && q->qmp.fd >= 0) {
		qemu_undo_save(q, seconds, &scratch);
		if (q->was_running)
			rc = go_on(q, diag);
		q->touched = rc;
	}
	process_end(q->keeper);
	q->keeper.pid = 0;
	return rc;
}

int qemu_stands_still(struct qmp *m, bool saving, bool *still,
		      struct diag_log *diag)
{
	struct json_object *o;
	const char *status;
	int rc = qmp_call(m, "query-status", NULL, &o, HO_EQMP, diag);

	if (rc)
		return rc;
	status = qmp_text(o, "status");
	*still = saving ? waits_for_cont(status)
			: status && !strcmp(status, "postmigrate");
	json_object_put(o);
	return 0;
}

/* One that runs already must not be told to break off what it does. */
static int let_run(struct qemu *q, bool saving, int seconds,
		   struct diag_log *diag)
{
	struct diag_log scratch;
	bool still;
	int rc = qemu_stands_still(&q->qmp, saving, &still, diag);

	if (rc)
		return rc;
	if (still)
		return qemu_resume(q, seconds, diag);
	diag_init(&scratch, HO_STAGE_LOADER);
	if (saving)
		qemu_set_back(q, &scratch);
	return 0;
}

int qemu_let_run(const struct qemu_left *l, int seconds,
		 struct diag_log *diag)
{
	struct qemu q = { .touched = true, .was_running = l->ran,
			  .bandwidth = l->bandwidth, .keeper_hold = -1 };
	struct diag_log scratch;
	int rc;

	diag_init(&scratch, HO_STAGE_LOADER);
	rc = qmp_open_within(&q.qmp, l->monitor, seconds, &scratch);
	if (rc && q.qmp.gone)
		return 0;
	if (rc) {
		diag_merge(diag, &scratch);
		return rc;
	}
	rc = let_run(&q, l->saving, seconds, diag);
	qmp_close(&q.qmp);
	return rc;
}

void qemu_keep_on(struct qemu *q)
{
	keeper_stay(q->keeper_hold);
}

void qemu_close(struct qemu *q)
{
	if (q->keeper_hold >= 0)
		close(q->keeper_hold);
	q->keeper_hold = -1;
	qmp_close(&q->qmp);
	guest_conf_free(&q->conf);
	if (q->conf_fd >= 0)
		close(q->conf_fd);
	if (q->state_fd >= 0)
		close(q->state_fd);
	q->conf_fd = q->state_fd = -1;
}
