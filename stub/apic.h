/* SPDX-License-Identifier: MIT */
/*
 * apic.h - the local APIC of the CPU the stub runs on, for two things: the
 * other CPUs are stopped for good, and a stage that does not end is ended.
 * Intel SDM volume 3, chapter 11.
 */
#ifndef STUB_APIC_H
#define STUB_APIC_H

#include "stub.h"

/* The timer's vector, of the highest priority class: with what the old
 * instance left pending in that class, the only one that the stub lets
 * through. */
#define APIC_DEADLINE_VECTOR	0xf0
#define APIC_SPURIOUS_VECTOR	0xff

/* Map it, if the CPU has one and it is on, and note in s->apic how it was
 * found. Returns 0, also when there is none; -HO_EPAGETABLE. */
int apic_init(struct stub *s);

/*
 * INIT to all CPUs but this one: they wait for SIPI, not in a loop of the
 * instance that is gone, where an NMI, or the first byte written over that
 * loop, would start them. Only the boot CPU may do so: INIT would send the
 * boot CPU itself to the firmware. True when it was done, or there are none.
 */
bool apic_park_others(struct stub *s);

/* From now on a stage has about two minutes; then APIC_DEADLINE_VECTOR.
 * Interrupts are on until apic_quiet(). */
void apic_deadline(struct stub *s);
/* After the vector was taken; harmless when it was not. */
void apic_end_of_interrupt(struct stub *s);
/* The handler of what the old instance left pending (trap_entry.S). */
void apic_leftover(void);
/* As it was found, interrupts off. */
void apic_quiet(struct stub *s);

#endif /* STUB_APIC_H */
