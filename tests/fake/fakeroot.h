/* SPDX-License-Identifier: MIT */
/*
 * fakeroot.h - a host made of files: /proc, /sys, /run, /boot, /dev, /etc and /var
 * of the code under test are folders below a temporary one. The linker puts
 * fakeroot_wrap.c between the loader and the C library (--wrap, tests/fake/build.mk),
 * so nothing in the loader knows of it, and the baton command has no such seam.
 * A path of a host that is opened while there is no root ends the test.
 */
#ifndef FAKE_FAKEROOT_H
#define FAKE_FAKEROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Make an empty one; it is also where bin/ of fake programs is (fakerun.h). */
void fake_root_begin(void);
/* Remove it. */
void fake_root_end(void);
/* The real name of `path` below it. Static buffers of the thread, eight in turn: guests
 * are adopted side by side. */
const char *fake_path(const char *path);

/* Write a file with this text; folders are made. */
void fake_put(const char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void fake_put_bytes(const char *path, const void *bytes, size_t length);
/* Bytes at a place of a sparse file that may be there already. */
void fake_put_at(const char *path, uint64_t at, const void *bytes,
		 size_t length);
void fake_link(const char *path, const char *target);
void fake_remove(const char *path);
bool fake_has(const char *path);
/* True when a file holds this text. */
bool fake_holds(const char *path, const char *text);
/* True when these are all the bytes of a file. */
bool fake_is(const char *path, const void *bytes, size_t length);
/* How many it has; -1: there is none. */
long fake_length(const char *path);

/* For fakeroot_wrap.c: `path`, or where it is below the root (in `out`, PATH_MAX). */
const char *fake_find(const char *path, char *out);
/* True for a path of the host that only the fake root may have. */
bool fake_is_host(const char *path);

#endif /* FAKE_FAKEROOT_H */
