// SPDX-License-Identifier: MIT
/*
 * console.c - see console.h. 16550 registers: the PC16550D data sheet.
 */
#include "console.h"

#include "cpu.h"
#include "fmt.h"
#include "libc.h"

#define UART_DATA	0
#define UART_IER	1
#define UART_FCR	2
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define LSR_THR_EMPTY	0x20
#define LCR_8N1		0x03
#define LCR_DLAB	0x80
#define UART_CLOCK	115200
#define WAIT_MAX	1000000	/* reads of LSR, about a second on hardware */
#define LINE_BYTES	256

uint16_t console_port(uint32_t port, bool held)
{
	bool serial = port == 0x3f8 || port == 0x2f8 || port == 0x3e8 ||
		      port == 0x2e8;

	return serial || !held ? port : 0;
}

void console_init(struct console *c, uint16_t port, uint32_t baud)
{
	uint32_t divisor = baud ? UART_CLOCK / baud : 0;

	c->port = port;
	logring_init(&c->log, c->log_bytes, sizeof(c->log_bytes));
	if (!port || !divisor || divisor > 0xffff)
		return;
	cpu_out8(port + UART_IER, 0);
	cpu_out8(port + UART_LCR, LCR_DLAB | LCR_8N1);
	cpu_out8(port + UART_DATA, divisor);
	cpu_out8(port + UART_IER, divisor >> 8);
	cpu_out8(port + UART_LCR, LCR_8N1);
	cpu_out8(port + UART_FCR, 0x07);
	cpu_out8(port + UART_MCR, 0x03);
}

static void put(struct console *c, char ch)
{
	uint32_t wait;

	if (!c->port)
		return;
	for (wait = 0; !(cpu_in8(c->port + UART_LSR) & LSR_THR_EMPTY); wait++)
		if (wait == WAIT_MAX) {
			c->port = 0;	/* nobody is there */
			return;
		}
	cpu_out8(c->port + UART_DATA, ch);
}

void console_mend(struct console *c)
{
	if (c->log.bytes != c->log_bytes ||
	    c->log.capacity != sizeof(c->log_bytes) ||
	    c->log.used > c->log.capacity)
		logring_init(&c->log, c->log_bytes, sizeof(c->log_bytes));
}

void console_send(struct console *c, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			put(c, '\r');
		put(c, *text);
	}
}

void console_say(struct console *c, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;

	va_start(args, format);
	fmt_vprint(line, sizeof(line), format, args);
	va_end(args);
	logring_write(&c->log, line, strlen(line));
	console_send(c, line);
}
