// SPDX-License-Identifier: MIT
/*
 * chain.c - see chain.h. The machine states it leaves are in
 * handover-abi/README.md, 3.2 and 3.3.
 */
#include "chain.h"

#include "libc.h"
#include "result.h"

extern const uint8_t jump_low[], jump_low_end[];

void jump_linux(uint64_t entry, uint64_t zero_page)
	__attribute__((noreturn));

static const void *staged(const struct blob_image *image)
{
	return (const void *)(uintptr_t)image->place.start;
}

int chain_plan(struct stub *s)
{
	const struct blob_target *t = &s->blob.target;
	struct frametable_view owned;
	struct plan_input in = {
		.blob = &s->blob, .region = &s->region,
		.failed = s->failed, .image = staged(&t->image),
	};
	uint32_t i;

	if (!s->blob.region_only) {
		frametable_view(&s->pass.ft, &s->blob, &owned);
		in.owned = &owned;
		in.owned_frames = s->pass.frame_count;
	}
	for (i = 0; i < t->module_count; i++)
		in.modules[i] = staged(&t->modules[i]);
	return plan_build(&s->plan, &in, &s->diag);
}

int chain_result(struct stub *s)
{
	struct result_input in = {
		.blob = &s->blob, .blob_paddr = s->given.place.start,
		.pass = &s->pass, .plan = &s->plan,
		.log_paddr = (uintptr_t)s->console.log_bytes,
		.log_bytes = s->console.log.used,
	};
	uint64_t capacity = result_bytes(&in), at, bytes;
	int rc;

	memcpy(in.stage_tsc, s->crumb.stage_tsc, sizeof(in.stage_tsc));
	at = region_alloc(&s->region, capacity, HO_PAGE_BYTES);
	if (!at)
		return diag_add(&s->diag, HO_EFULL,
				"result tree of %llu bytes",
				(unsigned long long)capacity);
	rc = result_write((void *)(uintptr_t)at, capacity, &in, &bytes,
			  &s->diag);
	if (rc)
		return rc;
	s->crumb.result_paddr = at;
	s->crumb.result_bytes = bytes;
	return 0;
}

/* Through a copy of jump_low in a free page below 4 GiB: the stub itself may
 * be above it. */
static void jump_multiboot2(const struct plan *plan)
{
	void (*low)(uint64_t entry, uint64_t info, uint64_t page)
		__attribute__((noreturn));

	memcpy((void *)(uintptr_t)plan->low_page, jump_low,
	       jump_low_end - jump_low);
	low = (void *)(uintptr_t)plan->low_page;
	low(plan->entry, plan->info, plan->low_page);
}

void chain_jump(struct stub *s)
{
	if (s->plan.kind == TARGET_LINUX)
		jump_linux(s->plan.entry, s->plan.zero_page);
	jump_multiboot2(&s->plan);
	__builtin_unreachable();
}
