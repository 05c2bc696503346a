/* SPDX-License-Identifier: MIT */
/*
 * rehearsefacts.h - what a QEMU says of its machine, as a list of texts that can
 * be compared with that of another QEMU. What the guest itself changes is left
 * out, so is what differs from one process to the next (names that QEMU makes
 * up, places in its memory).
 */
#ifndef LOADER_REHEARSEFACTS_H
#define LOADER_REHEARSEFACTS_H

#include <json-c/json.h>

#include "qmp.h"

/* A fact is a KEY, a tab and a VALUE. */
struct guest_facts {
	char **parts;			/* must be there, in both */
	int part_count, part_room;
	char **properties;		/* compared where both have the key */
	int property_count, property_room;
	const char *directory;		/* that names of files are relative to */
	bool failed;			/* out of memory */
};

/* Add one; the format has the tab. */
void fact_part(struct guest_facts *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same of a property. */
void fact_property(struct guest_facts *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Free what it holds. */
void guest_facts_free(struct guest_facts *f);

/* Ask for all of it. HO_EQMP, HO_ENOMEM. */
int guest_facts_take(struct guest_facts *f, struct qmp *m, struct diag_log *diag);

/* Parts of guest_facts_take(): RAM blocks by the text of "info ramblock", devices by
 * that of "info qtree", block backends and nodes. */
void guest_facts_ram(struct guest_facts *f, const char *text);
/* See guest_facts_ram(). */
void guest_facts_devices(struct guest_facts *f, const char *text);
/* See guest_facts_ram(). The codes of guest_facts_take(). */
int guest_facts_disks(struct guest_facts *f, struct qmp *m, struct diag_log *diag);

/* A name that QEMU, or an earlier update, made up becomes "#". */
const char *fact_name(const char *name);

#endif /* LOADER_REHEARSEFACTS_H */
