// SPDX-License-Identifier: MIT
/*
 * xen.c - see xen.h.
 */
#include "xen.h"

#include <dlfcn.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "util.h"

#define VERSION_DIR "/sys/hypervisor/version/"
#define ANY_CONTROL "/{,usr/}lib/x86_64-linux-gnu/libxenctrl.so.4.*"

bool xen_is_dom0(void)
{
	char text[256];

	return text_read("/sys/hypervisor/type", text, sizeof(text)) &&
	       !strcmp(text, "xen") &&
	       text_read("/proc/xen/capabilities", text, sizeof(text)) &&
	       strstr(text, "control_d");
}

bool xen_sees_frames(void)
{
	char text[16];

	/* a kernel without the file is older than PVH dom0s */
	return !text_read("/sys/hypervisor/guest_type", text, sizeof(text)) ||
	       !strcmp(text, "PV");
}

static bool can(const char *word)
{
	char text[1024];

	return text_read("/sys/hypervisor/properties/capabilities", text,
			 sizeof(text)) && strstr(text, word);
}

bool xen_adopts(void)
{
	return can(XEN_ADOPTS_PV);
}

bool xen_adopts_at_once(void)
{
	return can(XEN_ADOPTS_HVM);
}

static void *open_library(const char *name, struct diag_log *diag)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		diag_add(diag, HO_EXENLIB, "%s", dlerror());
	return library;
}

/* Records which libxenctrl is there instead of the library that is wanted. */
static void explain_control(const char *wanted, struct diag_log *diag)
{
	glob_t found;

	if (glob(ANY_CONTROL, GLOB_BRACE, NULL, &found)) {
		diag_add(diag, HO_EXENLIB, "no %s", wanted);
		return;
	}
	diag_add(diag, HO_EXENVERSION, "want %s, there is %s", wanted,
		 found.gl_pathv[0]);
	globfree(&found);
}

/* libxenctrl and libxenguest have the hypervisor's version in their names. */
static void *open_versioned(const char *base, struct diag_log *diag)
{
	char name[64], major[16], minor[16];
	void *library;

	if (!text_read(VERSION_DIR "major", major, sizeof(major)) ||
	    !text_read(VERSION_DIR "minor", minor, sizeof(minor))) {
		io_error(diag, VERSION_DIR);
		return NULL;
	}
	snprintf(name, sizeof(name), "%s.so.%s.%s", base, major, minor);
	library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		explain_control(name, diag);
	return library;
}

static int find_functions(struct xen *x, struct diag_log *diag)
{
#define XEN_FIND(library, function) \
	x->function = dlsym(x->library, #function); \
	if (!x->function) \
		return diag_add(diag, HO_EXENLIB, "no " #function);
	XEN_FUNCTIONS(XEN_FIND)
#undef XEN_FIND
	return 0;
}

/* The library has the right name, but may be of another version. Tries a
 * domctl that every version has, of dom0's first CPU, before any guest is
 * touched. */
static int check_version(struct xen *x, struct diag_log *diag)
{
	xc_vcpuinfo_t info;

	return x->xc_vcpu_getinfo(x->xc, 0, 0, &info)
	     ? xen_refused("domctl", diag) : 0;
}

static int open_all(struct xen *x, struct diag_log *diag)
{
	int rc;

	x->ctrl = open_versioned("libxenctrl", diag);
	if (x->ctrl)
		x->guest = open_versioned("libxenguest", diag);
	if (x->guest)
		x->foreign = open_library("libxenforeignmemory.so.1", diag);
	if (x->foreign)
		x->call = open_library("libxencall.so.1", diag);
	if (x->call)
		x->store = open_library("libxenstore.so.4", diag);
	if (!x->store)
		return -diag->items[0].code;
	rc = find_functions(x, diag);
	if (rc)
		return rc;
	x->xc = x->xc_interface_open(NULL, NULL, 0);
	x->memory = x->xenforeignmemory_open(NULL, 0);
	x->calls = x->xencall_open(NULL, 0);
	if (!x->xc || !x->memory || !x->calls)
		return io_error(diag, "/dev/xen/privcmd");
	return check_version(x, diag);
}

int xen_open(struct xen **out, struct diag_log *diag)
{
	struct xen *x = calloc(1, sizeof(*x));
	int rc;

	*out = NULL;
	if (!x)
		return diag_add(diag, HO_ENOMEM, "xen");
	rc = open_all(x, diag);
	if (rc)
		xen_close(x);
	else
		*out = x;
	return rc;
}

void xen_close(struct xen *x)
{
	if (!x)
		return;
	if (x->calls)
		x->xencall_close(x->calls);
	if (x->memory)
		x->xenforeignmemory_close(x->memory);
	if (x->xc)
		x->xc_interface_close(x->xc);
	/* the libraries stay: their threads' destructors may still run */
	free(x);
}

int xen_refused(const char *what, struct diag_log *diag)
{
	return errno == EACCES
	     ? diag_add(diag, HO_EXENVERSION, "%s is refused", what)
	     : io_error(diag, what);
}

bool xen_store_number(struct xen *x, const char *path, uint64_t *out)
{
	struct xs_handle *store = x->xs_open(0);
	unsigned int length;
	char *text = store ? x->xs_read(store, XBT_NULL, path, &length) : NULL;
	/* xs_read() adds a NUL */
	bool good = text && number_parse(text, 0, UINT64_MAX, out);

	free(text);
	x->xs_close(store);
	return good;
}

int xen_free_pages(struct xen *x, uint64_t *pages, struct diag_log *diag)
{
	xc_physinfo_t info;

	if (!x->xc_physinfo(x->xc, &info)) {
		*pages = info.free_pages;
		return 0;
	}
	return xen_refused("sysctl physinfo", diag);
}
