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

static int allowed(struct diag_log *diag)
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

static int fits(const struct kexec_image *image, struct diag_log *diag)
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

/* With the flag that makes the kernel say where; on one that does not know it, and
 * refuses it with EINVAL, by dynamic debug. *log is open behind it. */
static int call_and_learn(int door, int package, const char *path,
			  struct placelog *log, struct diag_log *diag)
{
	unsigned long flags = KEXEC_FILE_DEBUG;
	int tries = 0, rc = placelog_begin(log, false, diag);

	while (!rc && call(door, package, flags)) {
		if (errno == EINVAL && flags) {
			placelog_close(log);
			flags = 0;
			rc = placelog_begin(log, true, diag);
		} else if (!host_try_again(&tries)) {
			rc = refused(path, diag);
			placelog_close(log);
		}
	}
	return rc;
}

static int unload_slot(bool on_crash, struct diag_log *diag)
{
	int tries = 0;

	while (call(-1, -1, KEXEC_FILE_UNLOAD |
		    (on_crash ? KEXEC_FILE_ON_CRASH : 0)))
		if (!host_try_again(&tries))
			return io_error(diag, "kexec_file_load (unload)");
	return 0;
}

static int unload(bool on_crash, struct diag_log *diag)
{
	int rc = unload_slot(on_crash, diag);

	if (!rc && !on_crash)
		fileload_forget();
	return rc;
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
static int note(const char *path, const struct placelog *log,
		struct diag_log *diag)
{
	static struct fileload f;
	struct kexec_found found;

	f = (struct fileload){ .count = log->count };
	snprintf(f.door, sizeof(f.door), "%s", path);
	memcpy(f.at, log->at, sizeof(f.at));
	/* one whose entry lies elsewhere came behind ours, and is not */
	if (host_entry(false, &found) == KEXEC_AT &&
	    is_in_one(log, found.entry))
		f.image = found.image;
	return fileload_write(&f, diag);
}

/* Of what was loaded before, if anything. */
static void note_back(bool there, const struct fileload *before)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!there || fileload_write(before, &scratch))
		fileload_forget();
}

/* Loaded, at places that are not known to be good. */
static int take_back(int rc, struct diag_log *diag)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (unload(false, &scratch))
		diag_merge(diag, &scratch);
	return rc;
}

static int load_once(int door, const char *path,
		     const struct kexec_package *p, uint64_t pad,
		     struct diag_log *diag)
{
	static struct fileload before;
	struct placelog log = { .fd = -1 };
	int package = package_file(p, pad, diag), rc;
	bool there = fileload_read(&before);

	if (package < 0)
		return -HO_ENOMEM;
	rc = note(path, &log, diag);	/* of no segments yet */
	if (!rc)
		rc = call_and_learn(door, package, path, &log, diag);
	close(package);
	if (rc) {
		note_back(there, &before);
		return rc;
	}
	rc = placelog_end(&log, p->length + pad, diag);
	if (!rc)
		rc = p->look(p->context, log.at, log.count, diag);
	if (!rc)
		rc = note(path, &log, diag);
	return rc ? take_back(rc, diag) : 0;
}

static int load(const struct kexec_image *image, struct diag_log *diag)
{
	struct diag_log why, first;
	const char *path;
	int door, opened = open_door(&door, &path, diag);
	int rc = -HO_EDOORPLACE;
	size_t i;

	if (opened)
		return opened;
	for (i = 0; rc == -HO_EDOORPLACE && i < ARRAY_COUNT(padding); i++) {
		diag_init(&why, diag->stage);
		rc = load_once(door, path, &image->package, padding[i], &why);
		if (!i)
			first = why;
	}
	/* of places, the one that the kernel chose by itself says most */
	diag_merge(diag, rc == -HO_EDOORPLACE ? &first : &why);
	close(door);
	return rc;
}

const struct kexec_way kexec_file = {
	.allowed = allowed, .loads_left = host_loads_left,
	.entry = host_entry, .fits = fits, .load = load, .unload = unload,
	.jump = host_jump,
	.no_crash = "for a panic the kernel takes kexec_load(2) alone from baton",
};
