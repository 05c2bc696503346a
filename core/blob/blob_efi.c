// SPDX-License-Identifier: MIT
/*
 * blob_efi.c - what /firmware says of EFI and of the screen, read and written.
 */
#include "blob_efi.h"

#include <libfdt.h>
#include <string.h>

/* Both or neither: the firmware's pointers that SetVirtualAddressMap()
 * changed. */
static int read_virtual_mode(const struct fdt_reader *r, int node,
			     struct efi *efi)
{
	int rc = fdtread_optional_u64(r, node, HO_FDT_EFI_FW_VENDOR,
				      &efi->fw_vendor);

	if (!rc)
		rc = fdtread_optional_u64(r, node, HO_FDT_EFI_CONFIG_TABLE,
					  &efi->config_table);
	if (!rc)
		rc = fdtread_optional_u64(r, node, HO_FDT_EFI_SMBIOS,
					  &efi->smbios);
	if (rc)
		return rc;
	efi->virtual_mode = efi->config_table;
	if (!efi->fw_vendor != !efi->config_table ||
	    (efi->smbios && !efi->virtual_mode))
		return fdtread_error(r, HO_EVALUE, node,
				     HO_FDT_EFI_CONFIG_TABLE);
	return 0;
}

static int read_facts(const struct fdt_reader *r, int node, struct blob *blob)
{
	struct efi *efi = &blob->efi;
	int rc = read_virtual_mode(r, node, efi);

	efi->runtime_only = efi->virtual_mode || blob->generation;
	if (!rc)
		rc = fdtread_optional_u32(r, node, HO_FDT_EFI_SECURE_BOOT,
					  &efi->secure_boot);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_EFI_DESC_SIZE,
				 &efi->desc_size);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_EFI_DESC_VERSION,
				 &efi->desc_version);
	efi->map = fdtread_find(r, node, HO_FDT_EFI_MEMORY_MAP,
				&efi->map_bytes);
	if (!rc && !efi->map)
		rc = fdtread_error(r, HO_EPROP, node, HO_FDT_EFI_MEMORY_MAP);
	if (!rc && efi->secure_boot > HO_EFI_SECURE_BOOT_MAX)
		rc = fdtread_error(r, HO_EVALUE, node, HO_FDT_EFI_SECURE_BOOT);
	return rc ? rc : efi_check(efi, blob->memory, blob->memory_count,
				   r->diag);
}

static int read_screen(const struct fdt_reader *r, int node, struct blob *blob)
{
	uint32_t bytes;

	blob->screen_info = fdtread_find(r, node, HO_FDT_SCREEN_INFO, &bytes);
	if (!blob->screen_info)
		return 0;
	if (bytes != HO_SCREEN_INFO_BYTES)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_SCREEN_INFO);
	if (!efi_screen_is_sane(blob->screen_info, blob->memory,
				blob->memory_count))
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_SCREEN_INFO);
	return 0;
}

static int read_vga_text(const struct fdt_reader *r, int node,
			 struct blob *blob)
{
	struct vgatext *t = &blob->vga_text;
	uint32_t bytes;
	const fdt32_t *cells = fdtread_find(r, node, HO_FDT_VGA_TEXT, &bytes);

	if (!cells)
		return 0;
	if (bytes != 12)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_VGA_TEXT);
	t->columns = fdt32_ld(cells);
	t->lines = fdt32_ld(cells + 1);
	t->points = fdt32_ld(cells + 2);
	if (blob->screen_info ||
	    !vgatext_is_sane(t, blob->memory, blob->memory_count))
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_VGA_TEXT);
	return 0;
}

int blob_read_efi(const struct fdt_reader *r, int node, struct blob *blob)
{
	int rc = fdtread_optional_u64(r, node, HO_FDT_EFI_SYSTEM_TABLE,
				      &blob->efi.system_table);

	if (!rc && blob->efi.system_table)
		rc = read_facts(r, node, blob);
	if (!rc)
		rc = read_screen(r, node, blob);
	return rc ? rc : read_vga_text(r, node, blob);
}

static void write_vga_text(struct fdtwrite *w, const struct vgatext *t)
{
	const fdt32_t cells[] = { cpu_to_fdt32(t->columns),
				  cpu_to_fdt32(t->lines),
				  cpu_to_fdt32(t->points) };

	fdtwrite_bytes(w, HO_FDT_VGA_TEXT, cells, sizeof(cells));
}

void blob_write_efi(struct fdtwrite *w, const struct blob *b)
{
	const struct efi *efi = &b->efi;

	if (b->screen_info)
		fdtwrite_bytes(w, HO_FDT_SCREEN_INFO, b->screen_info,
			       HO_SCREEN_INFO_BYTES);
	else if (b->vga_text.columns)
		write_vga_text(w, &b->vga_text);
	if (!efi->system_table)
		return;
	fdtwrite_u64(w, HO_FDT_EFI_SYSTEM_TABLE, efi->system_table);
	if (efi->virtual_mode) {
		fdtwrite_u64(w, HO_FDT_EFI_FW_VENDOR, efi->fw_vendor);
		fdtwrite_u64(w, HO_FDT_EFI_CONFIG_TABLE, efi->config_table);
		if (efi->smbios)
			fdtwrite_u64(w, HO_FDT_EFI_SMBIOS, efi->smbios);
	}
	if (efi->secure_boot)
		fdtwrite_u32(w, HO_FDT_EFI_SECURE_BOOT, efi->secure_boot);
	fdtwrite_u32(w, HO_FDT_EFI_DESC_SIZE, efi->desc_size);
	fdtwrite_u32(w, HO_FDT_EFI_DESC_VERSION, efi->desc_version);
	fdtwrite_bytes(w, HO_FDT_EFI_MEMORY_MAP, efi->map, efi->map_bytes);
}
