// SPDX-License-Identifier: MIT
/*
 * apic.c - see apic.h. Registers are those of the memory-mapped APIC; an
 * x2APIC has them as MSRs.
 */
#include "apic.h"

#include "cpu.h"
#include "memory.h"

#define MSR_APIC_BASE	0x1b
#define BASE_BSP	(1u << 8)
#define BASE_X2APIC	(1u << 10)
#define BASE_ENABLED	(1u << 11)
#define BASE_ADDRESS	0x000ffffffffff000ull
#define MSR_X2APIC	0x800

#define REG_EOI		0x0b0
#define REG_SVR		0x0f0
#define REG_ICR		0x300
#define REG_LVT_TIMER	0x320
#define REG_LVT_LINT0	0x350
#define REG_COUNT	0x380
#define REG_NOW		0x390
#define REG_DIVIDE	0x3e0

#define SVR_ENABLE	(1u << 8)
#define LVT_MASKED	(1u << 16)
#define ICR_INIT_OTHERS	0x000c4500	/* all but self, assert, INIT */
#define ICR_BUSY	(1u << 12)
#define DIVIDE_BY_128	0x0a
#define TPR_CLASS	0xe		/* 0x00..0xef wait */

#define SETTLE_TSC	500000ull	/* 0.1..0.5 ms: a CPU takes an INIT */
#define SAMPLE_TSC	1000000ull	/* 0.2..1 ms */
#define DEADLINE_TSC	(120 * 2500000000ull)	/* 1..5 minutes */

static uint32_t read_reg(const struct stub *s, uint32_t reg)
{
	if (s->apic.x2)
		return cpu_read_msr(MSR_X2APIC + reg / 16);
	return *(volatile uint32_t *)(uintptr_t)(s->apic.base + reg);
}

static void write_reg(const struct stub *s, uint32_t reg, uint32_t v)
{
	if (s->apic.x2)
		cpu_write_msr(MSR_X2APIC + reg / 16, v);
	else
		*(volatile uint32_t *)(uintptr_t)(s->apic.base + reg) = v;
}

static void wait_tsc(uint64_t cycles)
{
	uint64_t start = cpu_tsc();

	while (cpu_tsc() - start < cycles)
		__builtin_ia32_pause();
}

int apic_init(struct stub *s)
{
	uint32_t a = 1, b, c = 0, d;
	uint64_t base;
	int rc = 0;

	cpu_id(&a, &b, &c, &d);
	if (!(d >> 9 & 1))
		return 0;
	base = cpu_read_msr(MSR_APIC_BASE);
	if (!(base & BASE_ENABLED))
		return 0;
	s->apic.x2 = base & BASE_X2APIC;
	s->apic.boot_cpu = base & BASE_BSP;
	s->apic.base = base & BASE_ADDRESS;
	if (!s->apic.x2)
		rc = memory_map_device(s, s->apic.base, HO_PAGE_BYTES);
	if (rc)
		return rc;
	s->apic.present = true;
	s->apic.svr = read_reg(s, REG_SVR);
	s->apic.lint0 = read_reg(s, REG_LVT_LINT0);
	s->apic.tpr = cpu_read_cr8();
	return 0;
}

bool apic_park_others(struct stub *s)
{
	if (!s->apic.present)
		return true;
	if (!s->apic.boot_cpu)
		return false;
	write_reg(s, REG_ICR, ICR_INIT_OTHERS);
	wait_tsc(SETTLE_TSC);
	return s->apic.x2 || !(read_reg(s, REG_ICR) & ICR_BUSY);
}

/* Timer counts in SAMPLE_TSC cycles; nobody has said how fast it is. */
static uint64_t sample(struct stub *s)
{
	uint32_t counted;

	write_reg(s, REG_DIVIDE, DIVIDE_BY_128);
	write_reg(s, REG_LVT_TIMER, LVT_MASKED | APIC_DEADLINE_VECTOR);
	write_reg(s, REG_COUNT, UINT32_MAX);
	wait_tsc(SAMPLE_TSC);
	counted = UINT32_MAX - read_reg(s, REG_NOW);
	write_reg(s, REG_COUNT, 0);
	return counted ? counted : 1;
}

void apic_deadline(struct stub *s)
{
	uint64_t tsc = s->deadline_tsc ? s->deadline_tsc : DEADLINE_TSC;
	uint64_t count;

	if (!s->apic.present)
		return;
	if (!s->apic.rate) {
		cpu_write_cr8(TPR_CLASS);
		write_reg(s, REG_LVT_LINT0, LVT_MASKED);
		write_reg(s, REG_SVR, SVR_ENABLE | APIC_SPURIOUS_VECTOR);
		s->apic.rate = sample(s);
	}
	count = tsc / SAMPLE_TSC * s->apic.rate;
	write_reg(s, REG_LVT_TIMER, APIC_DEADLINE_VECTOR);
	write_reg(s, REG_COUNT, count < UINT32_MAX ? count : UINT32_MAX);
	__asm__ volatile("sti");
}

void apic_end_of_interrupt(struct stub *s)
{
	if (s->apic.present)
		write_reg(s, REG_EOI, 0);
}

void apic_leftover(void)
{
	apic_end_of_interrupt(&stub);
}

void apic_quiet(struct stub *s)
{
	__asm__ volatile("cli");
	if (!s->apic.rate)
		return;
	write_reg(s, REG_COUNT, 0);
	write_reg(s, REG_LVT_TIMER, LVT_MASKED);
	write_reg(s, REG_LVT_LINT0, s->apic.lint0);
	write_reg(s, REG_SVR, s->apic.svr);
	cpu_write_cr8(s->apic.tpr);
}
