// SPDX-License-Identifier: MIT
/*
 * cmd_config.c - what upgrade would take where a call says nothing, and which
 * file says so.
 */
#include "commands.h"

#include <string.h>

#include "config.h"
#include "newest.h"
#include "table.h"

static const char *const columns[] = { "<option", "<from", "<value", NULL };

/* What is found on the host; NULL: it is not known without an update. */
static const char *found(const struct option_row *row, const struct pack *p)
{
	if (!strcmp(row->name, "kernel"))
		return p->kernel;
	if (!strcmp(row->name, "initrd"))
		return p->initrd;
	if (!strcmp(row->name, "cmdline"))
		return p->cmdline;
	if (!strcmp(row->name, "target"))
		return p->target;
	return NULL;
}

static void show_row(struct table *t, const struct config *c,
		     const struct option_row *row, const struct pack *p)
{
	const char *value = found(row, p);
	bool said = false;
	int i;

	for (i = 0; i < c->count; i++) {
		const struct config_line *l = &c->lines[i];

		if (l->row != row)
			continue;
		said = true;
		table_cell(t, "%s", row->name);
		table_cell(t, "%s:%d", c->files[l->file], l->line);
		table_cell(t, "%s", l->value);
	}
	if (said)
		return;
	table_cell(t, "%s", row->name);
	table_cell(t, "%s", value ? "this host" : "default");
	if (value)
		table_cell(t, "%s", value);
	else
		table_none(t);
}

/* A host without a kernel in /boot has no default for one: that is no failure. */
int cmd_config(struct arguments *a, struct diag_log *diag)
{
	static struct newest newest;
	static struct config c;
	const struct option_row *row;
	struct diag_log scratch;
	struct table t;
	int rc = table_check(columns, a->table.columns, diag);

	if (!rc)
		rc = config_read(&c, diag);
	if (!rc)
		rc = config_apply(&c, a, COMMAND_UPGRADE, diag);
	if (!rc) {
		diag_init(&scratch, HO_STAGE_LOADER);
		newest_fill(&newest, &a->pack, &scratch);
		table_begin(&t, "config", columns, &a->table);
		for (row = option_rows; row->name; row++)
			if (config_takes(row))
				show_row(&t, &c, row, &a->pack);
		table_print(&t);
	}
	config_free(&c);
	return rc;
}
