// SPDX-License-Identifier: MIT
/*
 * libxml.c - see libxml.h.
 */
#include "libxml.h"

#include <dlfcn.h>
#include <pthread.h>

#define LIBRARY		"libxml2.so.2"

/* What is wrong with hostile XML is not for the terminal. */
static void say_nothing(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

/* One thread at a time; true: all functions are there. */
static bool load(struct libxml *out, struct diag_log *diag)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		diag_add(diag, HO_ELIBVIRT, "%.90s", dlerror());
		return false;
	}
#define LIBXML_FIND(function) \
	out->function = dlsym(library, #function); \
	if (!out->function) { \
		diag_add(diag, HO_ELIBVIRT, LIBRARY " has no " #function); \
		return false; \
	}
	LIBXML_FUNCTIONS(LIBXML_FIND)
#undef LIBXML_FIND
	out->xmlInitParser();
	return true;
}

const struct libxml *libxml_open(struct diag_log *diag)
{
	static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
	static struct libxml functions;
	static bool known;

	pthread_mutex_lock(&alone);
	known = known || load(&functions, diag);
	pthread_mutex_unlock(&alone);
	if (!known)
		return NULL;
	functions.xmlSetGenericErrorFunc(NULL, say_nothing); /* each thread's */
	return &functions;
}
