// SPDX-License-Identifier: MIT
/*
 * status_ledger.c - see status_ledger.h.
 */
#include "status_ledger.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jsonout.h"
#include "ledger.h"
#include "ledger_json.h"
#include "rundir.h"
#include "slot.h"
#include "table.h"

/* Where a command that is not through is now. */
static const char *standing(const struct ledger *l)
{
	if (l->stage == LEDGER_REST)
		return "";
	return process_lives(l->who) ? ", at work"
		: l->stage == LEDGER_JUMPING ? ", the host goes down"
		: ", NOT THROUGH: baton unload undoes it";
}

static const char *since(const struct ledger *l)
{
	static char text[32];
	struct tm tm;

	if (!gmtime_r(&l->since, &tm) ||
	    !strftime(text, sizeof(text), "%F %T UTC", &tm))
		return "an unknown time";
	return text;
}

/* Is what is loaded there still? */
static const char *slot_text(const struct ledger *l)
{
	enum slot_state state = slot_state(false);

	if (ledger_is_stale(l) && (state == SLOT_OURS || state == SLOT_UNKNOWN))
		return "ITS GUESTS RUN ON, a jump would start a past of them: baton unload forgets it";
	switch (state) {
	case SLOT_OURS: return "baton exec starts it, baton unload forgets it";
	case SLOT_EMPTY: return "NOT LOADED any longer: baton unload forgets it";
	case SLOT_FOREIGN: return "NOT LOADED any longer, another image is: baton unload forgets it";
	default: return "the kernel does not say whose image it has";
	}
}

static void process_cell(struct table *t, struct process_id id)
{
	if (id.pid)
		table_cell(t, "%d", (int)id.pid);
	else
		table_none(t);
}

static void print_guests(const struct ledger *l)
{
	static const char *const columns[] = {
		"<guest", "<kind", "<stage", ">process", ">keeper", "<note",
		NULL
	};
	struct table t;
	uint32_t i;

	table_begin(&t, "guests", columns, NULL);
	for (i = 0; i < l->count; i++) {
		const struct guest_taken *g = &l->guests[i].taken;

		table_cell(&t, "%s", g->name);
		table_cell(&t, "%s", l->guests[i].kind->name);
		table_cell(&t, "%s", ledger_guest_name(g->stage));
		process_cell(&t, g->runner);
		process_cell(&t, g->keeper);
		table_cell(&t, "%s", g->keeper.pid &&
			   !process_lives(g->keeper) ? "its keeper has ended"
			   : g->runner.pid && !process_lives(g->runner)
			   ? "its process has ended" : "");
	}
	table_print(&t);
}

static bool is_empty(const struct ledger *l)
{
	return l->stage == LEDGER_REST && !l->count && !*l->loaded;
}

/* One that cannot be read is shown as such; to others than root it is nothing. */
static bool read_it(struct ledger *l, struct diag_log *diag)
{
	*l = (struct ledger){ 0 };
	diag_init(diag, HO_STAGE_LOADER);
	return geteuid() == 0 && !ledger_read(l, diag) && !is_empty(l);
}

bool status_ledger_print(void)
{
	struct diag_log diag;
	struct ledger l;
	bool shown = read_it(&l, &diag);

	if (diag.total)
		printf("going on    not known, %s: %s\n\n",
		       diag.items[0].where, error_text(diag.items[0].code));
	if (shown) {
		printf("going on    baton %s, process %d, since %s: %s%s\n",
		       l.command, (int)l.who.pid, since(&l),
		       ledger_stage_name(l.stage), standing(&l));
		if (*l.loaded)
			printf("loaded      %s\n            %s\n", l.loaded,
			       slot_text(&l));
		if (l.count)
			print_guests(&l);
		putchar('\n');
	}
	ledger_free(&l);
	return shown || diag.total;
}

struct json_object *status_ledger_json(void)
{
	struct json_object *o = NULL;
	struct diag_log diag;
	struct ledger l;

	if (read_it(&l, &diag)) {
		o = ledger_object(&l);
		json_flag(o, "at_work", l.stage != LEDGER_REST &&
			  process_lives(l.who));
		json_flag(o, "in_slot", slot_state(false) == SLOT_OURS);
	} else if (diag.total) {
		o = json_object_new_object();
		json_text(o, "error", error_name(diag.items[0].code));
	}
	ledger_free(&l);
	return o;
}
