// SPDX-License-Identifier: MIT
/*
 * util.c - see util.h.
 */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pendingline.h"

#define OUTPUT_MS	200

int io_error(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EIO, "%s: %s", what, strerror(errno));
}

static bool is_roots_own(const struct stat *st)
{
	return st->st_uid == 0 && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int map_file(struct mapped *m, const char *path, int code, bool own,
		    struct diag_log *diag)
{
	/* a FIFO would wait for its writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *bytes;

	*m = (struct mapped){ 0 };
	if (fd < 0 || fstat(fd, &st)) {
		diag_add(diag, code, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		diag_add(diag, code, "%s: %s", path,
			 S_ISREG(st.st_mode) ? "empty" : "not a file");
		goto out;
	}
	if (own && !is_roots_own(&st)) {
		code = HO_EOWNER;
		diag_add(diag, code, "%s: uid %u, mode %o", path, st.st_uid,
			 st.st_mode & 07777);
		goto out;
	}
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		diag_add(diag, code, "%s: %s", path, strerror(errno));
		goto out;
	}
	m->bytes = bytes;
	m->length = st.st_size;
out:
	if (fd >= 0)
		close(fd);
	return m->bytes ? 0 : -code;
}

int mapped_open(struct mapped *m, const char *path, int code,
		struct diag_log *diag)
{
	return map_file(m, path, code, false, diag);
}

int mapped_open_own(struct mapped *m, const char *path, int code,
		    struct diag_log *diag)
{
	return map_file(m, path, code, true, diag);
}

void mapped_close(struct mapped *m)
{
	if (m->bytes)
		munmap((void *)m->bytes, m->length);
	m->bytes = NULL;
}

static int outfile_error(struct outfile *o, struct diag_log *diag)
{
	int rc = diag_add(diag, HO_EFILE, "%s: %s", o->path, strerror(errno));

	outfile_abandon(o);
	return rc;
}

int outfile_open(struct outfile *o, const char *path, struct diag_log *diag)
{
	struct stat st;
	int fd;

	*o = (struct outfile){ .path = path };
	/* a rename would put a file in the place of a device */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return diag_add(diag, HO_EFILE, "%s: not a file", path);
	if (asprintf(&o->temporary, "%s" OUTFILE_TEMPORARY "XXXXXX", path) < 0)
		return diag_add(diag, HO_ENOMEM, "%s", path);
	fd = mkostemp(o->temporary, O_CLOEXEC);	/* mode 0600 */
	o->file = fd < 0 ? NULL : fdopen(fd, "w+");
	if (o->file)
		return 0;
	if (fd >= 0) {
		unlink(o->temporary);
		close(fd);
	}
	return outfile_error(o, diag);
}

int outfile_write(struct outfile *o, const void *bytes, uint64_t length,
		  struct diag_log *diag)
{
	if (!length || fwrite(bytes, length, 1, o->file) == 1)
		return 0;
	return diag_add(diag, HO_EFILE, "%s: %s", o->path, strerror(errno));
}

int outfile_commit(struct outfile *o, struct diag_log *diag)
{
	if (ferror(o->file)) {
		errno = EIO;		/* its own is long gone */
		return outfile_error(o, diag);
	}
	if (fflush(o->file) || fsync(fileno(o->file)) ||
	    rename(o->temporary, o->path))
		return outfile_error(o, diag);
	fclose(o->file);
	free(o->temporary);
	*o = (struct outfile){ 0 };
	return 0;
}

void outfile_abandon(struct outfile *o)
{
	if (o->file) {
		unlink(o->temporary);
		fclose(o->file);
	}
	free(o->temporary);
	*o = (struct outfile){ 0 };
}

void leftovers_remove(const char *path)
{
	char pattern[PATH_MAX];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s" OUTFILE_TEMPORARY "??????", path);
	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
	globfree(&found);
}

bool files_same(const char *a, const char *b)
{
	struct diag_log ignored = { 0 };
	struct mapped x = { 0 }, y = { 0 };
	bool same = !mapped_open(&x, a, HO_EFILE, &ignored) &&
		    !mapped_open(&y, b, HO_EFILE, &ignored) &&
		    x.length == y.length &&
		    !memcmp(x.bytes, y.bytes, x.length);

	mapped_close(&x);
	mapped_close(&y);
	return same;
}

int file_wipe(const char *path, struct diag_log *diag)
{
	static const uint8_t zeroes[65536];
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	off_t done = 0;
	bool good = fd >= 0 && !fstat(fd, &st);

	while (good && done < st.st_size) {
		size_t left = st.st_size - done;
		size_t bytes = left < sizeof(zeroes) ? left : sizeof(zeroes);
		ssize_t put = write(fd, zeroes, bytes);

		good = put > 0;
		done += put;
	}
	good = good && !fsync(fd) && !unlink(path);
	if (!good)
		diag_add(diag, HO_EFILE, "wiping %s: %s", path,
			 strerror(errno));
	if (fd >= 0)
		close(fd);
	return good ? 0 : -HO_EFILE;
}

int file_write(const char *path, const void *bytes, uint64_t length,
	       struct diag_log *diag)
{
	struct outfile out;
	int rc = outfile_open(&out, path, diag);

	if (rc)
		return rc;
	rc = outfile_write(&out, bytes, length, diag);
	if (!rc)
		return outfile_commit(&out, diag);
	outfile_abandon(&out);
	return rc;
}

void folder_make(const char *path_in_it)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", path_in_it);
	mkdir(dirname(path), 0755);
}

void folder_sync(const char *path_in_it)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s", path_in_it);
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* From the beginning, or the last that there is room for. */
static bool read_text(const char *path, bool tail, char *out, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;
	struct stat st;

	if (fd < 0)
		return false;
	if (tail && !fstat(fd, &st) && st.st_size >= (off_t)bytes)
		lseek(fd, st.st_size - (off_t)bytes + 1, SEEK_SET);
	while (length + 1 < bytes &&
	       (got = read(fd, out + length, bytes - 1 - length)) > 0)
		length += got;
	close(fd);
	if (got < 0)
		return false;
	while (length && out[length - 1] == '\n')
		length--;
	out[length] = '\0';
	return true;
}

bool text_read(const char *path, char *out, size_t bytes)
{
	return read_text(path, false, out, bytes);
}

bool text_read_tail(const char *path, char *out, size_t bytes)
{
	return read_text(path, true, out, bytes);
}

bool link_read(const char *path, char *out, size_t bytes)
{
	ssize_t length = readlink(path, out, bytes - 1);

	out[length > 0 ? length : 0] = '\0';
	return length > 0;
}

char **strings_read(const char *path, int max, int *count)
{
	char **list = calloc(max + 1, sizeof(*list)), *text = NULL;
	FILE *file = fopen(path, "re");
	bool good = list && file;
	size_t room = 0;

	*count = 0;
	while (good && getdelim(&text, &room, '\0', file) > 0) {
		good = *count < max && (list[*count] = strdup(text));
		*count += good;
	}
	good = good && !ferror(file);
	free(text);
	if (file)
		fclose(file);
	if (good)
		return list;
	strings_free(list);
	return NULL;
}

void strings_free(char **strings)
{
	int i;

	for (i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

static atomic_bool may_be_lost, is_stuck;

void output_may_be_lost(bool on)
{
	may_be_lost = on;
	is_stuck = false;
}

bool output_is_taken(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (!may_be_lost)
		return true;
	/* a serial line takes a moment for what was said before */
	is_stuck = poll(&p, 1, is_stuck ? 0 : OUTPUT_MS) != 1;
	return !is_stuck;
}

void progress(const char *format, ...)
{
	va_list args;

	if (!output_is_taken(STDERR_FILENO))
		return;
	va_start(args, format);
	pending_line_clear();
	flockfile(stderr);		/* one line, whoever else speaks */
	fputs("baton: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	funlockfile(stderr);
	va_end(args);
}

static char *next_buffer(void)
{
	static _Thread_local char buffers[4][64];
	static _Thread_local unsigned int at;

	return buffers[at++ % ARRAY_COUNT(buffers)];
}

const char *human_bytes(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double v = bytes / 1024.0;
	char *out = next_buffer();
	size_t unit = 0;

	while (v >= 1024 && unit + 1 < ARRAY_COUNT(units)) {
		v /= 1024;
		unit++;
	}
	snprintf(out, 64, v == (uint64_t)v ? "%.0f %s" : "%.1f %s", v,
		 units[unit]);
	return out;
}

const char *human_id(const uint8_t id[HO_ID_BYTES])
{
	char *out = next_buffer(), *p = out;
	int i;

	for (i = 0; i < HO_ID_BYTES; i++)
		p += sprintf(p, "%s%02x", i == 4 || i == 6 || i == 8 ||
			     i == 10 ? "-" : "", id[i]);
	return out;
}
