// SPDX-License-Identifier: MIT
/*
 * streamref.c - see streamref.h.
 */
#include "streamref.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "checked.h"
#include "process.h"
#include "util.h"

static void add_frames(void *context, uint64_t mfn, uint64_t pages,
		       uint64_t vpn)
{
	struct streamref *ref = context;
	struct range r = { mfn << HO_PAGE_SHIFT,
			   (mfn + pages) << HO_PAGE_SHIFT };

	(void)vpn;
	if (ref->count < HO_STREAM_RANGES_MAX)
		ref->ranges[ref->count] = r;
	ref->count++;
}

/* Only what is nowhere but in memory has frames of its own for good. */
static int map_locked(struct streamref *ref, const char *path,
		      struct diag_log *diag)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || fstatfs(fd, &fs)) {
		rc = diag_add(diag, HO_EFILE, "%s: %s", path, strerror(errno));
	} else if (fs.f_type != TMPFS_MAGIC || !st.st_size) {
		rc = diag_add(diag, HO_ESTREAMFILE, "%s", path);
	} else {
		ref->length = align_up(st.st_size, HO_PAGE_BYTES);
		ref->bytes = mmap(NULL, ref->length, PROT_READ,
				  MAP_SHARED | MAP_LOCKED | MAP_POPULATE, fd,
				  0);
		if (ref->bytes == MAP_FAILED || mlock(ref->bytes, ref->length))
			rc = diag_add(diag, HO_EFILE, "%s: %s", path,
				      strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int streamref_open(struct streamref *ref, const char *path,
		   struct diag_log *diag)
{
	struct vrange all;
	uint64_t hash = 0;
	int rc;

	*ref = (struct streamref){ .bytes = MAP_FAILED };
	ref->ranges = malloc(HO_STREAM_RANGES_MAX * sizeof(*ref->ranges));
	if (!ref->ranges)
		return diag_add(diag, HO_ENOMEM, "ranges");
	rc = map_locked(ref, path, diag);
	if (!rc) {
		all.start = (uintptr_t)ref->bytes;
		all.end = all.start + ref->length;
		rc = process_extents(getpid(), all, add_frames, ref, &hash,
				     diag);
	}
	if (!rc && ref->count > HO_STREAM_RANGES_MAX)
		rc = diag_add(diag, HO_ESTREAMPIECES, "%s: %u, at most %u",
			      path, ref->count, HO_STREAM_RANGES_MAX);
	if (rc)
		streamref_close(ref);
	return rc;
}

void streamref_close(struct streamref *ref)
{
	if (ref->bytes && ref->bytes != MAP_FAILED)
		munmap(ref->bytes, ref->length);
	free(ref->ranges);
	*ref = (struct streamref){ 0 };
}

static bool is_where(const struct streamref *ref, const struct blob *blob)
{
	uint32_t i;

	if (ref->count != blob->stream_range_count)
		return false;
	for (i = 0; i < ref->count; i++) {
		struct range was = blob_stream_range(blob, i);

		if (ref->ranges[i].start != was.start ||
		    ref->ranges[i].end != was.end)
			return false;
	}
	return true;
}

int streamref_hold(const struct blob *blob, struct diag_log *diag)
{
	struct streamref ref;
	int rc = streamref_open(&ref, blob->stream_file, diag);

	if (rc)
		return rc;
	if (!is_where(&ref, blob)) {
		streamref_close(&ref);
		return diag_add(diag, HO_EMIGRATED, "stream %s",
				blob->stream_file);
	}
	free(ref.ranges);	/* but not the mapping: its lock holds */
	return 0;
}

const uint8_t *streamref_show(const struct blob *blob, int fd,
			      struct diag_log *diag)
{
	uint64_t length = align_up(blob->stream_bytes, HO_PAGE_BYTES);
	uint8_t *all = mmap(NULL, length, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			    0);
	uint64_t at = 0;
	uint32_t i;

	if (all == MAP_FAILED) {
		io_error(diag, "address space for the stream");
		return NULL;
	}
	for (i = 0; i < blob->stream_range_count; i++) {
		struct range r = blob_stream_range(blob, i);

		if (mmap(all + at, range_bytes(r), PROT_READ,
			 MAP_SHARED | MAP_FIXED, fd, r.start) == MAP_FAILED) {
			io_error(diag, "/dev/mem: the stream");
			munmap(all, length);
			return NULL;
		}
		at += range_bytes(r);
	}
	return all;
}
