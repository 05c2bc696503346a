// SPDX-License-Identifier: MIT
/*
 * tables.c - see tables.h.
 */
#include "tables.h"

#include <cpuid.h>
#include <stdlib.h>

#include "checked.h"
#include "machine.h"

struct tables_cpu tables_this_cpu(void)
{
	/* Linux does not show the flag where it has four levels, by no5lvl or as it
	 * was built */
	struct tables_cpu cpu = { 4, false, machine_cpu_has("la57") ? 5 : 4 };
	unsigned int a, b, c, d;

	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		cpu.gib_pages = d >> 26 & 1;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		cpu.levels += c >> 16 & 1;
	return cpu;
}

int tables_open(struct tables *t, uint32_t pages,
		const struct tables_cpu *cpu, struct diag_log *diag)
{
	if (posix_memalign(&t->pool, HO_PAGE_BYTES, pages * HO_PAGE_BYTES)) {
		t->pool = NULL;
		return diag_add(diag, HO_ENOMEM, "page tables");
	}
	return paging_init(&t->paging, t->pool, pages, cpu->levels,
			   cpu->gib_pages);
}

/* The stub's own 2 MiB, of which each part has rights of its own. */
static int map_stub(struct paging *p, struct range stub,
		    struct diag_log *diag)
{
	int rc = maps_add(p, stub.start, stub.start + HO_PAGE_BYTES,
			  PAGING_EXECUTE, diag);

	return rc ? rc : maps_add(p, stub.start + HO_PAGE_BYTES, stub.end,
				  PAGING_WRITE, diag);
}

static int map_trees(struct paging *p, const struct course *run,
		     struct diag_log *diag)
{
	const struct blob *b = run->blob;
	const struct range stub = { b->stub.place.start,
				    align_down(b->stub.place.start,
					       HO_PAGE_2M_BYTES) +
				    HO_PAGE_2M_BYTES };
	int rc = maps_landing(p, b->region[0], stub, run->self,
			      b->fallback_tree.place, diag);

	if (!rc)
		rc = map_stub(p, stub, diag);
	return rc ? rc : maps_blob(p, b, diag);
}

/* How long the configuration table is only the firmware's memory says: a page. */
static int map_efi(struct paging *p, const struct blob *b,
		   struct diag_log *diag)
{
	const uint64_t places[] = { b->efi.system_table, b->efi.config_table };
	uint32_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_COUNT(places) && rc >= 0; i++)
		if (places[i])
			rc = maps_firmware(p, b, (struct range){
				places[i], places[i] + HO_PAGE_BYTES }, diag);
	return rc < 0 ? rc : 0;
}

int tables_map_at(struct tables *t, const struct course *run,
		  enum course_point point, struct diag_log *diag)
{
	int rc;

	switch (point) {
	case COURSE_VERIFY:
		return map_trees(&t->paging, run, diag);
	case COURSE_OWNED:
		return maps_tables(&t->paging, &run->region, diag);
	case COURSE_CHAIN:
		rc = maps_target(&t->paging, &run->plan.place, diag);
		if (!rc)
			rc = maps_acpi(&t->paging, run->blob, diag);
		return rc ? rc : map_efi(&t->paging, run->blob, diag);
	default:
		return 0;
	}
}

void tables_close(struct tables *t)
{
	free(t->pool);
	t->pool = NULL;
}
