// SPDX-License-Identifier: MIT
/*
 * plan.c - see plan.h.
 */
#include "plan.h"

#include <string.h>

#include "checked.h"
#include "doormark.h"
#include "plan_mb2.h"
#include "plan_part.h"

#define LIMIT_NONE	(1ull << (HO_FT_MFN_BITS + HO_PAGE_SHIFT))
/* For a region-only plan: map of HO_E820_BUDGET_MAX entries twice (as entries
 * and as E820 extension), EFI's memory map, command line, zero page. */
#define OWN_BYTES	(256 * 1024)
_Static_assert(OWN_BYTES >= HO_E820_BUDGET_MAX *
	       (sizeof(struct e820_entry) + 20) + HO_EFI_MAP_BYTES_MAX +
	       8 * HO_PAGE_BYTES, "room for all of a fallback's plan");

/* Two more than the budget: what Xen's EBDA may add. */
static int map_entries(struct plan *plan, const struct plan_input *in,
		       struct diag_log *diag)
{
	uint32_t budget = in->blob->chosen.e820_budget;
	uint64_t entries = region_alloc(plan->region, (budget + 2) *
					sizeof(struct e820_entry), 64);

	if (!entries)
		return diag_add(diag, HO_EFULL, "memory map of %u entries",
				budget);
	plan->map = (struct e820_map){
		.entries = region_va(plan->region, entries),
		.capacity = budget,
		.ram_max = plan->kind == TARGET_XEN ? PLAN_XEN_RAM_MAX -
			   plan_xen_plants_rsdp(in->blob) : 0,
	};
	return 0;
}

static int build_map(struct plan *plan, const struct plan_input *in,
		     struct diag_log *diag)
{
	int rc;

	plan->region = in->region;
	rc = map_entries(plan, in, diag);
	if (!rc)
		rc = e820_build(&plan->map, in->blob, in->owned, in->region,
				in->blob->chosen.e820_budget, &plan->report, diag);
	if (!rc && e820_owned_frames(in->blob, &plan->report) !=
	    in->owned_frames)
		rc = diag_add(diag, HO_EINTERNAL,
			      "frametable: %llu frames have an owner, the pass gave %llu",
			      (unsigned long long)e820_owned_frames(in->blob,
							&plan->report),
			      (unsigned long long)in->owned_frames);
	if (!rc && !e820_check(&plan->map, in->blob, in->owned))
		rc = diag_add(diag, HO_EINTERNAL,
			      "memory map of %u entries covers an owned frame",
			      plan->map.count);
	return rc;
}

/* The plan's own pages are set aside first: the rest of the region becomes
 * the target's RAM. */
static int build_region_map(struct plan *plan, const struct plan_input *in,
			    struct diag_log *diag)
{
	uint64_t pages = region_alloc(in->region, OWN_BYTES, HO_PAGE_BYTES);
	int rc;

	if (!pages)
		return diag_add(diag, HO_EREGIONSMALL, "fallback: no room");
	plan->own = (struct region){
		.chunk_count = 1, .bias = in->region->bias,
		.far = in->region->far,
		.chunks[0] = { .next = pages, .end = pages + OWN_BYTES },
	};
	plan->region = &plan->own;
	rc = map_entries(plan, in, diag);
	if (!rc)
		rc = e820_build_region(&plan->map, in->blob, in->region,
				       &plan->report, diag);
	if (!rc && !e820_check_region(&plan->map, in->blob))
		rc = diag_add(diag, HO_EINTERNAL,
			      "memory map of %u entries leaves the region",
			      plan->map.count);
	return rc;
}

static int fill_zero_page(struct plan *plan, const struct plan_input *input,
			  struct diag_log *diag)
{
	const struct blob_target *target = &input->blob->target;
	const struct efi *efi = &input->blob->efi;
	uint64_t extra_bytes = bootparams_extra_bytes(plan->map.count, efi);
	uint64_t extra = 0;
	struct bootparams_input in = {
		.image = input->image,
		.image_bytes = range_bytes(target->image.place),
		.bz = &plan->bz,
		.map = &plan->map,
		.cmdline_paddr = plan->cmdline,
		.rsdp = input->blob->acpi_rsdp,
		.efi = efi,
		.screen_info = input->blob->screen_info,
		.vga_text = input->blob->vga_text,
	};

	plan->zero_page = region_page(plan->region);
	if (extra_bytes)
		extra = region_alloc(plan->region, extra_bytes, HO_PAGE_BYTES);
	if (!plan->zero_page || (extra_bytes && !extra))
		return diag_add(diag, HO_EFULL, "zero page");
	if (target->module_count) {
		in.initrd_paddr = target->modules[0].place.start;
		in.initrd_bytes = range_bytes(target->modules[0].place);
	}
	in.extra_paddr = extra;
	bootparams_fill(region_va(plan->region, plan->zero_page),
			extra ? region_va(plan->region, extra) : NULL, &in);
	return 0;
}

static int plan_linux(struct plan *plan, const struct plan_input *input,
		      struct diag_log *diag)
{
	const struct blob *blob = input->blob;
	struct bzimage *bz = &plan->bz;
	uint64_t align, max, load, min = 16 * MIB;
	int rc;

	rc = bzimage_parse(bz, input->image, range_bytes(blob->target.image.place),
			   diag);
	if (rc)
		return rc;
	if (input->levels > 4 && !bz->five_levels)
		return diag_add(diag, HO_EBZOLD,
				"target/image: not to be started with five levels of page tables, which are on");
	max = bz->above_4g ? LIMIT_NONE : LIMIT_4G;
	if (blob->region[0].end > max)
		return diag_add(diag, HO_EBZOLD,
				"target/image: cannot be started from above 4 GiB");
	align = bz->alignment > HO_PAGE_2M_BYTES ? bz->alignment
						 : HO_PAGE_2M_BYTES;
	if (bz->pref_address > min)
		min = bz->pref_address;
	load = place_take(&plan->place, bz->init_size, align, min, max);
	if (!load)
		return plan_no_room(diag, "kernel (init_size)", bz->init_size,
				    max);
	plan_add_copy(plan, (const uint8_t *)input->image + bz->setup_bytes,
		      bz->pm_bytes, load, bz->pm_bytes);
	plan->entry = load + BZIMAGE_ENTRY64_OFFSET;
	rc = plan_write_cmdline(plan, input, bz->cmdline_max, diag);
	if (rc)
		return rc;
	return fill_zero_page(plan, input, diag);
}

int plan_build(struct plan *plan, const struct plan_input *input,
	       struct diag_log *diag)
{
	int rc;

	*plan = (struct plan){ .kind = input->blob->target.kind };
	rc = doormark_refuse(input->image,
			     range_bytes(input->blob->target.image.place),
			     "target/image", diag);
	if (rc)
		return rc;
	rc = input->blob->region_only ? build_region_map(plan, input, diag)
				      : build_map(plan, input, diag);
	if (rc)
		return rc;
	if (plan_xen_plants_rsdp(input->blob)) {
		plan->rsdp = input->blob->acpi_rsdp;
		plan_xen_reserve_ebda(&plan->map);
	}
	place_init(&plan->place, &plan->map, &input->blob->efi);
	switch (plan->kind) {
	case TARGET_LINUX:
		return plan_linux(plan, input, diag);
	case TARGET_MULTIBOOT2:
	case TARGET_XEN:
		return plan_multiboot2(plan, input, diag);
	default:
		return diag_add(diag, HO_ETARGET, "target");
	}
}

void plan_carry_out(const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->copy_count; i++) {
		const struct plan_copy *c = &plan->copies[i];
		uint8_t *to = (uint8_t *)(uintptr_t)c->paddr;

		memcpy(to, c->source, c->file_bytes);
		memset(to + c->file_bytes, 0, c->memory_bytes - c->file_bytes);
	}
	if (plan->info)
		mb2_info_fill((void *)(uintptr_t)plan->info,
			      &plan->info_input);
}
