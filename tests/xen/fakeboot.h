/* SPDX-License-Identifier: MIT */
/*
 * fakeboot.h - a test of a Xen that is made up is a boot, and so a process.
 */
#ifndef TESTS_XEN_FAKEBOOT_H
#define TESTS_XEN_FAKEBOOT_H

#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakestate.h"

static inline void run_boot(void **state)
{
	void (*body)(void) = *state;
	pid_t pid = fork();
	int status;

	if (!pid) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* One line of the list of tests: the function takes nothing, and asserts by assert(). */
#define BOOT(f) { #f, run_boot, NULL, NULL, f }

/* A frame of DOMID_IO's, as arch_init_memory() leaves it. */
static inline bool is_io(unsigned long mfn)
{
	const struct page_info *pg = &fake_pages[mfn];

	return pg->owner == dom_io && !fake.heap[mfn] &&
	       pg->count_info == (PGC_allocated | 1) &&
	       pg->u.inuse.type_info == (PGT_writable_page | PGT_validated | 1);
}

#endif /* TESTS_XEN_FAKEBOOT_H */
