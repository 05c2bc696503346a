// SPDX-License-Identifier: MIT
/*
 * release_xen.c - see release_xen.h. A Xen that keeps guests (xen/release.c) has a
 * word in its file system, and frees the guest whose uuid is written there, a part
 * of it at a time.
 */
#include "release_xen.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#include <xenhypfs.h>

#include "util.h"
#include "xen.h"

#define WORD		"/params/baton-release"
/* A part is 64 MiB at least: more than a machine has. */
#define PARTS_MAX	(1u << 20)

struct hypfs {
	__typeof__(&xenhypfs_open) open;
	__typeof__(&xenhypfs_write) write;
	__typeof__(&xenhypfs_close) close;
};

/* The library is there where xl is. */
static bool find_functions(struct hypfs *f)
{
	void *library = dlopen("libxenhypfs.so.1", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	f->open = dlsym(library, "xenhypfs_open");
	f->write = dlsym(library, "xenhypfs_write");
	f->close = dlsym(library, "xenhypfs_close");
	return f->open && f->write && f->close;
}

bool release_xen(const struct ho_domain *d)
{
	char uuid[2 * sizeof(d->uuid) + 1];
	uint32_t parts = 0;
	xenhypfs_handle *h;
	struct hypfs f;
	size_t i;
	int rc;

	if (!xen_is_guest(d->kind) || !xen_is_dom0() || !xen_adopts() ||
	    !find_functions(&f))
		return false;
	h = f.open(NULL, 0);
	if (!h)
		return false;
	for (i = 0; i < sizeof(d->uuid); i++)
		sprintf(uuid + 2 * i, "%02x", d->uuid[i]);
	do
		rc = f.write(h, WORD, uuid);
	while (rc && errno == EAGAIN && ++parts < PARTS_MAX);
	f.close(h);
	return !rc;
}
