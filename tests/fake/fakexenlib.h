/* SPDX-License-Identifier: MIT */
/*
 * fakexenlib.h - what the parts of the fake libraries want of each other; tests
 * include fakelibs.h.
 */
#ifndef FAKE_FAKEXENLIB_H
#define FAKE_FAKEXENLIB_H

#include <stdint.h>

/* What a library is, and whatever is opened by one */
extern char fake_handle;

/* The function of that name, NULL: Xen's libraries have none that is known. */
void *fake_xen_function(const char *name);
/* The same of those for livepatches. */
void *fake_livepatch_function(const char *name);
/* 0, or -1 with the errno that a test wants of all calls. */
int fake_xen_fails(void);
/* The guest; a domid that no guest has ends the test. */
const struct fake_xen_guest *fake_xen_guest_of(uint32_t domid);

/* xenforeignmemory_map_resource() of a grant table; NULL: of anything else. */
void *fake_map_grants(void *x, uint32_t domid, unsigned int type,
		      unsigned int id, unsigned long frame,
		      unsigned long count, void **out, int prot, int flags);
/* xencall3(): grant table operations. 0, -1. */
int fake_grant_call(void *x, unsigned int op, uint64_t command, uint64_t at,
		    uint64_t count);

#endif /* FAKE_FAKEXENLIB_H */
