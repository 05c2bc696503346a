// SPDX-License-Identifier: MIT
/*
 * populate.c - populate_physmap() of the very Xen, with the lines of ours that the
 * patch of that version has. cut-memory.h is cut out of its source when it is built
 * (scripts/build-xen-livepatch), and is GPL as that is.
 */
#include <xen/domain_page.h>
#include <xen/err.h>
#include <xen/event.h>
#include <xen/grant_table.h>
#include <xen/guest_access.h>
#include <xen/hypercall.h>
#include <xen/iocap.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/paging.h>
#include <xen/sched.h>
#include <asm/baton.h>
#include <asm/guest.h>
#include <asm/p2m.h>
#include <public/memory.h>

#include "keep.h"
#include "payload.h"

/* memop-max-order=: of that file, and resolved there */
extern unsigned int domu_max_order, ctldom_max_order, hwdom_max_order,
		    ptdom_max_order;

#include "cut-memory.h"
