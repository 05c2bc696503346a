/* SPDX-License-Identifier: MIT */
/*
 * hook.h - called at the start of every stage. The stub that is shipped
 * links hook.c, which does nothing; tests/stub links others that attack.
 */
#ifndef STUB_HOOK_H
#define STUB_HOOK_H

#include "stub.h"

/* `stage` (HO_STAGE_...) begins. Returns, and leaves *s as it is, in the stub
 * that is shipped. */
void hook_stage(struct stub *s, int stage);

#endif /* STUB_HOOK_H */
