// SPDX-License-Identifier: MIT
/*
 * qemu_kind.c - see qemu_kind.h.
 */
#include "qemu_kind.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "adopt.h"
#include "baton_mem.h"
#include "checked.h"
#include "driverram.h"
#include "guestmem.h"
#include "keeper.h"
#include "left.h"
#include "process_kind.h"
#include "qemu.h"
#include "rehearse.h"
#include "qemufind.h"
#include "sidebyside.h"
#include "util.h"
#include "xen.h"

#define SAVE_SECONDS	60

/* The name becomes that of a device. */
static bool name_ok(const char *name)
{
	return name && *name && *name != '.' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] &&
	       strlen(name) < 32;
}

static int check(const struct guest *g, struct diag_log *diag)
{
	return xen_is_dom0() ? diag_add(diag, HO_EXENPROCESS, "%s", g->name)
			     : 0;
}

/* For what hold() and save() add, while the guest still runs. */
static int check_room(const struct guest *g, struct diag_log *diag)
{
	const struct qemu *q = g->own;

	if (g->range_count + q->conf.backend_count > GUEST_ITEMS_MAX ||
	    g->state_count + 2 > GUEST_ITEMS_MAX)
		return diag_add(diag, HO_EUSAGE,
				"too many --state or --range of QEMU guest %.31s",
				g->name);
	return 0;
}

static int not_tried(const struct guest *g, const char *why,
		     struct diag_log *diag)
{
	const struct qemu *q = g->own;

	if (q->mended)
		return diag_add(diag, HO_EGUESTDIFF,
				"%.31s: changed while it ran, and cannot be rehearsed: %.50s",
				g->name, why);
	progress("%s is not rehearsed: %s", g->name, why);
	return 0;
}

/* The rehearsal goes on until the state is there to be loaded, or ends here. */
static int try(struct guest *g, struct diag_log *diag)
{
	struct qemu *q = g->own;
	struct rehearsal *r;
	const char *why;
	int rc;

	if (!g->trial || g->trial->how == TRIAL_NONE)
		return 0;
	why = rehearse_cannot(q);
	if (why)
		return not_tried(g, why, diag);
	r = calloc(1, sizeof(*r));
	if (!r)
		return diag_add(diag, HO_ENOMEM, "%s", g->name);
	rc = rehearse_start(r, q, g->trial->program, diag);
	if (!rc && g->trial->how == TRIAL_STATE && !r->has_other_memory) {
		q->rehearsal = r;
		return 0;
	}
	if (!rc && g->trial->how == TRIAL_STATE)
		progress("%s: its state is not rehearsed: it is on memory of an earlier update",
			 g->name);
	rehearse_end(r);
	free(r);
	return rc;
}

static void end_trial(struct qemu *q)
{
	if (q->rehearsal)
		rehearse_end(q->rehearsal);
	free(q->rehearsal);
	q->rehearsal = NULL;
}

static int find(const struct guest_wanted *wanted, guest_new_fn add,
		void *context, struct diag_log *diag)
{
	return qemu_find(&qemu_kind, wanted, add, context, diag);
}

/* In a dom0 a QEMU is a part of Xen's guests. */
static bool lists(void)
{
	return !xen_is_dom0();
}

static int joined(const struct guest_wanted *wanted, struct guest *const *list,
		  int count, struct diag_log *diag)
{
	return xen_is_dom0() ? 0
		: qemu_joined(false, wanted, list, count, diag);
}

static int examine(struct guest *g, struct diag_log *diag)
{
	struct qemu *q;
	int rc;

	if (!name_ok(g->name))
		return diag_add(diag, HO_EUSAGE,
				"--name of a QEMU guest: letters, digits, -_., at most 31: %.60s",
				g->name ? g->name : "");
	q = calloc(1, sizeof(*q));
	if (!q)
		return diag_add(diag, HO_ENOMEM, "%s", g->name);
	rc = qemu_open(q, g->given, g->trial && g->trial->how != TRIAL_NONE,
		       diag);
	if (rc) {
		free(q);
		return rc;
	}
	g->own = q;
	g->runner = q->qmp.pid;
	rc = check_room(g, diag);
	return rc ? rc : try(g, diag);
}

static int hold(struct guest *g, struct diag_log *diag)
{
	return qemu_kind_hold(g, g->own, diag);
}

static int preview(struct guest *g, struct stream_writer *w,
		   struct diag_log *diag)
{
	struct qemu *q = g->own;
	char *text = guest_conf_write(&q->conf, diag);
	int rc = text ? qemu_kind_preview(g, q, GUEST_CONF_STATE, text, w,
					  diag) : -HO_ENOMEM;

	free(text);
	return rc;
}

static int wait_saved(struct guest *g, struct diag_log *diag)
{
	struct qemu *q = g->own;
	int rc = qemu_save_wait(q, SAVE_SECONDS, diag);

	/* another hand may let it run, and save it with all of its RAM */
	if (!rc)
		rc = qemu_set_back(q, diag);
	if (!rc)
		rc = guest_add_state(g, GUEST_CONF_STATE, q->conf_path, diag);
	return rc ? rc : guest_add_state(g, GUEST_DEVICE_STATE,
					 q->state_path, diag);
}

static int try_state(struct guest *g, struct diag_log *diag)
{
	struct qemu *q = g->own;
	int rc = q->rehearsal ? rehearse_load(q->rehearsal, q, q->state_fd,
					      SAVE_SECONDS, diag) : 0;

	end_trial(q);
	return rc;
}

static int save_one(struct guest *g, struct diag_log *diag)
{
	struct qemu *q = g->own;
	int rc;

	/* "stop" flushes its disks: no other guest stands still for them */
	qmp_set_deadline(&q->qmp, SAVE_SECONDS);
	rc = qemu_save_begin(q, diag);
	if (!rc)
		rc = wait_saved(g, diag);
	/* by now nothing that is changed gets into its state */
	if (!rc)
		rc = qemu_check_made(q, diag);
	qmp_set_deadline(&q->qmp, 0);
	return rc;
}

/* It runs still. */
static int look_again(struct guest *g, struct diag_log *diag)
{
	int rc = qemu_check_running(g->own, diag);

	return rc ? rc : qemu_check_made(g->own, diag);
}

/* All at once: each second is one of all of them. */
static int save(struct guest *const *list, int count, struct diag_log *diag)
{
	int i, rc = guest_at_once(list, count, look_again, diag);

	if (rc)
		return rc;
	for (i = 0; i < count; i++)
		list[i]->touched = true;
	rc = guest_at_once(list, count, save_one, diag);
	return rc ? rc : guest_at_once(list, count, try_state, diag);
}

static int unchanged(struct guest *g, struct diag_log *diag)
{
	struct qemu *q = g->own;

	return qemu_still_saved(&q->qmp, q->mark, diag);
}

static void resume_one(void *context, uint32_t i)
{
	struct guest *g = ((struct guest *const *)context)[i];
	struct qemu *q = g->own;
	struct diag_log diag;

	if (!q)
		return;
	diag_init(&diag, HO_STAGE_LOADER);
	q->touched |= g->touched;
	g->stuck = qemu_resume(q, GUEST_RESUME_SECONDS, &diag);
	if (g->stuck)
		progress("%s does not run on: %s", g->name,
			 diag.items[0].where);
}

static void resume(struct guest *const *list, int count)
{
	all_at_once(count, resume_one, (void *)list);
}

static void keep_on(struct guest *g)
{
	qemu_keep_on(g->own);
}

static void close_guest(struct guest *g)
{
	end_trial(g->own);
	qemu_close(g->own);
	free(g->own);
	g->own = NULL;
}

static int read_conf(struct guest_conf *conf, struct span *body,
		     struct diag_log *diag)
{
	return guest_conf_read(conf, (const char *)body->bytes + body->offset,
			       span_left(body), diag);
}

/* By its own devices: web.example has others than web. A configuration of a later
 * version is no reason to refuse, and does not tell their names. */
static bool is_in_use(const char *name, struct span *body)
{
	struct guest_conf conf;
	struct diag_log scratch;
	bool used;

	diag_init(&scratch, HO_STAGE_LOADER);
	used = read_conf(&conf, body, &scratch)
		? guestmem_guest_in_use(name)
		: guestmem_count_in_use(&conf, name) > 0;
	guest_conf_free(&conf);
	return used;
}

/* Had its QEMU let the guest run on, its saved state would be of the past. One that
 * was kept already has no owner here. */
static int look(struct guest_look *l, struct span *body,
		struct diag_log *diag)
{
	struct guest_conf conf;
	int rc;

	if (!l->owned)
		l->in_use = is_in_use(l->domain->name, body);
	if (!l->ask || !l->owned)
		return 0;
	rc = read_conf(&conf, body, diag);
	if (rc)
		return rc;
	rc = l->taken ? qemu_look_again(conf.monitor, l->taken->mark,
					&l->runner, diag)
		      : qemu_kind_not_waiting(l, diag);
	if (!rc && !l->runner)
		rc = qemu_kind_ended(l, diag);
	guest_conf_free(&conf);
	return rc;
}

/* Before hold() there is no keeper. */
static void describe(const struct guest *g, struct guest_taken *out)
{
	const struct qemu *q = g->own;

	snprintf(out->given, sizeof(out->given), "%s", q->qmp.path);
	out->runner = process_id_of(q->qmp.pid);
	out->keeper = q->keeper;
	out->ran = q->was_running;
	out->number = q->bandwidth;
	out->mark = q->mark;
}

static int remember(struct guest_taken *out, struct span *body,
		    struct diag_log *diag)
{
	struct guest_conf conf;
	int rc = read_conf(&conf, body, diag);

	if (!rc) {
		snprintf(out->given, sizeof(out->given), "%s", conf.monitor);
		out->ran = conf.running;
	}
	guest_conf_free(&conf);
	return rc;
}

void qemu_kind_end_keeper(const struct guest_taken *t)
{
	/* its QEMU has the memory as well */
	if (keeper_is(t->keeper.pid))
		process_signal(t->keeper, SIGKILL);
}

static int let_run(const struct guest_taken *t, int seconds,
		   struct diag_log *diag)
{
	const struct qemu_left left = {
		.monitor = t->given, .saving = t->stage == GUEST_SAVING,
		.ran = t->ran, .bandwidth = t->number, .mark = t->mark,
	};
	int rc = t->stage == GUEST_HELD ? 0
					: qemu_let_run(&left, seconds, diag);

	qemu_kind_end_keeper(t);
	return rc;
}

const struct guest_kind qemu_kind = {
	.name = "qemu",
	.record = HO_KIND_KVM,
	.state = GUEST_CONF_STATE,
	.adopts_beside = true,
	.adopts_early = true,
	.pins = true,
	.needs_module = true,
	.not_no_exec = "--no-exec with --qemu: the saved state is of one moment",
	.check = check,
	.find = find,
	.lists = lists,
	.joined = joined,
	.examine = examine,
	.left = left_check,
	.hold = hold,
	.preview = preview,
	.save = save,
	.frames = process_kind_frames,
	.unchanged = unchanged,
	.resume = resume,
	.keep_on = keep_on,
	.close = close_guest,
	.describe = describe,
	.look = look,
	.outlives = keeper_is,
	.remember = remember,
	.let_run = let_run,
	.is_kept = adopt_is_guest,
	.adopt = adopt_run,
	.in_use = guestmem_guest_in_use,
	.check_runs = adopt_check_runs,
};
