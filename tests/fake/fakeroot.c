// SPDX-License-Identifier: MIT
/*
 * fakeroot.c - see fakeroot.h.
 */
#include "fakeroot.h"

#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fakekernel.h"
#include "real.h"

static char root[64];

bool fake_is_host(const char *path)
{
	static const char *const folders[] = { "/proc/", "/sys/", "/run/",
		"/boot/", "/dev/", "/etc/", "/var/", "/usr/lib/baton/",
		"/usr/local/lib/baton/", "/usr/sbin/",
		"/lib/modules/" };
	/* of the test itself */
	static const char *const own[] = { "/proc/self/fd/", "/proc/self/exe",
		"/dev/null",
		"/dev/full", "/dev/shm/", "/var/tmp/" };
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strncmp(path, own[i], strlen(own[i])))
			return false;
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}

/* What the kernel says of a process that really runs, where nothing else was
 * put there. */
static bool is_real_process(const char *path, const char *below)
{
	struct stat st;

	return !strncmp(path, "/proc/", 6) && isdigit(path[6]) &&
	       __real_lstat(below, &st);
}

const char *fake_find(const char *path, char *out)
{
	fake_step();
	if (!path || !fake_is_host(path))
		return path;
	if (!*root) {
		fprintf(stderr, "%s: not without a fake root\n", path);
		abort();
	}
	if (snprintf(out, PATH_MAX, "%s%s", root, path) >= PATH_MAX)
		abort();
	/* of a process that the command starts, with a number of its own */
	if (is_real_process(path, out) && strstr(path, "/pagemap") &&
	    fake_has("/proc/any/pagemap"))
		snprintf(out, PATH_MAX, "%s/proc/any/pagemap", root);
	if (is_real_process(path, out) && strstr(path, "/status") &&
	    fake_has("/proc/any/status"))
		snprintf(out, PATH_MAX, "%s/proc/any/status", root);
	return is_real_process(path, out) ? path : out;
}

const char *fake_path(const char *path)
{
	static __thread char paths[8][PATH_MAX];
	static __thread int at;

	at = (at + 1) % 8;
	snprintf(paths[at], PATH_MAX, "%s%s", root, path);
	return paths[at];
}

void fake_root_begin(void)
{
	static const char *const folders[] = { "/bin", "/tmp", "/run", "/var",
		"/var/lib", "/proc", "/sys", "/boot", "/dev", "/etc", "/var/tmp" };
	size_t i;

	strcpy(root, "/dev/shm/baton-fake.XXXXXX");	/* no disk: fsync() */
	if (!mkdtemp(root)) {
		strcpy(root, "/tmp/baton-fake.XXXXXX");
		if (!mkdtemp(root))
			abort();
	}
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		mkdir(fake_path(folders[i]), 0755);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void fake_root_end(void)
{
	if (*root)
		nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	*root = '\0';
}

static void make_folders(char *path)
{
	char *at;

	for (at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		__real_mkdir(path, 0755);
		*at = '/';
	}
}

static int open_for(const char *path, int flags)
{
	char name[PATH_MAX];
	int fd;

	snprintf(name, sizeof(name), "%s%s", root, path);
	make_folders(name);
	fd = __real_open(name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	if (fd < 0) {
		perror(name);
		abort();
	}
	return fd;
}

void fake_put_bytes(const char *path, const void *bytes, size_t length)
{
	int fd = open_for(path, O_TRUNC);

	if (write(fd, bytes, length) != (ssize_t)length)
		abort();
	close(fd);
}

void fake_put_at(const char *path, uint64_t at, const void *bytes,
		 size_t length)
{
	int fd = open_for(path, 0);

	if (pwrite(fd, bytes, length, at) != (ssize_t)length)
		abort();
	close(fd);
}

void fake_put(const char *path, const char *format, ...)
{
	char *text;
	va_list list;
	int length;

	va_start(list, format);
	length = vasprintf(&text, format, list);
	va_end(list);
	if (length < 0)
		abort();
	fake_put_bytes(path, text, length);
	free(text);
}

void fake_link(const char *path, const char *target)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s%s", root, path);
	make_folders(name);
	__real_unlink(name);
	if (symlink(target, name))
		abort();
}

void fake_remove(const char *path)
{
	nftw(fake_path(path), remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool fake_has(const char *path)
{
	struct stat st;

	return !__real_lstat(fake_path(path), &st);
}

bool fake_holds(const char *path, const char *text)
{
	static char bytes[1 << 18];
	int fd = __real_open(fake_path(path), O_RDONLY | O_CLOEXEC, 0);
	ssize_t got = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	return got > 0 && memmem(bytes, got, text, strlen(text));
}

long fake_length(const char *path)
{
	struct stat st;

	return __real_lstat(fake_path(path), &st) ? -1 : (long)st.st_size;
}

bool fake_is(const char *path, const void *bytes, size_t length)
{
	int fd = __real_open(fake_path(path), O_RDONLY | O_CLOEXEC, 0);
	char *have = malloc(length + 1);
	ssize_t got = fd < 0 || !have ? -1 : read(fd, have, length + 1);
	bool same = got == (ssize_t)length && !memcmp(have, bytes, length);

	free(have);
	if (fd >= 0)
		close(fd);
	return same;
}
