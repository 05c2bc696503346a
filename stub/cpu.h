/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - the instructions that C has no words for.
 */
#ifndef STUB_CPU_H
#define STUB_CPU_H

/* An IN from an unused port takes about one microsecond. */
#define CPU_RESET_WAIT 100000	/* reads of port 0x80, 0.1 s */

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#define CR4_MCE  (1ull << 6)
#define CR4_LA57 (1ull << 12)

/* One byte to an I/O port. */
static inline void cpu_out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

/* One byte from an I/O port; 0xff from one that nothing answers at. */
static inline uint8_t cpu_in8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/* Two bytes to an I/O port. */
static inline void cpu_out16(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

/* Two bytes from an I/O port. */
static inline uint16_t cpu_in16(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/* Four bytes to an I/O port. */
static inline void cpu_out32(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

/* Four bytes from an I/O port. */
static inline uint32_t cpu_in32(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/* The time-stamp counter, in ticks; not serialized. */
static inline uint64_t cpu_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* The address of the last page fault. */
static inline uint64_t cpu_cr2(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

/* Page tables have five levels now (CR4.LA57), whatever the CPU could do. */
static inline bool cpu_has_la57(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v & CR4_LA57;
}

/* The page tables whose root is at physical `pa`, from the next access on; the
 * TLB is flushed but for global pages. */
static inline void cpu_set_cr3(uint64_t pa)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(pa) : "memory");
}

/* A model-specific register. #GP for one that the CPU does not have. */
static inline uint64_t cpu_read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

/* The same, written. #GP for one that is not there, and for reserved bits. */
static inline void cpu_write_msr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v),
			 "d"((uint32_t)(v >> 32)) : "memory");
}

/* The task priority, 0 to 15: no vector of a class up to it is taken. */
static inline uint64_t cpu_read_cr8(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr8, %0" : "=r"(v));
	return v;
}

/* The same, written; #GP above 15. */
static inline void cpu_write_cr8(uint64_t v)
{
	__asm__ volatile("mov %0, %%cr8" : : "r"(v));
}

/* No breakpoints, whatever the old instance had set. */
static inline void cpu_no_breakpoints(void)
{
	__asm__ volatile("mov %0, %%dr7" : : "r"(0x400ull));
}

/* What debug register 0 has. Without breakpoints it does nothing, and is there
 * when memory is not. */
static inline uint64_t cpu_read_dr0(void)
{
	uint64_t v;

	__asm__ volatile("mov %%dr0, %0" : "=r"(v));
	return v;
}

/* The same, written. */
static inline void cpu_write_dr0(uint64_t v)
{
	__asm__ volatile("mov %0, %%dr0" : : "r"(v));
}

/* Machine checks come to the IDT; without CR4.MCE they are a shutdown. CPUID
 * 1 EDX bit 7. */
static inline void cpu_enable_machine_checks(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_MCE));
}

/* CPUID leaf *a, subleaf *c; the answer in all four. A leaf above the highest
 * gives that of the highest. */
static inline void cpu_id(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	__asm__ volatile("cpuid" : "+a"(*a), "=b"(*b), "+c"(*c), "=d"(*d));
}

/* Forget what the TLB has of the page that `va` is in. */
static inline void cpu_drop_page(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* True when page tables may have 1 GiB pages: CPUID 80000001h EDX bit 26. */
static inline bool cpu_has_gib_pages(void)
{
	uint32_t a = 0x80000001, b, c = 0, d;

	cpu_id(&a, &b, &c, &d);
	return d >> 26 & 1;
}

/* For good, interrupts off; an NMI does not wake it for long. */
static inline void cpu_halt(void) __attribute__((noreturn));
static inline void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Go on in `run` with an empty stack; what was on it is lost. */
static inline void cpu_start_over(void *stack_top, void (*run)(void))
	__attribute__((noreturn));
static inline void cpu_start_over(void *stack_top, void (*run)(void))
{
	__asm__ volatile("mov %0, %%rsp; xor %%ebp, %%ebp; call *%1"
			 : : "r"(stack_top), "r"(run) : "memory");
	__builtin_unreachable();
}

/* No IDT and then a fault: the CPU shuts down, and the machine resets. */
static inline void cpu_triple_fault(void) __attribute__((noreturn));
static inline void cpu_triple_fault(void)
{
	static const uint64_t none[2];

	__asm__ volatile("lidt %0; ud2" : : "m"(none));
	__builtin_unreachable();
}

/* PCI reset, keyboard controller, and on a machine that has neither a triple
 * fault. The first two take a moment. */
static inline void cpu_reset(void) __attribute__((noreturn));
static inline void cpu_reset(void)
{
	uint32_t i;

	cpu_out8(0xcf9, 0x02);
	cpu_out8(0xcf9, 0x06);
	cpu_out8(0x64, 0xfe);
	for (i = 0; i < CPU_RESET_WAIT; i++)
		cpu_in8(0x80);
	cpu_triple_fault();
}

#endif /* !__ASSEMBLER__ */
#endif /* STUB_CPU_H */
