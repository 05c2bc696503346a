/* SPDX-License-Identifier: MIT */
/*
 * fail.h - what happens to a run that cannot go on.
 */
#ifndef STUB_FAIL_H
#define STUB_FAIL_H

#include "stub.h"

/* The breadcrumb as it is known, to its page, once that is mapped. */
void fail_write_crumb(struct stub *s);

/* What ends a run that failed from here on: HO_ON_FAILURE_*. */
void fail_policy(struct stub *s, uint32_t on_failure);

/* Report what s->diag holds, and take the way out. */
void fail(struct stub *s) __attribute__((noreturn));

#endif /* STUB_FAIL_H */
