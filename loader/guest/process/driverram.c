// SPDX-License-Identifier: MIT
/*
 * driverram.c - see driverram.h.
 */
#include "driverram.h"

#include <string.h>

#include "checked.h"
#include "iomem.h"
#include "taken.h"
#include "util.h"

#define IOMEM "/proc/iomem"

/* add_memory_driver_managed() wants names of this form: System RAM (kmem). */
static bool is_drivers(const char *name)
{
	return iomem_name_is_ram(name) && strchr(name, '(');
}

static int add(void *context, struct range place, const char *name,
	       struct diag_log *diag)
{
	return is_drivers(name) ? taken_add(context, place, diag) : 0;
}

struct looking {
	pid_t pid;
	const struct taken *drivers;
	uint64_t bad;			/* the first such address; 0: none */
};

static void look_at(void *context, uint64_t mfn, uint64_t pages, uint64_t vpn)
{
	struct looking *l = context;
	struct range r = { mfn << HO_PAGE_SHIFT,
			   (mfn + pages) << HO_PAGE_SHIFT };
	size_t i;

	(void)vpn;
	for (i = 0; i < l->drivers->count && !l->bad; i++)
		if (range_overlaps(l->drivers->ranges[i], r))
			l->bad = r.start;
}

/* What cannot be read here is said when it is collected. */
static int look_at_range(void *context, struct vrange r,
			 struct diag_log *diag)
{
	struct looking *l = context;
	struct diag_log scratch;
	uint64_t hash = 0;

	(void)diag;
	diag_init(&scratch, HO_STAGE_LOADER);
	process_extents(l->pid, r, look_at, l, &hash, &scratch);
	return 0;
}

int driverram_check(const struct guest *g, struct diag_log *diag)
{
	struct taken drivers = { 0 };
	struct looking l = { g->pid, &drivers, 0 };
	int rc = iomem_walk(IOMEM, add, &drivers, diag);

	/* the usual host has none, and nothing is read twice there */
	if (!rc && drivers.count)
		rc = guest_each_range(g, look_at_range, &l, diag);
	if (!rc && l.bad)
		rc = diag_add(diag, HO_EDRIVERRAM, "%.31s, at 0x%llx",
			      g->name ? g->name : "",
			      (unsigned long long)l.bad);
	taken_free(&drivers);
	return rc;
}
