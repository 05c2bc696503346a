/* SPDX-License-Identifier: MIT */
/*
 * chain.h - the jump into the target.
 */
#ifndef STUB_CHAIN_H
#define STUB_CHAIN_H

#include "plan.h"

void chain_jump(const struct plan *plan) __attribute__((noreturn));

#endif /* STUB_CHAIN_H */
