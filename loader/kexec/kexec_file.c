// SPDX-License-Identifier: MIT
/*
 * kexec_file.c - the way into the stub by kexec_file_load(2), see kexec.h: the
 * kernel itself takes a signed image, the door, and one file with all the rest as
 * its initrd. It takes what its keyrings know also where it is locked down. Where
 * the segments go it chooses itself, and writes them there at the jump alone: so a
 * bad place can still be refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fileload.h"
#include "kexec_file.h"
#include "kexec_host.h"
#include "util.h"

#ifndef KEXEC_FILE_DEBUG
#define KEXEC_FILE_DEBUG 8		/* Linux 6.8 */
#endif

/* Zeroes behind the package: in another gap the initrd may be free of guests. */
static const uint64_t padding[] = { 0, 32 * MIB, 128 * MIB };

static long call(int door, int package, unsigned long flags)
{
	/* the door reads no command line, but must have one */
	return syscall(SYS_kexec_file_load, door, package, 1ul, "", flags);
}

/* Its owner decides what is started: the file must be root's. */
static int open_door(int *fd, const char **path, struct diag_log *diag)
{
	struct mapped m;
	int rc = kexec_door(path, diag);

	if (!rc)
		rc = mapped_open_own(&m, *path, HO_ESTUB, diag);
	if (rc)
		return rc;
	mapped_close(&m);
	*fd = open(*path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? 0 : diag_add(diag, HO_ESTUB, "%s: %s", *path,
				       strerror(errno));
}

/* What the kernel says of an image that it does not trust: of one without a
 * signature, with a broken one, of a key that it does not know, or that is
 * revoked. (kernel/kexec_file.c, crypto/asymmetric_keys.) */
static bool is_distrust(int error)
{
	switch (error) {
	case EPERM:
	case ELIBBAD:
	case EBADMSG:
	case ENODATA:
	case ENOKEY:
	case ENOPKG:
	case EKEYEXPIRED:
	case EKEYREVOKED:
	case EKEYREJECTED:
		return true;
	}
	return false;
}

static int refused(const char *door, struct diag_log *diag)
{
	if (is_distrust(errno))
		return diag_add(diag, HO_ELOCKDOWN, "%s: %s", door,
				strerror(errno));
	return io_error(diag, "kexec_file_load");
}

int file_allowed(struct diag_log *diag)
{
	int rc = host_allowed(diag);

	if (rc)
		return rc;
	if (!host_loads_files())
		return diag_add(diag, HO_ENOKEXEC,
				"kexec_load and kexec_file_load: %s",
				strerror(ENOSYS));
	return 0;
}

/*
 * Does the kernel trust the door? It verifies that before it reads the initrd, of
 * which there is none here: so a door that is good fails with EBADF.
 */
static int door_is_trusted(struct diag_log *diag)
{
	const char *path;
	int fd, tries = 0, rc = open_door(&fd, &path, diag);

	if (rc)
		return rc;
	while (call(fd, -1, 0) && host_try_again(&tries))
		;
	if (errno != EBADF)
		rc = refused(path, diag);
	close(fd);
	return rc;
}

int file_fits(const struct kexec_image *image, struct diag_log *diag)
{
	(void)image;
	return door_is_trusted(diag);
}

static bool write_all(int fd, const void *bytes, uint64_t length)
{
	const char *at = bytes;
	ssize_t done;

	for (; length; at += done, length -= done) {
		done = write(fd, at, length);
		if (done <= 0)
			return false;
	}
	return true;
}

/* The package as a file in memory; -1: recorded. */
static int package_file(const struct kexec_package *p, uint64_t pad,
			struct diag_log *diag)
{
	int fd = memfd_create("baton", MFD_CLOEXEC);

	if (fd >= 0 && write_all(fd, p->bytes, p->length) &&
	    !ftruncate(fd, p->length + pad))
		return fd;
	diag_add(diag, HO_ENOMEM, "package of %s: %s",
		 human_bytes(p->length + pad), strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* What is loaded, and into which slot. */
struct loading {
	int door;
	const char *path;		/* of the door */
	bool armed;			/* not an update */
	bool in_crash_slot;
};

static int too_small(const struct loading *l, const char *where,
		     struct diag_log *diag)
{
	return diag_add(diag, l->armed ? HO_EARMFILE : HO_ECRASHSMALL, "%s",
			where);
}

/* The kernel looks for a place in its crash range alone. */
static int no_place(const struct loading *l, struct diag_log *diag)
{
	return l->in_crash_slot && errno == EADDRNOTAVAIL
		? too_small(l, strerror(errno), diag) : refused(l->path, diag);
}

/* With the flag that makes the kernel say where; on one that does not know it, and
 * refuses it with EINVAL, by dynamic debug. *log is open behind it. */
static int call_and_learn(const struct loading *l, int package,
			  struct placelog *log, struct diag_log *diag)
{
	unsigned long slot = l->in_crash_slot ? KEXEC_FILE_ON_CRASH : 0;
	unsigned long flags = KEXEC_FILE_DEBUG;
	int tries = 0, rc = placelog_begin(log, false, diag);

	while (!rc && call(l->door, package, flags | slot)) {
		if (errno == EINVAL && flags) {
			placelog_close(log);
			flags = 0;
			rc = placelog_begin(log, true, diag);
		} else if (!host_try_again(&tries)) {
			rc = no_place(l, diag);
			placelog_close(log);
		}
	}
	return rc;
}

static int unload_slot(bool in_crash_slot, struct diag_log *diag)
{
	int tries = 0;

	while (call(-1, -1, KEXEC_FILE_UNLOAD |
		    (in_crash_slot ? KEXEC_FILE_ON_CRASH : 0)))
		if (!host_try_again(&tries))
			return io_error(diag, "kexec_file_load (unload)");
	return 0;
}

int file_unload(bool armed, bool in_crash_slot, struct diag_log *diag)
{
	int rc = unload_slot(in_crash_slot, diag);

	if (!rc)
		fileload_forget(armed);
	return rc;
}

static int unload(bool on_crash, struct diag_log *diag)
{
	return file_unload(on_crash, on_crash, diag);
}

static bool is_in_one(const struct placelog *log, uint64_t entry)
{
	int i;

	for (i = 0; i < log->count; i++)
		if (entry >= log->at[i].start && entry < log->at[i].end)
			return true;
	return false;
}

/* What is loaded now, and stays so. */
static int note(const struct loading *l, const struct placelog *log,
		struct diag_log *diag)
{
	static struct fileload f;
	struct kexec_found found;

	f = (struct fileload){ .count = log->count,
			       .crash_image = l->in_crash_slot && !l->armed };
	snprintf(f.door, sizeof(f.door), "%s", l->path);
	memcpy(f.at, log->at, sizeof(f.at));
	/* one whose entry lies elsewhere came behind ours, and is not */
	if (host_entry(l->in_crash_slot, &found) == KEXEC_AT &&
	    is_in_one(log, found.entry))
		f.image = found.image;
	return fileload_write(l->armed, &f, diag);
}

/* Of what was loaded before, if anything. */
static void note_back(bool armed, bool there, const struct fileload *before)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!there || fileload_write(armed, before, &scratch))
		fileload_forget(armed);
}

/* Loaded, at places that are not known to be good. */
static int take_back(const struct loading *l, int rc, struct diag_log *diag)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (file_unload(l->armed, l->in_crash_slot, &scratch))
		diag_merge(diag, &scratch);
	return rc;
}

/*
 * Purgatory, boot_params, door and package. A crash image has one more before them:
 * the headers of a core file (crash_load_segments(), arch/x86/kernel/crash.c), at
 * the range's start. They are for whoever dumps: what a door writes over them is
 * nobody's loss.
 */
#define IMAGE_SEGMENTS	4

static int load_once(const struct loading *l, const struct kexec_package *p,
		     uint64_t pad, struct diag_log *diag)
{
	static struct fileload before;
	struct placelog log = { .fd = -1 };
	int package = package_file(p, pad, diag), skip, rc;
	bool there = fileload_read(l->armed, &before);

	if (package < 0)
		return -HO_ENOMEM;
	rc = note(l, &log, diag);	/* of no segments yet */
	if (!rc)
		rc = call_and_learn(l, package, &log, diag);
	close(package);
	if (rc) {
		note_back(l->armed, there, &before);
		return rc;
	}
	rc = placelog_end(&log, p->length + pad, diag);
	skip = l->in_crash_slot && log.count == IMAGE_SEGMENTS + 1;
	if (!rc)
		rc = p->look(p->context, log.at + skip, log.count - skip, diag);
	if (!rc)
		rc = note(l, &log, diag);
	return rc ? take_back(l, rc, diag) : 0;
}

/* In the crash range there is no other place. */
static int load_in_range(const struct loading *l, const struct kexec_package *p,
			 struct diag_log *diag)
{
	struct diag_log why;
	int rc;

	diag_init(&why, diag->stage);
	rc = load_once(l, p, 0, &why);
	if (rc == -HO_EDOORPLACE)
		return too_small(l, why.items[0].where, diag);
	diag_merge(diag, &why);
	return rc;
}

static int load_anywhere(const struct loading *l, const struct kexec_package *p,
			 struct diag_log *diag)
{
	struct diag_log why, first;
	int rc = -HO_EDOORPLACE;
	size_t i;

	for (i = 0; rc == -HO_EDOORPLACE && i < ARRAY_COUNT(padding); i++) {
		diag_init(&why, diag->stage);
		rc = load_once(l, p, padding[i], &why);
		if (!i)
			first = why;
	}
	/* of places, the one that the kernel chose by itself says most */
	diag_merge(diag, rc == -HO_EDOORPLACE ? &first : &why);
	return rc;
}

int file_load(const struct kexec_image *image, bool in_crash_slot,
	      struct diag_log *diag)
{
	struct loading l = { .armed = image->on_crash,
			     .in_crash_slot = in_crash_slot };
	int rc = open_door(&l.door, &l.path, diag);

	if (rc)
		return rc;
	rc = (in_crash_slot ? load_in_range : load_anywhere)
		(&l, &image->package, diag);
	close(l.door);
	return rc;
}

static int load(const struct kexec_image *image, struct diag_log *diag)
{
	return file_load(image, image->on_crash, diag);
}

/* Is the door trusted? Then for each of the places a load that does not know the
 * flag, one without it, and the unload. */
#define CALLS	(1 + 3 * (int)ARRAY_COUNT(padding))

const struct kexec_way kexec_file = {
	.allowed = file_allowed, .loads_left = host_loads_left,
	.calls = CALLS,
	.entry = host_entry, .fits = file_fits, .load = load,
	.unload = unload, .jump = host_jump,
};
