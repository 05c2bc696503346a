// SPDX-License-Identifier: MIT
/*
 * table.c - see table.h. Out of memory ends in missing cells, not in a
 * failed command.
 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_begin(struct table *t, ...)
{
	const char *head;
	va_list args;

	*t = (struct table){ 0 };
	va_start(args, t);
	while ((head = va_arg(args, const char *)) &&
	       t->columns < TABLE_COLUMNS_MAX)
		t->heads[t->columns++] = head;
	va_end(args);
}

void table_cell(struct table *t, const char *format, ...)
{
	va_list args;
	char *text;

	if (t->count == t->capacity) {
		int capacity = t->capacity ? 2 * t->capacity : 64;
		char **cells = realloc(t->cells, capacity * sizeof(*cells));

		if (!cells)
			return;
		t->cells = cells;
		t->capacity = capacity;
	}
	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0)
		t->cells[t->count++] = text;
	va_end(args);
}

static void print_row(const struct table *t, const int *widths,
		      char *const *cells, int skip)
{
	int i;

	for (i = 0; i < t->columns; i++) {
		int left = *t->heads[i] == '<';
		int width = i == t->columns - 1 && left ? 0 : widths[i];

		printf("%s%*s", i ? "  " : "", left ? -width : width,
		       cells[i] + skip);
	}
	putchar('\n');
}

void table_print(struct table *t)
{
	int widths[TABLE_COLUMNS_MAX], i, length;

	for (i = 0; i < t->columns; i++)
		widths[i] = strlen(t->heads[i]) - 1;
	for (i = 0; i < t->count; i++) {
		length = strlen(t->cells[i]);
		if (length > widths[i % t->columns])
			widths[i % t->columns] = length;
	}
	print_row(t, widths, (char *const *)t->heads, 1);
	for (i = 0; i + t->columns <= t->count; i += t->columns)
		print_row(t, widths, t->cells + i, 0);
	for (i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
}
