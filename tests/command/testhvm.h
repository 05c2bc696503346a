/* SPDX-License-Identifier: MIT */
/*
 * testhvm.h - for the tests of a translated guest of Xen's, "hvm": what xl writes of
 * it, and the host before the update and after.
 */
#ifndef TESTS_COMMAND_TESTHVM_H
#define TESTS_COMMAND_TESTHVM_H

#include "fakelibs.h"
#include "fakerun.h"
#include "fakesave.h"

#define HVM_PAGE	4096
#define HVM_PAGES	900		/* several calls of 400 */
#define HVM_MFN		0x38000ull	/* of gfn 0, the others follow */

/* What xl save writes, and what xl restore is to get. */
extern struct fake_save hvm_save;
/* Its grant table beforehand. */
extern uint8_t hvm_grants_were[4096];

/* `upgrade` of it. */
int hvm_upgrade(void);
/* cmocka's setups: before an update, and after it. */
int hvm_setup(void **state);
int hvm_setup_new(void **state);
/* Bytes that xl gets where no page is sent and one word names all of them. */
size_t hvm_short_stream(void);

#endif /* TESTS_COMMAND_TESTHVM_H */
