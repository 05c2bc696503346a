// SPDX-License-Identifier: MIT
/*
 * kexec_crash.c - the way into the stub by a crash image, see kexec.h: the kernel
 * puts its segments into crashkernel= and nowhere else, where nobody's memory is.
 * What starts it is a panic, which stops no device and runs on the CPU that it
 * happens on. So devices are stopped first, and it happens on CPU 0: it alone may
 * stop the others (stub/apic.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kexec_file.h"
#include "kexec_host.h"
#include "quiesce.h"
#include "signals.h"
#include "util.h"

#define CRASH_BYTES	"/sys/kernel/kexec_crash_size"
#define TRIGGER		"/proc/sysrq-trigger"
#define ONLINE		"/sys/devices/system/cpu/online"

static int cannot(struct diag_log *diag, const char *why)
{
	return diag_add(diag, HO_ECRASHIMAGE, "%s", why);
}

static int host_can(struct diag_log *diag)
{
	char text[64];

	if (!text_read(CRASH_BYTES, text, sizeof(text)) ||
	    !strtoull(text, NULL, 10))
		return cannot(diag, "no crash range: " CRASH_BYTES " is 0");
	if (access(TRIGGER, W_OK))
		return cannot(diag, TRIGGER " cannot be written");
	if (text_read(ONLINE, text, sizeof(text)) && *text != '0')
		return cannot(diag, "CPU 0 is offline");
	return quiesce_look(diag);
}

static int loads_left(bool on_crash)
{
	(void)on_crash;
	return host_loads_left(true);
}

static enum kexec_known entry(bool on_crash, struct kexec_found *found)
{
	(void)on_crash;
	return host_entry(true, found);
}

static int fits(const struct kexec_image *image, struct diag_log *diag)
{
	int rc = host_can(diag);

	return rc ? rc : file_fits(image, diag);
}

static int load(const struct kexec_image *image, struct diag_log *diag)
{
	return file_load(image, true, diag);
}

static int unload(bool on_crash, struct diag_log *diag)
{
	return file_unload(on_crash, true, diag);
}

/* A panic without an image would be the end of all guests. */
static int is_loaded(struct diag_log *diag)
{
	return host_holds(true) ? 0
		: cannot(diag, "/sys/kernel/kexec_crash_loaded is not 1 any more");
}

/* On CPU 0, with all that is still to be run in memory: the disk that it is on
 * stops as well. */
static int get_ready(struct diag_log *diag)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		return cannot(diag, "this process may not run on CPU 0");
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return diag_add(diag, HO_ENOMEM, "mlockall: %s",
				strerror(errno));
	return 0;
}

/* All that may fail on the way has failed before the devices stop. Which were
 * stopped this process alone knows: it is not ended before they go on. */
static int jump(struct diag_log *diag)
{
	sigset_t before;
	int fd, rc = is_loaded(diag);

	if (!rc)
		rc = get_ready(diag);
	if (rc)
		return rc;
	fd = open(TRIGGER, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return io_error(diag, TRIGGER);
	signals_hold(NULL, &before);
	rc = quiesce(diag);
	if (!rc)
		rc = is_loaded(diag);
	if (!rc)
		rc = write(fd, "c", 1) < 0 ? io_error(diag, TRIGGER)
			: diag_add(diag, HO_EIO, TRIGGER ": no panic came of it");
	quiesce_undo();
	signals_let(&before);
	close(fd);
	munlockall();
	return rc;
}

const struct kexec_way kexec_crash = {
	.allowed = file_allowed, .loads_left = loads_left, .entry = entry,
	.calls = 4,			/* as kexec_file, of one place */
	.no_shutdown = "a crash image is started by baton itself: services are to be stopped before",
	.fits = fits, .load = load, .unload = unload, .jump = jump,
};
