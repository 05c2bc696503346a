// SPDX-License-Identifier: MIT
/*
 * quiesce.c - see quiesce.h. The registers are those of the PCI Local Bus
 * Specification 3.0, section 6.2.
 */
#include "quiesce.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "kexec_host.h"
#include "util.h"

#define FUNCTION	"/sys/bus/pci/devices/%s"
#define FUNCTIONS	"/sys/bus/pci/devices/*"
#define PROBE		"/sys/bus/pci/drivers_probe"
#define VIRTIO		"/sys/bus/virtio/devices/*"
/* Buses of hypervisors, whose devices reach memory without PCI */
#define OTHERS		"/sys/bus/{vmbus,xen}/devices/*"

#define CONFIG_BYTES	64
#define COMMAND		0x04
#define COMMAND_MASTER	0x04
#define SUBCLASS	0x0a
#define CLASS		0x0b
#define CLASS_STORAGE	0x01
#define CLASS_BRIDGE	0x06
#define BRIDGE_OTHER	0x80		/* non-transparent ones: they may copy */
#define CLASS_SYSTEM	0x08
#define SYSTEM_IOMMU	0x06		/* AMD's: works whatever this bit says */

#define WAIT_SECONDS	15		/* for a driver: its queues run empty */
#define ENABLES_MAX	16		/* of one function, that nobody took back */

/* Names of what has lost its driver, or is no bus master any more: "0000:00:03.0" */
#define CHANGED_MAX	1024
#define NAME_BYTES	24
static char changed[CHANGED_MAX][NAME_BYTES];
static int changed_count;
static pid_t late;			/* it did not let go of a device in time */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) ==
		    (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* The driver may take long, and cannot be interrupted: in a process of its own. */
static bool write_in_time(const char *path, const char *text)
{
	pid_t pid = child_fork();
	int status;

	if (pid < 0)
		return false;
	if (!pid)
		_exit(!write_text(path, text));
	if (child_take(pid, WAIT_SECONDS, &status))
		return WIFEXITED(status) && !WEXITSTATUS(status);
	late = pid;
	return false;
}

static int stays(const char *function, const char *why, struct diag_log *diag)
{
	return diag_add(diag, HO_EQUIESCE, "%.60s: %s", function, why);
}

/* Bridges pass on what those behind them do. */
static bool is_bridge(const uint8_t *config)
{
	return config[CLASS] == CLASS_BRIDGE &&
	       config[SUBCLASS] != BRIDGE_OTHER;
}

static bool is_iommu(const uint8_t *config)
{
	return config[CLASS] == CLASS_SYSTEM &&
	       config[SUBCLASS] == SYSTEM_IOMMU;
}

/* 1; 0: it has gone; -HO_EQUIESCE. */
static int read_config(const char *function, uint8_t config[CONFIG_BYTES],
		       struct diag_log *diag)
{
	char path[PATH_MAX];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/config", function);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;		/* it went with its driver (SR-IOV) */
	got = fd < 0 ? -1 : read(fd, config, CONFIG_BYTES);
	if (fd >= 0)
		close(fd);
	return got == CONFIG_BYTES ? 1
		: stays(function, "its registers cannot be read", diag);
}

/* Does it write to memory by itself? 0, 1; -HO_EQUIESCE. */
static int is_master(const char *function, struct diag_log *diag)
{
	uint8_t config[CONFIG_BYTES];
	int rc = read_config(function, config, diag);

	return rc <= 0 ? rc
	     : !is_bridge(config) && !is_iommu(config) &&
	       config[COMMAND] & COMMAND_MASTER;
}

static const char *name_of(const char *function)
{
	return strrchr(function, '/') + 1;
}

static bool has_driver(const char *function)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/driver", function);
	return !access(path, F_OK);
}

static void unbind_path(char *path, const char *function)
{
	snprintf(path, PATH_MAX, "%s/driver/unbind", function);
}

static int look_at(const char *function, struct diag_log *diag)
{
	char path[PATH_MAX];
	int master = is_master(function, diag);

	if (master <= 0)
		return master;
	unbind_path(path, function);
	if (has_driver(function) && access(path, W_OK))
		return stays(function, "its driver cannot be unbound", diag);
	return 0;
}

static int remember(const char *function, struct diag_log *diag)
{
	if (changed_count == CHANGED_MAX)
		return stays(function, "too many devices", diag);
	snprintf(changed[changed_count++], NAME_BYTES, "%.23s",
		 name_of(function));
	return 0;
}

static int unbind(const char *function, struct diag_log *diag)
{
	char path[PATH_MAX];
	int rc = remember(function, diag);

	if (rc)
		return rc;
	unbind_path(path, function);
	return write_in_time(path, name_of(function)) ? 0
		: stays(function, "its driver is not unbound", diag);
}

/*
 * Without a driver, or one that leaves it on: Linux switches it on once more, for
 * nobody, and then off. It counts who has it on, and drivers may forget to take
 * theirs back: so off until it says that nobody has (EIO).
 */
static void switch_off(const char *function, struct diag_log *diag)
{
	char path[PATH_MAX];
	int i;

	snprintf(path, sizeof(path), "%s/enable", function);
	write_in_time(path, "1");
	for (i = 0; i < ENABLES_MAX && write_in_time(path, "0"); i++)
		if (is_master(function, diag) <= 0)
			return;
}

/* In its register. Lockdown would refuse that, and complain in the kernel's log. */
static void set_master(const char *function, bool on)
{
	char path[PATH_MAX];
	uint16_t command;
	int fd;

	snprintf(path, sizeof(path), "%s/config", function);
	fd = host_locked_down() ? -1 : open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pread(fd, &command, sizeof(command), COMMAND) == sizeof(command)) {
		command = on ? command | COMMAND_MASTER
			     : command & ~COMMAND_MASTER;
		/* whether it was written is seen by reading it again */
		(void)!pwrite(fd, &command, sizeof(command), COMMAND);
	}
	close(fd);
}

static int has_stopped(const char *function, struct diag_log *diag)
{
	int master = is_master(function, diag);

	return master > 0 ? stays(function, "it is still a bus master", diag)
			  : master;
}

/* No driver has it: its register, and where that is not to be written, Linux. */
static int silence(const char *function, struct diag_log *diag)
{
	int master = is_master(function, diag);

	if (master <= 0)
		return master;
	set_master(function, false);
	if (is_master(function, diag) > 0)
		switch_off(function, diag);
	return has_stopped(function, diag);
}

/* It has stopped when this is 0: the next one may be a disk. */
static int stop(const char *function, struct diag_log *diag)
{
	int master = is_master(function, diag), rc = 0;

	if (master <= 0)
		return master;
	if (has_driver(function))
		rc = unbind(function, diag);
	return rc ? rc : silence(function, diag);
}

/* Disks come last: what was mounted does not come back with their drivers, and one of
 * the others may not let go of its device. */
static int stop_but_disks(const char *function, struct diag_log *diag)
{
	uint8_t config[CONFIG_BYTES];
	int rc = read_config(function, config, diag);

	if (rc > 0 && config[CLASS] != CLASS_STORAGE)
		rc = stop(function, diag);
	return rc < 0 ? rc : 0;
}

static int stop_driverless(const char *function, struct diag_log *diag)
{
	return has_driver(function) ? 0 : silence(function, diag);
}

static int stop_any(const char *function, struct diag_log *diag)
{
	int master = is_master(function, diag), rc;

	if (master <= 0)
		return master;
	rc = remember(function, diag);
	if (rc)
		return rc;
	set_master(function, false);
	return has_stopped(function, diag);
}

/* For glob(): without the folder there is no such bus, and so no device. */
static int unreadable(const char *path, int error)
{
	(void)path;
	return error != ENOENT;
}

static int each(const char *pattern, int flags,
		int (*fn)(const char *path, struct diag_log *diag),
		struct diag_log *diag)
{
	glob_t found;
	size_t i;
	int rc = glob(pattern, flags, unreadable, &found);

	if (rc == GLOB_NOMATCH)
		return 0;
	if (rc)
		return diag_add(diag, HO_EQUIESCE,
				"%s: which there are cannot be read", pattern);
	for (i = 0; i < found.gl_pathc && !rc; i++)
		rc = fn(found.gl_pathv[i], diag);
	globfree(&found);
	return rc;
}

static int behind_pci(const char *device, struct diag_log *diag)
{
	char target[PATH_MAX];

	link_read(device, target, sizeof(target));
	return strstr(target, "/pci") ? 0
		: stays(device, "it is not behind PCI", diag);
}

static int not_at_all(const char *device, struct diag_log *diag)
{
	return stays(device, "it is not behind PCI", diag);
}

int quiesce_look(struct diag_log *diag)
{
	int rc = each(OTHERS, GLOB_BRACE, not_at_all, diag);

	if (!rc)
		rc = each(VIRTIO, 0, behind_pci, diag);
	return rc ? rc : each(FUNCTIONS, 0, look_at, diag);
}

int quiesce(struct diag_log *diag)
{
	int rc = quiesce_look(diag);

	changed_count = 0;
	if (!rc)
		rc = each(FUNCTIONS, 0, stop_but_disks, diag);
	if (!rc)
		rc = each(FUNCTIONS, 0, stop, diag);
	if (!rc)
		rc = each(FUNCTIONS, 0, has_stopped, diag);
	if (rc)
		quiesce_undo();
	return rc;
}

int quiesce_driverless(struct diag_log *diag)
{
	return each(FUNCTIONS, 0, stop_driverless, diag);
}

/* While its driver still lets go of it, a device is not given to one. */
static void wait_for_late(void)
{
	int status;

	if (late && !child_take(late, WAIT_SECONDS, &status))
		progress("%s: its driver still lets go of it; afterwards: echo %s >" PROBE,
			 changed[changed_count - 1], changed[changed_count - 1]);
	late = 0;
}

void quiesce_undo(void)
{
	if (changed_count)
		wait_for_late();
	while (changed_count)
		write_in_time(PROBE, changed[--changed_count]);
}

int quiesce_masters(struct diag_log *diag)
{
	int rc;

	changed_count = 0;
	/* no page of ours has to come from a disk that does not answer */
	rc = mlockall(MCL_CURRENT | MCL_FUTURE) ? io_error(diag, "mlockall")
						: 0;
	if (!rc)
		rc = each(FUNCTIONS, 0, stop_any, diag);
	if (rc)
		quiesce_masters_undo();
	return rc;
}

void quiesce_masters_undo(void)
{
	char path[PATH_MAX];

	while (changed_count) {
		snprintf(path, sizeof(path), FUNCTION, changed[--changed_count]);
		set_master(path, true);
	}
	munlockall();
}
