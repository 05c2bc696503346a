// SPDX-License-Identifier: MIT
/*
 * test_running.c - what runs, as a target: which file is the hypervisor, and
 * which words of its command line are of one boot. The rest is seen on a real
 * dom0, by the boot case grub-xen.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "running.h"
#include "util.h"
#include "xen_image.h"

#define NOTE_AT 4100

static char folder[] = "/tmp/test_running.XXXXXX", path[64], packed[68];
static struct diag_log diag;
static struct xen_facts facts;
/* a note of ld's, the build ID 1 to 20 */
static const uint8_t note[] = { 4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0,
	'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20 };

static void write_image(size_t note_bytes)
{
	static uint8_t image[8192];
	char command[128];

	memset(image, 0x90, sizeof(image));
	memcpy(image + NOTE_AT, note, note_bytes);
	assert_int_equal(file_write(path, image, sizeof(image), &diag), 0);
	snprintf(command, sizeof(command), "gzip -kf %s", path);
	assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
	int i;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/xen", folder);
	snprintf(packed, sizeof(packed), "%s.gz", path);
	for (i = 0; i < XEN_BUILD_ID_BYTES; i++)
		facts.build_id[i] = i + 1;
	write_image(sizeof(note));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(packed);
	return rmdir(folder);
}

static void the_build(void **state)
{
	struct xen_facts other = facts;

	(void)state;
	assert_true(xen_image_is(path, &facts));
	assert_true(xen_image_is(packed, &facts));
	other.build_id[XEN_BUILD_ID_BYTES - 1] ^= 1;
	assert_false(xen_image_is(path, &other));
	assert_false(xen_image_is(packed, &other));
	assert_false(xen_image_is("/no/such/file", &facts));
}

static void a_damaged_one(void **state)
{
	(void)state;
	assert_int_equal(truncate(packed, 40), 0);
	assert_false(xen_image_is(packed, &facts));
	write_image(sizeof(note) - 1);
	assert_false(xen_image_is(path, &facts));
	write_image(sizeof(note));
}

static void words_of_xen(void **state)
{
	static const char *const lines[][2] = {
		{ "placeholder dom0_mem=2G,max:2G no-real-mode edd=off",
		  "dom0_mem=2G,max:2G edd=off" },
		{ "console=com1  com1=115200,8n1 crashkernel=128M@256M no-real-mode",
		  "console=com1 com1=115200,8n1" },
		{ "mmio-relax dom0_mem=2G no-real-mode baton=0x10000000",
		  "dom0_mem=2G" },
		{ "mmio-relax mmio-relax=all edd=off no-real-mode",
		  "mmio-relax=all edd=off" },
		{ "no-mmio-relax placeholders", "no-mmio-relax placeholders" },
		{ "placeholder", "" },
		{ "", "" },
	};
	char line[XEN_CMDLINE_BYTES], out[XEN_CMDLINE_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		strcpy(line, lines[i][0]);
		running_xen_words(out, sizeof(out), line);
		assert_string_equal(out, lines[i][1]);
	}
}

/* What the stub adds does not pile up over a chain of updates, and what the user
 * gave stays, in a fallback but for what counts memory. */
static void words_of_linux(void **state)
{
	static const char *const lines[][3] = {
		{ "BOOT_IMAGE=/vmlinuz root=/dev/sda1 acpi_no_memhotplug baton=0x10000000",
		  "root=/dev/sda1", "root=/dev/sda1" },
		{ "acpi_no_memhotplug quiet acpi_no_memhotplug baton=0x10000000 baton.failed=pass:61\n",
		  "acpi_no_memhotplug quiet", "acpi_no_memhotplug quiet" },
		{ "acpi_no_memhotplug acpi_no_memhotplug  baton=0x10000000",
		  "acpi_no_memhotplug", "acpi_no_memhotplug" },
		{ "quiet mem=4G acpi_no_memhotplug", "quiet mem=4G acpi_no_memhotplug",
		  "quiet acpi_no_memhotplug" },
		{ "acpi_rsdp=0x7ff00014 acpi_no_memhotplug baton=0x10000000",
		  "", "" },
	};
	char line[256], out[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		strcpy(line, lines[i][0]);
		running_linux_words(out, sizeof(out), line, true);
		assert_string_equal(out, lines[i][1]);
		strcpy(line, lines[i][0]);
		running_linux_words(out, sizeof(out), line, false);
		assert_string_equal(out, lines[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_build),
		cmocka_unit_test(a_damaged_one),
		cmocka_unit_test(words_of_xen),
		cmocka_unit_test(words_of_linux),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
