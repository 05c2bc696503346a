// SPDX-License-Identifier: MIT
/*
 * pagemap.c - which frames a process has, see process.h.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "util.h"
#include "work.h"

/* pagemap.rst */
#define PM_PRESENT	(1ull << 63)
#define PM_SWAPPED	(1ull << 62)
#define PM_PFN_MASK	((1ull << 55) - 1)

#define PAGES_PER_READ	4096
#define HUGE_PAGES	(HO_PAGE_2M_BYTES / HO_PAGE_BYTES)

static int open_pagemap(pid_t pid, struct diag_log *diag)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return diag_add(diag, HO_EPERM, "%s", path);
	return diag_add(diag, HO_EPROCESS, "%s: %s", path, strerror(errno));
}

bool process_holds(int fd, uint64_t vpn, uint64_t pages, uint64_t mfn,
		   uint64_t *moved)
{
	uint64_t entries[PAGES_PER_READ], i;

	while (pages) {
		uint64_t want = pages < PAGES_PER_READ ? pages
						       : PAGES_PER_READ;

		*moved = vpn;
		work_add(WORK_PAGEMAP, want);
		if (pread(fd, entries, want * 8, vpn * 8) !=
		    (ssize_t)(want * 8))
			return false;
		for (i = 0; i < want; i++, vpn++, mfn++) {
			*moved = vpn;
			if (!(entries[i] & PM_PRESENT) ||
			    (entries[i] & PM_PFN_MASK) != mfn)
				return false;
		}
		pages -= want;
	}
	return true;
}

static int bad_page(pid_t pid, uint64_t vpn, uint64_t entry,
		    struct diag_log *diag)
{
	if (entry & PM_PRESENT)
		return diag_add(diag, HO_EPERM,
				"frame numbers of process %d are hidden",
				(int)pid);
	return diag_add(diag, HO_ENOTPRESENT, "process %d, address 0x%llx%s",
			(int)pid, (unsigned long long)vpn * HO_PAGE_BYTES,
			entry & PM_SWAPPED ? " (swapped out)" : "");
}

/* Extents grow over the borders of single reads. */
struct growing {
	uint64_t mfn, pages, vpn;
	extent_fn fn;
	void *context;
};

static void grow(struct growing *g, uint64_t mfn, uint64_t vpn)
{
	if (g->pages && g->mfn + g->pages == mfn &&
	    g->vpn + g->pages == vpn) {
		g->pages++;
		return;
	}
	if (g->pages)
		g->fn(g->context, g->mfn, g->pages, g->vpn);
	g->mfn = mfn;
	g->vpn = vpn;
	g->pages = 1;
}

/* A plain mixing hash is enough: both readings are of this run. */
static uint64_t mix(uint64_t hash, uint64_t mfn)
{
	return (hash ^ mfn) * 0x9e3779b97f4a7c15ull + (hash >> 29);
}

/* One walk over a range. */
struct pagemap_walk {
	int fd;
	pid_t pid;
	struct growing growing;
	uint64_t hash, absent;
	bool may_be_absent;
};

static int take_page(struct pagemap_walk *w, uint64_t vpn, uint64_t entry,
		     struct diag_log *diag)
{
	uint64_t mfn = entry & PM_PFN_MASK;
	bool there = entry & PM_PRESENT;

	if (!there && w->may_be_absent) {
		w->absent++;
		return 0;
	}
	if (!there || !mfn || mfn >> HO_FRAME_MFN_BITS)
		return bad_page(w->pid, vpn, entry, diag);
	grow(&w->growing, mfn, vpn);
	w->hash = mix(w->hash, mfn);
	return 0;
}

static int walk(struct pagemap_walk *w, struct vrange range,
		struct diag_log *diag)
{
	uint64_t entries[PAGES_PER_READ];
	uint64_t vpn = range.start / HO_PAGE_BYTES;
	uint64_t end = range.end / HO_PAGE_BYTES;
	struct growing *g = &w->growing;
	int rc = 0;

	while (vpn < end && !rc) {
		uint64_t want = end - vpn, i;
		ssize_t got;

		if (want > PAGES_PER_READ)
			want = PAGES_PER_READ;
		work_add(WORK_PAGEMAP, want);
		got = pread(w->fd, entries, want * 8, vpn * 8);
		if (got <= 0 || got % 8)
			return diag_add(diag, HO_EPROCESS,
					"pagemap of process %d", (int)w->pid);
		for (i = 0; i < (uint64_t)got / 8 && !rc; i++, vpn++)
			rc = take_page(w, vpn, entries[i], diag);
	}
	if (!rc && g->pages)
		g->fn(g->context, g->mfn, g->pages, g->vpn);
	return rc;
}

/* One entry after the other: what lies between is not looked up. */
static int walk_huge(struct pagemap_walk *w, struct vrange range,
		     struct diag_log *diag)
{
	uint64_t vpn = range.start / HO_PAGE_BYTES, entry, i;
	uint64_t end = range.end / HO_PAGE_BYTES;
	int rc = 0;

	for (; vpn < end && !rc; vpn += HUGE_PAGES) {
		work_add(WORK_PAGEMAP, 1);
		if (pread(w->fd, &entry, 8, vpn * 8) != 8)
			return diag_add(diag, HO_EPROCESS,
					"pagemap of process %d", (int)w->pid);
		rc = take_page(w, vpn, entry, diag);
		for (i = 1; i < HUGE_PAGES && !rc; i++)
			grow(&w->growing, (entry & PM_PFN_MASK) + i, vpn + i);
	}
	if (!rc && w->growing.pages)
		w->growing.fn(w->growing.context, w->growing.mfn,
			      w->growing.pages, w->growing.vpn);
	return rc;
}

/* With a page map that is open for the time of this walk. */
static int walk_opened(struct pagemap_walk *w,
		       int (*how)(struct pagemap_walk *w, struct vrange range,
				  struct diag_log *diag),
		       struct vrange range, struct diag_log *diag)
{
	int rc;

	w->fd = open_pagemap(w->pid, diag);
	if (w->fd < 0)
		return w->fd;
	rc = how(w, range, diag);
	close(w->fd);
	return rc;
}

int process_huge_extents(pid_t pid, struct vrange range, extent_fn fn,
			 void *context, struct diag_log *diag)
{
	struct pagemap_walk w = { .pid = pid,
		.growing = { .fn = fn, .context = context } };

	return walk_opened(&w, walk_huge, range, diag);
}

bool process_huge_bytes(pid_t pid, uint64_t *out)
{
	static const char name[] = "\nHugetlbPages:";
	char path[64], text[4096];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	at = text_read(path, text, sizeof(text)) ? strstr(text, name) : NULL;
	if (!at || sscanf(at + sizeof(name) - 1, "%" SCNu64 " kB", out) != 1)
		return false;
	*out *= 1024;
	return true;
}

int process_extents(pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *hash, struct diag_log *diag)
{
	int fd = open_pagemap(pid, diag), rc;

	if (fd < 0)
		return fd;
	rc = pagemap_extents(fd, pid, range, fn, context, hash, diag);
	close(fd);
	return rc;
}

int pagemap_extents(int fd, pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *hash, struct diag_log *diag)
{
	struct pagemap_walk w = { .fd = fd, .pid = pid, .hash = *hash,
		.growing = { .fn = fn, .context = context } };
	int rc = walk(&w, range, diag);

	*hash = w.hash;
	return rc;
}

int process_present(pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *absent, struct diag_log *diag)
{
	struct pagemap_walk w = { .pid = pid, .may_be_absent = true,
		.growing = { .fn = fn, .context = context } };
	int rc = walk_opened(&w, walk, range, diag);

	*absent += w.absent;
	return rc;
}
