// SPDX-License-Identifier: MIT
/*
 * window.c - see window.h.
 */
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "baton_mem.h"
#include "rundir.h"
#include "util.h"

int window_open(const char *path, bool writable, bool *window,
		struct diag_log *diag)
{
	int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	int error = errno;
	bool closed = fd < 0 && (error == EPERM || error == EACCES);

	*window = false;
	if (fd < 0 && !strcmp(path, WINDOW_MEMORY)) {
		fd = open(BATON_MEM_CONTROL, O_RDONLY | O_CLOEXEC);
		*window = fd >= 0;
	}
	if (fd >= 0)
		return fd;
	if (closed)
		return diag_add(diag, HO_EPERM,
				"%s; where lockdown closes it: modprobe baton_mem",
				path);
	errno = error;
	return io_error(diag, path);
}

static bool is_of(const struct ho_domain *noted, const struct ho_domain *from,
		  uint32_t count)
{
	struct ho_domain was;
	uint32_t i;

	for (i = 0; i < count; i++) {
		was = noted[i];
		was.flags = (was.flags & ~HO_DOM_RELEASED) |
			    (from[i].flags & HO_DOM_RELEASED);
		if (memcmp(&was, &from[i], sizeof(was)))
			return false;
	}
	return true;
}

/* A process that is killed has noted what it has done: there is no step between. */
static struct ho_domain *map_note(uint64_t bytes, bool writable,
				  struct diag_log *diag)
{
	int fd = open(WINDOW_DOMAINS,
		      (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	void *map = fd < 0 ? MAP_FAILED
		  : mmap(NULL, bytes, PROT_READ | (writable ? PROT_WRITE : 0),
			 MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		io_error(diag, WINDOW_DOMAINS);
	if (fd >= 0)
		close(fd);
	return map == MAP_FAILED ? NULL : map;
}

/* The note is there, and of this table. */
static int check_note(const struct ho_domain *from, uint32_t count,
		      struct diag_log *diag)
{
	struct mapped m;
	bool good;
	int rc = mapped_open_own(&m, WINDOW_DOMAINS, HO_EFILE, diag);

	if (rc)
		return rc;
	good = m.length == count * sizeof(*from) &&
	       is_of(m.bytes, from, count);
	mapped_close(&m);
	return good ? 0 : diag_add(diag, HO_EBREADCRUMB,
				   "%s is of other domains", WINDOW_DOMAINS);
}

/* Where another command has made it meanwhile, that one stays: what it has noted
 * there would be lost. */
static int make_note(const struct ho_domain *from, uint64_t bytes,
		     struct diag_log *diag)
{
	struct outfile out;
	int rc = rundir_make(diag);

	if (!rc)
		rc = outfile_open(&out, WINDOW_DOMAINS, diag);
	if (rc)
		return rc;
	rc = outfile_write(&out, from, bytes, diag);
	if (!rc && (fflush(out.file) ||
		    (link(out.temporary, out.path) && errno != EEXIST)))
		rc = io_error(diag, WINDOW_DOMAINS);
	outfile_abandon(&out);
	return rc;
}

struct ho_domain *window_domains(struct ho_domain *from, uint32_t count,
				 bool writable, struct diag_log *diag)
{
	uint64_t bytes = count * sizeof(*from);
	int rc = 0;

	if (!count || !from)
		return from;
	if (access(WINDOW_DOMAINS, F_OK)) {
		if (!writable)
			return from;
		rc = make_note(from, bytes, diag);
	}
	if (!rc)
		rc = check_note(from, count, diag);
	return rc ? NULL : map_note(bytes, writable, diag);
}

void window_forget(struct ho_domain *domains, uint32_t count)
{
	if (domains && count)
		munmap(domains, count * sizeof(*domains));
}
