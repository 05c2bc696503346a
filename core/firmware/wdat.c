// SPDX-License-Identifier: MIT
/*
 * wdat.c - see wdat.h. The stub runs the table; the loader and blob.c check
 * it with the same reader.
 */
#include "wdat.h"

#include <string.h>

#include "checked.h"

#define ACPI_HEADER_BYTES	36
#define WDAT_HEADER_BYTES	32	/* behind the former */
#define ENTRY_BYTES		24
#define FLAG_ENABLED		1

#define SPACE_MEMORY		0
#define SPACE_IO		1

#define DO_READ_VALUE		0
#define DO_READ_COUNTDOWN	1
#define DO_WRITE_VALUE		2
#define DO_WRITE_COUNTDOWN	3
#define DO_PRESERVE		0x80

/* One entry, as it lies in the table. */
struct entry {
	uint8_t action;
	uint8_t instruction;
	uint8_t space;
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t access;			/* 1: byte, 2: word, 3: dword */
	uint64_t address;
	uint32_t value;
	uint32_t mask;
};

static uint32_t load_le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static struct entry entry_at(const struct wdat *w, uint32_t index)
{
	const uint8_t *p = w->entries + (uint64_t)index * ENTRY_BYTES;

	return (struct entry){
		.action = p[0], .instruction = p[1], .space = p[4],
		.bit_width = p[5], .bit_offset = p[6], .access = p[7],
		.address = load_le64(p + 8), .value = load_le32(p + 16),
		.mask = load_le32(p + 20),
	};
}

/* Some tables leave the access size out. */
static uint32_t access_bytes(const struct entry *e)
{
	return e->access ? 1u << (e->access - 1) : e->bit_width / 8;
}

static bool entry_is_sane(const struct entry *e)
{
	uint64_t end;
	uint32_t bytes;

	if (e->access > 3 || e->bit_offset > 31 ||
	    (e->instruction & ~DO_PRESERVE) > DO_WRITE_COUNTDOWN)
		return false;
	bytes = access_bytes(e);
	if ((bytes != 1 && bytes != 2 && bytes != 4) ||
	    !is_aligned(e->address, bytes) ||
	    !checked_add(e->address, bytes, &end))
		return false;
	return e->space == SPACE_MEMORY ? end <= 1ull << 46
	     : e->space == SPACE_IO && end <= 0x10000;
}

bool wdat_parse(struct wdat *w, const void *bytes, uint32_t length)
{
	struct span s = span_of(bytes, length);
	uint32_t magic, table_bytes, header_bytes, pci, function, i;
	uint32_t flags;

	*w = (struct wdat){ 0 };
	if (!span_le32(&s, &magic) || memcmp(&magic, "WDAT", 4) ||
	    !span_le32(&s, &table_bytes) || table_bytes != length ||
	    !span_skip(&s, ACPI_HEADER_BYTES - 8) ||
	    !span_le32(&s, &header_bytes) ||
	    header_bytes != WDAT_HEADER_BYTES || !span_le32(&s, &pci) ||
	    !span_le32(&s, &function) || !span_le32(&s, &w->period_ms) ||
	    !span_le32(&s, &w->max_count) || !span_le32(&s, &w->min_count) ||
	    !span_le32(&s, &flags) || !span_le32(&s, &w->entry_count))
		return false;
	w->entries = s.bytes + s.offset;
	if (!(flags & FLAG_ENABLED) || !w->period_ms ||
	    w->period_ms > 60000 || w->max_count > UINT32_MAX / 60000 ||
	    w->min_count > w->max_count || !w->max_count ||
	    !w->entry_count || w->entry_count > WDAT_ENTRIES_MAX ||
	    span_left(&s) != (uint64_t)w->entry_count * ENTRY_BYTES)
		return false;
	for (i = 0; i < w->entry_count; i++) {
		struct entry e = entry_at(w, i);

		if (!entry_is_sane(&e))
			return false;
	}
	return true;
}

struct wdat_register wdat_register(const struct wdat *w, uint32_t index)
{
	struct entry e = entry_at(w, index);

	return (struct wdat_register){
		.memory = e.space == SPACE_MEMORY,
		.bytes = access_bytes(&e), .address = e.address,
	};
}

static void run_entry(const struct wdat *w, uint32_t index, uint32_t count,
		      const struct wdat_io *io)
{
	struct wdat_register r = wdat_register(w, index);
	struct entry e = entry_at(w, index);
	uint32_t what = e.instruction & ~DO_PRESERVE, v;

	if (what == DO_READ_VALUE || what == DO_READ_COUNTDOWN) {
		io->read(io->context, r);	/* some registers want it */
		return;
	}
	v = ((what == DO_WRITE_VALUE ? e.value : count) & e.mask) <<
	    e.bit_offset;
	if (e.instruction & DO_PRESERVE)
		v |= io->read(io->context, r) & ~(e.mask << e.bit_offset);
	io->write(io->context, r, v);
}

bool wdat_run(const struct wdat *w, enum wdat_action action, uint32_t count,
	      const struct wdat_io *io)
{
	bool found = false;
	uint32_t i;

	for (i = 0; i < w->entry_count; i++)
		if (entry_at(w, i).action == action) {
			run_entry(w, i, count, io);
			found = true;
		}
	return found;
}
