// SPDX-License-Identifier: MIT
/*
 * installed.c - see installed.h.
 */
#include "installed.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "types.h"


/* A file of a build tree, beside the program, or of an installation. */
static const char *find(char *path, size_t bytes, const char *name)
{
	static const char *const beside[] = { "../stub", "../xen", ".",
					     "../lib/baton" };
	char self[PATH_MAX] = "";
	size_t i;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0) {
		const char *dir = dirname(self);

		for (i = 0; i < ARRAY_COUNT(beside); i++) {
			snprintf(path, bytes, "%s/%s/%s", dir, beside[i],
				 name);
			if (!access(path, R_OK))
				return path;
		}
	}
	snprintf(path, bytes, "/usr/lib/baton/%s", name);
	return access(path, R_OK) ? NULL : path;
}

const char *installed_stub_path(void)
{
	static char path[PATH_MAX + 32];

	return find(path, sizeof(path), "stub.bin");
}

const char *installed_door_path(void)
{
	static char path[PATH_MAX + 32];

	return find(path, sizeof(path), "baton.bzImage");
}

const char *installed_kexec_door_path(void)
{
	static char path[PATH_MAX + 32];
	const char *signed_one = find(path, sizeof(path), "baton.kexec.signed");

	return signed_one ? signed_one
			  : find(path, sizeof(path), "baton.kexec");
}

const char *installed_xen_save_path(void)
{
	static char path[PATH_MAX + 32];

	/* LD_PRELOAD has no way to say these */
	return find(path, sizeof(path), "xen-save.so") && !strpbrk(path, " :")
	     ? path : NULL;
}

const char *installed_xen_livepatch_path(const uint8_t *id, size_t bytes)
{
	static char path[PATH_MAX + 96];
	char name[96] = "livepatch/";
	size_t i;

	for (i = 0; i < bytes && i < 32; i++)
		sprintf(name + strlen(name), "%02x", id[i]);
	strcat(name, ".livepatch");
	return find(path, sizeof(path), name);
}

const char *installed_emulator_path(void)
{
	static _Thread_local char path[PATH_MAX];
	char found[PATH_MAX + 32];

	return find(found, sizeof(found), "baton-qemu") ?
	       realpath(found, path) : NULL;
}
