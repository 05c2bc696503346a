// SPDX-License-Identifier: MIT
/*
 * cedt.c - see cedt.h.
 */
#include "cedt.h"

#include "checked.h"
#include "span.h"

#define SIGNATURE	0x54444543	/* "CEDT" */
#define HEADER_BYTES	36		/* of any ACPI table */
#define CFMWS		1		/* type of a structure */

/* The table's own length, where that is less than what is there. */
static bool open_table(struct span *s, const void *table, uint64_t bytes)
{
	uint32_t signature, length;

	*s = span_of(table, bytes);
	if (!span_le32(s, &signature) || !span_le32(s, &length) ||
	    signature != SIGNATURE)
		return false;
	*s = span_of(table, length < bytes ? length : bytes);
	return true;
}

/* u8 type, u8 0, u16 length, u32 0, u64 base, u64 size: from behind the first
 * four bytes on. */
static bool read_window(struct span *body, struct range *window)
{
	uint64_t size;

	return span_skip(body, 4) && span_le64(body, &window->start) &&
	       span_le64(body, &size) && size &&
	       checked_add(window->start, size, &window->end);
}

bool cedt_next(const void *table, uint64_t bytes, uint64_t *at,
	       struct range *window)
{
	struct span s, body;
	uint16_t type, length;

	if (!open_table(&s, table, bytes) ||
	    !span_skip(&s, *at ? *at : HEADER_BYTES))
		return false;
	while (span_le16(&s, &type) && span_le16(&s, &length) && length >= 4 &&
	       span_take(&s, length - 4, &body)) {
		*at = s.offset;
		if ((type & 0xff) == CFMWS && read_window(&body, window))
			return true;
	}
	return false;
}
