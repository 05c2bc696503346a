// SPDX-License-Identifier: MIT
/*
 * pvh.c - see pvh.h.
 */
#include "pvh.h"

#include "span.h"

#define PVH_MAGIC		0x336ec578

/* struct hvm_start_info, version 1 */
struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;
	uint64_t cmdline;
	uint64_t rsdp;
	uint64_t map;
	uint32_t map_count;
	uint32_t reserved;
};

_Static_assert(sizeof(struct start_info) == 56, "as the ABI has it");

#define MODULE_BYTES	32	/* u64 address, size, command line, 0 */
#define MAP_ENTRY_BYTES	24	/* as E820, and 4 bytes of padding */

static int read_modules(struct facts *facts, const struct physmem *memory,
			const struct start_info *info, struct diag_log *diag)
{
	uint64_t bytes = (uint64_t)info->module_count * MODULE_BYTES;
	const uint8_t *module = physmem_at(memory, info->modules, bytes);
	int rc = facts_take(facts, info->modules, bytes, diag);
	uint32_t i;

	if (!module && bytes)
		return diag_add(diag, HO_EDOOR, "PVH: %u modules at 0x%llx",
				info->module_count,
				(unsigned long long)info->modules);
	for (i = 0; i < info->module_count && !rc; i++, module += MODULE_BYTES)
		rc = facts_set_blob(facts, load_le64(module),
				    load_le64(module + 8), diag);
	return rc;
}

int pvh_read(struct facts *facts, struct hostmap *map,
	     const struct physmem *memory, uint64_t at, struct diag_log *diag)
{
	const void *given = physmem_at(memory, at, sizeof(struct start_info));
	struct start_info info;
	const void *entries;
	int rc;

	*facts = (struct facts){ 0 };
	if (!given)
		return diag_add(diag, HO_EDOOR, "PVH: start info at 0x%llx",
				(unsigned long long)at);
	__builtin_memcpy(&info, given, sizeof(info));
	if (info.magic != PVH_MAGIC || info.version < 1)
		return diag_add(diag, HO_EDOOR, "PVH: magic 0x%x, version %u",
				info.magic, info.version);
	facts->rsdp = info.rsdp;
	entries = physmem_at(memory, info.map,
			     (uint64_t)info.map_count * MAP_ENTRY_BYTES);
	if (!entries)
		return diag_add(diag, HO_EDOOR, "PVH: memory map at 0x%llx",
				(unsigned long long)info.map);
	rc = facts_take(facts, at, sizeof(info), diag);
	if (!rc)
		rc = read_modules(facts, memory, &info, diag);
	return rc ? rc : hostmap_add_e820(map, entries, info.map_count,
					  MAP_ENTRY_BYTES, diag);
}
