// SPDX-License-Identifier: MIT
/*
 * test_vmstream.c - a device state of QEMU, made by hand: what is left out, every
 * place to cut it off, and a bad stream for each reason to refuse one. And save
 * images of libvirt, written and read.
 */
#include <stdlib.h>

#include "cmocka_all.h"
#include "saveimage.h"
#include "vmstream.h"

static uint8_t in[2048], out[2048], want[2048];
static size_t in_bytes, want_bytes;
static struct diag_log diag;
static struct vmstream seen;
static uint64_t made;

/* Into the stream, and where `stays` into what is to be left of it. */
static void put(const void *bytes, size_t length, bool stays)
{
	memcpy(in + in_bytes, bytes, length);
	in_bytes += length;
	if (!stays)
		return;
	memcpy(want + want_bytes, bytes, length);
	want_bytes += length;
}

static void put_be(uint64_t value, int bytes, bool stays)
{
	uint8_t text[8];
	int i;

	for (i = 0; i < bytes; i++)
		text[i] = value >> 8 * (bytes - 1 - i);
	put(text, bytes, stays);
}

static void put_name(const char *name, bool stays)
{
	put_be(strlen(name), 1, stays);
	put(name, strlen(name), stays);
}

static void put_sub(const char *name, bool stays)
{
	put_be(5, 1, stays);
	put_name(name, stays);
	put_be(1, 4, stays);
}

static void put_capabilities(const char *one, const char *other)
{
	put_sub("configuration/capabilities", false);
	put_be(!!one + !!other, 4, false);
	if (one)
		put_name(one, false);
	if (other)
		put_name(other, false);
}

static void put_head(void)
{
	in_bytes = want_bytes = 0;
	put("QEVM", 4, true);
	put_be(3, 4, true);
	put_be(7, 1, true);
	put_be(13, 4, true);
	put("pc-i440fx-7.2", 13, true);
}

static void put_block(const char *name, uint64_t bytes)
{
	put_name(name, true);
	put_be(bytes, 8, true);
	put_be(0x100000, 8, false);
}

static void put_ram(const char *name, uint64_t total)
{
	put_be(1, 1, true);
	put_be(2, 4, true);
	put_name(name, true);
	put_be(0, 4, true);
	put_be(4, 4, true);
	put_be(total | 4, 8, true);
}

static void put_rest(void)
{
	put_ram("ram", 0x30000);
	put_block("pc.ram", 0x20000);
	put_block("vga.vram", 0x10000);
	put("\0\0\0\0\0\0\0\x10 and what follows", 26, true);
}

static void put_good(void)
{
	put_head();
	put_sub("configuration/target-page-bits", true);
	put_be(12, 4, true);
	put_capabilities("x-ignore-shared", NULL);
	put_sub("configuration/uuid", true);
	put("0123456789abcdef", 16, true);
	put_rest();
}

static int plain(void)
{
	diag_init(&diag, HO_STAGE_LOADER);
	return vmstream_plain(in, in_bytes, out, &made, &seen, &diag);
}

static void left_out(void **state)
{
	(void)state;
	put_good();
	assert_int_equal(plain(), 0);
	assert_int_equal(made, want_bytes);
	assert_memory_equal(out, want, want_bytes);
	assert_string_equal(seen.machine, "pc-i440fx-7.2");
	assert_int_equal(seen.ram_bytes, 0x30000);
	assert_int_equal(seen.block_count, 2);
	/* what is plain already is none of ours */
	memcpy(in, out, made);
	in_bytes = made;
	assert_int_equal(plain(), -HO_EGUESTSAVE);
}

/* Up to the last block of RAM; what is behind it is QEMU's to read. */
static void cut_off(void **state)
{
	size_t all, i;

	(void)state;
	put_good();
	all = in_bytes - 26;
	for (i = 0; i <= all; i++) {
		in_bytes = i;
		assert_int_equal(plain(), -HO_EGUESTSAVE);
		assert_int_equal(diag.total, 1);
	}
	in_bytes = all + 1;
	assert_int_equal(plain(), 0);
}

static void expect_bad(const char *what)
{
	assert_int_equal(plain(), -HO_EGUESTSAVE);
	if (!strstr(diag.items[0].where, what))
		fail_msg("%s, not %s", diag.items[0].where, what);
}

static void refused(void **state)
{
	(void)state;
	put_good();
	in[0] = 'X';
	expect_bad("not a stream");
	put_good();
	in[7] = 2;
	expect_bad("version 3");
	put_good();
	in[8] = 1;
	expect_bad("no configuration");
	put_good();
	in[10] = 1;
	expect_bad("machine type");
	put_head();
	put_rest();
	expect_bad("without x-ignore-shared");
	put_head();
	put_capabilities(NULL, NULL);
	put_rest();
	expect_bad("not one capability");
	put_head();
	put_capabilities("x-ignore-shared", "mapped-ram");
	put_rest();
	expect_bad("capability that is not known");
	put_head();
	put_capabilities("x-ignore-shared", NULL);
	put_capabilities("x-ignore-shared", NULL);
	put_rest();
	expect_bad("twice");
	put_head();
	put_sub("configuration/new", true);
	put_rest();
	expect_bad("subsection that is not known");
}

static void bad_ram(void **state)
{
	(void)state;
	put_head();
	put_capabilities("x-ignore-shared", NULL);
	put_ram("slirp", 0x30000);
	expect_bad("not RAM");
	put_head();
	put_capabilities("x-ignore-shared", NULL);
	put_ram("ram", 0x30000 | 8);
	put_block("pc.ram", 0x30000);
	expect_bad("size of RAM");
	/* blocks that are more than all of it; one without a byte; sums that
	 * would go round */
	put_head();
	put_capabilities("x-ignore-shared", NULL);
	put_ram("ram", 0x20000);
	put_block("pc.ram", 0x30000);
	expect_bad("more than all");
	put_head();
	put_capabilities("x-ignore-shared", NULL);
	put_ram("ram", 0x20000);
	put_block("pc.ram", 0);
	expect_bad("more than all");
	put_head();
	put_capabilities("x-ignore-shared", NULL);
	put_ram("ram", 0x20000);
	put_block("pc.ram", 0x10000);
	put_block("vga", -0x10000ull);
	expect_bad("more than all");
}

static void image(void **state)
{
	static uint8_t file[3 * 4096];
	struct saveimage s = { .xml = "<domain/>", .xml_bytes = 9,
			       .cookie = "<cookie/>", .cookie_bytes = 9 };
	struct saveimage back;
	uint64_t text = saveimage_text_bytes(&s), i;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(text, 4096);
	memset(file, 0xff, sizeof(file));
	saveimage_write(&s, file);
	memcpy(file + text, "QEVM", 4);
	assert_int_equal(file[text - 1], 0);
	assert_memory_equal(file, "LibvirtQemudSave\2\0\0\0\xa4\x0f\0\0", 24);
	assert_memory_equal(file + 92, "<domain/>\0<cookie/>\0", 20);
	assert_int_equal(saveimage_read(file, text + 4, &back, &diag), 0);
	assert_string_equal(back.xml, s.xml);
	assert_string_equal(back.cookie, s.cookie);
	assert_false(back.running);
	assert_int_equal(back.state_bytes, 4);
	assert_memory_equal(back.state, "QEVM", 4);
	for (i = 0; i < text; i++)
		assert_int_equal(saveimage_read(file, i, &back, &diag),
				 -HO_EGUESTCONF);
	file[16] = 3;
	assert_int_not_equal(saveimage_read(file, text, &back, &diag), 0);
	file[16] = 2;
	file[28] = 1;			/* compressed */
	assert_int_not_equal(saveimage_read(file, text, &back, &diag), 0);
	file[28] = 0;
	file[32] = 5;			/* a cookie within the XML */
	assert_int_not_equal(saveimage_read(file, text, &back, &diag), 0);
	file[34] = 0xff;		/* or far away */
	assert_int_not_equal(saveimage_read(file, text, &back, &diag), 0);
	memset(file + 32, 0, 4);
	assert_int_equal(saveimage_read(file, text, &back, &diag), 0);
	assert_null(back.cookie);
	s.xml_bytes = SAVEIMAGE_TEXT_MAX + 1ull;
	assert_int_equal(saveimage_text_bytes(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(left_out), cmocka_unit_test(cut_off),
		cmocka_unit_test(refused), cmocka_unit_test(bad_ram),
		cmocka_unit_test(image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
