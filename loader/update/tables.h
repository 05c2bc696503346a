/* SPDX-License-Identifier: MIT */
/*
 * tables.h - page tables like the stub's or the door's, which nobody loads: would the
 * pool be enough for this layout? What is mapped, and in which order, is core's (maps.h).
 */
#ifndef LOADER_TABLES_H
#define LOADER_TABLES_H

#include "maps.h"

/* The stub's pool, but for the local APIC, a watchdog's registers, and an EFI
 * configuration table that only its system table names: each place that is far from
 * all others takes three pages of tables. */
#define TABLES_STUB_PAGES (MAPS_POOL_PAGES - 12)

/* A CPU, as far as page tables go. */
struct tables_cpu {
	int levels;			/* 4 or 5: what it can */
	bool gib_pages;
	int levels_on;			/* with these a target is entered */
};

struct tables {
	struct paging paging;
	void *pool;
};

/* Of this host. Linux uses five levels wherever it can. */
struct tables_cpu tables_this_cpu(void);

/* An empty pool of so many pages. HO_ENOMEM. */
int tables_open(struct tables *t, uint32_t pages,
		const struct tables_cpu *cpu, struct diag_log *diag);
/* What the stub maps at that point of a run, as far as it takes pages of its own
 * pool: a stream's are the region's. HO_EPAGETABLE. */
int tables_map_at(struct tables *t, const struct course *run,
		  enum course_point point, struct diag_log *diag);
/* Free the pool; one that was never opened, too. */
void tables_close(struct tables *t);

#endif /* LOADER_TABLES_H */
