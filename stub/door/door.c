// SPDX-License-Identifier: MIT
/*
 * door.c - the first boot: from what a boot loader gives (a zero page, and a
 * cold blob as initrd) to the stub, which is entered just as from kexec. The
 * region is carved here, stub and files are put into it; from then on it is
 * an update like any, of an instance that never was.
 */
#include "bootparams.h"
#include "checked.h"
#include "cold.h"
#include "digest.h"
#include "stub/console.h"
#include "stub/cpu.h"
#include "stub/crypto.h"
#include "stub/libc.h"
#include "stub/paging.h"

#define MIB		(1024ull * 1024)
#define REACH		(64ull << 30)	/* what the page tables show */
#define LEAST_REACH	(4ull << 30)
#define POOL_PAGES	80		/* 64 of 2 MiB pages, those above */
#define EFI_SYSTAB_BYTES	120
#define EFI_TABLES_MAX	1024
#define TAKEN_MAX	(4 + BOOTPARAMS_DATA_MAX)

extern uint8_t door_image[], door_memory_end[], door_stub[], door_stub_end[];

static struct console console;
static struct diag_log diag;
static struct hostmap map;
static struct bootparams_facts facts;
static struct cold cold;
static struct blob blob;
static struct paging paging;
static uint64_t pool[POOL_PAGES][512] __attribute__((aligned(4096)));
static struct range taken[TAKEN_MAX];
static uint32_t taken_count;

void door_main(const void *zero_page);
void door_fault(uint64_t cr2) __attribute__((noreturn));
void __stack_chk_fail(void);

/* Nothing is lost yet: the reason, and the policy if there is one. */
static void give_up(void) __attribute__((noreturn));
static void give_up(void)
{
	uint32_t i;

	for (i = 0; i < diag.kept; i++)
		console_say(&console,
			    "baton-door: FAILED error=%s (%d) %s: %s\nbaton-door: remedy: %s\n",
			    error_name(diag.items[i].code),
			    diag.items[i].code,
			    error_text(diag.items[i].code),
			    diag.items[i].where,
			    error_remedy(diag.items[i].code));
	if (cold.on_failure == HO_ON_FAILURE_RESET) {
		console_say(&console, "baton-door: reset\n");
		cpu_reset();
	}
	console_say(&console, "baton-door: halted\n");
	cpu_halt();
}

void door_fault(uint64_t cr2)
{
	diag_add(&diag, HO_ETRAP, "in the door, cr2 0x%llx",
		 (unsigned long long)cr2);
	give_up();
}

void __stack_chk_fail(void)
{
	diag_add(&diag, HO_ETRAP, "stack protector, in the door");
	give_up();
}

static void must(int rc)
{
	if (rc)
		give_up();
}

static void take(uint64_t start, uint64_t bytes)
{
	if (bytes)
		taken[taken_count++] = (struct range){ start, start + bytes };
}

/* All that firmware calls memory, what lies in between, and at least the
 * first 4 GiB, where EFI's tables are. */
static void map_memory(void)
{
	uint64_t end = 0;
	uint32_t i;

	for (i = 0; i < map.memory_count; i++)
		if (map.memory[i].end > end)
			end = map.memory[i].end;
	if (end < LEAST_REACH)
		end = LEAST_REACH;
	if (end > REACH)
		end = REACH;
	must(paging_init(&paging, pool, POOL_PAGES, cpu_has_la57() ? 5 : 4,
			 cpu_has_gib_pages()));
	must(paging_map(&paging, 0, align_up(end, 2 * MIB),
			PAGING_WRITE | PAGING_EXECUTE));
	cpu_set_cr3((uintptr_t)paging.root);
}

/* By EFI's list of tables (UEFI specification 2.10, sections 4.3 and 4.6):
 * GRUB's zero page names it, and not the RSDP. */
static uint64_t efi_rsdp(uint64_t systab)
{
	static const uint8_t acpi20[16] = {
		0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
		0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81,
	};
	const uint8_t *entry;
	uint64_t count, at;

	if (!systab || systab > LEAST_REACH - EFI_SYSTAB_BYTES)
		return 0;
	memcpy(&count, (const uint8_t *)systab + 104, 8);
	memcpy(&at, (const uint8_t *)systab + 112, 8);
	if (count > EFI_TABLES_MAX || at > LEAST_REACH - 24 * EFI_TABLES_MAX)
		return 0;
	for (entry = (const uint8_t *)at; count; count--, entry += 24)
		if (!memcmp(entry, acpi20, sizeof(acpi20))) {
			memcpy(&at, entry + 16, 8);
			return at;
		}
	return 0;
}

static void read_facts(const void *zero_page)
{
	uint32_t i;

	must(bootparams_read(&facts, zero_page, &map, &diag));
	must(hostmap_settle(&map, &diag));
	map_memory();
	if (!facts.rsdp)
		facts.rsdp = efi_rsdp(facts.efi_systab);
	take((uintptr_t)door_image, door_memory_end - door_image);
	take((uintptr_t)zero_page, BOOTPARAMS_BYTES);
	take(facts.initrd, facts.initrd_bytes);
	for (i = 0; i < facts.data_count; i++)
		take(facts.data[i].start, range_bytes(facts.data[i]));
}

static void read_cold(void)
{
	if (!facts.initrd_bytes) {
		diag_add(&diag, HO_EDOOR, "no initrd");
		give_up();
	}
	if (facts.initrd + facts.initrd_bytes > REACH) {
		diag_add(&diag, HO_EDOOR, "initrd at 0x%llx: above 64 GiB",
			 (unsigned long long)facts.initrd);
		give_up();
	}
	must(cold_parse(&cold, (const void *)(uintptr_t)facts.initrd,
			facts.initrd_bytes, &diag));
	console_init(&console, cold.uart_port, cold.uart_baud);
}

static void copy_image(const struct blob_image *image, const void *bytes)
{
	memcpy((void *)(uintptr_t)image->place.start, bytes,
	       range_bytes(image->place));
}

/* Not secret, only unlike the last one. */
static void make_id(void)
{
	uint64_t tsc = cpu_tsc();
	uint8_t digest[HO_DIGEST_BYTES];

	digest_of(HO_DIGEST_SHA256, &tsc, sizeof(tsc), digest);
	memcpy(blob.id, digest, sizeof(blob.id));
	blob.id[6] = (blob.id[6] & 0x0f) | 0x40;	/* a UUID, version 4 */
	blob.id[8] = (blob.id[8] & 0x3f) | 0x80;
}

/* Everything to its place in the region; returns the stub's entry. */
static uint64_t fill_region(struct range region)
{
	const uint64_t stub_bytes = door_stub_end - door_stub;
	const struct ho_stub_header *header =
		(const struct ho_stub_header *)door_stub;
	uint64_t stub = region.start + HO_STUB_OFFSET, at;
	struct ho_entry entry = {
		.magic = HO_ENTRY_MAGIC, .version = HO_ABI_VERSION,
		.bytes = sizeof(entry), .on_failure = cold.on_failure,
		.region_base = region.start,
		.region_bytes = range_bytes(region),
		.blob_digest_alg = HO_DIGEST_SHA256,
		.uart_port = cold.uart_port, .uart_baud = cold.uart_baud,
	};
	uint32_t i;

	at = cold_describe(&blob, &cold, &map, region, stub_bytes);
	blob.acpi_rsdp = facts.rsdp;
	make_id();
	copy_image(&blob.stub, door_stub);
	copy_image(&blob.target.image, cold.data[0]);
	for (i = 0; i < blob.target.module_count; i++)
		copy_image(&blob.target.modules[i], cold.data[1 + i]);
	entry.blob_paddr = at;
	entry.blob_bytes = cold_write(&blob, (void *)(uintptr_t)at,
				      region.end - at);
	if (!entry.blob_bytes) {
		diag_add(&diag, HO_EREGIONSMALL, "no room for the blob");
		give_up();
	}
	digest_of(HO_DIGEST_SHA256, (const void *)(uintptr_t)at,
		  entry.blob_bytes, entry.blob_digest);
	entry_seal(&entry);
	memcpy((void *)(uintptr_t)(stub + header->entry_block_offset), &entry,
	       sizeof(entry));
	return stub + header->entry_offset;
}

void door_main(const void *zero_page)
{
	struct range region;
	void (*enter)(void);

	diag_init(&diag, HO_STAGE_LOADER);
	console_init(&console, 0x3f8, 0);
	crypto_init();
	read_facts(zero_page);
	read_cold();
	console_say(&console, "\nbaton-door " BATON_VERSION ": %s\n",
		    cold.target.image.file);
	must(cold_place(&cold, &map, taken, taken_count, REACH, &region,
			&diag));
	console_say(&console, "baton-door: region 0x%llx, %llu MiB\n",
		    (unsigned long long)region.start,
		    (unsigned long long)(range_bytes(region) / MIB));
	enter = (void (*)(void))(uintptr_t)fill_region(region);
	enter();
}
