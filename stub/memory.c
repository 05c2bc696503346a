// SPDX-License-Identifier: MIT
/*
 * memory.c - see memory.h.
 */
#include "memory.h"

#include "checked.h"
#include "cpu.h"
#include "digest.h"
#include "maps.h"
#include "trust.h"

extern uint8_t stub_image[], stub_rodata[], stub_data[], stub_guard_page[],
	stub_memory_end[];

static uint64_t window[512] __attribute__((aligned(4096)));
static uint64_t pool[MAPS_POOL_PAGES][512] __attribute__((aligned(4096)));

static int map(struct stub *s, uint64_t start, uint64_t end,
	       unsigned int flags)
{
	return maps_add(&s->paging, start, end, flags, &s->diag);
}

/* The new tables are the live ones: drop what the TLB has of them. */
static void activate(struct stub *s)
{
	cpu_set_cr3((uintptr_t)s->paging.root);
}

static int map_self(struct stub *s)
{
	int rc = map(s, (uintptr_t)stub_image, (uintptr_t)stub_rodata,
		     PAGING_EXECUTE);

	if (!rc)
		rc = map(s, (uintptr_t)stub_rodata, (uintptr_t)stub_data, 0);
	if (!rc)
		rc = map(s, (uintptr_t)stub_data,
			 (uintptr_t)stub_memory_end, PAGING_WRITE);
	if (!rc)
		rc = map(s, (uintptr_t)stub_guard_page,
			 (uintptr_t)stub_guard_page + HO_PAGE_BYTES, 0);
	return rc;
}

/* True when [start, start + bytes) is inside the landing range of the entry
 * block. */
static bool in_landing(const struct ho_entry *e, uint64_t start,
		       uint64_t bytes)
{
	return start >= e->region_base &&
	       start - e->region_base <= e->region_bytes &&
	       bytes <= e->region_bytes - (start - e->region_base);
}

/* A tree's place in the landing range, away from breadcrumb and stub. */
static bool tree_is_placed(const struct stub *s, uint64_t start,
			   uint64_t bytes, struct range image)
{
	const struct ho_entry *e = s->entry;

	return bytes && is_aligned(start, HO_PAGE_BYTES) &&
	       in_landing(e, start, bytes) &&
	       start >= e->region_base + HO_PAGE_BYTES &&
	       !range_overlaps(image, (struct range){ start, start + bytes });
}

static bool entry_is_sane(const struct stub *s, struct range image)
{
	const struct ho_entry *e = s->entry;
	uint64_t end;

	return checked_add(e->region_base, e->region_bytes, &end) &&
	       end <= 1ull << 52 && e->region_base >= MAPS_LOW_MEMORY &&
	       is_aligned(e->region_base, HO_PAGE_2M_BYTES) &&
	       in_landing(e, image.start, range_bytes(image)) &&
	       tree_is_placed(s, e->blob_paddr, e->blob_bytes, image) &&
	       (!e->fallback_paddr ||
		tree_is_placed(s, e->fallback_paddr, e->fallback_bytes,
			       image));
}

static struct range at(uint64_t start, uint64_t bytes)
{
	return (struct range){ start, start + bytes };
}

int memory_map_region(struct stub *s)
{
	const struct ho_entry *e = s->entry;
	int rc;

	paging_drop_upper(&s->paging);
	rc = maps_landing(&s->paging, at(e->region_base, e->region_bytes),
			  (struct range){ (uintptr_t)stub_image,
					  (uintptr_t)stub_memory_end },
			  at(e->blob_paddr, e->blob_bytes),
			  at(e->fallback_paddr, e->fallback_paddr ?
			     e->fallback_bytes : 0), &s->diag);
	if (!rc)
		rc = map_self(s);
	if (!rc)
		activate(s);
	return rc;
}

int memory_init(struct stub *s)
{
	const struct range image = { (uintptr_t)stub_image,
				     (uintptr_t)stub_memory_end };
	const struct ho_entry *e = s->entry;
	int rc;

	if (!entry_is_sane(s, image))
		return diag_add(&s->diag, HO_EENTRY,
				"region 0x%llx+0x%llx, blob 0x%llx+0x%llx",
				(unsigned long long)e->region_base,
				(unsigned long long)e->region_bytes,
				(unsigned long long)e->blob_paddr,
				(unsigned long long)e->blob_bytes);
	rc = paging_init(&s->paging, pool, MAPS_POOL_PAGES,
			 cpu_has_la57() ? 5 : 4, cpu_has_gib_pages());
	if (rc)
		return diag_add(&s->diag, -rc, "page tables");
	return memory_map_region(s);
}

int memory_map_device(struct stub *s, uint64_t start, uint64_t bytes)
{
	int rc = map(s, start, start + bytes, PAGING_WRITE | PAGING_DEVICE);

	activate(s);
	return rc;
}

int memory_check_entry(struct stub *s)
{
	const struct ho_entry *e = s->entry;
	const struct range tree = s->blob.fallback_tree.place;

	if (s->blob.region[0].start != e->region_base ||
	    range_bytes(s->blob.region[0]) != e->region_bytes ||
	    s->blob.stub.place.start != (uintptr_t)e -
	    ((uintptr_t)e & (HO_STUB_ALIGN_BYTES - 1)))
		return diag_add(&s->diag, HO_EENTRY,
				"region or stub is not where the blob says");
	if (s->blob.fallback.kind != TARGET_NONE &&
	    (tree.start != e->fallback_paddr ||
	     range_bytes(tree) != e->fallback_bytes))
		return diag_add(&s->diag, HO_EENTRY,
				"fallback tree is not where the blob says");
	return 0;
}

int memory_show_rsdp(struct stub *s)
{
	uint64_t at = s->run.plan.rsdp;
	int rc = map(s, at, at + PLAN_XEN_RSDP_BYTES, 0);

	activate(s);
	return rc ? rc : plan_xen_check_rsdp((const void *)(uintptr_t)at,
					     &s->diag);
}

int memory_map_blob(struct stub *s)
{
	int rc = maps_blob(&s->paging, &s->blob, &s->diag);

	activate(s);
	return rc;
}

/* Its pages as one piece, by tables of the region. They are read-only when the
 * pass is over, like all that the allocator gave, and are not written again. */
int memory_map_stream(struct stub *s)
{
	struct paging lent = s->paging;
	struct blob *b = &s->blob;
	int rc;

	lent.pool = region_va(&s->run.region, s->run.region.stream_tables);
	lent.pool_pages = s->run.region.stream_table_pages;
	lent.used = 0;
	rc = maps_stream(&lent, b, &s->diag);
	if (rc)
		return rc;
	b->stream = (const uint8_t *)PAGING_UPPER;
	activate(s);
	rc = digest_check(b->stream_digest_alg, b->stream_digest, b->stream,
			  b->stream_bytes);
	return rc ? diag_add(&s->diag, -rc, "lu-stream, %llu bytes",
			     (unsigned long long)b->stream_bytes) : 0;
}

static int check_image(struct stub *s, const struct blob_image *image,
		       const char *what)
{
	const void *bytes = (const void *)(uintptr_t)image->place.start;
	int rc = blob_check_image(image, bytes,
				  stub_trust.alg != HO_TRUST_NONE);

	if (!rc)
		return 0;
	return diag_add(&s->diag, -rc, "%s at 0x%llx (%.40s)", what,
			(unsigned long long)image->place.start, image->file);
}

int memory_check_images(struct stub *s)
{
	const struct blob_target *t = &s->blob.target;
	uint32_t i;
	int rc = check_image(s, &t->image, "target/image");

	for (i = 0; !rc && i < t->module_count; i++)
		rc = check_image(s, &t->modules[i], "target/module");
	return rc;
}

const uint64_t *memory_look_at(void *context, uint64_t mfn)
{
	struct stub *s = context;

	if (!s->window)
		s->window = paging_window(&s->paging, (uintptr_t)window);
	if (!s->window)
		return NULL;
	paging_show(s->window, mfn << HO_PAGE_SHIFT);
	cpu_drop_page((uintptr_t)window);
	return window;
}

void memory_look_away(struct stub *s)
{
	if (s->window)
		paging_show(s->window, (uintptr_t)window);
	cpu_drop_page((uintptr_t)window);
}

int memory_protect_tables(struct stub *s)
{
	int rc = maps_tables(&s->paging, &s->run.region, &s->diag);

	activate(s);
	return rc;
}

int memory_map_target(struct stub *s)
{
	int rc = maps_target(&s->paging, &s->run.plan.place, &s->diag);

	activate(s);
	return rc;
}

static int show_efi(struct stub *s)
{
	const struct efi *efi = &s->blob.efi;
	struct range r = at(efi->system_table, EFI_SYSTEM_TABLE_BYTES);
	int rc;

	if (!efi->system_table)
		return 0;
	rc = maps_firmware(&s->paging, &s->blob, r, &s->diag);
	activate(s);
	if (rc > 0 && efi_config_table(efi, (const void *)(uintptr_t)r.start,
				       &r)) {
		rc = maps_firmware(&s->paging, &s->blob, r, &s->diag);
		activate(s);
	}
	return rc < 0 ? rc : 0;
}

int memory_show_firmware(struct stub *s)
{
	int rc;

	if (s->run.plan.kind != TARGET_LINUX)
		return 0;
	rc = maps_acpi(&s->paging, &s->blob, &s->diag);
	activate(s);
	return rc ? rc : show_efi(s);
}
