// SPDX-License-Identifier: MIT
/*
 * fakelibs.c - see fakelibs.h: libraries that are opened at run time, and
 * systemd's journal.
 */
#include "fakelibs.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "fakeroot.h"
#include "fakexenlib.h"
#include "real.h"

struct fake_xen *fake_xen;

void *__wrap_dlopen(const char *name, int flags);
void *__real_dlopen(const char *name, int flags);
void *__wrap_dlsym(void *library, const char *name);
void *__real_dlsym(void *library, const char *name);
char *__wrap_dlerror(void);

char fake_handle;

void *__wrap_dlopen(const char *name, int flags)
{
	if (!strcmp(name, "libsystemd.so.0"))
		return &fake_handle;
	if (!strcmp(name, "libxml2.so.2"))
		return __real_dlopen(name, flags);	/* reads text */
	if (strncmp(name, "libxen", 6)) {
		fprintf(stderr, "dlopen(%s): not in a test\n", name);
		abort();
	}
	return fake_xen && fake_xen->there &&
	       (strncmp(name, "libxenctrl.so.", 14) ||
		!strcmp(name, "libxenctrl.so.4.17")) &&
	       (strncmp(name, "libxenguest.so.", 15) ||
		!strcmp(name, "libxenguest.so.4.17")) ? &fake_handle : NULL;
}

char *__wrap_dlerror(void)
{
	return "no such library";
}

/* A line an entry, in /journal, its fields behind tabs */
static int journal(const struct iovec *fields, int count)
{
	FILE *f = __real_fopen(fake_path("/journal"), "a");
	int i;

	for (i = 0; f && i < count; i++)
		fprintf(f, "%.*s%c", (int)fields[i].iov_len,
			(char *)fields[i].iov_base,
			i + 1 < count ? '\t' : '\n');
	return f ? fclose(f) : -1;
}

void *__wrap_dlsym(void *library, const char *name)
{
	if (library != &fake_handle)
		return __real_dlsym(library, name);
	if (!strcmp(name, "sd_journal_sendv"))
		return journal;
	return fake_xen_function(name);
}

void fake_libs_begin(void)
{
	fake_xen = mmap(NULL, sizeof(*fake_xen), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_xen == MAP_FAILED)
		abort();
}

void fake_libs_end(void)
{
	munmap(fake_xen, sizeof(*fake_xen));
	fake_xen = NULL;
}
