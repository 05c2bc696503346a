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

int driverram_begin(struct driverram *d, struct diag_log *diag)
{
	*d = (struct driverram){ 0 };
	return iomem_walk(IOMEM, add, &d->ranges, diag);
}

void driverram_look(struct driverram *d, uint64_t mfn, uint64_t pages)
{
	struct range r = { mfn << HO_PAGE_SHIFT,
			   (mfn + pages) << HO_PAGE_SHIFT };
	size_t i;

	for (i = 0; i < d->ranges.count && !d->found; i++)
		if (range_overlaps(d->ranges.ranges[i], r)) {
			d->found = true;
			d->at = r.start;
		}
}

int driverram_end(struct driverram *d, const struct guest *g,
		  struct diag_log *diag)
{
	taken_free(&d->ranges);
	return !d->found ? 0
		: diag_add(diag, HO_EDRIVERRAM, "%.31s, at 0x%llx",
			   g->name ? g->name : "", (unsigned long long)d->at);
}

struct looking {
	pid_t pid;
	struct driverram *d;
};

static void look_at(void *context, uint64_t mfn, uint64_t pages, uint64_t vpn)
{
	(void)vpn;
	driverram_look(context, mfn, pages);
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
	process_extents(l->pid, r, look_at, l->d, &hash, &scratch);
	return 0;
}

int driverram_check(const struct guest *g, struct diag_log *diag)
{
	struct driverram d;
	struct looking l = { g->pid, &d };
	int rc = driverram_begin(&d, diag), bad;

	/* the usual host has none, and nothing is read twice there */
	if (!rc && d.ranges.count && g->fixed)
		fixed_each(g->fixed, look_at, &d);
	else if (!rc && d.ranges.count)
		rc = guest_each_range(g, look_at_range, &l, diag);
	bad = driverram_end(&d, g, diag);
	return rc ? rc : bad;
}
