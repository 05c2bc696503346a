/* SPDX-License-Identifier: MIT */
/*
 * testcall.h - for the tests of options: a call in words, and what is made of it.
 * Included last: its names are short.
 */
#ifndef TESTS_LOADER_TESTCALL_H
#define TESTS_LOADER_TESTCALL_H

#include "options.h"

/* What was made of the last call */
extern struct diag_log diag;
extern struct arguments args;

/* A call in words behind blanks; `more`, if any, is the last word, as it is.
 * What options_parse() says. */
int call_parse(const char *call, const char *more);
/* Refused, with this in what people read. */
void call_refused(const char *call, const char *what);
/* To be run. */
void call_good(const char *call);
/* cmocka's teardown of a group: what was made of the last call is freed. */
int call_last(void **state);

#endif /* TESTS_LOADER_TESTCALL_H */
