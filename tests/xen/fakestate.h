/* SPDX-License-Identifier: MIT */
/* fakestate.h - what a test sees of fakexen.c. */
#ifndef TESTS_XEN_FAKESTATE_H
#define TESTS_XEN_FAKESTATE_H

#include "fakexen.h"
#include "leftover.h"

struct fake_state {
	struct leftover left;
	bool mapped[FAKE_FRAMES], heap[FAKE_FRAMES];
	bool locked;			/* a spinlock is held */
	bool full;			/* no domain may have more */
	bool no_table;			/* the physmap has no memory */
	int large_pages;		/* were put into the physmap */
	int blocks;			/* all that were, of whatever size */
	int patience;			/* calls until something waits; -1: never */
	unsigned int calls;		/* of a function on each CPU */
	int frees;			/* blocks that the heap was given */
	char said[4096];		/* on the console */
};

extern struct fake_state fake;

#endif /* TESTS_XEN_FAKESTATE_H */
