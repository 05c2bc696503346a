// SPDX-License-Identifier: MIT
/*
 * chain.c - see chain.h. The machine states it leaves are in
 * handover-abi/README.md, 3.2 and 3.3.
 */
#include "chain.h"

#include "libc.h"

extern const uint8_t jump_low[], jump_low_end[];

void jump_linux(uint64_t entry, uint64_t zero_page)
	__attribute__((noreturn));

void chain_prepare(const struct plan *plan)
{
	if (plan->kind != TARGET_LINUX)
		memcpy((void *)(uintptr_t)plan->low_page, jump_low,
		       jump_low_end - jump_low);
}

void chain_jump(const struct plan *plan)
{
	void (*low)(uint64_t entry, uint64_t info, uint64_t page)
		__attribute__((noreturn));

	if (plan->kind == TARGET_LINUX)
		jump_linux(plan->entry, plan->zero_page);
	low = (void *)(uintptr_t)plan->low_page;
	low(plan->entry, plan->info, plan->low_page);
}
