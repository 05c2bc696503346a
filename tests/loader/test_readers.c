// SPDX-License-Identifier: MIT
/*
 * test_readers.c - what the loader reads from /proc, /sys and its options,
 * from files and strings of this test.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "collect.h"
#include "e820.h"
#include "machine.h"
#include "number.h"
#include "placetext.h"
#include "process.h"
#include "regionfind.h"
#include "util.h"

static struct diag_log diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static char *file_of(const char *text)
{
	static char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/test_readers.%d", (int)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void bytes_option(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(parse_bytes("0x1000", &v) && v == 4096);
	assert_true(parse_bytes("16M", &v) && v == 16 << 20);
	assert_true(parse_bytes("2g", &v) && v == 2ull << 30);
	assert_false(parse_bytes("", &v));
	assert_false(parse_bytes("x", &v));
	assert_false(parse_bytes("-1", &v));
	assert_false(parse_bytes("1MB", &v));
	assert_false(parse_bytes("99999999999T", &v));
	assert_false(parse_bytes("99999999999999999999", &v));
}

static void region_option(void **state)
{
	struct region_found r;

	(void)state;
	assert_int_equal(region_find(&r, "256M+128M", NULL, &diag), 0);
	assert_int_equal(r.ranges[0].start, 256 << 20);
	assert_int_equal(range_bytes(r.ranges[0]), 128 << 20);
	assert_int_equal(region_find(&r, "256M+128M,1G+2M", NULL, &diag), 0);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.ranges[1].start, 1 << 30);
	assert_int_equal(region_find(&r, "256M+128M,", NULL, &diag),
			 -HO_EUSAGE);
	assert_int_equal(region_find(&r, "1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1",
				     NULL, &diag), -HO_EUSAGE);
	assert_int_equal(region_find(&r, "256M", NULL, &diag), -HO_EUSAGE);
	assert_int_equal(region_find(&r, "256M+0", NULL, &diag), -HO_EUSAGE);
	assert_int_equal(region_find(&r, "0xffffffffffffffff+2", NULL, &diag),
			 -HO_EUSAGE);
	assert_int_equal(region_find(&r, "+1M", NULL, &diag), -HO_EUSAGE);
}

static bool place(struct placetext *p, const char *text)
{
	return placetext_parse(p, text, strlen(text));
}

static void place_text(void **state)
{
	const struct range r = { 256 << 20, 768 << 20 };
	struct placetext p;

	(void)state;
	assert_true(place(&p, "256M+0x20000000"));
	assert_true(p.has_base && p.base == r.start &&
		    p.bytes == range_bytes(r));
	assert_true(place(&p, "64M"));
	assert_true(!p.has_base && !p.base && p.bytes == 64 << 20);
	assert_true(place(&p, placetext_of(r)));
	assert_true(p.base == r.start && p.base + p.bytes == r.end);
	assert_true(placetext_parse(&p, "1M+2M,3M", 5));
	assert_int_equal(p.bytes, 2 << 20);
	assert_true(place(&p, "0+1"));
	assert_false(place(&p, ""));
	assert_false(place(&p, "+1M"));
	assert_false(place(&p, "1M+"));
	assert_false(place(&p, "1M+0"));
	assert_false(place(&p, "0"));
	assert_false(place(&p, "1M+2M+3M"));
	assert_false(place(&p, "1M+2M,3M"));
	assert_false(place(&p, "0000000000000000000000000000000000000000000000"
			       "00000000000000000001M+1M"));
}

static void memory_map(void **state)
{
	static struct machine m;

	(void)state;
	assert_int_equal(machine_read_map(&m, file_of(
		"# any order, RAM not in whole pages\n"
		"9fc00-9ffff 2\n"
		"100000-1fffff RAM\n"
		"0-9fbff 1\n"
		"200000-3fffff RAM\n"), &diag), 0);
	assert_int_equal(m.map.memory_count, 2);
	assert_int_equal(m.map.memory[0].end, 0x9f000);
	assert_int_equal(m.map.memory[1].start, 0x100000);
	assert_int_equal(m.map.memory[1].end, 0x400000);
	assert_int_equal(m.map.firmware_count, 1);
	assert_int_equal(machine_read_map(&m, file_of("0-9fbff\n"), &diag),
			 -HO_EMEMORY);
	assert_int_equal(machine_read_map(&m, file_of("2000-1000 1\n"), &diag),
			 -HO_EMEMORY);
	assert_int_equal(machine_read_map(&m, file_of("0-ffff 2\n"), &diag),
			 -HO_EMEMORY);
	assert_int_equal(machine_read_map(&m, file_of(
		"0-1fff 1\n1000-2fff 1\n2800-2fff 2\n"), &diag), 0);
	assert_int_equal(m.map.memory_count, 1);	/* repaired */
	assert_int_equal(m.map.memory[0].end, 0x2000);
}

static void command_line(void **state)
{
	uint64_t base = 0;

	(void)state;
	assert_true(handover_base(file_of(
		"quiet baton=0x10000000 xbaton=5 baton=0x20000000\n"),
		&base));
	assert_int_equal(base, 0x20000000);
	assert_false(handover_base(file_of("quiet nobaton=1\n"), &base));
	assert_false(handover_base(file_of("baton=\n"), &base));
	assert_false(handover_base(file_of("baton=zero\n"), &base));
}

static void mappings(void **state)
{
	static const char text[] =
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 5 /memfd:g (deleted)\n"
		"7f0000001000-7f0000002000 rw-s 00000000 00:01 5 /dev/hugepages/g1\n"
		"7f0000002000-7f0000003000 rw-p 00000000 00:00 0 \n"
		"7f0000003000-7f0000005000 rw-s 00001000 00:01 5 /memfd:g (deleted)\n"
		"7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]\n";
	struct {
		const char *name;
		int count;
	} cases[] = { { "memfd:g", 2 }, { "g1", 1 }, { "[stack]", 1 },
		      { "/dev/hugepages/g1", 1 }, { "g", 0 }, { "", 0 } };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		FILE *f = fmemopen((void *)text, sizeof(text) - 1, "r");
		struct vrange *out;

		assert_int_equal(maps_find(f, cases[i].name, &out),
				 cases[i].count);
		if (cases[i].count == 2)
			assert_int_equal(out[1].end, 0x7f0000005000);
		free(out);
		fclose(f);
	}
}

/* A path may be longer than there is room for, and its end may look like a line. */
static void long_mapping(void **state)
{
	static const char end[] = "1000-2000 rw-s 00000000 00:01 1 /memfd:g\n"
		"2000-1000 rw-s 00000000 00:01 1 /memfd:g\n"
		"0-3000 rw-s 00000000 00:01 1 /memfd:g\n";
	char text[MAPS_LINE_BYTES + sizeof(end)];
	struct vrange *out;
	FILE *f;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "5000-6000 rw-s 00000000 00:01 1 /", 33);
	memcpy(text + MAPS_LINE_BYTES - 1, end, sizeof(end));
	f = fmemopen(text, strlen(text), "r");
	assert_int_equal(maps_find(f, "memfd:g", &out), 1);
	assert_int_equal(out[0].end, 0x3000);
	free(out);
	fclose(f);
}

struct seen {
	uint64_t pages;
	uint64_t extents;
};

static void see(void *context, uint64_t mfn, uint64_t pages, uint64_t vpn)
{
	struct seen *s = context;

	assert_true(mfn && vpn);
	s->pages += pages;
	s->extents++;
}

/* The pages of this very process. */
static void own_memory(void **state)
{
	size_t bytes = 64 * 4096;
	uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1,
			       0);
	struct vrange r = { (uintptr_t)memory, (uintptr_t)memory + bytes };
	uint64_t first = 0, second = 0;
	struct seen seen = { 0 };

	(void)state;
	if (geteuid() != 0) {	/* frame numbers are hidden: so it says */
		assert_int_equal(process_extents(getpid(), r, see, &seen,
						 &first, &diag), -HO_EPERM);
		return;
	}
	assert_int_equal(process_extents(getpid(), r, see, &seen, &first,
					 &diag), 0);
	assert_int_equal(seen.pages, 64);
	assert_true(seen.extents >= 1 && seen.extents <= 64);
	process_extents(getpid(), r, see, &seen, &second, &diag);
	assert_int_equal(first, second);
	madvise(memory + 4096, 4096, MADV_REMOVE);
	assert_int_equal(process_extents(getpid(), r, see, &seen, &second,
					 &diag), -HO_ENOTPRESENT);
	munmap(memory, bytes);
}

static void gone_process(void **state)
{
	struct vrange r = { 4096, 8192 };
	struct ho_rec_owner owner;
	uint64_t hash = 0;

	(void)state;
	assert_int_equal(process_extents(0x3fffff, r, see, NULL, &hash,
					 &diag), -HO_EPROCESS);
	assert_int_equal(process_owner(0x3fffff, &owner, &diag),
			 -HO_EPROCESS);
	assert_int_equal(process_owner(getpid(), &owner, &diag), 0);
	assert_int_equal(owner.pid, getpid());
	assert_true(owner.start_time > 0);
}

/* Frames that are not where the blob has them. */
static void moved(void **state)
{
	FILE *f = tmpfile();
	uint64_t entries[4] = { 1ull << 63 | 100, 1ull << 63 | 101,
				1ull << 63 | 103, 104 }, at;

	(void)state;
	fwrite(entries, sizeof(entries), 1, f);
	fflush(f);
	assert_true(process_holds(fileno(f), 0, 2, 100, &at));
	assert_false(process_holds(fileno(f), 0, 3, 100, &at));
	assert_int_equal(at, 2);
	assert_false(process_holds(fileno(f), 2, 2, 103, &at));	/* absent */
	assert_int_equal(at, 3);
	assert_false(process_holds(fileno(f), 3, 2, 104, &at));	/* the end */
	fclose(f);
}

static void collect_options(void **state)
{
	static struct collect c;

	(void)state;
	assert_int_equal(collect_option_name(&c, "x", &diag), -HO_EUSAGE);
	assert_int_equal(collect_option_pid(&c, "12x", &diag), -HO_EUSAGE);
	assert_int_equal(collect_option_pid(&c, "0", &diag), -HO_EUSAGE);
	c.domain_count = 0;
	assert_int_equal(collect_option_pid(&c, "12", &diag), 0);
	assert_int_equal(collect_option_range(&c, "1000-3000", &diag), 0);
	assert_int_equal(c.domains[0].ranges[0].end, 0x3000);
	assert_int_equal(collect_option_range(&c, "1001-3000", &diag),
			 -HO_EUSAGE);
	assert_int_equal(collect_option_range(&c, "3000-1000", &diag),
			 -HO_EUSAGE);
	assert_int_equal(collect_option_domid(&c, "32752", &diag), -HO_EUSAGE);
	assert_int_equal(collect_option_state(&c, "=f", &diag), -HO_EUSAGE);
	assert_int_equal(collect_option_state(&c, "k=f", &diag), 0);
	assert_string_equal(c.domains[0].states[0].name, "k");
	collect_free(&c);
}

/* Whoever adds, as many as there is room for and no more. */
static void collect_bounds(void **state)
{
	static struct guest d;
	struct vrange r = { 0x1000, 0x2000 };
	int i;

	(void)state;
	for (i = 0; i < GUEST_ITEMS_MAX; i++) {
		assert_int_equal(guest_add_state(&d, "k", "f", &diag), 0);
		assert_int_equal(guest_add_range(&d, r, &diag), 0);
	}
	assert_int_equal(guest_add_state(&d, "k", "f", &diag), -HO_EUSAGE);
	assert_int_equal(guest_add_range(&d, r, &diag), -HO_EUSAGE);
	assert_int_equal(d.state_count, GUEST_ITEMS_MAX);
	assert_int_equal(d.range_count, GUEST_ITEMS_MAX);
}

static void numbers_for_people(void **state)
{
	(void)state;
	assert_string_equal(human_bytes(0), "0 KiB");
	assert_string_equal(human_bytes(4096), "4 KiB");
	assert_string_equal(human_bytes(3 << 19), "1.5 MiB");
	assert_string_equal(human_bytes(1ull << 42), "4 TiB");
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(bytes_option), T(region_option), T(place_text),
		T(memory_map),
		T(command_line), T(mappings), T(long_mapping),
		T(own_memory),
		T(gone_process), T(moved), T(collect_options),
		T(collect_bounds), T(numbers_for_people),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	unlink(file_of(""));
	return rc;
}
