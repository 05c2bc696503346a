// SPDX-License-Identifier: MIT
/*
 * prove_facts.c - what a boot loader left is looked at only where memory may be
 * looked at; the list of what is taken is no longer than it is; a copy of the RSDP is
 * reserved, or no range at all is.
 *
 * proof: core/base/span.c
 * bound: the list empty, with room for one, full
 * flags: --unwind 3
 */
#include "proof.h"

#include "core/door/facts.c"

static struct facts facts;

/* A range whose end is before its start it refuses. */
int hostmap_add(struct hostmap *m, uint64_t start, uint64_t end,
		uint32_t type, struct diag_log *diag)
{
	(void)m;
	(void)diag;
	check(type == E820_ACPI);
	check(start > end || (start <= facts.rsdp_copy &&
			      end - facts.rsdp_copy >= RSDP_BYTES));
	return start > end || any_bool() ? -HO_EMEMORY : 0;
}
int hostmap_reserve_efi(struct hostmap *m, const struct efi *efi,
			struct diag_log *diag)
{
	(void)m;
	(void)efi;
	(void)diag;
	return 0;
}

static void take(uint32_t before, uint64_t start, uint64_t size)
{
	facts.taken_count = before;
	if (!facts_take(&facts, start, size, NULL) && size) {
		check(facts.taken_count == before + 1);
		check(facts.taken[before].start == start);
		check(facts.taken[before].end == start + size &&
		      facts.taken[before].end > start);
	}
	check(facts.taken_count <= FACTS_TAKEN_MAX);
}

/* Of a machine without EFI. */
static void rsdp(const struct physmem *memory)
{
	uint64_t before = any_u64(), copy = any_u64();

	facts.rsdp = before;
	facts.rsdp_copy = copy;
	if (facts_find_rsdp(&facts, NULL, memory, NULL))
		check(!before && copy);
	check(facts.rsdp == (before ? before : copy));
}

int main(void)
{
	uint64_t bytes = any_below(512), start = any_u64(), size = any_u64();
	uint8_t *at = any_bytes(bytes);
	struct physmem memory = { .start = any_below(1ull << 52) };
	const uint8_t *p;

	memory.end = memory.start + bytes;
	memory.bias = (uintptr_t)at - memory.start;
	p = physmem_at(&memory, start, size);
	if (p && size)
		check(start >= memory.start && size <= bytes &&
		      start - memory.start <= bytes - size);
	if (any_bool())
		rsdp(&memory);
	else if (any_bool())
		take(0, start, size);
	else if (any_bool())
		take(FACTS_TAKEN_MAX - 1, start, size);
	else
		take(FACTS_TAKEN_MAX, start, size);
	return 0;
}
