// SPDX-License-Identifier: MIT
/*
 * hook_attack.c - in place of stub/hook.c: one instruction that must not
 * succeed. If it does, it says so, which the boot table looks for.
 */
#include "attack.h"
#include "stub/hook.h"

/* The first frame of `malform --stream`'s first domain. */
#define DOMAIN_FRAME 0x8000000ull

#define NOTHING_THERE 0x700000000ull

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
		write_to(s->self.start + 64);
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
	case ATTACK_entry:
		((struct ho_entry *)(uintptr_t)s->entry)->region_bytes -=
			HO_PAGE_2M_BYTES;
		return;		/* found later in this stage */
	}
	console_say(&s->console, "baton-stub: the attack SUCCEEDED\n");
}

void hook_stage(struct stub *s, int stage)
{
	if (stage != attack_stage || s->falling_back)
		return;
	attack(s);
}
