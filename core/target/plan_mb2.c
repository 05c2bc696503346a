// SPDX-License-Identifier: MIT
/*
 * plan_mb2.c - see plan_mb2.h.
 */
#include "plan_mb2.h"

#include "checked.h"
#include "doormark.h"
#include "fmt.h"
#include "plan_part.h"

/* The image: where it wants to be, or, if it can be moved, where there is
 * room. Sets *delta from link to load address. */
static int place_mb2_image(struct plan *plan, const uint8_t *image,
			   uint64_t *delta, struct diag_log *diag)
{
	const struct mb2_image *mb2 = &plan->mb2;
	uint64_t bytes = mb2->link_end - mb2->link_start;
	uint64_t max = mb2->max < LIMIT_4G ? mb2->max : LIMIT_4G;
	uint64_t min = mb2->min > MIB ? mb2->min : MIB;
	uint64_t load = mb2->link_start;
	uint32_t i;

	if (mb2->relocatable)
		load = place_take(&plan->place, bytes, mb2->align, min, max);
	else if (!place_take_at(&plan->place, load, bytes))
		load = 0;
	if (!load)
		return plan_no_room(diag, "target/image", bytes, max);
	*delta = load - mb2->link_start;
	for (i = 0; i < mb2->segment_count; i++)
		plan_add_copy(plan, image + mb2->segments[i].file_offset,
			      mb2->segments[i].file_bytes,
			      mb2->segments[i].link_paddr + *delta,
			      mb2->segments[i].memory_bytes);
	return 0;
}

static int place_mb2_modules(struct plan *plan, const struct plan_input *input,
			     struct diag_log *diag)
{
	const struct blob_target *target = &input->blob->target;
	uint32_t i;

	for (i = 0; i < target->module_count; i++) {
		const struct blob_image *m = &target->modules[i];
		uint64_t bytes = range_bytes(m->place);
		uint64_t pa = place_take(&plan->place, bytes, HO_PAGE_BYTES,
					 MIB, LIMIT_4G);

		if (!pa)
			return plan_no_room(diag, "target/module", bytes,
					    LIMIT_4G);
		plan->modules[i] = (struct mb2_module){ pa, pa + bytes,
							m->bootargs };
		plan_add_copy(plan, input->modules[i], bytes, pa, bytes);
	}
	return 0;
}

static int place_mb2_info(struct plan *plan, const struct plan_input *input,
			  uint64_t delta, struct diag_log *diag)
{
	uint64_t bytes;

	plan->info_input = (struct mb2_info_input){
		.cmdline = region_va(plan->region, plan->cmdline),
		.loader_name = "baton",
		.map = &plan->map,
		.load_base = plan->mb2.link_start + delta,
		.relocatable = plan->mb2.relocatable,
		.module_count = input->blob->target.module_count,
		.modules = plan->modules,
	};
	bytes = mb2_info_bytes(&plan->info_input);
	plan->info = place_take(&plan->place, bytes, HO_PAGE_BYTES, MIB,
				LIMIT_4G);
	plan->low_page = place_take(&plan->place, HO_PAGE_BYTES, HO_PAGE_BYTES,
				    MIB, LIMIT_4G);
	if (!plan->info || !plan->low_page)
		return plan_no_room(diag, "multiboot2 information", bytes,
				    LIMIT_4G);
	return 0;
}

/* Into an EBDA of ours: the stub shows the RSDP before it copies it. */
static void plant_rsdp(struct plan *plan)
{
	static const uint16_t segment = PLAN_XEN_EBDA >> 4;

	plan_add_copy(plan, (const void *)(uintptr_t)plan->rsdp,
		      PLAN_XEN_RSDP_BYTES, PLAN_XEN_EBDA, PLAN_XEN_RSDP_BYTES);
	plan_add_copy(plan, &segment, sizeof(segment), PLAN_XEN_EBDA_WORD,
		      sizeof(segment));
}

/* What the stub adds for dom0, the first module: baton=, and where ACPI is. In
 * the EBDA a PV dom0 does not find it, for its page 0 is one of its own. */
static void dom0_words(const struct plan *plan, const struct plan_input *in,
		       char *out, size_t bytes)
{
	char words[128];

	plan_baton_words(in, words, sizeof(words));
	if (plan->rsdp)
		fmt_print(out, bytes, "acpi_rsdp=0x%llx %s",
			  (unsigned long long)plan->rsdp, words);
	else
		fmt_print(out, bytes, "%s", words);
}

static int prepare_xen(struct plan *plan, const struct plan_input *in,
		       struct diag_log *diag)
{
	const struct blob_target *t = &in->blob->target;
	char words[160];
	uint64_t dom0;
	int rc;

	fmt_print(words, sizeof(words), "%s0x%llx", PLAN_XEN_AFTER,
		  (unsigned long long)in->blob->region[0].start);
	rc = doormark_refuse(in->modules[0], range_bytes(t->modules[0].place),
			     "target/module", diag);
	if (!rc)
		rc = plan_xen_check_dom0(&plan->map, in->modules[0],
					 range_bytes(t->modules[0].place),
					 diag);
	if (!rc)
		rc = plan_write_line(plan, &plan->cmdline, PLAN_XEN_BEFORE,
				     t->bootargs, words,
				     PLAN_XEN_CMDLINE_MAX, diag);
	dom0_words(plan, in, words, sizeof(words));
	if (!rc)
		rc = plan_write_line(plan, &dom0, PLAN_XEN_DOM0_BEFORE,
				     t->modules[0].bootargs, words,
				     PLAN_XEN_CMDLINE_MAX, diag);
	if (!rc)
		plan->modules[0].cmdline = region_va(plan->region, dom0);
	if (!rc && plan->rsdp)
		plant_rsdp(plan);
	return rc;
}

static int check_xen(const struct blob *blob, struct diag_log *diag)
{
	if (blob->target.module_count && !blob->region_only)
		return plan_xen_check_acpi(blob, diag);
	return diag_add(diag, HO_ETARGET, "target: %s", blob->region_only
			? "Xen cannot be a fallback"
			: "Xen without a dom0 kernel");
}

int plan_multiboot2(struct plan *plan, const struct plan_input *input,
			   struct diag_log *diag)
{
	bool xen = plan->kind == TARGET_XEN;
	uint64_t delta = 0;
	int rc;

	rc = xen ? check_xen(input->blob, diag) : 0;
	if (!rc)
		rc = mb2_parse(&plan->mb2, input->image,
			       range_bytes(input->blob->target.image.place),
			       diag);
	if (!rc)
		rc = place_mb2_image(plan, input->image, &delta, diag);
	if (!rc)
		rc = place_mb2_modules(plan, input, diag);
	if (!rc)
		rc = xen ? prepare_xen(plan, input, diag)
			 : plan_write_cmdline(plan, input, PLAN_CMDLINE_BYTES,
					      diag);
	if (!rc)
		rc = place_mb2_info(plan, input, delta, diag);
	if (!rc)
		plan->entry = plan->mb2.entry + delta;
	return rc;
}
