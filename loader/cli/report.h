/* SPDX-License-Identifier: MIT */
/*
 * report.h - what baton report says, a text each. No secret gets in: what may hold
 * one is taken by a list of what may be shown, never by a list of what may
 * not. A text says why where something cannot be read; nothing of it fails.
 */
#ifndef LOADER_REPORT_H
#define LOADER_REPORT_H

#include "handover.h"
#include "ledger.h"

/* What the texts are about; all of it may be missing. */
struct report {
	struct handover *h;		/* NULL: no update started this */
	struct diag_log parent;		/* then: why, if it should have */
	struct ledger ledger;
};

typedef void report_print(FILE *to, const struct report *r);

/* Versions of what is here; the machine, in one line for each of some files. */
report_print report_machine;
/* The first CPU, and how many. */
report_print report_cpu;
/* /proc/iomem without the kernel's own place, which KASLR hides. */
report_print report_iomem;
/* The firmware's memory map, as the kernel was given it. */
report_print report_memmap;
/* PCI devices and their drivers. */
report_print report_devices;
/* Words of the kernel's command line that have no secrets. */
report_print report_cmdline;

/* The picture of baton map, without names. */
report_print report_map;
/* The last update: how far, errors, times, pauses; guests by number. */
report_print report_update;
/* What the stub said, without names. */
report_print report_log;
/* What is under way, and where the next update would land. */
report_print report_now;

/* The words of `text` that may be shown, a line each, and how many are not: for
 * report_cmdline. */
void report_words(FILE *to, const char *text);
/* Text from outside: printable, and the names of all guests as guest-N. */
void report_text(FILE *to, const struct report *r, const char *text,
		 size_t bytes);

#endif /* LOADER_REPORT_H */
