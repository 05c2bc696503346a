// SPDX-License-Identifier: MIT
/*
 * cmd_precheck.c - would upgrade, with the same options, be refused now?
 */
#include "commands.h"

#include <string.h>

#include "guests.h"
#include "jsonout.h"
#include "oneword.h"
#include "pendingline.h"
#include "precheck.h"
#include "regionfind.h"
#include "table.h"
#include "tell.h"
#include "util.h"
#include "xen_image.h"

/* Each reason in a line, its remedy below the last of its kind. */
static void print_reasons(const struct diag_log *log)
{
	uint32_t i;

	for (i = 0; i < log->kept; i++) {
		const struct ho_diag *d = &log->items[i];

		printf("    %s: %s [%s]\n", error_text(d->code), d->where,
		       error_name(d->code));
		if (i + 1 == log->kept || d->code != log->items[i + 1].code)
			printf("      remedy: %s\n", error_remedy(d->code));
	}
	if (log->total > log->kept)
		printf("    and %llu more\n",
		       (unsigned long long)(log->total - log->kept));
}

static const char *answer(const struct diag_log *log)
{
	return log->total ? "no" : "yes";
}

static const char *const guest_columns[] = {
	"<guest", "<kind", "#memory", "<update", NULL
};

/* How guests of Xen go on, as far as the new one's file tells. */
struct xen_way {
	int guests;			/* 0: there are none, or it is no Xen */
	bool in_place, livepatch;	/* by one */
	uint64_t bytes;			/* of copies, free in the new Xen */
};

static struct xen_way xen_way(const struct precheck *p)
{
	struct xen_way way = { 0 };
	int i;

	if (!p->pack->target || strcmp(p->pack->target, "xen"))
		return way;
	way.livepatch = !xen_image_adopts(p->pack->kernel) &&
			xen_image_is_patched(p->pack->kernel);
	way.in_place = way.livepatch || xen_image_adopts(p->pack->kernel);
	for (i = 0; i < p->collect->domain_count; i++) {
		const struct guest *g = &p->collect->domains[i];

		if (g->kind->record != HO_KIND_XEN_PV)
			continue;
		way.guests++;
		if (!way.in_place)
			way.bytes += g->told_pages << HO_PAGE_SHIFT;
	}
	return way;
}

static void print_way(const struct precheck *p)
{
	const struct xen_way way = xen_way(p);

	if (way.guests && way.in_place)
		printf("the new Xen lets guests go on in place%s\n",
		       way.livepatch ? " (livepatch)" : "");
	else if (way.guests)
		printf("the new Xen copies guests: besides dom0's memory more than %s must be free in it\n",
		       human_bytes(way.bytes));
}

/* Is the guests' way on in the target, as far as it can be known here? */
static const char *const adopts_words[] = {
	[TARGET_MODULE_THERE] = "yes", [TARGET_MODULE_UNKNOWN] = "not known",
	[TARGET_MODULE_MISSING] = "no",
};

static const char *const pause_columns[] = {
	"<pause", "#seconds", "<from", NULL
};

static void print_guests(const struct precheck *p)
{
	const struct collect *c = p->collect;
	struct table t;
	int i;

	if (c->domain_count) {
		table_begin(&t, "guests", guest_columns, NULL);
		for (i = 0; i < c->domain_count; i++) {
			const struct guest *g = &c->domains[i];

			table_cell(&t, "%s", g->name ? g->name : "?");
			table_cell(&t, "%s", g->kind->name);
			if (g->seen_frames || g->told_pages)
				table_bytes(&t, (g->seen_frames +
					    g->absent_pages ?: g->told_pages) <<
					    HO_PAGE_SHIFT);
			else
				table_none(&t);
			table_cell(&t, "%s", answer(&p->whys[i]));
		}
		table_print(&t);
	}
	for (i = 0; i < c->domain_count; i++)
		if (p->whys[i].total) {
			printf("  %s:\n", c->domains[i].name ?: "?");
			print_reasons(&p->whys[i]);
		}
}

static void print_estimate(const struct precheck *p)
{
	bool known = true;
	struct table t;
	int i;

	if (!p->estimated)
		return;
	putchar('\n');
	table_begin(&t, "pause", pause_columns, NULL);
	for (i = 0; i < PRECHECK_STAGES; i++) {
		const struct precheck_stage *s = &p->stages[i];

		table_cell(&t, "%s", s->name);
		known &= s->seconds >= 0;
		if (s->seconds < 0)
			table_none(&t);
		else
			table_cell(&t, "%.3f", s->seconds);
		table_cell(&t, "%s", s->from);
	}
	table_print(&t);
	printf("about %.1f s%s\n", p->seconds,
	       known ? "" : ", and what is not known");
}

static struct json_object *reasons_json(const struct diag_log *log)
{
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < log->kept; i++) {
		const struct ho_diag *d = &log->items[i];
		struct json_object *o = json_object_new_object();

		json_text(o, "error", error_name(d->code));
		json_text(o, "what", error_text(d->code));
		json_text(o, "where", d->where);
		json_text(o, "remedy", error_remedy(d->code));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *guests_json(const struct precheck *p)
{
	struct json_object *list = json_object_new_array();
	int i;

	for (i = 0; i < p->collect->domain_count; i++) {
		const struct guest *g = &p->collect->domains[i];
		struct json_object *o = json_object_new_object();

		json_text(o, "name", g->name ?: "");
		json_text(o, "kind", g->kind->name);
		json_flag(o, "ok", !p->whys[i].total);
		json_u64(o, "frames", g->seen_frames);
		json_u64(o, "frames_absent", g->absent_pages);
		json_object_object_add(o, "reasons",
				       reasons_json(&p->whys[i]));
		json_object_array_add(list, o);
	}
	return list;
}

/* null: not known. */
static struct json_object *pause_json(const struct precheck *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int i;

	for (i = 0; i < PRECHECK_STAGES; i++) {
		const struct precheck_stage *s = &p->stages[i];
		struct json_object *one = json_object_new_object();

		json_text(one, "stage", s->name);
		json_object_object_add(one, "seconds", s->seconds < 0 ? NULL
				: json_object_new_double(s->seconds));
		json_text(one, "from", s->from);
		json_object_array_add(list, one);
	}
	json_object_object_add(o, "stages", list);
	json_object_object_add(o, "seconds",
			       json_object_new_double(p->seconds));
	return o;
}

static struct json_object *precheck_json(const struct precheck *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *host = json_object_new_object();
	const struct xen_way way = xen_way(p);

	json_flag(o, "ok", !precheck_reasons(p));
	json_flag(host, "ok", !p->host.total);
	json_object_object_add(host, "reasons", reasons_json(&p->host));
	json_object_object_add(o, "host", host);
	json_object_object_add(o, "guests", guests_json(p));
	if (way.guests) {
		json_flag(o, "xen_in_place", way.in_place);
		json_flag(o, "xen_livepatch", way.livepatch);
		json_u64(o, "xen_bytes_needed", way.bytes);
	}
	if (adopts_words[p->adopts.module])
		json_text(o, "target_adopts", adopts_words[p->adopts.module]);
	if (p->estimated)
		json_object_object_add(o, "pause", pause_json(p));
	return o;
}

static void print(const struct precheck *p)
{
	printf("host: %s\n", answer(&p->host));
	print_reasons(&p->host);
	print_guests(p);
	if (guests_nobody(p->collect))
		printf("no guest is named: those that run end with the host\n");
	print_way(p);
	if (*p->adopts.note)
		printf("%s\n", p->adopts.note);
	print_estimate(p);
}

/* The call itself was wrong, or this host could not be looked at. */
static bool is_failure(int code)
{
	return error_exit(code) == HO_EXIT_USAGE || code == HO_ENOMEM ||
	       code == HO_EINTERNAL;
}

static const struct ho_diag *failure_in(const struct diag_log *log)
{
	uint32_t i;

	for (i = 0; i < log->kept; i++)
		if (is_failure(log->items[i].code))
			return &log->items[i];
	return NULL;
}

/* The exit status is that of the failure, if there is one. */
static int verdict(const struct precheck *p, struct diag_log *diag)
{
	const struct ho_diag *failed = failure_in(&p->host);
	int i;

	for (i = 0; i < p->collect->domain_count && !failed; i++)
		failed = failure_in(&p->whys[i]);
	if (failed)
		return diag_add(diag, failed->code, "%s", failed->where);
	if (!precheck_reasons(p))
		return 0;
	return diag_add(diag, HO_EREFUSED, "%llu reasons",
			(unsigned long long)precheck_reasons(p));
}

/* What an upgrade takes that nobody described. */
static void print_target(const struct arguments *a)
{
	const struct pack *p = &a->pack;
	const struct collect *c = &a->collect;
	struct handover *parent = NULL;
	struct region_found r;
	struct diag_log scratch;
	int i;

	diag_init(&scratch, HO_STAGE_LOADER);
	printf("target: %s %s\n", p->target, p->kernel);
	if (p->initrd)
		printf("  initrd: %s\n", p->initrd);
	for (i = 0; i < p->module_count; i++)
		printf("  module: %s\n", p->modules[i]);
	printf("  command line: %s\n", p->cmdline);
	handover_parent(&parent, &scratch);
	if (!region_find(&r, p->region, parent, &scratch))
		printf("region: %s at 0x%llx (%s)\n",
		       human_bytes(range_bytes(r.ranges[0])),
		       (unsigned long long)r.ranges[0].start, r.from);
	handover_free(parent);
	for (i = 0; i < c->leave_count; i++)
		printf("left to end with the host: %s\n", c->leave[i]);
}

/* The same, and what precheck says, for programs. */
static struct json_object *plan_json(const struct arguments *a,
				     const struct precheck *p)
{
	struct json_object *o = precheck_json(p);
	struct json_object *target = json_object_new_object();
	struct json_object *modules = json_object_new_array();
	int i;

	json_text(target, "kind", a->pack.target);
	json_text(target, "kernel", a->pack.kernel);
	if (a->pack.initrd)
		json_text(target, "initrd", a->pack.initrd);
	for (i = 0; i < a->pack.module_count; i++)
		json_object_array_add(modules,
			json_object_new_string(a->pack.modules[i]));
	json_object_object_add(target, "modules", modules);
	json_text(target, "cmdline", a->pack.cmdline);
	json_object_object_add(o, "target", target);
	return o;
}

/* Whoever waits for nothing is told what refuses it. */
static void print_plan(const struct arguments *a, const struct precheck *p,
		       int rc)
{
	if (a->json) {
		tell_event("plan", plan_json(a, p));
	} else if (rc || !a->quiet || !a->yes) {
		pending_line_clear();
		print_target(a);
		print(p);
	}
}

int one_word_show(struct arguments *a, char **names, struct diag_log *diag)
{
	static struct precheck p;
	struct collect collect = a->collect;
	int rc;

	p = (struct precheck){ .collect = &collect, .pack = &a->pack,
			       .replace = a->replace,
			       .shutdown = a->shutdown };
	guests_name_all(&collect);
	rc = precheck_run(&p, diag);
	if (!rc) {
		rc = verdict(&p, diag);
		print_plan(a, &p, rc);
	}
	*names = one_word_names(&collect);
	if (!*names && !rc)
		rc = diag_add(diag, HO_ENOMEM, "guests");
	precheck_free(&p);
	collect_free(&collect);
	return rc;
}

int cmd_precheck(struct arguments *a, struct diag_log *diag)
{
	static struct precheck p;
	static struct one_word plan;
	int rc;

	p = (struct precheck){ .collect = &a->collect, .pack = &a->pack,
			       .replace = a->replace,
			       .shutdown = a->shutdown };
	rc = one_word_target(&plan, a, diag);
	if (!rc && a->one_word && !a->json)
		print_target(a);
	if (a->one_word)		/* else upgrade takes nobody, either */
		guests_name_all(&a->collect);
	if (!rc)
		rc = precheck_run(&p, diag);
	if (!rc && a->json)
		json_print(precheck_json(&p));
	else if (!rc)
		print(&p);
	if (!rc)
		rc = verdict(&p, diag);
	precheck_free(&p);
	collect_free(&a->collect);
	return rc;
}
