// SPDX-License-Identifier: MIT
/*
 * hook_attack.c - in place of stub/hook.c: one instruction that must not
 * succeed. If it does, it says so, which the boot table looks for.
 */
#include "attack.h"
#include "apic.h"
#include "cpu.h"
#include "hook.h"
#include "libc.h"

/* The first frame of `malform --stream`'s first domain. */
#define DOMAIN_FRAME 0x8000000ull

#define NOTHING_THERE 0x700000000ull

/* In the staged kernel: images begin 4 MiB into the region. */
#define IMAGE_BYTE (stub.entry->region_base + (5 << 20))

#define SECOND_TSC 2500000000ull	/* more or less */

static uint8_t zeroes[4096];
static uint8_t data_bytes[16] = { 0xc3 };	/* ret */

static void write_to(uint64_t at)
{
	*(volatile uint8_t *)(uintptr_t)at = 0x5a;
}

static void call(uint64_t at)
{
	void (*f)(void) = (void (*)(void))(uintptr_t)at;

	__asm__ volatile("" : "+r"(f));
	f();
}

/* Past write protection: what a DMA or a bad memory chip would do. */
static void spoil(uint64_t at, uint8_t *bytes, size_t length)
{
	uint64_t cr0;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0 & ~(1ull << 16)));
	memcpy((void *)(uintptr_t)at, bytes, length);
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0));
}

static void spoil_byte(uint64_t at)
{
	uint8_t byte = *(const uint8_t *)(uintptr_t)at ^ 0x10;

	spoil(at, &byte, 1);
}

/* Bytes before the stream's end: in the DOMAIN_END of the last domain, before
 * its DIGEST (48 bytes with their heads) and END (56). */
#define LAST_DOMAIN_END (48 + 56 + 8)

/* The stream is the blob's last property but for policy's strings: found by
 * its END record, which nothing else looks like. */
static uint64_t stream_end(const struct stub *s)
{
	static struct blob blob;
	static struct diag_log diag;

	diag_init(&diag, 0);
	blob_parse(&blob, (const void *)(uintptr_t)s->given.place.start,
		   range_bytes(s->given.place), BLOB_HANDOVER, &diag);
	return (uintptr_t)blob.stream + blob.stream_bytes;
}

/* The first level 2 entry in use becomes empty. */
static void spoil_leaf(const struct stub *s)
{
	uint64_t table = s->run.pass.ft.root;
	int level, i;

	for (level = 4; level > 2; level--) {
		const uint64_t *t = (const uint64_t *)(uintptr_t)table;

		for (i = 0; i < 511 && !t[i]; i++)
			;
		table = t[i] & HO_FT_TABLE_MASK;
	}
	for (i = 0; i < 511 && !*(uint64_t *)(uintptr_t)(table + 8 * i); i++)
		;
	spoil(table + 8 * i, zeroes, 8);
}

static void wait(uint64_t cycles)
{
	uint64_t start = cpu_tsc();

	while (cpu_tsc() - start < cycles)
		__builtin_ia32_pause();
}

static void smash(size_t bytes)
{
	char array[64];
	volatile char *p = array;
	size_t i;

	for (i = 0; i < bytes; i++)
		p[i] = 0x41;
}

static int recurse(int depth)
{
	volatile char bytes[512];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = depth;
	return depth ? recurse(depth - 1) + bytes[0] : 0;
}

static void attack(struct stub *s)
{
	switch (attack_kind) {
	case ATTACK_frame:
		write_to(DOMAIN_FRAME);
		break;
	case ATTACK_readframe:
		(void)*(volatile uint8_t *)(uintptr_t)DOMAIN_FRAME;
		break;
	case ATTACK_blob:
		write_to(s->run.self.start + 64);
		break;
	case ATTACK_image:
		write_to(s->blob.target.image.place.start);
		break;
	case ATTACK_text:
		write_to((uintptr_t)hook_stage);
		break;
	case ATTACK_null:
		write_to(0);
		break;
	case ATTACK_execdata:
		call((uintptr_t)data_bytes);
		break;
	case ATTACK_execregion:
		call(s->entry->region_base + s->entry->region_bytes - 4096);
		break;
	case ATTACK_ud2:
		__asm__ volatile("ud2");
		break;
	case ATTACK_divide:
		__asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx"
				 : : : "eax", "ecx", "edx");
		break;
	case ATTACK_nmi:
		__asm__ volatile("int $2");
		break;
	case ATTACK_vector200:
		__asm__ volatile("int $200");
		break;
	case ATTACK_stack:
		__asm__ volatile("xor %%esp, %%esp; push %%rax" : : : "memory");
		break;
	case ATTACK_overflow:
		recurse(1000);
		break;
	case ATTACK_smash:
		smash(80);
		break;
	case ATTACK_report:
		s->console.log.bytes = (char *)NOTHING_THERE;
		__asm__ volatile("ud2");
		break;
	case ATTACK_crumb:
		s->crumb_page = (struct ho_breadcrumb *)NOTHING_THERE;
		__asm__ volatile("ud2");
		break;
	case ATTACK_table:
		write_to(s->run.pass.ft.root);
		break;
	case ATTACK_twice:
		__asm__ volatile("ud2");
		break;
	case ATTACK_hang:
		s->deadline_tsc = SECOND_TSC;
		apic_deadline(s);
		wait(~0ull);
		break;
	case ATTACK_deaf:
		cpu_write_msr(0x1b, cpu_read_msr(0x1b) & ~(1ull << 11));
		wait(~0ull);
		break;
	case ATTACK_wait:
		console_say(&s->console, "baton-stub: waiting\n");
		wait(10 * SECOND_TSC);
		break;
	case ATTACK_spoilblob:
		spoil_byte(s->given.place.start + 0x40);
		return;
	case ATTACK_spoilstream:
		spoil_byte(stream_end(s) - LAST_DOMAIN_END);
		return;
	case ATTACK_spoilimage:
		spoil_byte(IMAGE_BYTE);
		return;
	case ATTACK_spoiltree:
		spoil_byte(s->entry->fallback_paddr + 0x100);
		__asm__ volatile("ud2");
		break;
	case ATTACK_spoilfallback:
		spoil_byte(s->blob.fallback.image.place.start + 0x1000);
		__asm__ volatile("ud2");
		break;
	case ATTACK_spoiltable:
		spoil(s->run.pass.ft.root, zeroes, sizeof(zeroes));
		return;
	case ATTACK_spoilcount:
		spoil_leaf(s);
		return;
	case ATTACK_entry:
		((struct ho_entry *)(uintptr_t)s->entry)->region_bytes -=
			HO_PAGE_2M_BYTES;
		return;		/* found later in this stage */
	}
	console_say(&s->console, "baton-stub: the attack SUCCEEDED\n");
}

void hook_stage(struct stub *s, int stage)
{
	if (stage != attack_stage ||
	    (s->falling_back && attack_kind != ATTACK_twice))
		return;
	attack(s);
}
