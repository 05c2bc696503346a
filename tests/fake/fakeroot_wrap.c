// SPDX-License-Identifier: MIT
/*
 * fakeroot_wrap.c - what the loader calls in place of the C library's functions
 * that take a path: see fakeroot.h.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fakekernel.h"
#include "fakeroot.h"
#include "real.h"

int __wrap_open(const char *path, int flags, ...);
FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_access(const char *path, int mode);
DIR *__wrap_opendir(const char *path);
int __wrap_glob(const char *pattern, int flags,
		int (*fn)(const char *, int), glob_t *out);
ssize_t __wrap_readlink(const char *path, char *out, size_t bytes);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);
int __wrap_statvfs(const char *path, struct statvfs *fs);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
int __wrap_unlink(const char *path);
int __wrap_link(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_mkostemp(char *path, int flags);
char *__wrap_realpath(const char *path, char *out);
int __wrap_chown(const char *path, uid_t uid, gid_t gid);
int __wrap_chmod(const char *path, mode_t mode);
struct json_object *__wrap_json_object_from_file(const char *path);

int __wrap_open(const char *path, int flags, ...)
{
	char out[PATH_MAX];
	mode_t mode = 0;
	va_list list;

	if (flags & O_CREAT) {
		va_start(list, flags);
		mode = va_arg(list, mode_t);
		va_end(list);
	}
	fake_opens(path, flags);
	return __real_open(fake_find(path, out), flags, mode);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	char out[PATH_MAX];

	return __real_fopen(fake_find(path, out), mode);
}

int __wrap_access(const char *path, int mode)
{
	char out[PATH_MAX];

	return __real_access(fake_find(path, out), mode);
}

DIR *__wrap_opendir(const char *path)
{
	char out[PATH_MAX];

	return __real_opendir(fake_find(path, out));
}

/* What is found is said as it was asked for. A process that really runs has what
 * the kernel says, if nothing else was put there. */
int __wrap_glob(const char *pattern, int flags,
		int (*fn)(const char *, int), glob_t *out)
{
	size_t i, more = strlen(fake_path(""));
	bool host = fake_is_host(pattern);
	int rc = __real_glob(host ? fake_path(pattern) : pattern, flags, fn,
			     out);

	for (i = 0; !rc && host && i < out->gl_pathc; i++)
		memmove(out->gl_pathv[i], out->gl_pathv[i] + more,
			strlen(out->gl_pathv[i] + more) + 1);
	if (rc && host && !strncmp(pattern, "/proc/", 6))
		rc = __real_glob(pattern, flags, fn, out);
	return rc;
}

ssize_t __wrap_readlink(const char *path, char *out, size_t bytes)
{
	char text[PATH_MAX];

	return __real_readlink(fake_find(path, text), out, bytes);
}

int __wrap_stat(const char *path, struct stat *st)
{
	char out[PATH_MAX];

	return __real_stat(fake_find(path, out), st);
}

int __wrap_lstat(const char *path, struct stat *st)
{
	char out[PATH_MAX];

	return __real_lstat(fake_find(path, out), st);
}

int __wrap_statvfs(const char *path, struct statvfs *fs)
{
	char out[PATH_MAX];

	return __real_statvfs(fake_find(path, out), fs);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	char out[PATH_MAX];

	return __real_mkdir(fake_find(path, out), mode);
}

int __wrap_rmdir(const char *path)
{
	char out[PATH_MAX];

	return __real_rmdir(fake_find(path, out));
}

int __wrap_unlink(const char *path)
{
	char out[PATH_MAX];

	return __real_unlink(fake_find(path, out));
}

/* In /meanwhile is what another command puts there a moment before. */
int __wrap_link(const char *from, const char *to)
{
	char one[PATH_MAX], other[PATH_MAX], meanwhile[PATH_MAX];
	const char *at = fake_find(to, other);

	snprintf(meanwhile, sizeof(meanwhile), "/meanwhile%s", to);
	__real_rename(fake_path(meanwhile), at);
	return __real_link(fake_find(from, one), at);
}

int __wrap_rename(const char *from, const char *to)
{
	char one[PATH_MAX], other[PATH_MAX];

	fake_replaces(to);
	return __real_rename(fake_find(from, one), fake_find(to, other));
}

/* The six characters that were chosen go back to the caller. */
int __wrap_mkostemp(char *path, int flags)
{
	char out[PATH_MAX];
	const char *at = fake_find(path, out);
	int fd = __real_mkostemp(at == path ? path : out, flags);

	if (at == out)
		memcpy(path, out + strlen(out) - strlen(path), strlen(path));
	return fd;
}

char *__wrap_realpath(const char *path, char *out)
{
	char text[PATH_MAX];
	const char *at = fake_find(path, text);

	return at == path ? __real_realpath(path, out)
	     : __real_access(at, F_OK) ? NULL
	     : out ? strcpy(out, path) : strdup(path);
}

int __wrap_chown(const char *path, uid_t uid, gid_t gid)
{
	char out[PATH_MAX];

	return __real_chown(fake_find(path, out), uid, gid);
}

int __wrap_chmod(const char *path, mode_t mode)
{
	char out[PATH_MAX];

	return __real_chmod(fake_find(path, out), mode);
}

/* A library opens for itself. */
struct json_object *__wrap_json_object_from_file(const char *path)
{
	char out[PATH_MAX];

	return __real_json_object_from_file(fake_find(path, out));
}
