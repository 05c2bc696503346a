/* SPDX-License-Identifier: MIT */
/*
 * wdat.h - the platform's watchdog, as ACPI's Watchdog Action Table describes
 * it: for each action a list of register reads and writes ("Hardware Watchdog
 * Timers Design Specification", Microsoft, 2006; include/acpi/actbl3.h). The
 * table is the firmware's and may say anything: registers that are RAM are
 * refused.
 */
#ifndef CORE_WDAT_H
#define CORE_WDAT_H

#include "span.h"
#include "types.h"

#define WDAT_ENTRIES_MAX	64

enum wdat_action {
	WDAT_RESET = 1,			/* the countdown starts anew */
	WDAT_SET_COUNTDOWN = 6,
	WDAT_SET_RUNNING = 9,
	WDAT_SET_STOPPED = 11,
	WDAT_SET_REBOOT = 17,		/* at its end the machine is reset */
};

struct wdat_register {
	bool memory;			/* else an I/O port */
	uint8_t bytes;			/* 1, 2, 4 */
	uint64_t address;
};

struct wdat {
	uint32_t period_ms;		/* of one count */
	uint32_t min_count, max_count;
	uint32_t entry_count;		/* 0: there is no watchdog */
	const uint8_t *entries;		/* in the bytes given */
};

/* Of `bytes`, which must live as long. False: not a table, damaged, not
 * enabled, or beyond what can be carried out. */
bool wdat_parse(struct wdat *w, const void *bytes, uint32_t length);

/* The register of entry `index`. */
struct wdat_register wdat_register(const struct wdat *w, uint32_t index);

/* How registers are reached. */
struct wdat_io {
	uint32_t (*read)(void *context, struct wdat_register r);
	void (*write)(void *context, struct wdat_register r, uint32_t v);
	void *context;
};

/* All entries of an action, in order; `count` for WDAT_SET_COUNTDOWN. False:
 * the table has none for it. */
bool wdat_run(const struct wdat *w, enum wdat_action action, uint32_t count,
	      const struct wdat_io *io);

#endif /* CORE_WDAT_H */
