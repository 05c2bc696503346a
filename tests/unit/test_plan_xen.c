// SPDX-License-Identifier: MIT
/*
 * test_plan_xen.c - the plan for a Xen target: command lines, where dom0's
 * kernel has to be, and each reason to refuse it. The image is a multiboot2
 * ELF made by hand.
 */
#include <elf.h>

#include "cmocka_all.h"
#include "plan.h"
#include "testmachine.h"

#define LINK		(2 * MIB)
#define IMAGE_BYTES	0x1000

static uint8_t image[IMAGE_BYTES];
static struct machine m;
static struct pass pass;
static struct plan plan;
static struct frametable_view owned;

static void make_image(void)
{
	static const uint32_t header[] = {
		0xe85250d6, 0, 24, -(0xe85250d6 + 24), 0, 8,
	};
	Elf32_Ehdr e = {
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = 1,
		.e_entry = LINK, .e_phoff = sizeof(e), .e_phnum = 1,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf32_Phdr),
	};
	Elf32_Phdr p = { .p_type = PT_LOAD, .p_paddr = LINK,
			 .p_filesz = IMAGE_BYTES, .p_memsz = 2 * MIB };

	memcpy(e.e_ident, ELFMAG "\1\1\1", 7);
	memcpy(image, &e, sizeof(e));
	memcpy(image + sizeof(e), &p, sizeof(p));
	memcpy(image + 0x100, header, sizeof(header));
}

/* Frames [mfn, mfn + pages) are a domain's. */
static void own(uint64_t mfn, uint32_t pages)
{
	const uint64_t word = frame_word(mfn, pages, 0);
	struct stream_text s;

	stream_text_begin(&s);
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word, 1);
	stream_text_domain_end(&s, 1, pages, 1);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	stream_text_free(&s);
	frametable_view(&pass.ft, &m.blob, &owned);
}

static void make_machine(uint64_t ram_end, uint64_t region_bytes)
{
	struct blob_target *t = &m.blob.target;
	uint64_t at;

	machine_setup(&m, ram_end, region_bytes);
	make_image();
	at = REGION_BASE + 8 * MIB;
	t->kind = TARGET_XEN;
	t->bootargs = "console=com1";
	t->image.place = (struct range){ at, at + IMAGE_BYTES };
	t->module_count = 2;
	t->modules[0].place = (struct range){ at + MIB, at + MIB + 7 };
	t->modules[0].bootargs = "root=/dev/sda1";
	t->modules[1].place = (struct range){ at + 2 * MIB, at + 2 * MIB + 7 };
	t->modules[1].bootargs = "";
}

static int setup(void **state)
{
	(void)state;
	make_machine(2 * GIB, 192 * MIB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	machine_teardown(&m);
	return 0;
}

static int build(void)
{
	struct plan_input in = {
		.blob = &m.blob, .region = &m.region, .image = image,
		.modules = { "kernel", "initrd" }, .owned = &owned,
		.owned_frames = pass.frame_count,
	};

	diag_init(&m.diag, HO_STAGE_PLUG);
	return plan_build(&plan, &in, &m.diag);
}

static void command_lines(void **state)
{
	(void)state;
	own(0x40000, 512);
	assert_int_equal(build(), 0);
	assert_string_equal(plan.info_input.cmdline,
			    "xen mmio-relax console=com1 no-real-mode baton=0x10000000");
	assert_string_equal(plan.modules[0].cmdline,
			    "vmlinuz root=/dev/sda1 baton=0x10000000");
	m.blob.generation = 1;		/* not by a door: something is kept */
	assert_int_equal(build(), 0);
	assert_string_equal(plan.info_input.cmdline,
			    "xen mmio-relax console=com1 no-real-mode baton=0x10000000");
	assert_string_equal(plan.modules[0].cmdline,
			    "vmlinuz root=/dev/sda1 acpi_no_memhotplug baton=0x10000000");
	assert_string_equal(plan.modules[1].cmdline, "");
	assert_int_equal(plan.entry, LINK);
	assert_true(plan.info < 4 * GIB);
}

/* The last of them counts to Xen, and that is the user's. */
static void users_mmio_relax(void **state)
{
	(void)state;
	own(0x40000, 512);
	m.blob.target.bootargs = "mmio-relax=off";
	assert_int_equal(build(), 0);
	assert_string_equal(plan.info_input.cmdline,
			    "xen mmio-relax mmio-relax=off no-real-mode baton=0x10000000");
}

/* The kernel here is no bzImage: 16 to 74 MiB */
static void room_for_dom0(void **state)
{
	(void)state;
	own(74 * MIB >> 12, 512);
	assert_int_equal(build(), 0);
	teardown(state);
	setup(state);
	own((74 * MIB >> 12) - 1, 1);
	assert_int_equal(build(), -HO_ENOROOM);
	teardown(state);
	setup(state);
	own(16 * MIB >> 12, 1);
	assert_int_equal(build(), -HO_ENOROOM);
}

/* 4 GiB are free above 4 GiB, and of no use: Xen is entered in 32-bit mode */
static void room_below_4_gib(void **state)
{
	struct range *initrd = &m.blob.target.modules[1].place;

	teardown(state);
	make_machine(8 * GIB, 400 * MIB);
	initrd->end = initrd->start + 260 * MIB;
	own(5 * GIB >> 12, 1);
	assert_int_equal(build(), 0);
	teardown(state);
	make_machine(8 * GIB, 400 * MIB);
	initrd->end = initrd->start + 260 * MIB;
	own((REGION_BASE + 400 * MIB) >> 12,
	    (4 * GIB - REGION_BASE - 400 * MIB) >> 12);
	assert_int_equal(build(), -HO_ENOROOM);
}

static void refusals(void **state)
{
	static char text[PLAN_XEN_CMDLINE_MAX + 1];

	(void)state;
	own(0x40000, 512);
	m.blob.target.module_count = 0;
	assert_int_equal(build(), -HO_ETARGET);
	m.blob.target.module_count = 2;
	memset(text, 'x', PLAN_XEN_CMDLINE_MAX);
	m.blob.target.bootargs = text;
	assert_int_equal(build(), -HO_ECMDLINE);
	m.blob.target.bootargs = "";
	m.blob.target.modules[0].bootargs = text;
	assert_int_equal(build(), -HO_ECMDLINE);
	/* "vmlinuz ", and what the stub adds, are counted */
	m.blob.generation = 1;
	text[PLAN_XEN_CMDLINE_MAX - 8 - 36] = '\0';
	assert_int_equal(build(), 0);
	text[PLAN_XEN_CMDLINE_MAX - 8 - 36] = 'x';
	text[PLAN_XEN_CMDLINE_MAX - 8 - 35] = '\0';
	assert_int_equal(build(), -HO_ECMDLINE);
	/* words of ours that nobody would heed */
	m.blob.target.modules[0].bootargs = "quiet -- single";
	assert_int_equal(build(), -HO_ECMDLINE);
	m.blob.target.modules[0].bootargs = "quiet a=\"b c";
	assert_int_equal(build(), -HO_ECMDLINE);
	m.blob.target.modules[0].bootargs = "--a --- a-- a=-- a=\"b -- c\"";
	assert_int_equal(build(), 0);
	m.blob.target.bootargs = "dom0_mem=2G --\tconsole=hvc0";
	assert_int_equal(build(), -HO_ECMDLINE);
	m.blob.target.bootargs = "\"--\"";
	assert_int_equal(build(), -HO_ECMDLINE);
	m.blob.target.bootargs = "";
	m.blob.target.modules[0].bootargs = "";
	m.blob.region_only = true;
	assert_int_equal(build(), -HO_ETARGET);
	m.blob.region_only = false;
	image[0x100] ^= 1;
	assert_int_equal(build(), -HO_ENOTMB2);
}

static uint32_t type_at(uint64_t address)
{
	uint32_t i;

	for (i = 0; i < plan.map.count; i++)
		if (plan.map.entries[i].place.start <= address &&
		    address < plan.map.entries[i].place.end)
			return plan.map.entries[i].type;
	return 0;
}

static const struct plan_copy *copy_to(uint64_t address)
{
	uint32_t i;

	for (i = 0; i < plan.copy_count; i++)
		if (plan.copies[i].paddr == address)
			return &plan.copies[i];
	return NULL;
}

/* An EFI host's RSDP is copied to where Xen looks, if there is RAM. */
static void rsdp(void **state)
{
	const uint64_t at = m.blob.memory[1].end + 0x14;

	(void)state;
	own(0x40000, 512);
	m.blob.acpi_rsdp = 0xf5240;		/* a BIOS host's */
	assert_int_equal(build(), 0);
	assert_int_equal(plan.rsdp, 0);
	assert_null(copy_to(PLAN_XEN_EBDA));
	assert_null(strstr(plan.modules[0].cmdline, "acpi_rsdp"));
	m.blob.acpi_rsdp = ~0ull - 15;		/* its end is not behind it */
	m.blob.firmware_count = 1;
	m.blob.firmware[0] = (struct blob_firmware_range){
		.place = { 0x9f000, 0xa0000 }, .type = E820_ACPI };
	assert_int_equal(build(), -HO_EXENACPI);
	m.blob.firmware_count = 0;
	m.blob.acpi_rsdp = at;			/* nobody's memory */
	assert_int_equal(build(), -HO_EXENACPI);
	m.blob.firmware_count = 1;
	m.blob.firmware[0] = (struct blob_firmware_range){
		{ at - 0x14, at + 0x1000 }, E820_ACPI };
	assert_int_equal(build(), -HO_EXENACPI);	/* RAM ends at 0x9f000 */
	m.blob.memory[0].end = 0xa0000;
	assert_int_equal(build(), 0);
	assert_int_equal(plan.rsdp, at);
	assert_string_equal(plan.modules[0].cmdline,
			    "vmlinuz root=/dev/sda1 acpi_rsdp=0x80000014 baton=0x10000000");
	assert_int_equal(type_at(0x9efff), E820_RAM);
	assert_int_equal(type_at(0x9f000), E820_RESERVED);
	assert_int_equal(type_at(0x9ffff), E820_RESERVED);
	assert_int_equal(type_at(0xa0000), 0);
	assert_non_null(copy_to(PLAN_XEN_EBDA));
	assert_ptr_equal(copy_to(PLAN_XEN_EBDA)->source, (void *)at);
	assert_int_equal(copy_to(PLAN_XEN_EBDA)->file_bytes, 36);
	assert_memory_equal(copy_to(PLAN_XEN_EBDA_WORD)->source, "\xc0\x9f", 2);
	m.blob.firmware[0].place.end = at + 35;
	assert_int_equal(build(), -HO_EXENACPI);
	m.blob.firmware[0].place.end = at + 36;
	m.blob.memory[0].start = 0x1000;		/* no BIOS data area */
	assert_int_equal(build(), -HO_EXENACPI);
	m.blob.target.kind = TARGET_MULTIBOOT2;		/* not Xen's affair */
	m.blob.generation = 1;				/* and no Linux */
	assert_int_equal(build(), 0);
	assert_int_equal(plan.rsdp, 0);
	assert_string_equal(plan.info_input.cmdline,
			    "console=com1 baton=0x10000000");
}

/* The page is split out of whatever entry it is in. */
static void ebda(void **state)
{
	struct e820_entry entries[4];
	struct e820_map map = { .entries = entries, .count = 2 };

	(void)state;
	entries[0] = (struct e820_entry){ { 0, MIB }, E820_RAM };
	entries[1] = (struct e820_entry){ { MIB, 2 * MIB }, E820_RESERVED };
	plan_xen_reserve_ebda(&map);
	assert_int_equal(map.count, 4);
	assert_int_equal(entries[0].place.end, 0x9f000);
	assert_int_equal(entries[1].place.end, 0xa0000);
	assert_int_equal(entries[1].type, E820_RESERVED);
	assert_int_equal(entries[2].place.start, 0xa0000);
	assert_int_equal(entries[2].type, E820_RAM);
	assert_int_equal(entries[3].place.end, 2 * MIB);
	plan_xen_reserve_ebda(&map);			/* it is already */
	assert_int_equal(map.count, 4);
	map.count = 1;					/* not in the map */
	plan_xen_reserve_ebda(&map);
	assert_int_equal(map.count, 1);
}

static void rsdp_bytes(void **state)
{
	uint8_t r[36] = "RSD PTR \0BOCHS ";
	uint32_t i;

	(void)state;
	r[15] = 2;
	for (i = 0; i < 20; i++)
		r[8] -= i == 8 ? 0 : r[i];
	for (i = 0; i < 36; i++)
		r[32] -= i == 32 ? 0 : r[i];
	assert_int_equal(plan_xen_check_rsdp(r, &m.diag), 0);
	for (i = 0; i < 36; i++) {
		r[i] ^= 0x10;
		assert_int_equal(plan_xen_check_rsdp(r, &m.diag), -HO_EXENACPI);
		r[i] ^= 0x10;
	}
	memset(r, 0, sizeof(r));
	assert_int_equal(plan_xen_check_rsdp(r, &m.diag), -HO_EXENACPI);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(command_lines), T(users_mmio_relax), T(room_for_dom0), T(room_below_4_gib),
		T(refusals), T(rsdp), T(ebda), T(rsdp_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
