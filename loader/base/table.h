/* SPDX-License-Identifier: MIT */
/*
 * table.h - tables over libsmartcols, as lsblk(8) prints them: aligned columns
 * for people, chosen columns and JSON for scripts.
 */
#ifndef LOADER_TABLE_H
#define LOADER_TABLE_H

#include <stdbool.h>

#include "diag.h"

#define TABLE_COLUMNS_MAX 10

/* What a call asks for; zeroes: all columns, with their heads. */
struct table_style {
	const char *columns;		/* names behind commas, NULL: all */
	bool noheadings;
	bool json;			/* one object, of `name` and its rows */
};

/* True when it asks for the table, and nothing around it. */
static inline bool table_is_alone(const struct table_style *s)
{
	return s->columns || s->noheadings;
}

struct table {
	struct libscols_table *rows;
	struct libscols_line *row;
	int count, next;		/* columns; that of the next cell */
	int place[TABLE_COLUMNS_MAX];	/* where it is shown; -1: it is not */
	bool json;
};

/* Columns up to a NULL: "<name" left, ">name" right, "#name" right and, in JSON, a
 * number. Returns 0 when all names of `list` (NULL: all) are among them, each once;
 * their case does not matter. HO_EUSAGE, with the names that there are. */
int table_check(const char *const *columns, const char *list,
		struct diag_log *diag);
/* An empty table `name`; `style` as checked, NULL: all of it. Out of memory ends in
 * missing cells, not in a failed command. */
void table_begin(struct table *t, const char *name,
		 const char *const *columns, const struct table_style *style);
/* The next cell, row by row. Bytes of a name that no terminal should see are
 * escaped. */
void table_cell(struct table *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same: so many bytes, with their unit; a number in JSON. */
void table_bytes(struct table *t, uint64_t bytes);
/* The same: there is none, "-"; null in JSON. */
void table_none(struct table *t);
/* To stdout, and free it. Nothing when it has no rows, but in JSON. */
void table_print(struct table *t);

#endif /* LOADER_TABLE_H */
