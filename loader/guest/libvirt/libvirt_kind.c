// SPDX-License-Identifier: MIT
/*
 * libvirt_kind.c - see libvirt_kind.h.
 */
#include "libvirt_kind.h"

#include <stdlib.h>
#include <string.h>

#include "guestmem.h"
#include "libvirt.h"
#include "libvirt_adopt.h"
#include "libvirt_convert.h"
#include "libvirt_setup.h"
#include "process_kind.h"
#include "qemu_kind.h"
#include "qemufind.h"
#include "sidebyside.h"
#include "util.h"
#include "virsh.h"
#include "xen.h"

#define SAVE_SECONDS	60

static int check(const struct guest *g, struct diag_log *diag)
{
	return xen_is_dom0() ? diag_add(diag, HO_EXENPROCESS, "%s", g->name)
			     : 0;
}

/* By the name that was `given`, or as one of all (NULL) that are `wanted`. */
static int add_guest(const char *uuid, const char *given,
		     const struct guest_wanted *wanted, guest_new_fn add,
		     void *context, struct diag_log *diag)
{
	struct libvirt *v = calloc(1, sizeof(*v));
	struct guest *g;
	int rc;

	if (!v)
		return diag_add(diag, HO_ENOMEM, "guests");
	rc = libvirt_open(v, uuid, diag);
	/* by number it may be another domain than the name is of */
	if (!rc && given && strcmp(given, v->name) && strcmp(given, v->uuid))
		rc = diag_add(diag, HO_ELIBVIRTDOMAIN,
			      "%.60s is neither its name nor its uuid", given);
	if (!rc && !given && guest_is_left(wanted, v->name)) {
		libvirt_close(v);
		free(v);
		return 0;
	}
	g = rc ? NULL : add(context, &libvirt_kind, diag);
	if (!g) {
		libvirt_close(v);
		free(v);
		return rc ? rc : -diag->items[diag->kept - 1].code;
	}
	g->own = v;
	g->name = v->label;
	memcpy(g->uuid, v->id, sizeof(g->uuid));
	return 0;
}

static bool is_named(const char *uuid, char (*named)[40], int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(named[i], uuid))
			return true;
	return false;
}

/* All that run; with names, those that are not among them are told. */
static int each_active(char (*named)[40], int count,
		       const struct guest_wanted *wanted, guest_new_fn add,
		       void *context, struct diag_log *diag)
{
	char *text = virsh_ask((const char *[]){ "list", "--uuid", NULL }, -1,
			       VIRSH_SECONDS, diag), *line, *next;
	int rc = 0;

	if (!text)
		return -HO_ELIBVIRT;
	for (line = strtok_r(text, "\r\n ", &next); line && !rc;
	     line = strtok_r(NULL, "\r\n ", &next)) {
		if (!named)
			rc = add_guest(line, NULL, wanted, add, context, diag);
		else if (!is_named(line, named, count))
			progress("libvirt's domain %s is not named: it ends with this host",
				 line);
	}
	free(text);
	return rc;
}

static int find_named(const struct guest_wanted *wanted, guest_new_fn add,
		      void *context, struct diag_log *diag)
{
	const char *const *names = wanted->names;
	int count = wanted->count;
	char (*uuids)[40] = calloc(count, sizeof(*uuids));
	int i, rc = uuids ? 0 : diag_add(diag, HO_ENOMEM, "guests");

	for (i = 0; i < count && !rc; i++) {
		rc = virsh_uuid(names[i], uuids[i], diag);
		if (!rc)
			rc = add_guest(uuids[i], names[i], wanted, add, context,
				       diag);
	}
	if (!rc)
		rc = each_active(uuids, count, wanted, NULL, NULL, diag);
	free(uuids);
	return rc;
}

static int find(const struct guest_wanted *wanted, guest_new_fn add,
		void *context, struct diag_log *diag)
{
	int rc = virsh_check(diag);

	if (!rc)
		rc = libvirt_setup_check(diag);
	if (rc)
		return rc;
	return wanted->count ? find_named(wanted, add, context, diag)
			     : each_active(NULL, 0, wanted, add, context, diag);
}

/* In a dom0 they are Xen's. */
static bool lists(void)
{
	return !xen_is_dom0() && qemu_libvirt_runs();
}

static int joined(const struct guest_wanted *wanted, struct guest *const *list,
		  int count, struct diag_log *diag)
{
	return xen_is_dom0() ? 0
		: qemu_joined(true, wanted, list, count, diag);
}

/* Without the states, and with what hold() adds. */
static int examine(struct guest *g, struct diag_log *diag)
{
	struct libvirt *v = g->own;
	int rc = libvirt_examine(v, diag);

	g->runner = v->qemu.qmp.pid;
	if (!rc && g->trial && g->trial->how != TRIAL_NONE)
		progress("%s is not rehearsed: libvirt alone can start its QEMU as it runs",
			 g->name);
	return rc;
}

static int hold(struct guest *g, struct diag_log *diag)
{
	struct libvirt *v = g->own;

	return qemu_kind_hold(g, &v->qemu, diag);
}

static int preview(struct guest *g, struct stream_writer *w,
		   struct diag_log *diag)
{
	struct libvirt *v = g->own;
	char *text = libvirt_conf_now(v, diag);
	int rc = text ? qemu_kind_preview(g, &v->qemu, LIBVIRT_CONF_STATE,
					  text, w, diag)
		      : -diag->items[diag->kept - 1].code;

	free(text);
	return rc;
}

static int wait_saved(struct guest *g, struct diag_log *diag)
{
	struct libvirt *v = g->own;
	int rc = libvirt_save_end(v, SAVE_SECONDS, diag);

	if (!rc)
		rc = guest_add_state(g, LIBVIRT_CONF_STATE, v->qemu.conf_path,
				     diag);
	return rc ? rc : guest_add_state(g, GUEST_DEVICE_STATE, v->plain_path,
					 diag);
}

static int save_one(struct guest *g, struct diag_log *diag)
{
	int rc = libvirt_save_begin(g->own, diag);

	return rc ? rc : wait_saved(g, diag);
}

/* It runs still. */
static int look_again(struct guest *g, struct diag_log *diag)
{
	struct libvirt *v = g->own;
	int rc = qemu_check_running(&v->qemu, diag);

	return rc ? rc : qemu_check_memory(&v->qemu, diag);
}

/* All at once: each question to libvirt is a process of its own, which is most of
 * their pause. */
static int save(struct guest *const *list, int count, struct diag_log *diag)
{
	int i, rc = guest_at_once(list, count, look_again, diag);

	if (rc)
		return rc;
	for (i = 0; i < count; i++)
		list[i]->touched = true;
	return guest_at_once(list, count, save_one, diag);
}

static int unchanged(struct guest *g, struct diag_log *diag)
{
	struct libvirt *v = g->own;

	return libvirt_still_saved(v, v->xml, diag);
}

static void resume_one(void *context, uint32_t i)
{
	struct guest *g = ((struct guest *const *)context)[i];
	struct libvirt *v = g->own;
	struct diag_log diag;

	if (!v)
		return;
	diag_init(&diag, HO_STAGE_LOADER);
	g->stuck = g->touched &&
		   libvirt_resume(v, GUEST_RESUME_SECONDS, &diag);
	if (g->stuck)
		progress("%s does not run on: %s", g->name,
			 diag.items[0].where);
	process_end(v->qemu.keeper);
	v->qemu.keeper.pid = 0;
}

static void resume(struct guest *const *list, int count)
{
	all_at_once(count, resume_one, (void *)list);
}

static void keep_on(struct guest *g)
{
	struct libvirt *v = g->own;

	qemu_keep_on(&v->qemu);
}

static void close_guest(struct guest *g)
{
	libvirt_close(g->own);
	free(g->own);
	g->own = NULL;
}

static int read_conf(struct libvirt_conf *conf, struct span *body,
		     struct diag_log *diag)
{
	return libvirt_conf_read(conf, (const char *)body->bytes +
				 body->offset, span_left(body), diag);
}

/* A domain by its uuid; it may have ended. */
static void of_uuid(struct libvirt *v, const char *uuid)
{
	*v = (struct libvirt){ .qemu.qmp.fd = -1 };
	snprintf(v->uuid, sizeof(v->uuid), "%.36s", uuid);
	snprintf(v->label, sizeof(v->label), "%.36s", uuid);
	qmp_open_by(&v->qemu.qmp, v->label, 0, virsh_monitor, v->uuid);
}

/* As of QEMU's guests. */
static int look(struct guest_look *l, struct span *body,
		struct diag_log *diag)
{
	struct libvirt_conf conf;
	struct libvirt v;
	bool active;
	int rc;

	if (!l->owned)
		l->in_use = guestmem_guest_in_use(human_id(l->domain->uuid));
	if (!l->ask || !l->owned)
		return 0;
	if (!l->taken)
		return qemu_kind_not_waiting(l, diag);
	rc = read_conf(&conf, body, diag);
	if (rc)
		return rc;
	of_uuid(&v, conf.uuid);
	v.name = conf.name;
	v.qemu.mark = l->taken->mark;
	rc = virsh_is_active(v.uuid, VIRSH_SECONDS, &active, diag);
	if (!rc && !active)
		rc = qemu_kind_ended(l, diag);
	if (!rc && active)
		rc = libvirt_still_saved(&v, conf.xml, diag);
	if (!rc && active)
		rc = libvirt_runner(&v, &l->runner, diag);
	libvirt_conf_free(&conf);
	return rc;
}

/* Before hold() there is no keeper. */
static void describe(const struct guest *g, struct guest_taken *out)
{
	const struct libvirt *v = g->own;

	snprintf(out->given, sizeof(out->given), "%s", v->uuid);
	memcpy(out->uuid, v->id, sizeof(out->uuid));
	out->runner = process_id_of(v->qemu.qmp.pid);
	out->keeper = v->qemu.keeper;
	out->ran = v->qemu.was_running;
	out->number = v->qemu.bandwidth;
	out->mark = v->qemu.mark;
}

static int remember(struct guest_taken *out, struct span *body,
		    struct diag_log *diag)
{
	struct libvirt_conf conf;
	int rc = read_conf(&conf, body, diag);

	if (rc)
		return rc;
	snprintf(out->given, sizeof(out->given), "%s", conf.uuid);
	out->ran = conf.qemu.running;
	libvirt_conf_free(&conf);
	return 0;
}

/* A later QEMU of the same domain was not saved by anybody. */
static bool has_ended(const struct guest_taken *t)
{
	return t->runner.pid && !process_lives(t->runner);
}

/* One that runs already must not be told to break off what it does. */
static int undo(const struct guest_taken *t, int seconds,
		struct diag_log *diag)
{
	struct diag_log scratch;
	bool active, still;
	struct libvirt v;
	int rc;

	of_uuid(&v, t->given);
	v.qemu.was_running = t->ran;
	v.qemu.bandwidth = t->number;
	v.qemu.mark = t->mark;
	/* an older record of one that was saved has no mark */
	if (t->stage == GUEST_SAVED && !t->mark)
		v.qemu.sent = QEMU_SENT;
	rc = virsh_is_active(v.uuid, seconds, &active, diag);
	if (rc || !active)
		return rc;
	diag_init(&scratch, HO_STAGE_LOADER);
	qmp_set_deadline(&v.qemu.qmp, seconds);
	/* libvirt_resume() waits for a libvirtd that does not answer now */
	if (qemu_stands_still(&v.qemu.qmp, t->stage == GUEST_SAVING, &still,
			      &scratch) || still)
		return libvirt_resume(&v, seconds, diag);
	return t->stage == GUEST_SAVING ? qemu_set_back(&v.qemu, diag) : 0;
}

static int let_run(const struct guest_taken *t, int seconds,
		   struct diag_log *diag)
{
	int rc = 0;

	if (*t->given == '-' ||
	    strspn(t->given, "0123456789abcdef-") != strlen(t->given))
		return diag_add(diag, HO_ELEDGER, "uuid of %.31s", t->name);
	if (t->stage != GUEST_HELD && !has_ended(t))
		rc = undo(t, seconds, diag);
	qemu_kind_end_keeper(t);
	return rc;
}

const struct guest_kind libvirt_kind = {
	.name = "libvirt",
	.record = HO_KIND_KVM,
	.pins = true,
	.needs_module = true,
	.state = LIBVIRT_CONF_STATE,
	.not_no_exec = "--no-exec with --libvirt: the saved state is of one moment",
	.check = check,
	.find = find,
	.lists = lists,
	.joined = joined,
	.examine = examine,
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
	.remember = remember,
	.let_run = let_run,
	.is_kept = libvirt_adopt_is_kept,
	.adopt = libvirt_adopt,
	.convert = libvirt_convert,
};
