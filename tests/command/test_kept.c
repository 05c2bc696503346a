// SPDX-License-Identifier: MIT
/*
 * test_kept.c - the new instance and the fallback: status, state, release,
 * salvage, region, arm, disarm, and the next update, over what the stub's own
 * course left in memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "util.h"

#define MFN	0x20000ull		/* 512 MiB */
#define TARGET	"--kernel %s --initrd %s --cmdline quiet"
#define FILES	fake_path("/boot/vmlinuz"), fake_path("/boot/initrd.img")
#define UPGRADE	"upgrade " TARGET " "
#define ARMED	"/run/baton/armed.dtb"

static pid_t guest;
static struct diag_log diag;

static int upgrade(const char *more)
{
	return baton(UPGRADE "--pid %d --map memfd:guest --name one --state kind=%s %s",
		     FILES, (int)guest, fake_path("/state"), more);
}

static int before(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	guest = fake_process(MFN, 16);
	fake_put("/state", "of a device");
	fake_put_at("/dev/mem", MFN << 12, "the guest's memory", 18);
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	fake_process_end(guest);
	return 0;
}

static int setup(void **state)
{
	before(state);
	assert_int_equal(fake_stub(&diag), 0);
	return 0;
}

static int setup_fallback(void **state)
{
	before(state);
	fake_stub_fails(HO_EDOUBLE, HO_STAGE_PASS);
	return 0;
}

static void shows(const char *command, const char *text)
{
	expect_said(baton("%s", command), text);
}

static void status(void **state)
{
	char command[256];

	(void)state;
	shows("status", "one");
	shows("status --check", "one");
	shows("status --json", "\"chained\"");
	shows("status --json",
	      "\"parent_id\":\"00000000-0000-0000-0000-000000000000\"");
	shows("status --extents", "1 one 20000 16 ");
	shows("status --log", "baton-stub: made up");
	shows("map", "memory after update 1");
	shows("map", "a 64 KiB     one");
	shows("status --metrics -", "baton_generation 1\n");
	shows("status --metrics -",
	      "baton_last_update_result{result=\"completed\"} 1\n");
	shows("status --metrics -", "baton_guests{state=\"kept\"} 1\n");
	shows("status --metrics -", "\nbaton_region_bytes{use=\"free\"} ");
	shows("status --metrics -", "baton_memory_bytes{use=\"kept\"} 65536\n");
	expect_ok(baton("status --metrics %s", fake_path("/baton.prom")));
	assert_true(fake_holds("/baton.prom", "baton_armed 0\n"));
	expect_refusal(baton("status --metrics %s --json", fake_path("/x")),
		       HO_EUSAGE);
	shows("map --json", "\"name\":\"one\"");
	snprintf(command, sizeof(command), "status --result %s",
		 fake_path("/tree"));
	expect_ok(baton("%s", command));
	assert_true(fake_holds("/tree", "domain-table"));
	shows("state one kind", "of a device");
	expect_refusal(baton("state one other"), HO_ENODOMAIN);
	expect_refusal(baton("state two kind"), HO_ENODOMAIN);
	expect_refusal(baton("state one"), HO_EUSAGE);
	expect_refusal(baton("status now"), HO_EUSAGE);
	expect_refusal(baton("status --what"), HO_EUSAGE);
	fake_machine->uid = 1000;
	expect_ok(baton("status"));
}

/* Ranges of the region farther apart than an address space is wide. */
static void far_apart(void **state)
{
	(void)state;
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	fake_memory("00000000-0009fbff : System RAM\n"
		    "00100000-3fffffff : System RAM\n"
		    "800000000000-800007ffffff : System RAM\n");
	fake_put_at("/dev/mem", 0x800008000000ull - 1, "", 1);
	guest = fake_process(MFN, 16);
	fake_put("/state", "of a device");
	assert_int_equal(upgrade("--region 256M+8M,0x800000000000+0x4000000"),
			 FAKE_JUMPED);
	fake_process_end(guest);
	assert_int_equal(fake_stub(&diag), 0);
	shows("status", "one");
	shows("status --extents", "1 one 20000 16 ");
	shows("state one kind", "of a device");
	expect_ok(baton("release one"));
	shows("status", "released");
}

static void release(void **state)
{
	(void)state;
	expect_refusal(baton("release two"), HO_ENODOMAIN);
	expect_refusal(baton("release"), HO_EUSAGE);
	expect_ok(baton("release one"));
	shows("status", "released");
	shows("status --metrics -", "baton_guests{state=\"released\"} 1\n");
	expect_refusal(baton("adopt one"), HO_ENODOMAIN);
	expect_refusal(baton("adopt --test one"), HO_ENODOMAIN);
	/* it is not carried on */
	assert_int_equal(baton(UPGRADE, FILES), FAKE_JUMPED);
	assert_int_equal(fake_stub(&diag), 0);
	shows("status", "no domain was kept");
}

/* A kernel that is locked down: memory is seen by baton_mem, and not written. */
static void closed_memory(void **state)
{
	struct mapped before, after;

	(void)state;
	if (rename(fake_path("/dev/mem"), fake_path("/dev/baton-mem")))
		abort();
	assert_int_equal(mapped_open(&before, fake_path("/dev/baton-mem"),
				     HO_EFILE, &diag), 0);
	chmod(fake_path("/dev/baton-mem"), 0400);
	shows("status", "one");
	shows("state one kind", "of a device");
	shows("status --extents", "1 one 20000 16 ");
	expect_ok(baton("salvage one -o %s", fake_path("/core")));
	assert_true(fake_holds("/core", "the guest's memory"));
	assert_false(fake_has("/run/baton/domains"));
	expect_ok(baton("release one"));
	assert_true(fake_has("/run/baton/domains"));
	shows("status", "released");
	shows("status --json", "\"released\":true");
	expect_refusal(baton("adopt one"), HO_ENODOMAIN);
	assert_int_equal(mapped_open(&after, fake_path("/dev/baton-mem"),
				     HO_EFILE, &diag), 0);
	assert_int_equal(before.length, after.length);
	assert_memory_equal((char *)before.bytes + FAKE_REGION,
			    (char *)after.bytes + FAKE_REGION,
			    FAKE_REGION_BYTES);
	mapped_close(&before);
	mapped_close(&after);
	/* a note of other domains, of none, and memory that nobody shows */
	fake_put_at("/run/baton/domains", 8, "x", 1);
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	expect_refusal(baton("release one"), HO_EBREADCRUMB);
	fake_put("/run/baton/domains", "short");
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	fake_remove("/run/baton/domains");
	shows("status", "one");
	fake_remove("/dev/baton-mem");
	expect_refusal(baton("status"), HO_EIO);
}

/* 16 pages into a tmpfs: a fallback's files are in one. */
static void salvage_into_ram(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/shm/test_kept.%d", (int)getpid());
	fake_put("/proc/meminfo", "MemFree: 9000 kB\nMemAvailable:     64 kB\n");
	expect_refusal(baton("salvage one -o %s", path), HO_ESALVAGEROOM);
	assert_int_not_equal(access(path, F_OK), 0);
	fake_put("/proc/meminfo", "MemFree: 9 kB\nMemAvailable:     65 kB\n");
	expect_ok(baton("salvage one -o %s", path));
	assert_int_equal(unlink(path), 0);
}

static void salvage(void **state)
{
	(void)state;
	expect_ok(baton("salvage one -o %s", fake_path("/core")));
	assert_true(fake_holds("/core", "the guest's memory"));
	shows("salvage one -o -", "\177ELF");
	expect_refusal(baton("salvage two -o x"), HO_ENODOMAIN);
	expect_refusal(baton("salvage one"), HO_EUSAGE);
	expect_refusal(baton("salvage -o x"), HO_EUSAGE);
	expect_refusal(baton("salvage --what"), HO_EUSAGE);
	expect_refusal(baton("salvage one -o /nowhere/x"), HO_EFILE);
	salvage_into_ram();
}

static void region(void **state)
{
	(void)state;
	shows("region", "from breadcrumb");
	shows("region --json", "\"frametable\"");
	shows("region --advise", "crashkernel=");
	shows("region --region 512M+64M", "from --region");
	expect_ok(baton("region --next 64M"));
	shows("region", "next update: lands here, and keeps 64M free");
	expect_ok(baton("region --next none"));
	expect_ok(baton("region --next none"));
	expect_refusal(baton("region --next what"), HO_EUSAGE);
	expect_refusal(baton("region --next 8G+64M"), HO_ENEXTREGION);
	expect_refusal(baton("region x"), HO_EUSAGE);
	expect_refusal(baton("region --what"), HO_EUSAGE);
	expect_refusal(baton("region --region x"), HO_EUSAGE);
}

/* For scripts: the table alone. */
static void tables(void **state)
{
	(void)state;
	expect_ok(baton("status --columns name,frames,standing -n"));
	assert_string_equal(baton_said(), "one       16  kept\n");
	shows("status --noheadings", "    1  one   64 KiB      16        1  ");
	assert_null(strstr(baton_said(), "standing"));
	expect_ok(baton("status --columns memory,domid --json"));
	assert_non_null(strstr(baton_said(), "\"memory\": 65536"));
	assert_null(strstr(baton_said(), "chained"));
	expect_refusal(baton("status --columns name,x"), HO_EUSAGE);
	expect_refusal(baton("status --columns name --log"), HO_EUSAGE);
	expect_refusal(baton("status -n --json"), HO_EUSAGE);
	expect_ok(baton("region --columns part -n"));
	assert_int_equal(strncmp(baton_said(), "breadcrumb\n", 11), 0);
	shows("region --columns bytes,part --json", "\"parts\"");
	expect_refusal(baton("region --columns use"), HO_EUSAGE);
	expect_refusal(baton("region -n --advise"), HO_EUSAGE);
}

/* Once more from here: what was kept is carried on, and a guest comes to it. */
static void chain(void **state)
{
	(void)state;
	expect_ok(baton("region --next 64M"));
	guest = fake_process(0x30000, 8);
	expect_refusal(baton(UPGRADE "--pid %d --map memfd:guest --name one",
			     FILES, (int)guest), HO_EDOMDUP);
	assert_int_equal(baton(UPGRADE "--pid %d --map memfd:guest --name two",
			       FILES, (int)guest), FAKE_JUMPED);
	assert_int_equal(fake_stub(&diag), 0);
	shows("status", "two");
	shows("status --extents", "1 one 20000 16 ");
	shows("state one kind", "of a device");
	expect_ok(baton("collect --kept -o %s", fake_path("/lu")));
}

/* As another loader does, without our lock. */
static void another_on_crash(uint64_t at)
{
	fake_machine->entry[1] = at;
	fake_put_at("/proc/kcore", 4096 + 0x200 + 24, &at, 8);
}

static void arm(void **state)
{
	uint64_t entry;

	(void)state;
	/* no crash kernel: it was the region */
	expect_refusal(baton("arm"), HO_ENOREGION);
	fake_crash_range();
	expect_refusal(baton("arm --what"), HO_EUSAGE);
	expect_refusal(baton("arm now"), HO_EUSAGE);
	expect_ok(baton("arm"));
	assert_true(fake_machine->loaded[1]);
	assert_true(fake_has(ARMED));
	shows("status", "armed");
	shows("status --json", "\"armed\"");
	/* what is there stays; kdump's takes its place, or somebody unloads it */
	expect_ok(baton("arm --again"));
	assert_int_equal(fake_machine->crash_loads, 1);
	expect_refusal(baton("arm --again --policy halt"), HO_EUSAGE);
	entry = fake_machine->entry[1];
	another_on_crash(0x1000);
	shows("status", "NOT ARMED");
	expect_refusal(baton("arm --again"), HO_ESLOT);
	expect_ok(baton("arm --again --replace"));
	assert_true(fake_machine->entry[1] == entry);
	shows("status --json", "\"armed\"");
	assert_true(fake_holds("/run/baton/ledger.json", "\"armed\":\"") &&
		    !fake_holds("/run/baton/ledger.json", "\"armed\":\"\""));
	expect_refusal(baton("disarm now"), HO_EUSAGE);
	expect_ok(baton("disarm"));
	assert_false(fake_has("/run/baton/ledger.json"));
	expect_refusal(baton("arm --again"), HO_ENOTARMED);
	assert_false(fake_machine->loaded[1]);
	assert_false(fake_has(ARMED));
	expect_ok(baton("disarm"));
	/* kdump was there first */
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n");
	expect_refusal(baton("arm"), HO_ESLOT);
	expect_ok(baton("disarm"));
	assert_non_null(strstr(baton_complained(), "not baton's"));
	expect_ok(baton("arm --replace"));
	fake_put("/proc/kallsyms", "%s", "");
	shows("status", "does not say");
	expect_refusal(baton("disarm"), HO_ESLOT);
	fake_put("/proc/sys/kernel/kexec_load_limit_panic", "0\n");
	expect_refusal(baton("arm"), HO_EKEXECLIMIT);
}

static void arm_fails(void **state)
{
	(void)state;
	fake_put("/proc/cmdline", "root=/dev/sda1 baton=0x10000000 crashkernel=128M\n");
	fake_put("/proc/iomem",
		 "00100000-0fffffff : System RAM\n"
		 "10000000-17ffffff : Crash kernel\n");
	expect_refusal(baton("arm"),
		       HO_EREGIONRANGES);
	fake_crash_range();
	fake_machine->load_errno = ENOMEM;
	expect_refusal(baton("arm"), HO_EIO);
	assert_false(fake_has(ARMED));
	assert_false(fake_has("/run/baton/arming.dtb"));
}

static void fallback(void **state)
{
	(void)state;
	shows("status", "DOUBLE");
	expect_refusal(baton("status --check --json"), HO_EAFTERJUMP);
	assert_non_null(strstr(baton_said(), "\"failed\""));
	expect_refusal(baton("status --check --log"), HO_EUSAGE);
	shows("status --json", "\"failed\"");
	shows("status --extents", "1 one 20000 16 ");
	shows("status --log", "baton-stub: made up");
	shows("state one kind", "of a device");
	expect_ok(baton("salvage one -o %s", fake_path("/core")));
	assert_true(fake_holds("/core", "the guest's memory"));
	expect_refusal(baton("adopt one"), HO_EBREADCRUMB);
	expect_refusal(baton("arm"), HO_EBREADCRUMB);
	expect_refusal(baton("restore --xen"), HO_EBREADCRUMB);
	assert_int_not_equal(baton("release one"), 0);
	shows("region", "from free memory");
	/* and on with all of them */
	assert_int_equal(baton(UPGRADE, FILES), FAKE_JUMPED);
	assert_int_equal(fake_stub(&diag), 0);
	shows("status", "one");
}

/* The blob has been written over: whose memory it is nobody knows. */
static void fallback_in_doubt(void **state)
{
	(void)state;
	fake_spoil("of a device");
	expect_ok(baton("status"));
	expect_refusal(baton("salvage one -o x"), HO_EDIGEST);
	expect_refusal(baton("collect --kept -o %s", fake_path("/lu")),
		       HO_EDIGEST);
	assert_int_not_equal(baton(UPGRADE, FILES), 0);
	assert_int_equal(fake_machine->jumps, 1);
}

static void no_handover(void **state)
{
	static const char *const commands[] = { "state one kind",
		"release one", "salvage one -o x", "adopt one",
		"adopt --test one", "adopt --all", "restore --xen" };
	size_t i;

	(void)state;
	fake_put("/proc/cmdline", "root=/dev/sda1\n");
	for (i = 0; i < ARRAY_COUNT(commands); i++)
		expect_refusal(baton("%s", commands[i]), HO_EBREADCRUMB);
	/* one was begun, and it is not what started this */
	expect_refusal(baton("status"), HO_ELOST);
	shows("status --metrics -",
	      "baton_last_update_result{result=\"lost\"} 1\n");
	shows("status --metrics -", "baton_generation 0\n");
	expect_refusal(baton("status --check"), HO_EAFTERJUMP);
	expect_refusal(baton("status --json"), HO_ELOST);
	assert_non_null(strstr(baton_said(), "\"lost\""));
	fake_remove("/var/lib/baton");
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	/* a later boot of the same command line */
	fake_put("/proc/cmdline", "baton=0x10000000\n");
	fake_put("/proc/iomem", "00100000-3fffffff : System RAM\n");
	expect_refusal(baton("status"), HO_ESTALE);
	fake_put("/proc/iomem", "10000000-17ffffff : Reserved\n");
	fake_put_at("/dev/mem", FAKE_REGION, "no breadcrumb", 13);
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	fake_put("/proc/iomem", "00000000-00000000 : System RAM\n");
	expect_refusal(baton("status"), HO_EPERM);
	fake_remove("/proc/iomem");
	expect_refusal(baton("status"), HO_EIO);
}

static void unfinished(struct ho_breadcrumb *c)
{
	c->state = HO_STATE_RUNNING;
}

static void trapped(struct ho_breadcrumb *c)
{
	c->state = HO_STATE_FAILED;
	c->error = HO_ETRAP;
	c->trap_vector = 14;
	c->trap_cr2 = 0x1234;
}

static void unreadable(struct ho_breadcrumb *c)
{
	c->blob_bytes = 64;
	c->log_bytes = 1 << 30;
}

static void elsewhere(struct ho_breadcrumb *c)
{
	c->region_base = 0x20000000;
}

/* What else a stub may leave. */
static void fallback_after(void **state)
{
	(void)state;
	fake_crumb(unfinished);
	shows("status", "did not complete");
	shows("status --json", "\"unfinished\"");
	fake_crumb(trapped);
	shows("status", "vector 14");
	fake_crumb(unreadable);
	shows("status", "nothing can be saved");
	expect_refusal(baton("status --extents"), HO_EBREADCRUMB);
	expect_refusal(baton("status --log"), HO_EBREADCRUMB);
	expect_refusal(baton("state one kind"), HO_ENODOMAIN);
	fake_crumb(elsewhere);
	expect_refusal(baton("status"), HO_EBREADCRUMB);
}

/* The new instance has panicked, and the fallback looks back. */
static void died(void **state)
{
	(void)state;
	fake_put("/proc/cmdline", "quiet baton=0x10000000 baton.failed=target:%d\n",
		 HO_EDIED);
	shows("status", "died; this is the fallback");
	expect_refusal(baton("status --check"), HO_EAFTERJUMP);
	shows("status --json", "\"fallback\":true");
	fake_put("/proc/cmdline", "quiet baton=0x10000000 baton.failed=target:%d\n",
		 HO_ECPUS);
	shows("status", "CPUS");
	expect_refusal(baton(UPGRADE, FILES), HO_ECPUS);
	assert_int_equal(fake_machine->jumps, 1);
}

static void usage(void **state)
{
	(void)state;
	expect_refusal(baton("adopt"), HO_EUSAGE);
	expect_refusal(baton("adopt --all one"), HO_EUSAGE);
	expect_refusal(baton("adopt --all --test"), HO_EUSAGE);
	expect_refusal(baton("adopt one --timeout 0"), HO_EUSAGE);
	expect_refusal(baton("adopt --what"), HO_EUSAGE);
	expect_refusal(baton("restore"), HO_EUSAGE);
	expect_refusal(baton("restore --xen -o x"), HO_EUSAGE);
	expect_refusal(baton("restore --what"), HO_EUSAGE);
	expect_ok(baton("adopt --all"));
	expect_ok(baton("restore --xen"));
	expect_refusal(baton("restore --xen one"), HO_ENODOMAIN);
	fake_machine->uid = 1000;
	expect_refusal(baton("adopt --all"), HO_EPERM);
	expect_refusal(baton("restore --xen"), HO_EPERM);
	expect_refusal(baton("arm"), HO_EPERM);
	expect_refusal(baton("disarm"), HO_EPERM);
	expect_refusal(baton("release one"), HO_EPERM);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)
#define FALLEN(f) cmocka_unit_test_setup_teardown(f, setup_fallback, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(status), WITH(release), WITH(salvage), WITH(region),
		WITH(tables),
		WITH(chain), WITH(arm), WITH(arm_fails), FALLEN(fallback),
		FALLEN(fallback_in_doubt), WITH(no_handover), WITH(usage),
		FALLEN(fallback_after), WITH(died),
		cmocka_unit_test_teardown(far_apart, fake_end),
		WITH(closed_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
