/* SPDX-License-Identifier: MIT */
/*
 * watchdog.h - the platform's watchdog, where the firmware describes one: it
 * ends what the deadline of apic.h cannot, code that runs with the local APIC
 * gone, or a machine that hangs. Armed once the blob is believed, wound up at
 * each stage, stopped before the target and before a halt that was meant.
 */
#ifndef STUB_WATCHDOG_H
#define STUB_WATCHDOG_H

#include "stub.h"

/* Start the one that s->blob describes, in s->watchdog; nothing is done when
 * there is none, or when a register of it cannot be mapped. */
void watchdog_arm(struct stub *s);
/* Its time starts again. No harm when it was not armed. */
void watchdog_wind_up(struct stub *s);
/* It runs no more. No harm when it was not armed. */
void watchdog_stop(struct stub *s);

#endif /* STUB_WATCHDOG_H */
