/* SPDX-License-Identifier: MIT */
/*
 * chain.h - starting the target: plan, result tree, jump.
 */
#ifndef STUB_CHAIN_H
#define STUB_CHAIN_H

#include "stub.h"

/* plan_build() over what is staged. */
int chain_plan(struct stub *s);
/* The result tree, in the region; sets its place in the breadcrumb. */
int chain_result(struct stub *s);
void chain_jump(struct stub *s) __attribute__((noreturn));

#endif /* STUB_CHAIN_H */
