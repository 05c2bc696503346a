/* SPDX-License-Identifier: MIT */
/*
 * trap.h - every vector has a handler; a CPU fault in the stub is reported
 * and ends the run the way any other error does.
 */
#ifndef STUB_TRAP_H
#define STUB_TRAP_H

/* More than a run and its fallback, each with its report, its last words and a
 * fault in those, can come to. */
#define TRAPS_MAX	16
/* bit of debug register 0: reset; the bits below 32 count */
#define TRAPS_RESET	32

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

/* As trap_entry.S pushes it. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error_code;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* IDT, and a TSS with stacks of their own for #DF, NMI and #MC, loaded; machine
 * checks on, breakpoints off. */
void trap_init(void);

/* How a run ends that has no fallback: the machine is reset, or halted, which it
 * is before this is called. Kept in a register: after TRAPS_MAX there may be no
 * memory, and what makes a run fail may have written over it. */
void trap_policy(bool reset);
/* True: reset. */
bool trap_policy_is_reset(void);

/* "#PF page fault" and the like; "unexpected interrupt" past 31. Static. */
const char *trap_name(uint64_t vector);

/* Registers to the console, HO_ETRAP or HO_EDEADLINE to stub.diag and the
 * breadcrumb; then fail(). A second one during the report ends at once. */
void trap_report(const struct trap_frame *frame) __attribute__((noreturn));

#endif /* !__ASSEMBLER__ */

#endif /* STUB_TRAP_H */
