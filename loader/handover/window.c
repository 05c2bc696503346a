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

#include "checked.h"
#include "memdevice.h"
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

/* What holds a table of `count` at `at`, of which parts may be mapped. */
static uint64_t page_bytes(uint64_t at, uint32_t count)
{
	return align_up(at % HO_PAGE_BYTES + count * sizeof(struct ho_domain),
			HO_PAGE_BYTES);
}

static struct ho_domain *map_file(const char *path, uint64_t offset,
				  uint32_t count, bool writable,
				  struct diag_log *diag)
{
	int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	uint8_t *map = fd < 0 ? MAP_FAILED
		     : mmap(NULL, page_bytes(offset, count),
			    PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED,
			    fd, align_down(offset, HO_PAGE_BYTES));

	if (map == MAP_FAILED)
		io_error(diag, path);
	if (fd >= 0)
		close(fd);
	return map == MAP_FAILED ? NULL
	     : (struct ho_domain *)(map + offset % HO_PAGE_BYTES);
}

/* A range of the region is whole 2 MiB, as the module wants them. The device stays:
 * a second command may be about to open it. */
static struct ho_domain *map_table(uint64_t at, uint32_t count,
				   struct diag_log *diag)
{
	uint64_t start = align_down(at, HO_PAGE_2M_BYTES);
	const struct baton_mem_extent e = {
		start, align_up(at + count * sizeof(struct ho_domain),
				HO_PAGE_2M_BYTES) - start,
	};

	return memdevice_create(WINDOW_DEVICE, &e, 1, diag) ? NULL :
	       map_file(BATON_MEM_FOLDER "/" WINDOW_DEVICE, at - start, count,
			true, diag);
}

/* The note is there, and of this table. HO_EFILE, HO_EOWNER. */
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
	return good ? 0 : diag_add(diag, HO_EFILE,
				   "%s is of other domains", WINDOW_DOMAINS);
}

/* Another command may take it over meanwhile: it is not there then. */
static int find_note(const struct ho_domain *from, uint32_t count, bool *there,
		     struct diag_log *diag)
{
	struct diag_log own;
	int rc;

	diag_init(&own, diag->stage);
	rc = check_note(from, count, &own);
	*there = !access(WINDOW_DOMAINS, F_OK);
	if (!*there)
		return 0;
	diag_merge(diag, &own);
	return rc;
}

/* What an earlier Baton has noted is written where it belongs. */
static int take_note(struct ho_domain *to, uint32_t count,
		     struct diag_log *diag)
{
	struct ho_domain *noted;
	uint32_t i;
	bool there;
	int rc = find_note(to, count, &there, diag);

	if (rc || !there)
		return rc;
	noted = map_file(WINDOW_DOMAINS, 0, count, false, diag);
	if (!noted)
		return -HO_EIO;
	for (i = 0; i < count; i++)
		to[i].flags |= noted[i].flags & HO_DOM_RELEASED;
	window_forget(noted, count);
	unlink(WINDOW_DOMAINS);
	return 0;
}

static struct ho_domain *open_table(uint64_t at, uint32_t count,
				    struct diag_log *diag)
{
	struct ho_domain *table = map_table(at, count, diag);

	if (table && take_note(table, count, diag)) {
		window_forget(table, count);
		table = NULL;
	}
	return table;
}

struct ho_domain *window_domains(struct ho_domain *from, uint64_t at,
				 uint32_t count, bool writable,
				 struct diag_log *diag)
{
	bool there;

	if (!count || !from)
		return from;
	if (writable)
		return open_table(at, count, diag);
	if (find_note(from, count, &there, diag))
		return NULL;
	return there ? map_file(WINDOW_DOMAINS, 0, count, false, diag) : from;
}

void window_forget(struct ho_domain *domains, uint32_t count)
{
	uint64_t at = (uintptr_t)domains;

	if (domains && count)
		munmap((void *)align_down(at, HO_PAGE_BYTES),
		       page_bytes(at, count));
}
