// SPDX-License-Identifier: MIT
/*
 * door.c - the first boot: from what a boot loader gives (facts of the machine,
 * and a cold blob) to the stub, which is entered just as from kexec. The region
 * is carved here, stub and files are put into it; from then on it is an update
 * like any, of an instance that never was.
 *
 * Nothing is written but this image's own memory until the region has a place.
 */
#include "door.h"

#include "bootparams_read.h"
#include "checked.h"
#include "cold.h"
#include "console.h"
#include "cpu.h"
#include "crypto.h"
#include "digest.h"
#include "held.h"
#include "libc.h"
#include "mb2_read.h"
#include "paging.h"
#include "pvh.h"
#include "told.h"
#include "trust.h"
#include "warm.h"

#define REACH		(64ull << 30)	/* what the page tables show */
#define LEAST_REACH	(4ull << 30)
#define ADDRESSES_END	(1ull << 52)

extern uint8_t door_image[], door_memory_end[], door_stub[], door_stub_end[];

static struct console console;
static struct diag_log diag;
static struct diag_log left_out;	/* of EFI, and no reason to stop */
static struct hostmap map;
static struct facts facts;
static union {				/* one of them: below 2 MiB there is no more room */
	uint8_t efi_map[HO_EFI_MAP_BYTES_MAX];	/* of a first boot */
	struct blob tree;			/* a handover's fallback's */
} road;
static struct cold cold;
static struct warm warm;
static struct blob blob;
static uint32_t on_failure;		/* HO_ON_FAILURE_* */
static struct paging paging;
static uint64_t pool[PACKAGE_DOOR_TABLES][512] __attribute__((aligned(4096)));

void door_main(uint32_t door, uint64_t given, uint64_t stack);
void door_fault(uint64_t cr2) __attribute__((noreturn));
void __stack_chk_fail(void);

/* There is no fallback at a door. */
static bool is_to_reset(void)
{
	return on_failure == HO_ON_FAILURE_RESET ||
	       on_failure == HO_ON_FAILURE_FALLBACK_RESET;
}

static void end_by_policy(void) __attribute__((noreturn));
static void end_by_policy(void)
{
	if (is_to_reset())
		cpu_reset();
	cpu_halt();
}

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
	console_say(&console, "baton-door: %s\n",
		    is_to_reset() ? "reset" : "halted");
	end_by_policy();
}

void door_fault(uint64_t cr2)
{
	static bool again;

	if (again)		/* it was the report that faulted */
		end_by_policy();
	again = true;
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

static void must_map(int rc, uint64_t start, uint64_t end)
{
	if (rc)
		diag_add(&diag, -rc, "mapping 0x%llx..0x%llx, in the door",
			 (unsigned long long)start, (unsigned long long)end);
	must(rc);
}

static void map_range(uint64_t start, uint64_t end)
{
	must_map(paging_map(&paging, start, end,
			    PAGING_WRITE | PAGING_EXECUTE), start, end);
}

/* All that firmware calls memory, what lies in between, at least the first
 * 4 GiB, where EFI's tables are; and what the boot loader put beyond. */
static uint64_t map_memory(void)
{
	uint64_t end = LEAST_REACH;
	uint32_t i;

	for (i = 0; i < map.memory_count; i++)
		if (map.memory[i].end > end)
			end = map.memory[i].end;
	if (end > REACH)
		end = REACH;
	end = align_up(end, 2 * MIB);
	must_map(paging_init(&paging, pool, PACKAGE_DOOR_TABLES, cpu_has_la57() ? 5 : 4,
			     cpu_has_gib_pages()), 0, end);
	map_range(0, end);
	for (i = 0; i < facts.taken_count; i++)
		if (facts.taken[i].end > end)
			map_range(align_down(facts.taken[i].start, 2 * MIB),
				  align_up(facts.taken[i].end, 2 * MIB));
	cpu_set_cr3((uintptr_t)paging.root);
	return end;
}

/* Does our stub have a key? Then a blob is anybody's. */
static bool is_held(void)
{
	uint64_t at = trust_find(door_stub, door_stub_end - door_stub);
	struct ho_trust slot;

	if (!at)
		return true;
	memcpy(&slot, door_stub + at, sizeof(slot));
	return slot.alg != HO_TRUST_NONE;
}

static int read_given(uint32_t door, uint64_t given)
{
	/* a 32-bit entry shows the first 4 GiB, a 64-bit one who knows what */
	const struct physmem low = { 0, LEAST_REACH, 0 },
			     all = { 0, ADDRESSES_END, 0 };

	switch (door) {
	case DOOR_LINUX:
		return bootparams_read(&facts, &map, &low, given, &diag);
	case DOOR_LINUX64:
		return bootparams_read(&facts, &map, &all, given, &diag);
	case DOOR_MULTIBOOT2:
		return mb2_info_read(&facts, &map, &low, given, &diag);
	case DOOR_PVH:
		return pvh_read(&facts, &map, &low, given, &diag);
	default:
		return diag_add(&diag, HO_EDOOR,
				"entered neither by multiboot2 nor by PVH");
	}
}

/* Where the boot loader has put this image, with all its memory. */
static int take_self(void)
{
	const struct range self = { (uintptr_t)door_image,
				    (uintptr_t)door_memory_end };

	if (!hostmap_is_ram(&map, self))
		return diag_add(&diag, HO_EDOOR,
				"loaded at 0x%llx, where firmware says there is no RAM",
				(unsigned long long)self.start);
	return facts_take(&facts, self.start, range_bytes(self), &diag);
}

/* A package, if a kexec has brought one. */
static bool take_warm(uint32_t door, uint64_t stack)
{
	const struct physmem all = { 0, ADDRESSES_END, 0 };
	int rc;

	warm = (struct warm){
		.facts = &facts, .stack = stack, .pool = pool,
		.self = { (uintptr_t)door_image, (uintptr_t)door_memory_end },
		.pool_pages = PACKAGE_DOOR_TABLES, .blob = &blob, .diag = &diag,
	};
	rc = warm_is_given(&warm, door == DOOR_LINUX64);
	must(rc < 0 ? rc : 0);
	if (!rc)
		return false;
	must(warm_open(&warm));
	on_failure = warm.entry.on_failure;
	console_init(&console, console_port(warm.entry.uart_port, is_held()),
		     warm.entry.uart_baud);
	console_say(&console,
		    "\nbaton-door " BATON_VERSION ": a handover, package at 0x%llx, door at 0x%llx\n",
		    (unsigned long long)facts.blob.start,
		    (unsigned long long)warm.self.start);
	if (is_held())
		must(held_check(&facts, &map, &all, &blob, &diag));
	must(warm_prove(&warm));
	console_say(&console, "baton-door: over nobody's memory\n");
	return true;
}

/* The fallback tree, where it lies now, says of the firmware what the blob does: a
 * stub that fails believes it instead. */
static void check_fallback(void)
{
	const struct physmem all = { 0, ADDRESSES_END, 0 };

	if (!is_held() || blob.fallback.kind == TARGET_NONE)
		return;
	must(blob_parse_fallback(&road.tree, &blob,
				 (const void *)(uintptr_t)blob.fallback_tree.place.start,
				 &diag));
	must(held_check(&facts, &map, &all, &road.tree, &diag));
}

static void read_facts(void)
{
	struct physmem memory = { 0, LEAST_REACH, 0 };

	must(hostmap_settle(&map, &diag));
	must(take_self());
	memory.end = map_memory();
	must(facts_find_rsdp(&facts, &map, &memory, &diag));
	must(facts_take_efi(&facts, &map, &memory, road.efi_map, &left_out, &diag));
	must(hostmap_settle(&map, &diag));
}

static void read_cold(void)
{
	if (!range_bytes(facts.blob)) {
		diag_add(&diag, HO_EDOOR, "no initrd or module");
		give_up();
	}
	must(cold_parse(&cold, (const void *)(uintptr_t)facts.blob.start,
			range_bytes(facts.blob), &diag));
	on_failure = cold.on_failure;
	console_init(&console, console_port(cold.uart_port, is_held()),
		     cold.uart_baud);
}

/* What the first instance is told to leave alone: there may be somebody's data.
 * A region with a place of its own stays. */
static void leave_out(void)
{
	const struct range own = { cold.region_base,
				   cold.region_base + cold.region_bytes };

	if (cold.target.kind == TARGET_LINUX)
		must(told_add(&map, cold.target.bootargs, &own,
			      cold.region_base != 0, &diag));
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
	uint64_t at;
	struct ho_entry entry = {
		.magic = HO_ENTRY_MAGIC, .bytes = sizeof(entry), .on_failure = cold.on_failure,
		.region_base = region.start,
		.region_bytes = range_bytes(region),
		.blob_digest_alg = HO_DIGEST_SHA256,
		.uart_port = cold.uart_port, .uart_baud = cold.uart_baud,
	};
	uint32_t i;

	at = cold_describe(&blob, &cold, &map, region, stub_bytes);
	cold_look_back(&blob, (const void *)(uintptr_t)region.start);
	blob.acpi_rsdp = facts.rsdp;
	blob.efi = facts.efi;
	facts_show_screen(&facts, &blob);
	make_id();
	copy_image(&blob.target.image, cold.data[0]);
	for (i = 0; i < blob.target.module_count; i++)
		copy_image(&blob.target.modules[i], cold.data[1 + i]);
	entry.blob_paddr = at;
	entry.blob_bytes = cold_write(&blob, (void *)(uintptr_t)at,
				      region.end - at);
	if (!entry.blob_bytes) {
		diag_add(&diag, HO_ECOLDSMALL, "no room for the blob");
		give_up();
	}
	digest_of(HO_DIGEST_SHA256, (const void *)(uintptr_t)at,
		  entry.blob_bytes, entry.blob_digest);
	return warm_put_stub(region.start + HO_STUB_OFFSET, door_stub, stub_bytes,
			     entry);
}

void door_main(uint32_t door, uint64_t given, uint64_t stack)
{
	static const char *const names[] = {
		[DOOR_LINUX] = "linux", [DOOR_LINUX64] = "linux, 64-bit",
		[DOOR_MULTIBOOT2] = "multiboot2", [DOOR_PVH] = "PVH",
		[DOOR_UNKNOWN] = "unknown",
	};
	struct range region;
	void (*enter)(void);

	diag_init(&diag, HO_STAGE_LOADER);
	diag_init(&left_out, HO_STAGE_LOADER);
	console_init(&console, 0x3f8, 0);
	crypto_init();
	must(read_given(door, given));
	if (take_warm(door, stack)) {
		enter = (void (*)(void))(uintptr_t)
			warm_move(&warm, door_stub, door_stub_end - door_stub);
		check_fallback();
		enter();
	}
	read_facts();
	read_cold();
	console_say(&console, "\nbaton-door " BATON_VERSION ": %s, by %s\n",
		    cold.target.image.file, names[door]);
	leave_out();
	if (left_out.kept)
		console_say(&console, "baton-door: EFI is not passed on: %s\n",
			    left_out.items[0].where);
	must(cold_place(&cold, &map, facts.taken, facts.taken_count, REACH,
			&region, &diag));
	console_say(&console, "baton-door: region 0x%llx, %llu MiB\n",
		    (unsigned long long)region.start,
		    (unsigned long long)(range_bytes(region) / MIB));
	enter = (void (*)(void))(uintptr_t)fill_region(region);
	enter();
}
