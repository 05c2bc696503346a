// SPDX-License-Identifier: MIT
/*
 * efisys.c - see efisys.h.
 */
#include "efisys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootparams.h"
#include "bootparams_read.h"
#include "util.h"

#define BOOT_PARAMS	"/sys/kernel/boot_params/data"
#define EFI_DIR		"/sys/firmware/efi"
#define RUNTIME_MAP	EFI_DIR "/runtime-map"
#define SECURE_BOOT	EFI_DIR "/efivars/SecureBoot-" \
			"8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define VARIABLE_BYTES	5	/* attributes, then the one byte */
/* of boot_params, Linux's enum efi_secureboot_mode; below: not known */
#define SECURE_BOOT_OFF	2
#define SECURE_BOOT_ON	3
#define DRM_CARD	"/sys/class/drm/card0"

static const char *under(const char *root, const char *path)
{
	static char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return full;
}

/* "0x12ab" and nothing else. */
static bool number(const char *text, uint64_t *out)
{
	char *end;

	if (strncmp(text, "0x", 2))
		return false;
	*out = strtoull(text, &end, 16);
	return end > text + 2 && !*end;
}

static bool read_number(const char *root, const char *path, uint64_t *out)
{
	char text[64];

	return text_read(under(root, path), text, sizeof(text)) &&
	       number(text, out);
}

uint64_t efisys_table(const char *text, const char *name)
{
	size_t length = strlen(name);
	const char *line = text;

	while (strncmp(line, name, length) || line[length] != '=') {
		line = strchr(line, '\n');
		if (!line)
			return 0;
		line++;
	}
	return strtoull(line + length + 1, NULL, 16);
}

static bool read_exact(const char *root, const char *path, uint8_t *out,
		       ssize_t bytes)
{
	int fd = open(under(root, path), O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, out, bytes);

	if (fd >= 0)
		close(fd);
	return got == bytes;
}

static bool read_boot_params(const char *root, uint8_t zero[BOOTPARAMS_BYTES])
{
	return read_exact(root, BOOT_PARAMS, zero, BOOTPARAMS_BYTES);
}

/* One folder of runtime-map. */
static bool read_descriptor(const char *root, uint32_t index,
			    struct efi_descriptor *d)
{
	static const char *const names[] = {
		"type", "phys_addr", "virt_addr", "num_pages", "attribute",
	};
	uint64_t v[5];
	char path[128];
	int i;

	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), RUNTIME_MAP "/%u/%s", index,
			 names[i]);
		if (!read_number(root, path, &v[i]))
			return false;
	}
	if (v[0] > UINT32_MAX || v[3] > 1ull << 40 ||
	    v[1] > UINT64_MAX - (v[3] << HO_PAGE_SHIFT))
		return false;
	*d = (struct efi_descriptor){
		.type = v[0], .virtual_start = v[2], .attribute = v[4],
		.place = { v[1], v[1] + (v[3] << HO_PAGE_SHIFT) },
	};
	return true;
}

static bool has_descriptor(const char *root, uint32_t index)
{
	char path[128];

	snprintf(path, sizeof(path), RUNTIME_MAP "/%u", index);
	return !access(under(root, path), F_OK);
}

static int read_map(struct efisys *e, const char *root, struct diag_log *diag)
{
	struct efi *efi = &e->efi;
	struct efi_descriptor d;
	uint32_t i;

	if (efi->desc_size < HO_EFI_DESC_BYTES_MIN ||
	    efi->desc_size > HO_EFI_DESC_BYTES_MAX)
		return diag_add(diag, HO_EEFI, "descriptors of %u bytes",
				efi->desc_size);
	efi->map = e->map;
	for (i = 0; has_descriptor(root, i); i++) {
		if (efi->map_bytes + efi->desc_size > sizeof(e->map))
			return diag_add(diag, HO_EEFI,
					RUNTIME_MAP ": more than %u entries",
					i);
		if (!read_descriptor(root, i, &d))
			return diag_add(diag, HO_EEFI, RUNTIME_MAP "/%u", i);
		efi_put_descriptor(efi, e->map + efi->map_bytes, &d);
		efi->map_bytes += efi->desc_size;
	}
	efi_copy_map(efi, e->map);	/* nothing left: RSDP alone */
	return 0;
}

/* It is said to be in virtual mode: that is what a runtime map means. */
static int read_efi(struct efisys *e, const char *root, const char *systab,
		    const struct efi *of_zero_page, struct diag_log *diag)
{
	struct efi *efi = &e->efi;

	*efi = *of_zero_page;
	efi->map_bytes = 0;
	efi->virtual_mode = efi->runtime_only = true;
	if (!read_number(root, EFI_DIR "/fw_vendor", &efi->fw_vendor) ||
	    !read_number(root, EFI_DIR "/config_table", &efi->config_table) ||
	    !efi->fw_vendor || !efi->config_table)
		return diag_add(diag, HO_EEFI,
				EFI_DIR "/fw_vendor, config_table");
	efi->smbios = efisys_table(systab, "SMBIOS");
	return read_map(e, root, diag);
}

bool efisys_fb_is_firmwares(const char *text)
{
	/* lines "0 EFI VGA": the drivers' names for it */
	static const char *const names[] = {
		"EFI VGA", "VESA VGA", "simple", "simpledrmdrmfb",
		"efidrmdrmfb", "vesadrmdrmfb",
	};
	const char *name = strchr(text, ' ');
	size_t i;

	if (!*text)
		return true;
	for (i = 0; name && i < ARRAY_COUNT(names); i++)
		if (!strcmp(name + 1, names[i]))	/* and no second line */
			return true;
	return false;
}

/* A native driver has changed the mode, and the firmware's words are stale. */
static void read_screen(struct efisys *e, const char *root,
			const uint8_t *zero)
{
	char text[256] = "";
	bool fb = text_read(under(root, "/proc/fb"), text, sizeof(text)) &&
		  *text;

	bool drm = !access(under(root, DRM_CARD), F_OK);

	memcpy(e->screen, zero, sizeof(e->screen));
	e->has_screen = efi_screen_is_sane(e->screen, NULL, 0) &&
			efisys_fb_is_firmwares(text) && (fb || !drm);
	if (!fb && !drm)
		vgatext_take(&e->text, e->screen);
}

int efisys_read(struct efisys *e, const char *root, struct diag_log *diag)
{
	uint8_t zero[BOOTPARAMS_BYTES];
	char systab[1024] = "";
	struct efi efi;
	int rc;

	memset(e, 0, sizeof(*e));
	text_read(under(root, EFI_DIR "/systab"), systab, sizeof(systab));
	e->acpi_rsdp = efisys_table(systab, "ACPI20");
	if (!read_boot_params(root, zero))
		return 0;
	read_screen(e, root, zero);
	bootparams_efi(&efi, zero);
	if (!efi.system_table || !has_descriptor(root, 0))
		return 0;
	rc = read_efi(e, root, systab, &efi, diag);
	if (rc)
		e->efi.system_table = 0;
	return rc;
}

bool efisys_secure_boot(const char *root)
{
	uint8_t zero[BOOTPARAMS_BYTES], variable[VARIABLE_BYTES];
	struct efi efi = { 0 };

	if (read_boot_params(root, zero))
		bootparams_efi(&efi, zero);
	if (efi.secure_boot >= SECURE_BOOT_OFF)
		return efi.secure_boot == SECURE_BOOT_ON;
	return read_exact(root, SECURE_BOOT, variable, VARIABLE_BYTES) &&
	       variable[VARIABLE_BYTES - 1] == 1;
}

void efisys_inherit(struct efisys *e, const struct efi *from)
{
	e->efi = *from;
	e->efi.runtime_only = true;
	if (from->system_table)
		efi_copy_map(&e->efi, e->map);
}
