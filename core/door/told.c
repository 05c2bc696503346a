// SPDX-License-Identifier: MIT
/*
 * told.c - see told.h.
 */
#include "told.h"

#include <string.h>

#include "checked.h"
#include "cmdword.h"

#define WORD "memmap="

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	     : c >= 'a' && c <= 'f' ? c - 'a' + 10
	     : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

static int shift_of(char suffix)
{
	static const char suffixes[] = "KMGTPE";
	const char *at = suffix ? strchr(suffixes, suffix & ~0x20) : NULL;

	return at && *at ? 10 * (int)(at - suffixes + 1) : 0;
}

/* memparse(): decimal, 0x or octal, with a suffix. False: none, or too large. */
static bool number(const char **at, uint64_t *out)
{
	int base = 10, shift;
	const char *s = *at;
	uint64_t v = 0;

	if (*s == '0')
		base = (s[1] | 0x20) == 'x' ? 16 : 8;
	if (base == 16)
		s += 2;
	if (digit(*s) >= base)
		return false;
	for (; digit(*s) < base; s++)
		if (!checked_mul(v, base, &v) ||
		    !checked_add(v, digit(*s), &v))
			return false;
	shift = shift_of(*s);
	if (v << shift >> shift != v)
		return false;
	*at = s + (shift != 0);
	*out = v << shift;
	return true;
}

/* -OLD+NEW behind SIZE%BASE, either or both; 0: takes no RAM away. */
static uint32_t retyped(const char *at)
{
	uint64_t from = E820_RAM, to = 0;

	if (*at == '-' && (at++, !number(&at, &from)))
		return 0;
	if (*at == '+' && (at++, !number(&at, &to)))
		return 0;
	if (from != E820_RAM || to == E820_RAM)
		return 0;
	return to && to <= UINT32_MAX ? to : E820_RESERVED;
}

static bool one(const char *at, struct range *r, uint32_t *type)
{
	uint64_t bytes;
	char kind;

	if (!number(&at, &bytes) || !bytes)
		return false;
	kind = *at++;
	*type = kind == '$' ? E820_RESERVED : kind == '#' ? E820_ACPI
	      : kind == '!' ? E820_PRAM : 0;
	if ((!*type && kind != '%') || !number(&at, &r->start) ||
	    !checked_add(r->start, bytes, &r->end))
		return false;
	if (kind == '%')
		*type = retyped(at);
	return *type != 0;
}

static bool begins(const char *at, const char *word)
{
	while (*word && *at == *word) {
		at++;
		word++;
	}
	return !*word;
}

static bool next_value(struct told *t)
{
	struct cmdword w;

	while (cmdword_next(&t->at, &w))
		if (begins(w.at, WORD)) {
			t->item = w.at + strlen(WORD);
			t->item += *t->item == '"';
			t->end = w.at + w.length;
			return true;
		}
	return false;
}

/* Of a value items are apart by commas. NULL: no further one. */
static const char *next_item(struct told *t)
{
	const char *item, *at;

	if (!t->item && !next_value(t))
		return NULL;
	for (at = item = t->item; at < t->end && *at != ','; at++)
		;
	t->item = at < t->end ? at + 1 : NULL;
	return item;
}

bool told_next(struct told *t, struct range *place, uint32_t *type)
{
	const char *item;

	while ((item = next_item(t)))
		if (one(item, place, type))
			return true;
	return false;
}

static bool adds(const char *at)
{
	uint64_t n;

	if (begins(at, "exactmap"))
		return true;
	if (!number(&at, &n))
		return false;
	if (*at == '@')
		return true;
	if (*at++ != '%' || !number(&at, &n))
		return false;
	if (*at == '-' && (at++, !number(&at, &n)))
		return false;
	return *at == '+' && (at++, number(&at, &n)) && n == E820_RAM;
}

const char *told_adds(const char *command_line)
{
	struct told t = { .at = command_line };
	const char *item;

	while ((item = next_item(&t)))
		if (adds(item))
			return item;
	return NULL;
}

/* Of `r` what is in RAM and not in `keep`. */
static int add_part(struct hostmap *map, struct range r, uint32_t type,
		    const struct range *keep, uint32_t keep_count,
		    struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	while (!rc && r.start < r.end) {
		struct range part = r, next = { r.end, r.end };

		for (i = 0; i < keep_count; i++)
			if (range_overlaps(keep[i], r) &&
			    keep[i].start < next.start)
				next = keep[i];
		part.end = next.start;
		if (part.start < part.end)
			rc = hostmap_add(map, part.start, part.end, type, diag);
		r.start = next.end;
	}
	return rc;
}

int told_add(struct hostmap *map, const char *command_line,
	     const struct range *keep, uint32_t keep_count,
	     struct diag_log *diag)
{
	struct told t = { .at = command_line };
	struct range r;
	uint32_t type, i;
	int rc = 0;

	while (!rc && told_next(&t, &r, &type))
		for (i = 0; i < map->memory_count && !rc; i++) {
			struct range part = map->memory[i];

			if (!range_overlaps(part, r))
				continue;
			if (part.start < E820_LOW_END)	/* nobody's */
				part.start = E820_LOW_END;
			if (part.start < r.start)
				part.start = r.start;
			if (part.end > r.end)
				part.end = r.end;
			rc = add_part(map, part, type, keep, keep_count, diag);
		}
	return rc ? rc : hostmap_settle(map, diag);
}
