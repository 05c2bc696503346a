// SPDX-License-Identifier: MIT
/*
 * save.c - a library that `baton upgrade` has loaded into xl save -p, before all
 * others.
 *
 * Of a PV guest whose frames stay where they are it calls ordinary pages
 * "allocate only": libxenguest then maps and writes page tables and state
 * alone. libxl starts libxl-save-helper with its own environment, and
 * libxenguest finds the types of a batch of frames by this function of
 * libxenctrl.
 *
 * And QEMU of an HVM guest stays stopped. xl pauses what it has saved, then
 * undoes the suspension, and libxl lets QEMU go on with that: it would write to
 * the guest's memory, which is kept, while its own state is in the stream
 * already. xl unpause lets it go on, too.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
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

/* Of libxl, libxenctrl and libxenstore. How: NULL, wait for it. */
typedef int (*domain_pause)(void *ctx, uint32_t domid, const void *how);
typedef int (*domain_resume)(void *ctx, uint32_t domid, int fast, const void *how);
typedef void *(*xc_open)(void *logger, void *dombuild_logger, unsigned int flags);
typedef int (*xc_resume)(void *xc, uint32_t domid, int fast);
typedef void *(*xs_open)(unsigned long flags);
typedef bool (*xs_resume)(void *xs, unsigned int domid);

PUBLIC int libxl_domain_pause(void *ctx, uint32_t domid, const void *how);
PUBLIC int libxl_domain_resume(void *ctx, uint32_t domid, int fast,
			       const void *how);

static bool is_saved;

/* xl calls it when all is saved, and only then. */
int libxl_domain_pause(void *ctx, uint32_t domid, const void *how)
{
	domain_pause next;
	int rc = -1;

	*(void **)&next = dlsym(RTLD_NEXT, "libxl_domain_pause");
	if (next)
		rc = next(ctx, domid, how);
	is_saved = !rc;
	return rc;
}

/* What libxl does, but for QEMU. False: it was not done. */
static bool resume_alone(uint32_t domid, int fast)
{
	xc_open open_xc;
	xc_resume resume;
	xs_open open_xs;
	xs_resume tell;
	void *xc, *xs;

	*(void **)&open_xc = dlsym(RTLD_DEFAULT, "xc_interface_open");
	*(void **)&resume = dlsym(RTLD_DEFAULT, "xc_domain_resume");
	*(void **)&open_xs = dlsym(RTLD_DEFAULT, "xs_open");
	*(void **)&tell = dlsym(RTLD_DEFAULT, "xs_resume_domain");
	if (!open_xc || !resume || !open_xs || !tell)
		return false;
	xc = open_xc(NULL, NULL, 0);
	xs = open_xs(0);
	/* xl ends soon, and closes both */
	return xc && xs && !resume(xc, domid, fast) && tell(xs, domid);
}

int libxl_domain_resume(void *ctx, uint32_t domid, int fast, const void *how)
{
	domain_resume next;

	if (is_saved && resume_alone(domid, fast))
		return 0;
	*(void **)&next = dlsym(RTLD_NEXT, "libxl_domain_resume");
	return next ? next(ctx, domid, fast, how) : -1;
}
