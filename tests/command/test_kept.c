// SPDX-License-Identifier: MIT
/*
 * test_kept.c - the new instance, over what the stub's own course left in
 * memory: status, state, release, salvage, region, and the next update.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "testkept.h"
#include "util.h"
#include "window.h"

static void status(void **state)
{
	char command[256];

	(void)state;
	kept_shows("status", "one");
	kept_shows("status --check", "one");
	kept_shows("status --json", "\"chained\"");
	kept_shows("status --json",
		   "\"parent_id\":\"00000000-0000-0000-0000-000000000000\"");
	kept_shows("status --extents", "1 one 20000 16 ");
	kept_shows("status --log", "baton-stub: made up");
	kept_shows("map", "memory after update 1");
	kept_shows("map", "a 64 KiB     one");
	kept_shows("status --metrics -", "baton_generation 1\n");
	kept_shows("status --metrics -",
		   "baton_last_update_result{result=\"completed\"} 1\n");
	kept_shows("status --metrics -", "baton_guests{state=\"kept\"} 1\n");
	kept_shows("status --metrics -", "\nbaton_region_bytes{use=\"free\"} ");
	kept_shows("status --metrics -",
		   "baton_memory_bytes{use=\"kept\"} 65536\n");
	expect_ok(baton("status --metrics %s", fake_path("/baton.prom")));
	assert_true(fake_holds("/baton.prom", "baton_armed 0\n"));
	expect_refusal(baton("status --metrics %s --json", fake_path("/x")),
		       HO_EUSAGE);
	kept_shows("map --json", "\"name\":\"one\"");
	snprintf(command, sizeof(command), "status --result %s",
		 fake_path("/tree"));
	expect_ok(baton("%s", command));
	assert_true(fake_holds("/tree", "domain-table"));
	kept_shows("state one kind", "of a device");
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
		    "7fff00000000-7fff07ffffff : System RAM\n");
	fake_put_at("/dev/mem", 0x7fff08000000ull - 1, "", 1);
	guest = fake_process(MFN, 16);
	fake_put("/state", "of a device");
	assert_int_equal(
		kept_upgrade("--region 256M+8M,0x7fff00000000+0x4000000"),
		FAKE_JUMPED);
	fake_process_end(guest);
	assert_int_equal(fake_stub(&diag), 0);
	kept_shows("status", "one");
	kept_shows("status --extents", "1 one 20000 16 ");
	kept_shows("state one kind", "of a device");
	expect_ok(baton("release one"));
	kept_shows("status", "released");
}

static void release(void **state)
{
	(void)state;
	expect_refusal(baton("release two"), HO_ENODOMAIN);
	expect_refusal(baton("release"), HO_EUSAGE);
	/* no second guest of this name, whatever Baton could make of the first */
	expect_ok(baton("adopt --test one"));
	expect_ok(baton("release one"));
	kept_shows("status", "released");
	kept_shows("status --metrics -",
		   "baton_guests{state=\"released\"} 1\n");
	expect_refusal(baton("adopt one"), HO_ENODOMAIN);
	expect_refusal(baton("adopt --test one"), HO_ENODOMAIN);
	/* it is not carried on */
	assert_int_equal(baton(UPGRADE, FILES), FAKE_JUMPED);
	assert_int_equal(fake_stub(&diag), 0);
	kept_shows("status", "no domain was kept");
}

static void close_memory(void)
{
	if (rename(fake_path("/dev/mem"), fake_path("/dev/baton-mem")))
		abort();
}

/* A kernel that is locked down: memory is seen by baton_mem, and of the region
 * the domain table alone is written, by a device of its own. */
static void closed_memory(void **state)
{
	uint8_t *before = malloc(FAKE_REGION_BYTES), *now;
	struct mapped memory;
	uint64_t i, differ = 0;

	(void)state;
	close_memory();
	assert_int_equal(mapped_open(&memory, fake_path("/dev/baton-mem"),
				     HO_EFILE, &diag), 0);
	now = (uint8_t *)memory.bytes + FAKE_REGION;
	memcpy(before, now, FAKE_REGION_BYTES);
	kept_shows("status", "one");
	kept_shows("state one kind", "of a device");
	kept_shows("status --extents", "1 one 20000 16 ");
	expect_ok(baton("salvage one -o %s", fake_path("/core")));
	assert_true(fake_holds("/core", "the guest's memory"));
	assert_false(fake_has("/dev/baton/" WINDOW_DEVICE));
	expect_ok(baton("release one"));
	kept_shows("status", "released");
	kept_shows("status --json", "\"released\":true");
	expect_refusal(baton("adopt one"), HO_ENODOMAIN);
	for (i = 0; i < FAKE_REGION_BYTES; i++)
		differ += before[i] != now[i];
	assert_int_equal(differ, 1);
	mapped_close(&memory);
	free(before);
	/* whatever kernel comes next, locked down or not */
	if (rename(fake_path("/dev/baton-mem"), fake_path("/dev/mem")))
		abort();
	kept_shows("status", "released");
	fake_remove("/dev/mem");
	expect_refusal(baton("status"), HO_EIO);
}

/* The module does not give the table: nothing is released, or adopted. */
static void closed_table(void **state)
{
	(void)state;
	close_memory();
	fake_put("/busy/" WINDOW_DEVICE, "%s", "");
	expect_refusal(baton("release one"), HO_EGUESTMEM);
	kept_shows("status", "kept");
}

/* Of the released domain "one": the only such in the region. */
static uint64_t table_at(const struct mapped *memory)
{
	uint64_t at, end = FAKE_REGION + FAKE_REGION_BYTES;

	for (at = FAKE_REGION; at < end; at += 16) {
		const struct ho_domain *d =
			(void *)((uint8_t *)memory->bytes + at);

		if (d->flags == HO_DOM_RELEASED && !strcmp(d->name, "one") &&
		    d->frame_count == 16)
			return at;
	}
	abort();
}

/* What an earlier Baton has noted in this boot is asked, and taken over. */
static void noted_before(void **state)
{
	struct ho_domain note[2];
	struct mapped memory;
	uint64_t at;

	(void)state;
	close_memory();
	expect_ok(baton("release one"));
	assert_int_equal(mapped_open(&memory, fake_path("/dev/baton-mem"),
				     HO_EFILE, &diag), 0);
	at = table_at(&memory);
	memcpy(note, (uint8_t *)memory.bytes + at, sizeof(note[0]));
	mapped_close(&memory);
	note[1] = note[0];
	note[1].flags &= ~HO_DOM_RELEASED;
	fake_put_at("/dev/baton-mem", at, &note[1], sizeof(note[1]));
	kept_shows("status", "kept");
	fake_put("/run/baton/domains", "%s", "");
	fake_put_at("/run/baton/domains", 0, note, sizeof(note[0]));
	kept_shows("status", "released");
	expect_refusal(baton("adopt one"), HO_ENODOMAIN);
	assert_false(fake_has("/run/baton/domains"));
	kept_shows("status", "released");
	/* of other domains, and of none */
	fake_put("/run/baton/domains", "%s", "");
	fake_put_at("/run/baton/domains", 0, note, sizeof(note[0]));
	fake_put_at("/run/baton/domains", 8, "x", 1);
	expect_refusal(baton("status"), HO_EFILE);
	expect_refusal(baton("release one"), HO_EFILE);
	fake_put("/run/baton/domains", "short");
	expect_refusal(baton("status"), HO_EFILE);
}

/* 16 pages into a tmpfs: a fallback's files are in one. */
static void salvage_into_ram(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/shm/test_kept.%d", (int)getpid());
	fake_put("/proc/meminfo",
		 "MemFree: 9000 kB\nMemAvailable:     64 kB\n");
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
	kept_shows("salvage one -o -", "\177ELF");
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
	kept_shows("region", "from breadcrumb");
	kept_shows("region --json", "\"frametable\"");
	kept_shows("region --advise", "crashkernel=");
	kept_shows("region --region 512M+64M", "from --region");
	expect_ok(baton("region --next 64M"));
	kept_shows("region", "next update: lands here, and keeps 64M free");
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
	kept_shows("status --noheadings",
		   "    1  one   64 KiB      16        1  ");
	assert_null(strstr(baton_said(), "standing"));
	expect_ok(baton("status --columns memory,domid --json"));
	assert_non_null(strstr(baton_said(), "\"memory\": 65536"));
	assert_null(strstr(baton_said(), "chained"));
	expect_refusal(baton("status --columns name,x"), HO_EUSAGE);
	expect_refusal(baton("status --columns name --log"), HO_EUSAGE);
	expect_refusal(baton("status -n --json"), HO_EUSAGE);
	expect_ok(baton("region --columns part -n"));
	assert_int_equal(strncmp(baton_said(), "breadcrumb\n", 11), 0);
	kept_shows("region --columns bytes,part --json", "\"parts\"");
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
	kept_shows("status", "two");
	kept_shows("status --extents", "1 one 20000 16 ");
	kept_shows("state one kind", "of a device");
	expect_ok(baton("collect --kept -o %s", fake_path("/lu")));
}

static void all_refused(const char *const *calls, int code)
{
	for (; *calls; calls++)
		expect_refusal(baton("%s", *calls), code);
}

static void usage(void **state)
{
	static const char *const wrong[] = {
		"adopt", "adopt --all one", "adopt --all --test",
		"adopt one --timeout 0", "adopt --what", "restore",
		"restore --xen -o x", "restore --what", NULL };
	static const char *const root_alone[] = {
		"adopt --all", "restore --xen", "arm", "disarm",
		"release one", NULL };

	(void)state;
	all_refused(wrong, HO_EUSAGE);
	expect_ok(baton("adopt --all"));
	expect_ok(baton("restore --xen"));
	expect_refusal(baton("restore --xen one"), HO_ENODOMAIN);
	fake_machine->uid = 1000;
	all_refused(root_alone, HO_EPERM);
}

#define T(f) cmocka_unit_test_setup_teardown(f, kept_setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(status), T(release), T(salvage), T(region), T(tables),
		T(chain), T(usage), T(closed_memory), T(closed_table), T(noted_before),
		cmocka_unit_test_teardown(far_apart, fake_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
