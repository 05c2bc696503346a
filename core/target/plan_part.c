// SPDX-License-Identifier: MIT
/*
 * plan_part.c - see plan_part.h.
 */
#include "plan_part.h"

#include <string.h>

#include "cmdword.h"
#include "fmt.h"

int plan_no_room(struct diag_log *diag, const char *what, uint64_t bytes,
		 uint64_t max)
{
	return diag_add(diag, HO_ENOROOM, "%s: %llu bytes below 0x%llx", what,
			(unsigned long long)bytes, (unsigned long long)max);
}

/* README rule 19. At a first boot nothing is kept, and memory devices that the
 * firmware's map does not name are found by hot-add alone. */
static const char *no_hotplug(const struct blob *blob)
{
	return blob->generation && blob->target.kind != TARGET_MULTIBOOT2
	     ? HO_CMDLINE_NO_HOTPLUG " " : "";
}

void plan_baton_words(const struct plan_input *in, char *out, size_t bytes)
{
	uint64_t base = in->failed.region ? in->failed.region
					  : in->blob->region[0].start;
	char failed[64] = "";

	if (in->failed.region)
		fmt_print(failed, sizeof(failed), " " HO_CMDLINE_FAILED
			  "%s:%u", stage_name(in->failed.stage),
			  in->failed.error);
	fmt_print(out, bytes, "%s" HO_CMDLINE_OPTION "0x%llx%s",
		  no_hotplug(in->blob), (unsigned long long)base, failed);
}

/* Behind a word `--` all is init's, or of Xen's line dom0's; behind a quotation
 * mark without a second one all is its word's. Words of ours are not. */
static bool hides_words(const char *args)
{
	struct cmdword w;

	while (cmdword_next(&args, &w))
		if (w.open || (w.length == 2 && !memcmp(w.at, "--", 2)))
			return true;
	return false;
}

int plan_write_line(struct plan *plan, uint64_t *pa, const char *before,
		    const char *args, const char *after, uint64_t max,
		    struct diag_log *diag)
{
	uint64_t length;

	if (hides_words(args))
		return diag_add(diag, HO_ECMDLINE,
				"bootargs: what is behind -- or an odd quotation mark would not count");
	*pa = region_page(plan->region);
	if (!*pa)
		return diag_add(diag, HO_EFULL, "command line");
	length = fmt_print(region_va(plan->region, *pa), PLAN_CMDLINE_BYTES,
			   "%s%s%s%s", before, args, *args ? " " : "", after);
	if (length >= PLAN_CMDLINE_BYTES || length > max)
		return diag_add(diag, HO_ECMDLINE,
				"target/bootargs: %llu bytes with baton=",
				(unsigned long long)length);
	return 0;
}

int plan_write_cmdline(struct plan *plan, const struct plan_input *in,
		       uint64_t max, struct diag_log *diag)
{
	char words[128];

	plan_baton_words(in, words, sizeof(words));
	return plan_write_line(plan, &plan->cmdline, "",
			       in->blob->target.bootargs, words, max, diag);
}

void plan_add_copy(struct plan *plan, const void *source, uint64_t bytes,
		   uint64_t pa, uint64_t memory_bytes)
{
	plan->copies[plan->copy_count++] = (struct plan_copy){
		.source = source, .file_bytes = bytes,
		.paddr = pa, .memory_bytes = memory_bytes,
	};
}
