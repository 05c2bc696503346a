// SPDX-License-Identifier: MIT
/*
 * test_efisys.c - EFI and the framebuffer as the running kernel tells of them,
 * from a /sys made by this test: what is passed on, what is left out, what is
 * refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "efisys.h"

#define RUNTIME EFI_ATTRIBUTE_RUNTIME

static char root[] = "/tmp/test_efisys.XXXXXX";
static struct efisys e;
static struct diag_log diag;
static uint8_t zero[4096];

static void put_bytes(const char *path, const void *bytes, size_t length)
{
	char full[256], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (slash = strchr(full + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	fwrite(bytes, length, 1, f);
	fclose(f);
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static void put_entry(int n, const char *type, const char *start,
		      const char *pages, const char *attribute)
{
	const char *const values[] = { type, start, "0xfffffffefe1db000",
				       pages, attribute };
	const char *const names[] = { "type", "phys_addr", "virt_addr",
				      "num_pages", "attribute" };
	char path[128];
	int i;

	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path),
			 "/sys/firmware/efi/runtime-map/%d/%s", n, names[i]);
		put(path, values[i]);
	}
}

static void put_zero_page(void)
{
	put_bytes("/sys/kernel/boot_params/data", zero, sizeof(zero));
}

static void remove_root(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	assert_int_equal(system(command), 0);
}

/* A host of OVMF's, and its VGA in use by efifb. */
static int setup(void **state)
{
	const uint64_t systab = 0x7f5eb018;
	const uint32_t desc[] = { 48, 1 }, base = 0xc0000000, size = 0x3e8000;

	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	assert_non_null(mkdtemp(root));
	memset(zero, 0, sizeof(zero));
	memcpy(zero + 0x1c0, "EL64", 4);
	memcpy(zero + 0x1c4, &systab, 4);
	memcpy(zero + 0x1c8, desc, 8);
	zero[0x0f] = 0x70;
	memcpy(zero + 0x18, &base, 4);
	memcpy(zero + 0x1c, &size, 4);
	put_zero_page();
	put("/proc/fb", "0 EFI VGA\n");
	put("/sys/firmware/efi/systab",
	    "ACPI20=0x7f77e014\nACPI=0x7f77e000\nSMBIOS3=0x7f5e6000\n"
	    "SMBIOS=0x7f5e8000\n");
	put("/sys/firmware/efi/fw_vendor", "0x7f5eba98\n");
	put("/sys/firmware/efi/config_table", "0x7f5ead98\n");
	put_entry(0, "0x5\n", "0x7f5ec000\n", "0x100\n",
		  "0x800000000000000f\n");
	put_entry(1, "0x4\n", "0x7e5db000\n", "0x6\n",
		  "0x800000000000000f\n");
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	remove_root();
	return 0;
}

static void refused(void)
{
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(efisys_read(&e, root, &diag), -HO_EEFI);
	assert_int_equal(e.efi.system_table, 0);
}

static void whole(void **state)
{
	struct efi_descriptor d;

	(void)state;
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(e.acpi_rsdp, 0x7f77e014);
	assert_int_equal(e.efi.system_table, 0x7f5eb018);
	assert_true(e.efi.virtual_mode);
	assert_int_equal(e.efi.fw_vendor, 0x7f5eba98);
	assert_int_equal(e.efi.config_table, 0x7f5ead98);
	assert_int_equal(e.efi.smbios, 0x7f5e8000);
	assert_int_equal(e.efi.desc_size, 48);
	assert_int_equal(e.efi.desc_version, 1);
	assert_int_equal(efi_count(&e.efi), 2);
	d = efi_descriptor(&e.efi, 1);
	assert_int_equal(d.type, EFI_BOOT_DATA);
	assert_int_equal(d.place.start, 0x7e5db000);
	assert_int_equal(d.place.end, 0x7e5e1000);
	assert_true(d.virtual_start == 0xfffffffefe1db000);
	assert_true(d.attribute == (RUNTIME | 0xf));
	assert_true(e.has_screen);
	assert_memory_equal(e.screen, zero, HO_SCREEN_INFO_BYTES);
	assert_int_equal(efi_check(&e.efi, NULL, 0, &diag), 0);
}

/* A BIOS host; no runtime services; EFI of 32 bits: not even descriptors. */
static void without(void **state)
{
	(void)state;
	zero[0x1c2] = '3';
	put_zero_page();
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(e.efi.system_table, 0);
	assert_int_equal(e.acpi_rsdp, 0x7f77e014);
	teardown(NULL);
	setup(NULL);
	remove_root();
	mkdir(root, 0700);
	put_zero_page();		/* efi=noruntime: no runtime-map */
	put("/sys/firmware/efi/systab", "ACPI20=0x7f77e014\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(e.efi.system_table, 0);
	assert_int_equal(e.acpi_rsdp, 0x7f77e014);
	remove_root();
	mkdir(root, 0700);
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(e.acpi_rsdp, 0);
	assert_false(e.has_screen);
	assert_int_equal(diag.total, 0);
}

/* Neither of these may reach a kernel. */
static void stripped(void **state)
{
	(void)state;
	put_entry(2, "0x7\n", "0x1000000\n", "0x1000\n",
		  "0x800000000000000f\n");
	put_entry(3, "0x3\n", "0x2000000\n", "0x10\n", "0xf\n");
	put_entry(4, "0x6\n", "0x7f4ec000\n", "0x100\n",
		  "0x800000000000000f\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(efi_count(&e.efi), 3);
	assert_int_equal(efi_descriptor(&e.efi, 2).type, EFI_RUNTIME_DATA);
	assert_int_equal(efi_check(&e.efi, NULL, 0, &diag), 0);
}

static void senseless(void **state)
{
	static const char *const numbers[] = {
		"", "0x", "12", "0x12x", "-0x1", "0x1ffffffff", " 0x5",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(numbers); i++) {
		put("/sys/firmware/efi/runtime-map/1/type", numbers[i]);
		refused();
	}
	put_entry(1, "0x4", "0xfffffffffffff000", "0x2", "0xf");
	refused();
	put_entry(1, "0x4", "0x1000", "0x20000000000", "0xf");
	refused();
	put_entry(1, "0x4", "0x1000", "0x1", "0xf");
	put("/sys/firmware/efi/fw_vendor", "0x0\n");
	refused();
	put("/sys/firmware/efi/fw_vendor", "0x1000\n");
	put("/sys/firmware/efi/config_table", "zero\n");
	refused();
	put("/sys/firmware/efi/config_table", "0x1000\n");
	zero[0x1c8] = 39;
	put_zero_page();
	refused();
}

static void systab(void **state)
{
	const char *text = "ACPI=0x10\nSMBIOS3=0x20\nSMBIOS=0x30\nX";

	(void)state;
	assert_int_equal(efisys_table(text, "SMBIOS"), 0x30);
	assert_int_equal(efisys_table(text, "SMBIOS3"), 0x20);
	assert_int_equal(efisys_table(text, "ACPI"), 0x10);
	assert_int_equal(efisys_table(text, "ACPI20"), 0);
	assert_int_equal(efisys_table(text, "X"), 0);
	assert_int_equal(efisys_table("", "X"), 0);
	assert_int_equal(efisys_table("MPS=ACPI20=0x5\n", "ACPI20"), 0);
}

static void screen(void **state)
{
	(void)state;
	assert_true(efisys_fb_is_firmwares(""));
	assert_true(efisys_fb_is_firmwares("0 simpledrmdrmfb"));
	assert_true(efisys_fb_is_firmwares("0 VESA VGA"));
	assert_false(efisys_fb_is_firmwares("0 i915drmfb"));
	assert_false(efisys_fb_is_firmwares("0 EFI VGA\n1 nouveaudrmfb"));
	assert_false(efisys_fb_is_firmwares("EFI VGA"));
	assert_false(efisys_fb_is_firmwares("0"));
	/* nobody has it: as the firmware left it; a driver without fbdev: not */
	put("/proc/fb", "");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_true(e.has_screen);
	put("/sys/class/drm/card0/dev", "226:0\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_false(e.has_screen);
	put("/proc/fb", "0 simpledrmdrmfb\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_true(e.has_screen);
	put("/proc/fb", "0 virtio_gpudrmfb\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_false(e.has_screen);
}

/* A VGA in text mode, until a driver has it. */
static void text_mode(void **state)
{
	(void)state;
	memset(zero, 0, HO_SCREEN_INFO_BYTES);
	zero[0x06] = 3;
	zero[0x07] = 80;
	zero[0x0e] = 25;
	zero[0x0f] = 1;
	zero[0x10] = 16;
	put_zero_page();
	put("/proc/fb", "");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_false(e.has_screen);
	assert_int_equal(e.text.columns, 80);
	assert_int_equal(e.text.lines, 25);
	assert_int_equal(e.text.points, 16);
	put("/proc/fb", "0 VGA16 VGA\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(e.text.columns, 0);
	put("/proc/fb", "");
	put("/sys/class/drm/card0/dev", "226:0\n");
	assert_int_equal(efisys_read(&e, root, &diag), 0);
	assert_int_equal(e.text.columns, 0);
}

/* A dom0's: of the tree that started it, whichever mode that was for. */
static void inherited(void **state)
{
	struct efisys from;

	(void)state;
	put_entry(2, "0x3\n", "0x2000000\n", "0x10\n", "0xf\n");
	assert_int_equal(efisys_read(&from, root, &diag), 0);
	memset(&e, 0, sizeof(e));
	efisys_inherit(&e, &from.efi);
	assert_int_equal(efi_count(&e.efi), 2);
	assert_true(e.efi.virtual_mode);
	assert_ptr_equal(e.efi.map, e.map);
	/* of a first boot: boot services' memory was in the map */
	from.efi.virtual_mode = false;
	from.map[48 + 39] = 0;		/* entry 1 is not the runtime's */
	efisys_inherit(&e, &from.efi);
	assert_int_equal(efi_count(&e.efi), 1);
	assert_false(e.efi.virtual_mode);
	assert_int_equal(e.efi.system_table, 0x7f5eb018);
	from.efi.system_table = 0;
	efisys_inherit(&e, &from.efi);
	assert_int_equal(e.efi.system_table, 0);
}

/* What the kernel found counts; else the firmware's variable. */
static void secure_boot(void **state)
{
	static const char variable[] = "/sys/firmware/efi/efivars/"
		"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	static const uint8_t on[5] = { 6, 0, 0, 0, 1 }, off[5] = { 6 };

	(void)state;
	assert_false(efisys_secure_boot(root));
	put_bytes(variable, on, sizeof(on));
	assert_true(efisys_secure_boot(root));
	put_bytes(variable, on, 4);
	assert_false(efisys_secure_boot(root));
	put_bytes(variable, off, sizeof(off));
	assert_false(efisys_secure_boot(root));
	zero[0x1ec] = 3;
	put_zero_page();
	assert_true(efisys_secure_boot(root));
	put_bytes(variable, on, sizeof(on));
	zero[0x1ec] = 2;		/* shim does not verify */
	put_zero_page();
	assert_false(efisys_secure_boot(root));
	zero[0x1ec] = 1;
	put_zero_page();
	assert_true(efisys_secure_boot(root));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whole), T(without), T(stripped), T(senseless), T(systab),
		T(screen), T(text_mode), T(inherited), T(secure_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
