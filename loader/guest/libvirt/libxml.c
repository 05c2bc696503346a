// SPDX-License-Identifier: MIT
/*
 * libxml.c - see libxml.h.
 */
#include "libxml.h"

#include <dlfcn.h>

#define LIBRARY		"libxml2.so.2"

/* What is wrong with hostile XML is not for the terminal. */
static void say_nothing(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

const struct libxml *libxml_open(struct diag_log *diag)
{
	static struct libxml functions;
	static bool known;
	void *library;

	if (known)
		return &functions;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		diag_add(diag, HO_ELIBVIRT, "%.90s", dlerror());
		return NULL;
	}
#define LIBXML_FIND(function) \
	functions.function = dlsym(library, #function); \
	if (!functions.function) { \
		diag_add(diag, HO_ELIBVIRT, LIBRARY " has no " #function); \
		return NULL; \
	}
	LIBXML_FUNCTIONS(LIBXML_FIND)
#undef LIBXML_FIND
	functions.xmlSetGenericErrorFunc(NULL, say_nothing);
	known = true;
	return &functions;
}
