// SPDX-License-Identifier: MIT
/*
 * test_efi.c - EFI's map: which descriptors a kernel may be shown, each reason
 * to refuse a map or a framebuffer, what a zero page says of it, that nothing is
 * placed where boot services were, and which of its tables a target is shown.
 */
#include "bootparams.h"
#include "bootparams_read.h"
#include "cmocka_all.h"
#include "maps.h"
#include "place.h"
#include "testmachine.h"
#include "testpaging.h"

#define RUNTIME EFI_ATTRIBUTE_RUNTIME
#define DESC_BYTES 48

static uint8_t bytes[HO_EFI_MAP_BYTES_MAX + DESC_BYTES];
static struct efi efi;
static struct diag_log diag;
static const struct range memory[] = { { 0, 0xa0000 }, { MIB, 512 * MIB } };

static int setup(void **state)
{
	(void)state;
	memset(bytes, 0, sizeof(bytes));
	efi = (struct efi){ .system_table = 0x3f5eb018, .desc_version = 1,
			    .desc_size = DESC_BYTES, .map = bytes };
	diag_init(&diag, HO_STAGE_VERIFY);
	return 0;
}

static void virtual_mode(void)
{
	efi.virtual_mode = efi.runtime_only = true;
	efi.fw_vendor = 0x3f5eba98;
	efi.config_table = 0x3f5ead98;
	efi.smbios = 0x3f5e8000;
}

static void add(uint32_t type, uint64_t start, uint64_t pages,
		uint64_t attribute)
{
	const struct efi_descriptor d = {
		.type = type, .attribute = attribute,
		.place = { start, start + pages * HO_PAGE_BYTES },
		.virtual_start = ~0xfffffffull + start,
	};

	efi_put_descriptor(&efi, bytes + efi.map_bytes, &d);
	efi.map_bytes += DESC_BYTES;
}

static int check(void)
{
	diag_init(&diag, HO_STAGE_VERIFY);
	return efi_check(&efi, memory, ARRAY_COUNT(memory), &diag);
}

static void refused(void)
{
	assert_int_equal(check(), -HO_EEFI);
	assert_int_equal(diag.total, 1);
}

static void good_maps(void **state)
{
	(void)state;
	add(EFI_RUNTIME_CODE, 512 * MIB, 256, RUNTIME);
	add(EFI_BOOT_DATA, 600 * MIB, 6, RUNTIME | 0xf);
	add(EFI_MMIO, 0xffc00000, 1024, RUNTIME | 1);
	add(0x80000001, 700 * MIB, 1, RUNTIME);		/* a vendor's */
	assert_int_equal(check(), 0);
	virtual_mode();
	assert_int_equal(check(), 0);
	efi.virtual_mode = efi.runtime_only = false;
	add(EFI_BOOT_CODE, 2 * MIB, 256, 0xf);		/* RAM, later */
	add(EFI_ACPI, 701 * MIB, 1, 0xf);
	add(EFI_RESERVED, 702 * MIB, 1, 0);
	assert_int_equal(check(), 0);
	assert_int_equal(efi_count(&efi), 7);
}

/* What a decompressor looking for a place would take, in either mode, whatever
 * its attributes. */
static void free_memory(void **state)
{
	static const uint32_t types[] = {
		EFI_LOADER_CODE, EFI_LOADER_DATA, EFI_CONVENTIONAL,
		EFI_PERSISTENT, EFI_UNACCEPTED, 16, 0x6fffffff,
	};
	uint32_t i, mode, attribute;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(types); i++)
		for (mode = 0; mode < 2; mode++)
			for (attribute = 0; attribute < 2; attribute++) {
				efi.map_bytes = 0;
				efi.runtime_only = mode;
				add(EFI_RUNTIME_DATA, 512 * MIB, 1, RUNTIME);
				assert_int_equal(check(), 0);
				add(types[i], 600 * MIB, 1,
				    attribute ? RUNTIME : 0xf);
				refused();
			}
}

/* Once an instance has run, boot services' memory is somebody's. */
static void not_of_runtime(void **state)
{
	(void)state;
	virtual_mode();
	add(EFI_BOOT_DATA, 600 * MIB, 1, 0xf);
	refused();
}

static void bad_ranges(void **state)
{
	static const struct { uint64_t start, pages; } cases[] = {
		{ 600 * MIB, 0 }, { 600 * MIB + 8, 1 },
		{ 1ull << 52, 1 }, { (1ull << 52) - 4096, 2 },
		{ 0x1000, ~0ull >> 12 }, { 0x1000, ~0ull },
		{ 0xfffffffffffff000, 2 },
		/* the firmware's, in RAM */
		{ 511 * MIB, 256 }, { 511 * MIB, 257 }, { 0, 1 },
		{ 0, 1ull << 30 },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		efi.map_bytes = 0;
		add(EFI_RUNTIME_DATA, cases[i].start, 1, RUNTIME);
		memcpy(bytes + 24, &cases[i].pages, 8);
		refused();
	}
}

static void bad_sizes(void **state)
{
	static const uint32_t sizes[] = { 0, 8, 32, 39, 44, 264, ~0u };
	uint32_t i;

	(void)state;
	refused();			/* no descriptor */
	add(EFI_RUNTIME_DATA, 600 * MIB, 1, RUNTIME);
	for (i = 0; i < ARRAY_COUNT(sizes); i++) {
		efi.desc_size = sizes[i];
		refused();
	}
	efi.desc_size = DESC_BYTES;
	efi.map_bytes = DESC_BYTES - 8;
	refused();
	efi.map_bytes = (HO_EFI_MAP_BYTES_MAX / DESC_BYTES + 1) * DESC_BYTES;
	refused();
}

/* As the doors and the loader make a map that may pass. */
static void copied(void **state)
{
	static uint8_t out[HO_EFI_MAP_BYTES_MAX];
	struct efi e;

	(void)state;
	add(EFI_CONVENTIONAL, MIB, 1024, 0xf);
	add(EFI_BOOT_DATA, 16 * MIB, 16, 0xf);
	add(EFI_LOADER_DATA, 32 * MIB, 16, 0xf);
	add(EFI_RUNTIME_DATA, 600 * MIB, 1, RUNTIME);
	add(EFI_UNACCEPTED, 700 * MIB, 1, 0);
	add(EFI_RUNTIME_CODE, 601 * MIB, 1, RUNTIME);
	add(EFI_RUNTIME_CODE, 601 * MIB, 0, RUNTIME);
	e = efi;
	assert_true(efi_copy_map(&e, out));
	assert_int_equal(efi_count(&e), 3);
	assert_ptr_equal(e.map, out);
	assert_int_equal(efi_descriptor(&e, 0).type, EFI_BOOT_DATA);
	assert_int_equal(efi_descriptor(&e, 1).place.start, 600 * MIB);
	assert_int_equal(efi_descriptor(&e, 2).place.start, 601 * MIB);
	/* in place, and nothing but what the firmware runs in */
	efi.runtime_only = true;
	assert_true(efi_copy_map(&efi, bytes));
	assert_int_equal(efi_count(&efi), 2);
	assert_int_equal(efi_descriptor(&efi, 1).type, EFI_RUNTIME_CODE);
	/* nothing left */
	setup(NULL);
	add(EFI_CONVENTIONAL, MIB, 1024, 0xf);
	assert_false(efi_copy_map(&efi, bytes));
	assert_int_equal(efi.system_table, 0);
	/* too much */
	setup(NULL);
	while (efi.map_bytes + DESC_BYTES <= sizeof(bytes))
		add(EFI_RUNTIME_DATA, 600 * MIB, 1, RUNTIME);
	assert_false(efi_copy_map(&efi, out));
	setup(NULL);
	efi.desc_size = 4;
	efi.map_bytes = 4096;
	assert_false(efi_copy_map(&efi, out));
}

/* Where boot services left tables, a kernel may load what it starts. */
static void boot_dropped(void **state)
{
	static uint8_t out[HO_EFI_MAP_BYTES_MAX];

	(void)state;
	add(EFI_RUNTIME_DATA, 600 * MIB, 1, RUNTIME);
	add(EFI_BOOT_DATA, 16 * MIB, 3, RUNTIME);
	add(EFI_BOOT_CODE, 17 * MIB, 3, RUNTIME);
	add(EFI_RUNTIME_CODE, 601 * MIB, 1, RUNTIME);
	efi_drop_boot(&efi, out);
	assert_ptr_equal(efi.map, out);
	assert_int_equal(efi_count(&efi), 2);
	assert_int_equal(efi_descriptor(&efi, 0).place.start, 600 * MIB);
	assert_int_equal(efi_descriptor(&efi, 1).place.start, 601 * MIB);
	assert_int_not_equal(efi.system_table, 0);
	/* in place: once is enough */
	efi_drop_boot(&efi, out);
	assert_int_equal(efi_count(&efi), 2);
	/* nothing left */
	setup(NULL);
	add(EFI_BOOT_DATA, 16 * MIB, 3, RUNTIME);
	efi_drop_boot(&efi, bytes);
	assert_int_equal(efi.map_bytes, 0);
	assert_int_equal(efi.system_table, 0);
	efi.map = NULL;			/* no EFI, no map */
	efi_drop_boot(&efi, bytes);
	assert_null(efi.map);
}

static void put(uint8_t *at, uint64_t v, uint32_t width)
{
	memcpy(at, &v, width);
}

static void screens(void **state)
{
	uint8_t s[HO_SCREEN_INFO_BYTES] = { 0 };

	(void)state;
	s[0x0f] = 0x70;
	put(s + 0x14, 800, 2);
	put(s + 0x18, 0xc0000000, 4);
	put(s + 0x1c, 0x3e8000, 4);
	put(s + 0x24, 5120, 2);
	assert_true(efi_screen_is_sane(s, memory, 2));
	s[0x0f] = 1;				/* text */
	assert_false(efi_screen_is_sane(s, memory, 2));
	s[0x0f] = 0x23;				/* VESA: in 64 KiB */
	put(s + 0x1c, 64, 4);
	assert_true(efi_screen_is_sane(s, memory, 2));
	/* in RAM; its last line alone, by height and pitch; above 4 GiB */
	put(s + 0x18, 256 * MIB, 4);
	assert_false(efi_screen_is_sane(s, memory, 2));
	s[0x0f] = 0x70;
	put(s + 0x18, 0xff000, 4);
	put(s + 0x1c, 0x1000, 4);
	assert_false(efi_screen_is_sane(s, memory, 2));
	put(s + 0x3a, 1, 4);
	assert_false(efi_screen_is_sane(s, memory, 2));	/* not said to count */
	put(s + 0x36, 2, 4);
	assert_true(efi_screen_is_sane(s, memory, 2));
	put(s + 0x3a, 0x100000, 4);
	assert_false(efi_screen_is_sane(s, memory, 2));
	memset(s + 0x10, 0, 48);
	assert_false(efi_screen_is_sane(s, memory, 2));	/* nowhere */
}

static bool text_is_sane(uint32_t columns, uint32_t lines, uint32_t points)
{
	const struct vgatext t = { columns, lines, points };

	return vgatext_is_sane(&t, memory, 2);
}

static void text(void **state)
{
	const struct range vga = { 0xbf000, 0x100000 };
	const struct vgatext t = { 132, 43, 14 };
	uint8_t screen[HO_SCREEN_INFO_BYTES] = { 0 };
	struct vgatext back;

	(void)state;
	assert_true(text_is_sane(80, 25, 16));
	assert_true(text_is_sane(80, 50, 8));
	assert_false(text_is_sane(0, 25, 16));
	assert_false(text_is_sane(80, 0, 16));
	assert_false(text_is_sane(80, 25, 0));
	assert_false(text_is_sane(80, 25, 33));
	assert_false(text_is_sane(39, 25, 16));
	assert_false(text_is_sane(160, 101, 16));
	assert_false(text_is_sane(160, 103, 8));
	assert_false(text_is_sane(0x80000050, 25, 16));
	assert_false(vgatext_is_sane(&t, &vga, 1));
	vgatext_put(&t, screen);
	vgatext_take(&back, screen);
	assert_memory_equal(&back, &t, sizeof(t));
	assert_false(efi_screen_is_sane(screen, memory, 2));
}

static uint64_t get(const uint8_t *at, uint32_t offset, uint32_t width)
{
	uint64_t v = 0;

	memcpy(&v, at + offset, width);
	return v;
}

static uint8_t image[4096], zero[BOOTPARAMS_BYTES];

static uint8_t *fill(uint32_t map_count, uint64_t paddr)
{
	static struct e820_entry entries[200];
	struct e820_map map = { .entries = entries, .count = map_count };
	struct bzimage bz = { .header_bytes = 0x7b };
	uint8_t screen[HO_SCREEN_INFO_BYTES] = { [0x0f] = 0x70, [63] = 9 };
	struct bootparams_input in = {
		.image = image, .bz = &bz, .map = &map, .efi = &efi,
		.screen_info = screen, .extra_paddr = paddr,
	};
	uint8_t *extra = malloc(bootparams_extra_bytes(map_count, &efi));

	bootparams_fill(zero, extra, &in);
	assert_int_equal(zero[0x0f], 0x70);
	assert_int_equal(zero[63], 9);
	return extra;
}

static void is_efi_info(uint64_t map)
{
	assert_memory_equal(zero + 0x1c0, "EL64", 4);
	assert_true((get(zero, 0x1c4, 4) | get(zero, 0x1d8, 4) << 32) ==
		    efi.system_table);
	assert_int_equal(get(zero, 0x1c8, 4), DESC_BYTES);
	assert_int_equal(get(zero, 0x1cc, 4), 1);
	assert_true((get(zero, 0x1d0, 4) | get(zero, 0x1dc, 4) << 32) == map);
	assert_int_equal(get(zero, 0x1d4, 4), efi.map_bytes);
}

/* As kexec -s does it (facts measured: uefi.md): SETUP_EFI of 96 bytes. */
static void zero_page_warm(void **state)
{
	const uint64_t at = 0x1234567000;
	uint8_t *extra, *e;

	(void)state;
	virtual_mode();
	efi.system_table = 0x123f5eb018;
	efi.secure_boot = 2;
	add(EFI_RUNTIME_DATA, 600 * MIB, 1, RUNTIME);
	add(EFI_RUNTIME_CODE, 601 * MIB, 1, RUNTIME);
	assert_int_equal(bootparams_extra_bytes(1, &efi),
			 16 + 96 + 2 * DESC_BYTES);
	extra = fill(1, at);
	is_efi_info(at + 16 + 96);
	assert_int_equal(zero[0x1ec], 2);
	assert_true(get(zero, 0x250, 8) == at);
	assert_true(get(extra, 0, 8) == 0);
	assert_int_equal(get(extra, 8, 4), 4);
	assert_int_equal(get(extra, 12, 4), 96);
	assert_int_equal(get(extra, 16, 8), efi.fw_vendor);
	assert_int_equal(get(extra, 24, 8), 0);
	assert_int_equal(get(extra, 32, 8), efi.config_table);
	assert_int_equal(get(extra, 40, 8), efi.smbios);
	assert_true(bytes_are_zero(extra + 48, 64));
	assert_memory_equal(extra + 112, bytes, efi.map_bytes);
	free(extra);
	/* behind the rest of the map, in one list */
	extra = fill(131, at);
	e = extra + 80;			/* 16 + 3 * 20, aligned to 8 */
	assert_true(get(zero, 0x250, 8) == at + 80);
	assert_true(get(e, 0, 8) == at);
	assert_int_equal(get(e, 8, 4), 4);
	assert_true(get(extra, 0, 8) == 0);
	assert_int_equal(get(extra, 8, 4), 1);
	assert_int_equal(get(extra, 12, 4), 60);
	is_efi_info(at + 80 + 112);
	assert_memory_equal(e + 112, bytes, efi.map_bytes);
	free(extra);
}

/* SetVirtualAddressMap() is the new kernel's to call. */
static void zero_page_cold(void **state)
{
	struct efi back;
	uint8_t *extra;

	(void)state;
	add(EFI_RUNTIME_DATA, 600 * MIB, 1, RUNTIME);
	extra = fill(1, 0x10000000);
	is_efi_info(0x10000000);
	assert_true(get(zero, 0x250, 8) == 0);
	assert_memory_equal(extra, bytes, efi.map_bytes);
	bootparams_efi(&back, zero);
	assert_int_equal(back.system_table, efi.system_table);
	assert_int_equal(back.desc_size, DESC_BYTES);
	assert_int_equal(back.map_bytes, efi.map_bytes);
	assert_int_equal((uintptr_t)back.map, 0x10000000);
	zero[0x1c2] = '3';		/* 32-bit EFI */
	bootparams_efi(&back, zero);
	assert_int_equal(back.system_table, 0);
	free(extra);
	efi.system_table = 0;
	assert_int_equal(bootparams_extra_bytes(1, &efi), 0);
	extra = fill(1, 0);
	assert_true(bytes_are_zero(zero + 0x1c0, 0x20));
	free(extra);
}

/* Boot services' memory is RAM, and nothing of ours goes there. */
static void avoided(void **state)
{
	struct e820_entry ram = { { MIB, 512 * MIB }, E820_RAM };
	struct e820_map map = { .entries = &ram, .count = 1 };
	struct place p;

	(void)state;
	add(EFI_BOOT_CODE, 16 * MIB, 256, 0xf);		/* to 17 MiB */
	add(EFI_BOOT_DATA, 18 * MIB, 512, 0xf);		/* to 20 MiB */
	add(EFI_ACPI, 30 * MIB, 512, 0xf);
	place_init(&p, &map, &efi);
	assert_int_equal(place_take(&p, 2 * MIB, 2 * MIB, 16 * MIB, ~0ull),
			 20 * MIB);
	assert_int_equal(place_take(&p, MIB, MIB, 16 * MIB, ~0ull), 17 * MIB);
	assert_false(place_take_at(&p, 18 * MIB, MIB));
	efi.runtime_only = true;
	assert_true(place_take_at(&p, 18 * MIB, MIB));
}

static void put_system(uint8_t *at, uint64_t signature, uint64_t count,
		       uint64_t config)
{
	memset(at, 0xff, EFI_SYSTEM_TABLE_BYTES);
	memcpy(at, &signature, 8);
	memcpy(at + 104, &count, 8);
	memcpy(at + 112, &config, 8);
}

/* Its place: the firmware's word, or in virtual mode the blob's. */
static void config_table(void **state)
{
	static const uint64_t good = 0x5453595320494249;
	uint8_t system[EFI_SYSTEM_TABLE_BYTES];
	struct range r;

	(void)state;
	put_system(system, good, 11, 0x3f5ec000);
	assert_true(efi_config_table(&efi, system, &r));
	assert_int_equal(r.start, 0x3f5ec000);
	assert_int_equal(r.end, 0x3f5ec000 + 11 * 24);
	virtual_mode();
	assert_true(efi_config_table(&efi, system, &r));
	assert_int_equal(r.start, efi.config_table);
	efi.virtual_mode = false;
	put_system(system, good + 1, 11, 0x3f5ec000);
	assert_false(efi_config_table(&efi, system, &r));
	put_system(system, good, 0, 0x3f5ec000);
	assert_false(efi_config_table(&efi, system, &r));
	put_system(system, good, 1025, 0x3f5ec000);
	assert_false(efi_config_table(&efi, system, &r));
	put_system(system, good, 11, 0);
	assert_false(efi_config_table(&efi, system, &r));
	put_system(system, good, 1, -24ull);
	assert_false(efi_config_table(&efi, system, &r));
	put_system(system, good, 1, 1ull << 52);
	assert_false(efi_config_table(&efi, system, &r));
}

/* What a kernel reads of it is mapped, read-only, but never what may be guests'. */
static void shown(void **state)
{
	static const struct {
		struct range r;
		int rc;
	} t[] = {
		{ { 600 * MIB + 0x18, 600 * MIB + 0x90 }, 1 },
		{ { 600 * MIB - 8, 600 * MIB + 8 }, 1 },
		{ { 512 * MIB + 0x18, 512 * MIB + 0x90 }, 1 },
		{ { 512 * MIB - 8, 512 * MIB + 8 }, 0 },
		{ { 100 * MIB + 0x18, 100 * MIB + 0x90 }, 0 },
		{ { 0xa0018, MIB + 8 }, 0 },
		{ { 600 * MIB, 600 * MIB }, 0 },
		{ { 600 * MIB, 599 * MIB }, 0 },
		{ { ~0ull - 8, ~0ull }, 0 },
		{ { 1ull << 48, (1ull << 48) + 8 }, -HO_EPAGETABLE },
	};
	static uint8_t pool[8 * HO_PAGE_BYTES]
		__attribute__((aligned(HO_PAGE_BYTES)));
	static struct blob b;
	struct paging p;
	uint32_t i, used;

	(void)state;
	memcpy(b.memory, memory, sizeof(memory));
	b.memory_count = ARRAY_COUNT(memory);
	for (i = 0; i < ARRAY_COUNT(t); i++) {
		assert_int_equal(paging_init(&p, pool, 8, 4, true), 0);
		used = p.used;
		assert_int_equal(maps_firmware(&p, &b, t[i].r, &diag),
				 t[i].rc);
		assert_true((p.used > used) == (t[i].rc > 0));
	}
}

/* So are ACPI's tables, and nothing else of the firmware's map. */
static void acpi_shown(void **state)
{
	static const struct {
		uint64_t va;
		bool mapped;
	} t[] = {
		{ 600 * MIB, true }, { 601 * MIB - 1, true },
		{ 601 * MIB, false }, { 602 * MIB, true },
		{ 603 * MIB, false }, { 604 * MIB, false },
		{ 605 * MIB, true }, { 605 * MIB + 0x1000, true },
		{ 605 * MIB + 0x2000, false }, { 100 * MIB, false },
		{ 0xf0000, false },
	};
	static uint8_t pool[16 * HO_PAGE_BYTES]
		__attribute__((aligned(HO_PAGE_BYTES)));
	static struct blob b;
	struct paging p;
	uint32_t i;

	(void)state;
	memcpy(b.memory, memory, sizeof(memory));
	b.memory_count = ARRAY_COUNT(memory);
	b.firmware[0] = (struct blob_firmware_range){
		{ 100 * MIB, 101 * MIB }, E820_ACPI };
	b.firmware[1] = (struct blob_firmware_range){
		{ 600 * MIB, 601 * MIB }, E820_ACPI };
	b.firmware[2] = (struct blob_firmware_range){
		{ 602 * MIB, 603 * MIB }, E820_NVS };
	b.firmware[3] = (struct blob_firmware_range){
		{ 604 * MIB, 605 * MIB }, E820_RESERVED };
	b.firmware_count = 4;
	b.acpi_rsdp = 605 * MIB + 0xff0;
	assert_int_equal(paging_init(&p, pool, 16, 4, true), 0);
	assert_int_equal(maps_acpi(&p, &b, &diag), 0);
	for (i = 0; i < ARRAY_COUNT(t); i++)
		assert_int_equal(walk(&p, t[i].va),
				 t[i].mapped ? P | NX : 0);
	/* the first MiB is the target's anyway, and stays writable */
	b.firmware_count = 0;
	b.acpi_rsdp = 0xf0000;
	assert_int_equal(paging_init(&p, pool, 16, 4, true), 0);
	assert_int_equal(maps_acpi(&p, &b, &diag), 0);
	assert_int_equal(walk(&p, 0xf0000), 0);
	/* two tables are not enough for what is far apart */
	b.acpi_rsdp = 600 * MIB;
	assert_int_equal(paging_init(&p, pool, 2, 4, true), 0);
	assert_int_equal(maps_acpi(&p, &b, &diag), -HO_EPAGETABLE);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_maps), T(free_memory), T(not_of_runtime),
		T(bad_ranges), T(bad_sizes), T(copied), T(boot_dropped),
		T(screens), T(text),
		T(zero_page_warm), T(zero_page_cold), T(avoided),
		T(config_table), T(shown), T(acpi_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
