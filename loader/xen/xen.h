/* SPDX-License-Identifier: MIT */
/*
 * xen.h - Xen's libraries, when this instance is a dom0. They are opened when
 * they are needed, so that baton installs and runs where they are not; the
 * ones that belong to the running hypervisor, because the calls that manage
 * domains change with every version.
 */
#ifndef LOADER_XEN_H
#define LOADER_XEN_H

#include <xenctrl.h>
#include <xencall.h>
#include <xenforeignmemory.h>
#include <xenguest.h>
#include <xenstore.h>

#include "diag.h"
#include "types.h"
#include "handover/stream.h"

/* Exported, but not in the header: types of `count` frames of a guest, in
 * place, XEN_DOMCTL_PFINFO_*. */
int xc_get_pfn_type_batch(xc_interface *xch, uint32_t domid,
			  unsigned int count, xen_pfn_t *frames);

/* library, function */
#define XEN_FUNCTIONS(X) \
	X(ctrl, xc_interface_open) \
	X(ctrl, xc_interface_close) \
	X(ctrl, xc_version) \
	X(ctrl, xc_physinfo) \
	X(ctrl, xc_vcpu_getinfo) \
	X(ctrl, xc_domain_getinfolist) \
	X(ctrl, xc_get_pfn_type_batch) \
	X(ctrl, xc_get_machine_memory_map) \
	X(ctrl, xc_maximum_ram_page) \
	X(ctrl, xc_domain_get_pod_target) \
	X(ctrl, xc_hvm_param_get) \
	X(ctrl, xc_kexec_load) \
	X(ctrl, xc_kexec_unload) \
	X(ctrl, xc_kexec_exec) \
	X(ctrl, xc_kexec_get_range) \
	X(guest, xc_map_m2p) \
	X(foreign, xenforeignmemory_open) \
	X(foreign, xenforeignmemory_close) \
	X(foreign, xenforeignmemory_map) \
	X(foreign, xenforeignmemory_unmap) \
	X(foreign, xenforeignmemory_map_resource) \
	X(foreign, xenforeignmemory_unmap_resource) \
	X(call, xencall_open) \
	X(call, xencall3) \
	X(call, xencall_close) \
	X(call, xencall_alloc_buffer) \
	X(call, xencall_free_buffer) \
	X(store, xs_open) \
	X(store, xs_close) \
	X(store, xs_read)

struct xen {
	void *ctrl, *guest, *foreign, *call, *store; /* dlopen() */
#define XEN_POINTER(library, function) __typeof__(function) *function;
	XEN_FUNCTIONS(XEN_POINTER)
#undef XEN_POINTER
	xc_interface *xc;
	xenforeignmemory_handle *memory;
	xencall_handle *calls;
};

/* True when this is the domain that controls a Xen. xenfs must be mounted. */
bool xen_is_dom0(void);
/* False: this dom0 has a physmap of its own, as a PVH dom0 does, and Xen tells it
 * no machine frame. */
bool xen_sees_frames(void);

/* A Xen that gives kept PV guests their own frames has this among its
 * capabilities (xl info: xen_caps), and so in its image (xen/baton.h). */
#define XEN_ADOPTS_PV	"baton-pv-1 "
/* One that gives a PVH or HVM guest all its frames with the first. */
#define XEN_ADOPTS_HVM	"baton-hvm-1 "
/* Does the one that runs give PV guests their frames? */
bool xen_adopts(void);
/* And PVH and HVM guests, all of them with the first? */
bool xen_adopts_at_once(void);

/* Is this kind of a domain, HO_KIND_..., a guest of Xen's? */
static inline bool xen_is_guest(uint32_t kind)
{
	return kind == HO_KIND_XEN_PV || kind == HO_KIND_XEN_HVM;
}

/* HO_EXENLIB, HO_EXENVERSION, HO_ENOMEM, HO_EIO. */
int xen_open(struct xen **out, struct diag_log *diag);
/* Close its handles and free it; the libraries stay open. NULL is fine. */
void xen_close(struct xen *x);

/* After a call of libxenctrl's that failed: HO_EXENVERSION when Xen says that
 * it is one of another version, else HO_EIO. */
int xen_refused(const char *what, struct diag_log *diag);

/* A number of xenstore, whose daemon must run; false: it is not there. */
bool xen_store_number(struct xen *x, const char *path, uint64_t *out);

/* Pages of the heap that nobody has. HO_EXENVERSION, HO_EIO. */
int xen_free_pages(struct xen *x, uint64_t *pages, struct diag_log *diag);

#endif /* LOADER_XEN_H */
