// SPDX-License-Identifier: MIT
/*
 * blob_memory.c - see blob_memory.h.
 */
#include "blob_memory.h"

#include "blob_efi.h"
#include "checked.h"

static bool memory_range_is_sane(struct range m, uint64_t behind)
{
	return m.start >= behind && m.start < m.end &&
	       m.end <= 1ull << 52 && is_aligned(m.start, HO_PAGE_BYTES) &&
	       is_aligned(m.end, HO_PAGE_BYTES);
}

int blob_read_memory(const struct fdt_reader *r, struct blob *blob)
{
	int node = fdtread_node(r, 0, HO_FDT_MEMORY);
	uint64_t behind = 0;
	bool wraps = false;
	uint32_t bytes;
	const void *reg;
	struct range m;
	struct span s;

	if (node < 0)
		return node;
	reg = fdtread_find(r, node, "reg", &bytes);
	if (!reg || bytes % 16)
		return fdtread_error(r, HO_EPROP, node, "reg");
	s = span_of(reg, bytes);
	while (fdtread_next_range(&s, &m, &wraps)) {
		if (!memory_range_is_sane(m, behind) ||
		    blob->memory_count == HO_MEMORY_RANGES_MAX)
			return diag_add(r->diag, HO_EMEMORY,
					"/memory/reg entry %u: 0x%llx..0x%llx",
					blob->memory_count,
					(unsigned long long)m.start,
					(unsigned long long)m.end);
		behind = m.end;
		blob->memory[blob->memory_count++] = m;
	}
	if (wraps || !blob->memory_count)
		return fdtread_error(r, HO_EMEMORY, node, "reg");
	return 0;
}

bool blob_in_memory(const struct blob *blob, struct range r, uint32_t *hint)
{
	uint32_t low = 0, high = blob->memory_count;

	if (range_covers(blob->memory[*hint], r))
		return true;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (blob->memory[mid].end <= r.start)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == blob->memory_count || !range_covers(blob->memory[low], r))
		return false;
	*hint = low;
	return true;
}

bool blob_overlaps_memory(const struct blob *blob, struct range r)
{
	uint32_t i;

	for (i = 0; i < blob->memory_count && blob->memory[i].start < r.end;
	     i++)
		if (range_overlaps(blob->memory[i], r))
			return true;
	return false;
}

/* The firmware's entries that are not RAM: sorted, apart from each other and
 * from RAM. They need not be page-aligned. */
static int read_memory_map(const struct fdt_reader *r, int node,
			   struct blob *blob)
{
	uint32_t bytes, type;
	const void *map = fdtread_find(r, node, HO_FDT_MEMORY_MAP, &bytes);
	struct span s = span_of(map, bytes);
	uint64_t behind = 0;
	bool wraps = false;
	struct range m;

	if (!map || bytes % 20)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_MEMORY_MAP);
	while (span_be32(&s, &type) && fdtread_next_range(&s, &m, &wraps)) {
		if (m.start < behind || m.start >= m.end || type == 1 ||
		    blob_overlaps_memory(blob, m) ||
		    blob->firmware_count == HO_MEMORY_RANGES_MAX)
			return diag_add(r->diag, HO_EMEMORY,
					"/firmware/memory-map entry %u: 0x%llx..0x%llx type %u",
					blob->firmware_count,
					(unsigned long long)m.start,
					(unsigned long long)m.end, type);
		behind = m.end;
		blob->firmware[blob->firmware_count++] =
			(struct blob_firmware_range){ m, type };
	}
	return wraps ? fdtread_error(r, HO_EMEMORY, node, HO_FDT_MEMORY_MAP)
		     : 0;
}

bool blob_wdat_is_sane(const struct wdat *wdat, const struct range *memory,
		       uint32_t memory_count)
{
	uint32_t i, j;

	for (i = 0; i < wdat->entry_count; i++) {
		struct wdat_register r = wdat_register(wdat, i);
		uint64_t page = align_down(r.address, HO_PAGE_BYTES);

		for (j = 0; r.memory && j < memory_count; j++)
			if (range_overlaps(memory[j],
					   (struct range){ page, page +
							   HO_PAGE_BYTES }))
				return false;
	}
	return true;
}

static int read_wdat(const struct fdt_reader *r, int node, struct blob *blob)
{
	blob->wdat_table = fdtread_find(r, node, HO_FDT_ACPI_WDAT,
					&blob->wdat_bytes);
	if (!blob->wdat_table ||
	    (wdat_parse(&blob->wdat, blob->wdat_table, blob->wdat_bytes) &&
	     blob_wdat_is_sane(&blob->wdat, blob->memory,
			       blob->memory_count)))
		return 0;
	return fdtread_error(r, HO_EVALUE, node, HO_FDT_ACPI_WDAT);
}

int blob_read_firmware(const struct fdt_reader *r, struct blob *blob)
{
	int node = fdtread_node(r, 0, HO_FDT_FIRMWARE);
	int rc;

	if (node < 0)
		return node;
	if (!fdtread_is(r, node, HO_FDT_FIRMWARE_COMPAT))
		return fdtread_error(r, HO_EBLOBCOMPAT, node, "compatible");
	rc = read_memory_map(r, node, blob);
	if (!rc)
		rc = fdtread_optional_u64(r, node, HO_FDT_ACPI_RSDP,
					  &blob->acpi_rsdp);
	if (!rc)
		rc = read_wdat(r, node, blob);
	if (!rc)
		rc = blob_read_efi(r, node, blob);
	if (!rc)
		rc = fdtread_optional_u32(r, node, HO_FDT_TSC_KHZ,
					  &blob->tsc_khz);
	if (!rc)
		rc = fdtread_optional_u32(r, node, HO_FDT_UART_PORT,
					  &blob->chosen.uart_port);
	if (!rc)
		rc = fdtread_optional_u32(r, node, HO_FDT_UART_BAUD,
					  &blob->chosen.uart_baud);
	if (!rc && blob->chosen.uart_port > 0xfff8)
		rc = fdtread_error(r, HO_EVALUE, node, HO_FDT_UART_PORT);
	return rc;
}
