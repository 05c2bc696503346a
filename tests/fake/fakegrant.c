// SPDX-License-Identifier: MIT
/*
 * fakegrant.c - see fakelibs.h: the grant tables of guests, as dom0 maps them
 * and what they grant.
 */
#include <stdio.h>

#include "fakelibs.h"
#include "fakexenlib.h"
#include "xen.h"

#include <xen/grant_table.h>
#include <xen/memory.h>

void *fake_map_grants(void *x, uint32_t domid, unsigned int type,
		      unsigned int id, unsigned long frame, unsigned long count,
		      void **out, int prot, int flags)
{
	(void)x;
	(void)prot;
	(void)flags;
	fake_xen_guest_of(domid);
	if (type != XENMEM_resource_grant_table || id || frame || count != 1)
		return NULL;
	*out = fake_xen->grants;
	return &fake_handle;
}

static void map_grant(struct gnttab_map_grant_ref *m)
{
	const struct fake_xen_guest *g = fake_xen_guest_of(m->dom);
	const grant_entry_v1_t *e = (void *)fake_xen->grants;

	e += m->ref;
	if (m->flags != (GNTMAP_device_map | GNTMAP_readonly) ||
	    e->flags != (GTF_permit_access | GTF_readonly) || e->domid ||
	    e->frame >= g->pages ||
	    (fake_xen->alien_gfn && e->frame == fake_xen->alien_gfn)) {
		m->status = GNTST_general_error;
		return;
	}
	m->status = GNTST_okay;
	m->handle = 1000 + m->ref;
	m->dev_bus_addr = (g->mfn + e->frame) << 12;
	fake_xen->grants_mapped++;
}

int fake_grant_call(void *x, unsigned int op, uint64_t command, uint64_t at,
		    uint64_t count)
{
	struct gnttab_unmap_grant_ref *u = (void *)at;
	struct gnttab_get_version *version = (void *)at;
	struct gnttab_query_size *size = (void *)at;
	struct gnttab_map_grant_ref *m = (void *)at;
	uint64_t i;

	(void)x;
	if (op != __HYPERVISOR_grant_table_op || fake_xen_fails())
		return -1;
	for (i = 0; i < count; i++)
		switch (command) {
		case GNTTABOP_get_version:
			version->version = fake_xen->grant_version ?: 1;
			break;
		case GNTTABOP_query_size:
			size->nr_frames = 1;
			size->status = 0;
			break;
		case GNTTABOP_map_grant_ref:
			map_grant(&m[i]);
			break;
		case GNTTABOP_unmap_grant_ref:
			fake_xen->grants_mapped -= u[i].handle >= 1000;
			u[i].status = 0;
			break;
		default:
			return -1;
		}
	return 0;
}
