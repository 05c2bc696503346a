/* SPDX-License-Identifier: MIT */
/*
 * console.h - what the stub says: to a UART by polling, and to the log that
 * the breadcrumb points to. Bounded: a UART that is not there costs a moment
 * once, not a hang.
 */
#ifndef STUB_CONSOLE_H
#define STUB_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "logring.h"

struct console {
	uint16_t port;			/* 0: only the log */
	struct logring log;
	char log_bytes[32768];
};

/* The port to write to: with `held` COM1 to COM4 alone, whoever named it. 0: none. */
uint16_t console_port(uint32_t port, bool held);

/* An empty log, and the UART at I/O port `port` (0: none) at `baud`; 0 leaves
 * it as it is set. One that does not answer is not used any more. */
void console_init(struct console *c, uint16_t port, uint32_t baud);

/* To UART and log: one line or part of one, formatted as core/base/fmt.h says.
 * What the log has no room for replaces its oldest bytes. */
void console_say(struct console *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* After a fault: a log that is not where it must be starts again, empty. */
void console_mend(struct console *c);

/* Text, up to its NUL, to the UART alone; needs neither the log nor much of a
 * stack. */
void console_send(struct console *c, const char *text);

#endif /* STUB_CONSOLE_H */
