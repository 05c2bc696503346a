// SPDX-License-Identifier: MIT
/*
 * test_option_check.c - what options are given: values that are none, what does
 * not go together, and the field that each sets.
 */
#include <string.h>

#include "cmocka_all.h"
#include "testcall.h"
#include "util.h"

#define T(name)	cmocka_unit_test(name)

static void numbers(void **state)
{
	static const struct { const char *call, *what, *bad[8]; } all[] = {
		{ "adopt --all --timeout", "--timeout",
		  { "0", "86401", "x", "5x", "-1", " 1", "", "0x" } },
		{ "collect -o s --pid", "--pid",
		  { "0", "4294967297", "x", "5x", "-1", " 1", "", "1 " } },
		{ "collect -o s --pid 1 --domid", "--domid",
		  { "32752", "4294967297", "x", "5x", "-1", " 1", "" } },
		{ "collect -o s --pid 1 --range", "--range",
		  { "1000", "1000-1000", "3000-1000", "1000-2001", "x-y" } },
		{ "collect -o s --pid 1 --state", "--state",
		  { "=file", "file", "" } },
		{ "arm --e820-budget", "--e820-budget",
		  { "15", "3201", "x", "-1", "" } },
		{ "arm --uart", "--uart", { "3f8", "65536", "0x3f8,", "-1" } },
		{ "arm --policy", "--policy", { "", "maybe", "reset,halt" } },
		{ "arm --digest", "--digest", { "", "md5", "SHA256" } },
		{ "upgrade --kernel k --region", "--region",
		  { "256M", "x", "", "1M+", "+1M", "1M+1M,", "1M+1M,2M",
		    "1M+1M,2M+1M,3M+1M,4M+1M,5M+1M,6M+1M,7M+1M,8M+1M,9M+1M" } },
		{ "pack --cold --kernel k -o b --region", "--region",
		  { "x", "", "1M+", "1M+1M,2M+1M", "-1M" } },
		{ "install --region", "--region", { "x", "", "0", "1M@1M" } },
		{ "region --region", "--region", { "1M", "none" } },
		{ "upgrade --kernel k --next-region", "--next-region",
		  { "x", "", "none", "1M+", "1M+1M,2M+1M" } },
		{ "region --next", "--next", { "x", "", "nonex", "1M+" } },
		{ "pack --inline-max", "--inline-max", { "x", "-1", "1MM" } },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(all); i++)
		for (j = 0; j < ARRAY_COUNT(all[i].bad) && all[i].bad[j]; j++) {
			assert_int_equal(call_parse(all[i].call, all[i].bad[j]),
					 -HO_EUSAGE);
			assert_non_null(strstr(diag.items[0].where,
					       all[i].what));
		}
}

static void contradictions(void **state)
{
	static const struct { const char *call, *what; } all[] = {
		{ "upgrade --kernel k --no-exec --qemu s --name a",
		  "--no-exec with --qemu" },
		{ "upgrade --kernel k --shutdown --pid 1",
		  "--shutdown with --pid" },
		{ "upgrade --kernel k --shutdown --no-exec",
		  "--no-exec and --shutdown" },
		{ "upgrade --kernel k --kept --no-kept",
		  "--kept and --no-kept" },
		{ "upgrade --qemu s --name a --leave b", "guests are named" },
		{ "upgrade --kernel k --leave b", "no guest is found" },
		{ "precheck --kernel k --leave b", "no guest is found" },
		{ "upgrade --kernel k --module m", "--module for multiboot2" },
		{ "upgrade --kernel k --target xen", "--module is missing" },
		{ "collect --pid 1", "give --output" },
		{ "collect -o s",
		  "nothing to collect: give --pid, --qemu, --xen, --xen-all, --libvirt, --libvirt-all or --kept" },
		{ "collect -o s --pid 1 --kept --no-kept",
		  "--kept and --no-kept" },
		{ "collect -o s --pid 1 --rehearse start",
		  "--rehearse is for --qemu" },
		{ "collect -o s --qemu q --rehearse often",
		  "--rehearse none, start or state" },
		{ "collect -o s --name a --pid 1", "--name: --pid or --qemu" },
		{ "collect -o s --range 1000-2000", "--range: " },
		{ "collect -o s --map m", "--map: " },
		{ "collect -o s --state a=b", "--state: " },
		{ "collect -o s --domid 1", "--domid: " },
		{ "pack --kernel k -o b", "give --stream or --cold" },
		{ "pack --kernel k --stream s", "give --output" },
		{ "pack --cold --kernel k -o b --stub s", "--cold and --stub" },
		{ "pack --cold --kernel k -o b --stream s",
		  "--cold and --stream" },
		{ "inspect b --json --extents", "--extents and --json" },
		{ "check b --json --plan", "--plan and --json" },
		{ "load b --layout g", "--layout is for --force" },
		{ "load b --elf e --dry-run", "--dry-run and --elf" },
		{ "status --log --json", "--json and --log" },
		{ "status --extents --result f", "--extents and --result" },
		{ "adopt --test --all", "--test and --all" },
		{ "adopt --test --timeout 5 a", "--test and --timeout" },
		{ "restore", "give --xen" },
		{ "restore --xen -o f --keep a", "--output and --keep" },
		{ "salvage a", "give --output" },
		{ "install --default --no-default",
		  "--default and --no-default" },
		{ "region --advise --json", "--advise and --json" },
		{ "region --advise --region 1M+1M", "--advise and --region" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(all); i++)
		call_refused(all[i].call, all[i].what);
	assert_int_equal(call_parse("upgrade --kernel k --target plan9", NULL),
			 -HO_ETARGET);
	call_good("upgrade");		/* what is not named is found */
	call_good("upgrade --leave a --leave b --yes");
	call_good("upgrade --new-qemu f");	/* guests are found */
}

static void fields(void **state)
{
	(void)state;
	call_good("collect -o s --qemu q --name b");
	assert_int_equal(args.collect.trial.how, TRIAL_STATE);
	call_good("collect -o s --qemu q --name b --rehearse none "
		  "--new-qemu f");
	assert_int_equal(args.collect.trial.how, TRIAL_NONE);
	assert_string_equal(args.collect.trial.program, "f");
	assert_ptr_equal(args.collect.domains[0].trial, &args.collect.trial);
	call_good("collect -o s --pid 1 --name a --map m --qemu q --name b "
		  "--domid 5");
	assert_int_equal(args.collect.domain_count, 2);
	assert_string_equal(args.collect.domains[0].name, "a");
	assert_string_equal(args.collect.domains[1].name, "b");
	assert_string_equal(args.collect.domains[0].kind->name, "process");
	assert_true(args.collect.domains[0].pid == 1);
	assert_string_equal(args.collect.domains[1].kind->name, "qemu");
	assert_string_equal(args.collect.domains[1].given, "q");
	assert_true(args.collect.domains[0].domid == -1);
	assert_true(args.collect.domains[1].domid == 5);
	assert_int_equal(args.collect.domains[0].map_count, 1);
	assert_false(args.collect.kept);
	call_good("collect -o s --kept");
	assert_true(args.collect.kept);
	call_good("upgrade --kernel k --xen a --xen b");
	assert_true(args.collect.kept);
	assert_int_equal(args.collect.name_count, 2);
	assert_string_equal(args.collect.names[0].kind->name, "xen");
	assert_string_equal(args.collect.names[1].name, "b");
	call_good("upgrade --kernel k --xen-all");
	assert_int_equal(args.collect.name_count, 1);
	assert_null(args.collect.names[0].name);
	assert_string_equal(args.pack.target, "linux");
	assert_string_equal(args.pack.cmdline, "");
	assert_true(args.pack.inline_max == PACK_INLINE_BYTES);
	call_good("upgrade --kernel k --no-kept");
	assert_false(args.collect.kept);
	call_good(
		"pack --stream s --stream t --kernel k -o b --digest xxh64 "
		"--uart none --policy reset --e820-budget 16 --inline-max 1K");
	assert_int_equal(args.pack.stream_count, 2);
	assert_int_equal(args.pack.digest_alg, HO_DIGEST_XXH64);
	assert_int_equal(args.pack.chosen.uart_port, 0);
	assert_int_equal(args.pack.chosen.e820_budget, 16);
	assert_true(args.pack.inline_max == 1024);
	assert_string_equal(args.pack.policy, "reset");
	call_good("install");
	assert_null(args.pack.target);
	assert_null(args.pack.cmdline);
	call_good("install --region 1G");
	assert_string_equal(args.pack.region, "1G");
	call_good(
		"upgrade --kernel k --region 1G+1M,2G+1M --next-region 1M+1M");
	assert_string_equal(args.pack.region, "1G+1M,2G+1M");
	assert_string_equal(args.pack.next_region, "1M+1M");
	call_good("region --next none");
	assert_string_equal(args.next_region, "none");
	call_good("adopt --all");
	assert_true(args.seconds == 60);
}

/* Once more, by hand: what a command looks at */
static void places(void **state)
{
#define FLAG(call, field)                                                      \
	{                                                                      \
		call, offsetof(struct arguments, field), false                 \
	}
#define TEXT(call, field)                                                      \
	{                                                                      \
		call, offsetof(struct arguments, field), true                  \
	}
	static const struct {
		const char *call;
		size_t at;
		bool text;
	} all[] = {
		FLAG("upgrade --kernel k --no-exec", no_exec),
		FLAG("upgrade --kernel k --no-sync", no_sync),
		FLAG("upgrade --kernel k --replace", replace),
		FLAG("upgrade --kernel k --shutdown", shutdown),
		FLAG("upgrade --kernel k --wipe-state", collect.wipe_state),
		TEXT("upgrade --kernel x", pack.kernel),
		TEXT("upgrade --kernel k --initrd x", pack.initrd),
		TEXT("upgrade --kernel k --cmdline x", pack.cmdline),
		TEXT("install --target x", pack.target),
		TEXT("install --door x", door),
		TEXT("install --root x", root),
		FLAG("install --default", as_default),
		FLAG("install --no-default", no_default),
		FLAG("uninstall --no-update-grub", no_update_grub),
		TEXT("arm --fallback-kernel x", pack.fallback_kernel),
		TEXT("arm --fallback-initrd x", pack.fallback_initrd),
		TEXT("arm --fallback-cmdline x", pack.fallback_cmdline),
		TEXT("arm --memory-map x", pack.memory_map),
		TEXT("arm --stub x", pack.stub),
		FLAG("pack --cold --kernel k -o o", cold),
		TEXT("pack --cold --kernel k -o x", output),
		FLAG("load b --force", load.force),
		FLAG("load b --dry-run", load.dry_run),
		TEXT("load b --elf x", load.elf),
		TEXT("load b --force --layout x", load.layout),
		FLAG("exec --no-sync", no_sync),
		FLAG("exec --shutdown", shutdown),
		FLAG("check b --plan", plan),
		FLAG("check b --json", json),
		FLAG("status --extents", extents),
		FLAG("status --log", log),
		TEXT("status --result x", result),
		FLAG("adopt --all", all),
		FLAG("adopt a --test", test),
		FLAG("restore --xen", xen),
		FLAG("restore --xen --paused", paused),
		FLAG("restore --xen --keep", keep),
		FLAG("region --advise", advise),
	};
#undef FLAG
#undef TEXT
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(all); i++) {
		const char *at = (const char *)&args + all[i].at;

		call_good(all[i].call);
		if (all[i].text)
			assert_string_equal(*(const char *const *)at, "x");
		else
			assert_true(*(const bool *)at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(numbers), T(contradictions), T(fields), T(places),
	};

	return cmocka_run_group_tests(tests, NULL, call_last);
}
