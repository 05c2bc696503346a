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

void chain_jump(const struct plan *plan)
{
	if (plan->kind == TARGET_LINUX)
		jump_linux(plan->entry, plan->zero_page);
	jump_multiboot2(plan);
	__builtin_unreachable();
}
