// SPDX-License-Identifier: MIT
/*
 * guestmem.c - see guestmem.h.
 */
#include "guestmem.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept.h"
#include "memdevice.h"
#include "util.h"

struct extents {
	struct kept_extent *list;
	uint32_t count;
};

static int by_gfn(const void *a, const void *b)
{
	const struct kept_extent *x = a, *y = b;

	return x->gfn < y->gfn ? -1 : x->gfn > y->gfn;
}

static int read_extents(const struct handover *h, const struct ho_domain *d,
			struct extents *out, struct diag_log *diag)
{
	struct kept_walk w;
	struct kept_extent e;
	uint32_t room = 0;
	int rc = kept_walk_begin(&w, h->stream, h->blob.stream_bytes,
				 d->stream_offset, diag);

	while (!rc && (rc = kept_walk_next(&w, &e, diag)) > 0) {
		rc = 0;
		if (out->count == room) {
			void *more;

			room = room ? 2 * room : 256;
			more = realloc(out->list, room * sizeof(e));
			if (!more)
				return diag_add(diag, HO_ENOMEM, "extents");
			out->list = more;
		}
		out->list[out->count++] = e;
	}
	if (!rc && out->count)
		qsort(out->list, out->count, sizeof(e), by_gfn);
	return rc;
}

/* Its QEMU's user may open it, and nobody else but root. */
static int give_device(const char *name, const struct guest_process *owner,
		       struct diag_log *diag)
{
	char path[sizeof(BATON_MEM_FOLDER) + BATON_MEM_NAME_BYTES];

	snprintf(path, sizeof(path), "%s/%s", BATON_MEM_FOLDER, name);
	if (chmod(path, 0600) || chown(path, owner->uid, owner->gid))
		return diag_add(diag, HO_EGUESTMEM, "%.90s: %s", path,
				strerror(errno));
	return 0;
}

/* The extents from `address` on must follow each other without a gap. */
static int make_backend(const struct extents *all, const char *name,
			const struct guest_backend *b,
			const struct guest_process *owner,
			struct diag_log *diag)
{
	struct baton_mem_extent *list = calloc(all->count + 1, sizeof(*list));
	uint64_t at = b->address, end = b->address + b->bytes;
	char device[BATON_MEM_NAME_BYTES];
	uint32_t i, count = 0;
	int rc;

	if (!list)
		return diag_add(diag, HO_ENOMEM, "extents");
	for (i = 0; i < all->count && at < end; i++) {
		const struct kept_extent *e = &all->list[i];
		uint64_t from = e->gfn << HO_PAGE_SHIFT;
		uint64_t bytes = range_bytes(e->place);

		if (from != at || bytes > end - at)
			continue;
		list[count++] = (struct baton_mem_extent){ e->place.start,
							   bytes };
		at += bytes;
	}
	if (at != end)
		rc = diag_add(diag, HO_EGUESTCONF,
			      "backend %.40s: nothing is kept at +0x%llx",
			      b->id, (unsigned long long)(at - b->address));
	else if (snprintf(device, sizeof(device), "%s.%s", name, b->id) >=
		 (int)sizeof(device))
		rc = diag_add(diag, HO_EGUESTCONF, "name %.60s", device);
	else
		rc = memdevice_create(device, list, count, diag);
	if (!rc)
		rc = give_device(device, owner, diag);
	if (!rc)
		progress("%s/%s: %u extents", BATON_MEM_FOLDER, device, count);
	free(list);
	return rc;
}

int guestmem_create(const struct handover *h, const struct ho_domain *d,
		    const struct guest_conf *c, const char *prefix,
		    struct diag_log *diag)
{
	struct extents all = { 0 };
	int i, rc = read_extents(h, d, &all, diag);

	for (i = 0; i < c->backend_count && !rc; i++)
		rc = make_backend(&all, prefix, &c->backends[i],
				  &c->process, diag);
	free(all.list);
	return rc;
}

bool guestmem_in_use(const char *path)
{
	int fd = open(BATON_MEM_CONTROL, O_RDWR | O_CLOEXEC);
	struct baton_mem_name n = { 0 };
	bool used;

	snprintf(n.name, sizeof(n.name), "%s", strrchr(path, '/') + 1);
	errno = 0;
	used = fd < 0 || ioctl(fd, BATON_MEM_USED, &n);
	if (used && errno == ENOTTY)
		used = ioctl(fd, BATON_MEM_REMOVE, &n);
	if (used && errno == ENOENT)
		used = false;
	if (fd >= 0)
		close(fd);
	return used;
}

int guestmem_count_in_use(const struct guest_conf *c, const char *prefix)
{
	char path[sizeof(BATON_MEM_FOLDER "/.") + HO_NAME_BYTES +
		  GUEST_ID_BYTES];
	int i, count = 0;

	for (i = 0; i < c->backend_count; i++) {
		snprintf(path, sizeof(path), BATON_MEM_FOLDER "/%s.%s", prefix,
			 c->backends[i].id);
		count += (!access(path, F_OK) || errno != ENOENT) &&
			 guestmem_in_use(path);
	}
	return count;
}

/* glob()'s pattern of the devices of a guest, whatever its name has in it. */
static void pattern_of(char *out, const char *name)
{
	out += sprintf(out, BATON_MEM_FOLDER "/");
	for (; *name; name++) {
		if (strchr("*?[\\", *name))
			*out++ = '\\';
		*out++ = *name;
	}
	strcpy(out, ".*");
}

bool guestmem_guest_in_use(const char *name)
{
	char pattern[sizeof(BATON_MEM_FOLDER "/.*") + 2 * HO_NAME_BYTES];
	glob_t found;
	bool used = false;
	size_t i;
	int rc;

	if (strlen(name) > HO_NAME_BYTES)
		return false;		/* no domain is called so */
	pattern_of(pattern, name);
	rc = glob(pattern, 0, NULL, &found);
	if (rc)
		return rc != GLOB_NOMATCH;	/* nobody can tell */
	for (i = 0; i < found.gl_pathc; i++)
		used |= guestmem_in_use(found.gl_pathv[i]);
	globfree(&found);
	return used;
}
