// SPDX-License-Identifier: MIT
/*
 * test_wdat.c - the watchdog's table: a good one carried out on registers of
 * the test's, and a bad one for each check.
 */
#include "cmocka_all.h"
#include "blob.h"
#include "wdat.h"

#define HEADER 68
#define ENTRY 24

static uint8_t table[HEADER + 8 * ENTRY + 1];
static uint32_t length;
static struct wdat wdat;

/* Three registers: a port of 16 bits, one of 8, memory of 32. */
#define PORT16	0x660
#define PORT8	0x70
#define MEMORY	0xfed1f410ull
static uint32_t port16, port8, memory;
static int reads, writes;

static uint32_t *place(struct wdat_register r)
{
	if (r.memory) {
		assert_int_equal(r.address, MEMORY);
		assert_int_equal(r.bytes, 4);
		return &memory;
	}
	assert_true(r.address == PORT16 || r.address == PORT8);
	assert_int_equal(r.bytes, r.address == PORT16 ? 2 : 1);
	return r.address == PORT16 ? &port16 : &port8;
}

static uint32_t read_one(void *context, struct wdat_register r)
{
	assert_ptr_equal(context, &reads);
	reads++;
	return *place(r);
}

static void write_one(void *context, struct wdat_register r, uint32_t v)
{
	(void)context;
	writes++;
	*place(r) = v;
}

static const struct wdat_io io = { read_one, write_one, &reads };

static void put32(uint32_t at, uint32_t v)
{
	memcpy(table + at, &v, 4);
}

static void add(uint8_t action, uint8_t what, uint64_t address, uint8_t access,
		uint8_t shift, uint32_t value, uint32_t mask)
{
	uint8_t *e = table + length;

	memset(e, 0, ENTRY);
	e[0] = action;
	e[1] = what;
	e[4] = address < 0x10000;
	e[5] = 8 << (access - 1);
	e[6] = shift;
	e[7] = access;
	memcpy(e + 8, &address, 8);
	memcpy(e + 16, &value, 4);
	memcpy(e + 20, &mask, 4);
	length += ENTRY;
	put32(4, length);
	put32(64, (length - HEADER) / ENTRY);
}

static int setup(void **state)
{
	(void)state;
	memset(table, 0, sizeof(table));
	memcpy(table, "WDAT", 4);
	put32(36, 32);
	put32(48, 600);
	put32(52, 1000);
	put32(56, 4);
	put32(60, 1);
	length = HEADER;
	add(WDAT_RESET, 2, PORT8, 1, 0, 0x1ff, 0xff);
	add(WDAT_SET_COUNTDOWN, 0x83, PORT16, 2, 0, 0, 0x3ff);
	add(WDAT_SET_RUNNING, 0x82, PORT16, 2, 11, 0, 1);
	add(WDAT_SET_STOPPED, 0x82, PORT16, 2, 11, 1, 1);
	add(WDAT_SET_REBOOT, 0, MEMORY, 3, 0, 0, 0);
	add(WDAT_SET_REBOOT, 0x82, MEMORY, 3, 5, 0, 1);
	port16 = 0xf812;
	port8 = 0;
	memory = 0xffffffff;
	reads = writes = 0;
	return 0;
}

static bool good(void)
{
	return wdat_parse(&wdat, table, length);
}

static void carried_out(void **state)
{
	(void)state;
	assert_true(good());
	assert_int_equal(wdat.entry_count, 6);
	assert_true(wdat_run(&wdat, WDAT_SET_COUNTDOWN, 0x1234, &io));
	assert_int_equal(port16, 0xf800 | 0x234);
	assert_true(wdat_run(&wdat, WDAT_SET_RUNNING, 0, &io));
	assert_int_equal(port16, 0xf000 | 0x234);
	assert_true(wdat_run(&wdat, WDAT_SET_STOPPED, 0, &io));
	assert_int_equal(port16, 0xf800 | 0x234);
	assert_int_equal(reads, 3);
	assert_true(wdat_run(&wdat, WDAT_RESET, 0, &io));
	assert_int_equal(port8, 0xff);
	assert_int_equal(reads, 3);
	assert_true(wdat_run(&wdat, WDAT_SET_REBOOT, 0, &io));
	assert_int_equal(memory, 0xffffffff & ~(1 << 5));
	assert_int_equal(writes, 5);
	assert_false(wdat_run(&wdat, 4, 0, &io));
}

/* What is not there is nothing to run. */
static void none(void **state)
{
	(void)state;
	wdat = (struct wdat){ 0 };
	assert_false(wdat_run(&wdat, WDAT_RESET, 0, &io));
}

static void bad_headers(void **state)
{
	static const struct { uint32_t at, v; } bad[] = {
		{ 0, 0 }, { 4, 1 }, { 36, 36 }, { 48, 0 }, { 48, 60001 },
		{ 52, 0 }, { 52, 3 }, { 52, 0xffffffff }, { 60, 0 }, { 64, 0 },
		{ 64, 7 }, { 64, 65 }, { 64, 0x80000000 },
	};
	uint32_t i, cut;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setup(state);
		put32(bad[i].at, bad[i].v);
		assert_false(good());
	}
	setup(state);
	for (cut = 0; cut < length; cut++) {
		put32(4, cut);
		assert_false(wdat_parse(&wdat, table, cut));
	}
	put32(4, length + 1);
	assert_false(wdat_parse(&wdat, table, length + 1));
}

static void bad_entries(void **state)
{
	uint8_t *first = table + HEADER;

	setup(state);
	first[1] = 4;				/* no such instruction */
	assert_false(good());
	setup(state);
	first[4] = 2;				/* PCI configuration space */
	assert_false(good());
	setup(state);
	first[7] = 4;				/* 64 bits */
	assert_false(good());
	setup(state);
	first[6] = 32;
	assert_false(good());
	setup(state);
	first[7] = 0;				/* by its width: still a byte */
	assert_true(good());
	first[5] = 1;				/* no bytes at all */
	assert_false(good());
	setup(state);
	first[10] = 1;				/* a port above 64 KiB */
	assert_false(good());
	setup(state);
	table[HEADER + ENTRY + 8] = 0x61;	/* 16 bits, odd */
	assert_false(good());
	setup(state);
	table[HEADER + 4 * ENTRY + 15] = 0xff;	/* beyond 46 bits */
	assert_false(good());
}

static void not_in_memory(void **state)
{
	struct range ram[] = { { 0x100000, 0x200000 },
			       { 0xfed1f000, 0xfed20000 } };

	(void)state;
	assert_true(good());
	assert_true(blob_wdat_is_sane(&wdat, ram, 1));
	assert_false(blob_wdat_is_sane(&wdat, ram, 2));
	ram[1].start = 0xfed20000;
	ram[1].end = 0xfed30000;
	assert_true(blob_wdat_is_sane(&wdat, ram, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(carried_out, setup),
		cmocka_unit_test_setup(none, setup),
		cmocka_unit_test_setup(bad_headers, setup),
		cmocka_unit_test_setup(bad_entries, setup),
		cmocka_unit_test_setup(not_in_memory, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
