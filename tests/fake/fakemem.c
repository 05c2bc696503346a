// SPDX-License-Identifier: MIT
/*
 * fakemem.c - see fakelibs.h: the device of the module that gives guests their
 * memory back. Each device of its own is a file of the fake root.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baton_mem.h"
#include "fakelibs.h"
#include "fakeroot.h"
#include "window.h"

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);

/* One that is written to is the memory itself: fakekernel.c, mmap(). It is no error
 * when it is there. */
static int make_window(const struct baton_mem_extent *e)
{
	if (fake_has("/busy/" WINDOW_DEVICE)) {
		errno = EBUSY;
		return -1;
	}
	fake_put(FAKE_WINDOW_START, "%llx", (unsigned long long)e->start);
	fake_put(BATON_MEM_FOLDER "/folder", "%s", "");
	unlink(BATON_MEM_FOLDER "/" WINDOW_DEVICE);
	return link(BATON_MEM_CONTROL, BATON_MEM_FOLDER "/" WINDOW_DEVICE);
}

/* A device of the module's is a file with what it would be made of. */
static int make_device(const struct baton_mem_create *c)
{
	const struct baton_mem_extent *e = (void *)(uintptr_t)c->extents;
	char path[160], text[4096] = "";
	uint32_t i;

	if (!strcmp(c->name, WINDOW_DEVICE))
		return make_window(e);
	snprintf(path, sizeof(path), BATON_MEM_FOLDER "/%.95s", c->name);
	if (fake_has(path)) {
		errno = EEXIST;
		return -1;
	}
	for (i = 0; i < c->count && i < 64; i++)
		sprintf(text + strlen(text), "%llx+%llx\n",
			(unsigned long long)e[i].start,
			(unsigned long long)e[i].bytes);
	fake_put(path, "%s", text);
	return 0;
}

static int remove_device(const struct baton_mem_name *n, bool stays)
{
	char path[160], busy[160];

	snprintf(path, sizeof(path), BATON_MEM_FOLDER "/%.95s", n->name);
	snprintf(busy, sizeof(busy), "/busy/%.95s", n->name);
	errno = fake_has(busy) ? EBUSY : fake_has(path) ? 0 : ENOENT;
	if (errno)
		return -1;
	if (!stays)
		fake_remove(path);
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *at;

	(void)fd;
	va_start(list, request);
	at = va_arg(list, void *);
	va_end(list);
	if (request == BATON_MEM_CREATE)
		return make_device(at);
	if (request == BATON_MEM_USED && fake_has("/old-module")) {
		errno = ENOTTY;
		return -1;
	}
	if (request == BATON_MEM_REMOVE || request == BATON_MEM_USED)
		return remove_device(at, request == BATON_MEM_USED);
	fprintf(stderr, "ioctl 0x%lx: not in a test\n", request);
	abort();
}

/* The module's file system alone: its devices are where they are made. */
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	(void)source;
	(void)flags;
	(void)data;
	if (strcmp(type, BATON_MEM_FILES) || strcmp(target, BATON_MEM_FOLDER)) {
		fprintf(stderr, "mount %s on %s: not in a test\n", type,
			target);
		abort();
	}
	errno = !fake_has(BATON_MEM_CONTROL) ? ENODEV
	      : fake_has("/busy/mount") ? EPERM : 0;
	return errno ? -1 : 0;
}

void fake_mem_here(void)
{
	fake_put(BATON_MEM_CONTROL, "%s", "");
}
