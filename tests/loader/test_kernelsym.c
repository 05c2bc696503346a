// SPDX-License-Identifier: MIT
/*
 * test_kernelsym.c - a symbol's address and a word of kernel memory, from files
 * of the forms of /proc/kallsyms and /proc/kcore.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "diag.h"
#include "kernelsym.h"
#include "util.h"

#define BASE	0xffff888000000000ull

static char path[64];
static struct diag_log diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	snprintf(path, sizeof(path), "/tmp/baton-test-sym.%d", (int)getpid());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void write_text(const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), &diag), 0);
}

static void symbols(void **state)
{
	(void)state;
	write_text("ffffffff81000000 T _text\n"
		   "ffffffff82a00010 b kexec_image_other\n"
		   "ffffffff82a00020 D kexec_image\n"
		   "ffffffffc0000000 t kexec_crash_image\t[module]\n"
		   "ffffffff82a00028 D kexec_crash_image\n");
	assert_int_equal(kernelsym_find(path, "kexec_image"),
			 0xffffffff82a00020ull);
	/* a module's is not the kernel's */
	assert_int_equal(kernelsym_find(path, "kexec_crash_image"),
			 0xffffffff82a00028ull);
	assert_int_equal(kernelsym_find(path, "kexec"), 0);
	/* hidden */
	write_text("0000000000000000 D kexec_image\n");
	assert_int_equal(kernelsym_find(path, "kexec_image"), 0);
	write_text("\n \nx\nkexec_image\n0 D");
	assert_int_equal(kernelsym_find(path, "kexec_image"), 0);
	assert_int_equal(kernelsym_find("/nowhere", "kexec_image"), 0);
}

struct core {
	Elf64_Ehdr e;
	Elf64_Phdr p[2];
	uint64_t words[4];
};

static struct core core_new(void)
{
	struct core c = {
		.e = { .e_phoff = offsetof(struct core, p),
		       .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 },
		.p = { { .p_type = PT_NOTE, .p_vaddr = BASE, .p_memsz = 64 },
		       { .p_type = PT_LOAD, .p_vaddr = BASE, .p_memsz = 32,
			 .p_offset = offsetof(struct core, words) } },
		.words = { 1, 2, 3, 4 },
	};

	memcpy(c.e.e_ident, ELFMAG, SELFMAG);
	c.e.e_ident[EI_CLASS] = ELFCLASS64;
	return c;
}

static bool word(const struct core *c, size_t bytes, uint64_t at,
		 uint64_t *out)
{
	assert_int_equal(file_write(path, c, bytes, &diag), 0);
	return kernelsym_word(path, at, out);
}

static void words(void **state)
{
	struct core c = core_new();
	uint64_t out;

	(void)state;
	assert_true(word(&c, sizeof(c), BASE + 16, &out));
	assert_int_equal(out, 3);
	assert_true(word(&c, sizeof(c), BASE + 24, &out));
	assert_int_equal(out, 4);
	/* not wholly in it, before it, behind it */
	assert_false(word(&c, sizeof(c), BASE + 25, &out));
	assert_false(word(&c, sizeof(c), BASE - 1, &out));
	assert_false(word(&c, sizeof(c), ~0ull, &out));
	assert_false(word(&c, sizeof(c), 0, &out));
}

static void broken(void **state)
{
	struct core c = core_new();
	uint64_t out;

	(void)state;
	assert_false(word(&c, sizeof(c) - 8, BASE + 24, &out));
	assert_false(word(&c, sizeof(c.e) + 8, BASE, &out));
	assert_false(word(&c, 8, BASE, &out));
	c.p[1].p_memsz = 4;
	assert_false(word(&c, sizeof(c), BASE, &out));
	c = core_new();
	c.p[1].p_offset = ~0ull - 2;
	assert_false(word(&c, sizeof(c), BASE, &out));
	c = core_new();
	c.e.e_phoff = ~0ull - 8;
	assert_false(word(&c, sizeof(c), BASE, &out));
	c = core_new();
	c.e.e_phentsize = 8;
	assert_false(word(&c, sizeof(c), BASE, &out));
	c = core_new();
	c.e.e_ident[EI_CLASS] = ELFCLASS32;
	assert_false(word(&c, sizeof(c), BASE, &out));
	assert_false(kernelsym_word("/nowhere", BASE, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(symbols, setup, teardown),
		cmocka_unit_test_setup_teardown(words, setup, teardown),
		cmocka_unit_test_setup_teardown(broken, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
