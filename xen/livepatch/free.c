// SPDX-License-Identifier: MIT
/*
 * free.c - free_domheap_pages() of the very Xen, with the line of ours that the patch
 * of that version has. cut-page_alloc.h is cut out of its source when it is built
 * (scripts/build-xen-livepatch), and is GPL as that is.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/baton.h>

#include "keep.h"
#include "payload.h"

/* Of that file, and resolved there */
extern bool opt_scrub_domheap;
void free_heap_pages(struct page_info *pg, unsigned int order,
		     bool need_scrub);

#define scrub_debug	false		/* no debug build has a payload */

#include "cut-page_alloc.h"
