// SPDX-License-Identifier: MIT
/*
 * memdevice.c - see memdevice.h.
 */
#include "memdevice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int memdevice_mount(struct diag_log *diag)
{
	/* EBUSY: it is there */
	mkdir(BATON_MEM_FOLDER, 0755);
	if (!mount(BATON_MEM_FILES, BATON_MEM_FOLDER, BATON_MEM_FILES,
		   MS_NOSUID | MS_NOEXEC, NULL) || errno == EBUSY)
		return 0;
	return diag_add(diag, HO_EGUESTMEM, "mount %s: %s", BATON_MEM_FOLDER,
			strerror(errno));
}

int memdevice_create(const char *name, const struct baton_mem_extent *list,
		     uint32_t count, struct diag_log *diag)
{
	struct baton_mem_create c = {
		.extents = (uintptr_t)list, .count = count,
	};
	int fd = open(BATON_MEM_CONTROL, O_RDWR | O_CLOEXEC), rc = 0;

	snprintf(c.name, sizeof(c.name), "%s", name);
	if (fd < 0)
		return diag_add(diag, HO_EGUESTMEM, "%s: %s",
				BATON_MEM_CONTROL, strerror(errno));
	if (ioctl(fd, BATON_MEM_CREATE, &c))
		rc = diag_add(diag, HO_EGUESTMEM, "%.60s: %s", name,
			      strerror(errno));
	close(fd);
	return rc ? rc : memdevice_mount(diag);
}
