/* SPDX-License-Identifier: MIT */
/*
 * chain.h - the jump into the target.
 */
#ifndef STUB_CHAIN_H
#define STUB_CHAIN_H

#include "plan.h"

/* What chain_jump() needs besides: for targets that are entered in 32 bits a piece of
 * code in plan->low_page, below 4 GiB, where the stub may not be. */
void chain_prepare(const struct plan *plan);
/* Jump to plan->entry, in the machine state of the target's protocol
 * (handover-abi/README.md 3.2, 3.3). Its pieces are in place and mapped;
 * chain_jump() checks nothing, and there is no way back. */
void chain_jump(const struct plan *plan) __attribute__((noreturn));

#endif /* STUB_CHAIN_H */
