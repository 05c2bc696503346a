// SPDX-License-Identifier: MIT
/*
 * table.c - see table.h.
 */
#include "table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* The column that is called so; -1: none. */
static int find(const char *const *columns, const char *name, size_t length)
{
	int i;

	for (i = 0; columns[i]; i++)
		if (strlen(columns[i] + 1) == length &&
		    !strncasecmp(columns[i] + 1, name, length))
			return i;
	return -1;
}

/* Where each column is shown, in place[] of TABLE_COLUMNS_MAX. Returns how many
 * are, or -1: *wrong is what is none, or there twice. */
static int choose(const char *const *columns, const char *list, int *place,
		  const char **wrong)
{
	int i, shown = 0;

	for (i = 0; i < TABLE_COLUMNS_MAX; i++)
		place[i] = -1;
	for (i = 0; !list && columns[i]; i++)
		place[i] = shown++;
	while (list) {
		size_t length = strcspn(list, ",");

		i = find(columns, list, length);
		*wrong = list;
		if (i < 0 || place[i] >= 0)
			return -1;
		place[i] = shown++;
		list = list[length] ? list + length + 1 : NULL;
	}
	return shown;
}

int table_check(const char *const *columns, const char *list,
		struct diag_log *diag)
{
	int place[TABLE_COLUMNS_MAX], i;
	const char *wrong;
	char names[160] = "";

	if (choose(columns, list, place, &wrong) >= 0)
		return 0;
	for (i = 0; columns[i]; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s",
			 used ? "," : "", columns[i] + 1);
	}
	return diag_add(diag, HO_EUSAGE, "--columns %.*s: once each of %s",
			(int)strcspn(wrong, ","), wrong, names);
}

static void add_column(struct table *t, const char *column)
{
	struct libscols_column *c = scols_table_new_column(t->rows, column + 1,
		0, *column == '<' ? 0 : SCOLS_FL_RIGHT);

	if (c && *column == '#')
		scols_column_set_json_type(c, SCOLS_JSON_NUMBER);
}

void table_begin(struct table *t, const char *name,
		 const char *const *columns, const struct table_style *style)
{
	static const struct table_style all;
	const char *wrong;
	int i, at, shown;

	if (!style)
		style = &all;
	*t = (struct table){ .rows = scols_new_table(), .json = style->json };
	shown = choose(columns, style->columns, t->place, &wrong);
	while (columns[t->count])
		t->count++;
	if (!t->rows)
		return;
	scols_table_set_name(t->rows, name);
	scols_table_enable_json(t->rows, t->json);
	scols_table_enable_noheadings(t->rows, style->noheadings);
	scols_table_set_column_separator(t->rows, "  ");
	/* nothing is cut to fit a terminal */
	scols_table_set_termforce(t->rows, SCOLS_TERMFORCE_NEVER);
	for (at = 0; at < shown; at++)
		for (i = 0; i < t->count; i++)
			if (t->place[i] == at)
				add_column(t, columns[i]);
}

/* `text` is taken over. */
static void put(struct table *t, char *text)
{
	int at = t->place[t->next];

	if (!t->next)
		t->row = t->rows ? scols_table_new_line(t->rows, NULL) : NULL;
	t->next = (t->next + 1) % t->count;
	if (at < 0 || !t->row || !text ||
	    scols_line_refer_data(t->row, at, text))
		free(text);
}

void table_cell(struct table *t, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	put(t, vasprintf(&text, format, args) < 0 ? NULL : text);
	va_end(args);
}

void table_bytes(struct table *t, uint64_t bytes)
{
	if (t->json)
		table_cell(t, "%llu", (unsigned long long)bytes);
	else
		table_cell(t, "%s", human_bytes(bytes));
}

void table_none(struct table *t)
{
	put(t, t->json ? NULL : strdup("-"));
}

void table_print(struct table *t)
{
	if (t->rows)
		scols_print_table(t->rows);
	scols_unref_table(t->rows);
}
