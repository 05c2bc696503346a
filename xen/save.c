// SPDX-License-Identifier: MIT
/*
 * save.c - a library that `baton upgrade` has loaded into xl save, before all
 * others. Of a PV guest whose frames stay where they are it calls ordinary
 * pages "allocate only": libxenguest then maps and writes page tables and state
 * alone. libxl starts libxl-save-helper with its own environment, and
 * libxenguest finds the types of a batch of frames by this function of
 * libxenctrl.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* XEN_DOMCTL_PFINFO_LTAB_MASK, _XALLOC (xen/domctl.h): not in libxenctrl's API
 */
#define TYPE_MASK	0xf0000000ul
#define ALLOCATE_ONLY	0xe0000000ul

#define PUBLIC __attribute__((visibility("default")))

/* Of libxenctrl, and not in its header: 0, or -1 and errno. */
PUBLIC int xc_get_pfn_type_batch(void *xch, uint32_t domid,
				 unsigned int count, unsigned long *frames);

int xc_get_pfn_type_batch(void *xch, uint32_t domid, unsigned int count,
			  unsigned long *frames)
{
	static __typeof__(&xc_get_pfn_type_batch) next;
	unsigned int i;
	int rc;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "xc_get_pfn_type_batch");
	if (!next) {
		errno = ENOSYS;
		return -1;
	}
	rc = next(xch, domid, count, frames);
	for (i = 0; !rc && i < count; i++)
		if (!(frames[i] & TYPE_MASK))
			frames[i] |= ALLOCATE_ONLY;
	return rc;
}
