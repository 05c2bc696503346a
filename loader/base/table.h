/* SPDX-License-Identifier: MIT */
/*
 * table.h - aligned columns for people.
 */
#ifndef LOADER_TABLE_H
#define LOADER_TABLE_H

#define TABLE_COLUMNS_MAX 10

struct table {
	int columns;
	const char *heads[TABLE_COLUMNS_MAX]; /* "<text" left, ">" right */
	char **cells;
	int count;
	int capacity;
};

/* Column heads up to a NULL. */
void table_begin(struct table *t, ...);
/* Cells, row by row. */
void table_cell(struct table *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* To stdout, and free it. */
void table_print(struct table *t);

#endif /* LOADER_TABLE_H */
