// SPDX-License-Identifier: MIT
/*
 * trap.c - IDT and TSS. Intel SDM volume 3, 6.10 to 6.14 and 7.7.
 */
#include "trap.h"

#include "apic.h"
#include "cpu.h"
#include "types.h"

#define SELECTOR_CODE	0x10
#define SELECTOR_TSS	0x20
#define GATE_INTERRUPT	0x8e
#define TSS_AVAILABLE	0x89
#define IST_BYTES	4096
#define ENTRY_BYTES	16	/* between two entries of trap_entry.S */

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

/* u64 fields stand at odd multiples of 4: kept as pairs */
struct tss {
	uint32_t reserved0;
	uint32_t rsp[6];
	uint32_t reserved1[2];
	uint32_t ist[14];
	uint32_t reserved2[2];
	uint16_t reserved3;
	uint16_t iomap;
};

struct table_register {
	uint16_t pad[3];
	uint16_t limit;
	uint64_t base;
};

extern const uint8_t trap_entries[], trap_spurious[], trap_leftover[];
extern uint64_t stub_gdt[];

static struct gate idt[256];
static struct tss tss;
static uint8_t ist_stacks[4][IST_BYTES] __attribute__((aligned(16)));

static void set_ist(int index, uint8_t *stack)
{
	uint64_t top = (uintptr_t)stack + IST_BYTES;

	tss.ist[2 * (index - 1)] = top;
	tss.ist[2 * (index - 1) + 1] = top >> 32;
}

static void load_tss(void)
{
	uint64_t base = (uintptr_t)&tss;

	stub_gdt[SELECTOR_TSS / 8] = (sizeof(tss) - 1) |
				     (base & 0xffffff) << 16 |
				     (uint64_t)TSS_AVAILABLE << 40 |
				     (base >> 24 & 0xff) << 56;
	stub_gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
	tss.iomap = sizeof(tss);
	__asm__ volatile("ltr %w0" : : "r"(SELECTOR_TSS));
}

/* What TPR_CLASS of apic.c lets through and is not ours: an interrupt that
 * was pending in the local APIC when the old instance jumped. Xen has its
 * timer and its events there (0xf1..0xfe), Linux has none. */
static bool may_be_left_over(int vector)
{
	return vector >= 0xf0 && vector != APIC_DEADLINE_VECTOR &&
	       vector != APIC_SPURIOUS_VECTOR;
}

/* What returns must not write below the stack pointer: libraries have a red zone
 * there. No interrupt comes while another is served. */
static uint8_t ist_of(int vector)
{
	switch (vector) {
	case 8: return 1;	/* #DF */
	case 2: return 2;	/* NMI */
	case 18: return 3;	/* #MC */
	default:
		return may_be_left_over(vector) ||
		       vector == APIC_SPURIOUS_VECTOR ? 4 : 0;
	}
}

static uintptr_t entry_of(int vector)
{
	if (vector == APIC_SPURIOUS_VECTOR)
		return (uintptr_t)trap_spurious;
	if (may_be_left_over(vector))
		return (uintptr_t)trap_leftover;
	return (uintptr_t)trap_entries + ENTRY_BYTES * vector;
}

void trap_init(void)
{
	struct table_register idtr = { .limit = sizeof(idt) - 1,
				       .base = (uintptr_t)idt };
	uint32_t i;

	cpu_no_breakpoints();
	cpu_write_dr0(0);
	for (i = 0; i < 256; i++) {
		uint64_t at = entry_of(i);

		idt[i] = (struct gate){
			.offset_low = at, .offset_middle = at >> 16,
			.offset_high = at >> 32, .selector = SELECTOR_CODE,
			.ist = ist_of(i), .type = GATE_INTERRUPT,
		};
	}
	for (i = 0; i < ARRAY_COUNT(ist_stacks); i++)
		set_ist(i + 1, ist_stacks[i]);
	load_tss();
	__asm__ volatile("lidt %0" : : "m"(idtr.limit), "m"(idtr));
	cpu_enable_machine_checks();
}

void trap_policy(bool reset)
{
	uint64_t traps = (uint32_t)cpu_read_dr0();

	cpu_write_dr0(traps | (uint64_t)reset << TRAPS_RESET);
}

bool trap_policy_is_reset(void)
{
	return cpu_read_dr0() >> TRAPS_RESET & 1;
}

const char *trap_name(uint64_t vector)
{
	static const char *const names[32] = {
		"#DE divide error", "#DB debug", "NMI", "#BP breakpoint",
		"#OF overflow", "#BR bound", "#UD invalid opcode",
		"#NM no coprocessor", "#DF double fault",
		"coprocessor overrun", "#TS invalid TSS",
		"#NP segment not present", "#SS stack fault",
		"#GP general protection", "#PF page fault", "vector 15",
		"#MF x87 error", "#AC alignment check", "#MC machine check",
		"#XM SIMD error", "#VE virtualization",
		"#CP control protection", "vector 22", "vector 23",
		"vector 24", "vector 25", "vector 26", "vector 27",
		"#HV hypervisor injection", "#VC VMM communication",
		"#SX security", "vector 31",
	};

	return vector < ARRAY_COUNT(names) ? names[vector]
					   : "unexpected interrupt";
}
