/* SPDX-License-Identifier: MIT */
/*
 * efisys.h - what the running kernel says in /sys of the EFI firmware and of
 * the screen as the firmware left it. Documentation/ABI/testing/sysfs-firmware-efi,
 * -efi-runtime-map, sysfs-kernel-boot_params.
 */
#ifndef LOADER_EFISYS_H
#define LOADER_EFISYS_H

#include "efi.h"
#include "vgatext.h"

/* The bytes that struct efi points to. */
struct efisys {
	struct efi efi;			/* system_table 0: nothing to pass on */
	uint64_t acpi_rsdp;		/* 0: unknown */
	bool has_screen;
	uint8_t screen[HO_SCREEN_INFO_BYTES];
	struct vgatext text;		/* columns 0: not a VGA in text mode */
	uint8_t map[HO_EFI_MAP_BYTES_MAX];
};

/*
 * From /sys and /proc under `root` ("" in earnest). No EFI, or EFI without
 * runtime services (efi=noruntime, a dom0): no system table, the RSDP if it is
 * known. A screen: when the running kernel still uses the framebuffer or text
 * mode that the firmware set up, or none. HO_EIO, HO_EEFI when the files are there and make
 * no sense.
 */
int efisys_read(struct efisys *e, const char *root, struct diag_log *diag);

/* True when the firmware starts only what is signed. boot_params has the
 * kernel's own answer, which minds shim's switch, too; else the variable. */
bool efisys_secure_boot(const char *root);

/* From a tree of an instance before this one, which left the firmware as it
 * was: but boot services' memory is in use since. Copies. */
void efisys_inherit(struct efisys *e, const struct efi *from);

/* The value of NAME in lines NAME=0x..., /sys/firmware/efi/systab; 0: none. */
uint64_t efisys_table(const char *text, const char *name);

/* True when, by /proc/fb's text, a driver for the firmware's framebuffer
 * has it, and no other driver has any. */
bool efisys_fb_is_firmwares(const char *text);

#endif /* LOADER_EFISYS_H */
