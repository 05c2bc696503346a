// SPDX-License-Identifier: MIT
/*
 * test_handover.c - breadcrumbs of each version, read as the new instance
 * reads them: the golden ones, and those of a writer to come.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "digest.h"
#include "handover.h"
#include "testgolden.h"

#define BASE		0x10000000ull
#define REGION_BYTES	(128ull << 20)

static char memory_path[64], cmdline_path[64];
static int memory;
static struct handover h;
static struct diag_log diag;

static int setup(void **state)
{
	static const char line[] = "quiet baton=0x10000000";
	int text = memfd_create("cmdline", 0);

	(void)state;
	memory = memfd_create("memory", 0);
	assert_true(text >= 0 && memory >= 0);
	assert_int_equal(write(text, line, strlen(line)), strlen(line));
	assert_int_equal(ftruncate(memory, BASE + REGION_BYTES), 0);
	snprintf(memory_path, sizeof(memory_path), "/proc/self/fd/%d", memory);
	snprintf(cmdline_path, sizeof(cmdline_path), "/proc/self/fd/%d", text);
	return 0;
}

static struct ho_breadcrumb golden(const char *name)
{
	struct ho_breadcrumb crumb;

	assert_int_equal(golden_read(name, &crumb, sizeof(crumb)),
			 sizeof(crumb));
	return crumb;
}

/* The stub's first page is `crumb`; what becomes of it. */
static int look(const struct ho_breadcrumb *crumb)
{
	assert_int_equal(pwrite(memory, crumb, sizeof(*crumb), BASE),
			 sizeof(*crumb));
	diag_init(&diag, HO_STAGE_LOADER);
	return handover_open_at(&h, memory_path, cmdline_path, false, &diag);
}

static void each_version(void **state)
{
	static const char *const names[] = { "v1-breadcrumb.bin",
					     "v2-breadcrumb.bin" };
	struct ho_breadcrumb crumb;
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		crumb = golden(names[i]);
		assert_int_equal(look(&crumb), 0);
		assert_int_equal(breadcrumb_version(&h.crumb), i + 1);
		assert_int_equal(h.crumb.error, HO_EDOUBLE);
		assert_int_equal(h.crumb.generation, 3);
		assert_string_equal(h.crumb.where,
				    "mfn 0x20001: domain 1 and domain 2");
		handover_close(&h);
	}
}

/* An update that went well, but for the result, which is not there. */
static void each_version_chained(void **state)
{
	static const char *const names[] = {
		"v1-chained-breadcrumb.bin", "v2-chained-breadcrumb.bin"
	};
	struct ho_breadcrumb crumb;
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		crumb = golden(names[i]);
		assert_int_equal(look(&crumb), -HO_EBLOBMAGIC);
	}
}

static void optional_additions(void **state)
{
	struct ho_breadcrumb crumb = golden("v2-breadcrumb.bin");

	(void)state;
	crumb.version = HO_ABI_VERSION + 1;
	crumb.compat = HO_ABI_VERSION;
	crumb.reserved[0] = 1;
	breadcrumb_seal(&crumb);
	assert_int_equal(look(&crumb), 0);
	handover_close(&h);
}

static void needs_a_newer_reader(void **state)
{
	struct ho_breadcrumb crumb = golden("v2-breadcrumb.bin");

	(void)state;
	crumb.version = crumb.compat = HO_ABI_VERSION + 1;
	assert_int_equal(look(&crumb), -HO_EBREADCRUMB);	/* not sealed */
	breadcrumb_seal(&crumb);
	assert_int_equal(look(&crumb), -HO_EBLOBVERSION);
	assert_string_equal(diag.items[0].where,
			    "breadcrumb version 3 wants reader 3, not 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version),
		cmocka_unit_test(each_version_chained),
		cmocka_unit_test(optional_additions),
		cmocka_unit_test(needs_a_newer_reader),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
