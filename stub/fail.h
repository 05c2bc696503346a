/* SPDX-License-Identifier: MIT */
/*
 * fail.h - what happens to a run that cannot go on.
 */
#ifndef STUB_FAIL_H
#define STUB_FAIL_H

#include "stub.h"

/* The breadcrumb as it is known, to its page, once that is mapped. */
void fail_write_crumb(struct stub *s);

/* Report what s->diag holds, and take the way out. */
void fail(struct stub *s) __attribute__((noreturn));

#endif /* STUB_FAIL_H */
