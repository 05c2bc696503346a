/* SPDX-License-Identifier: MIT */
/*
 * emulator.h - baton-qemu, the emulator that libvirt starts for a kept domain: QEMU
 * with the kept memory in place of what libvirt would give it. Anything else that
 * it is asked goes to QEMU as it is: capabilities, a cold start, a migration that
 * comes in, an ordinary restore, whatever still lies there of an earlier update.
 */
#ifndef LOADER_EMULATOR_H
#define LOADER_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>

struct emulator {
	const char *memory;		/* files UUID.ID of kept memory */
	const char *images;		/* UUID.save while such a one is
					 * restored, and then alone: all must
					 * be there */
	char why[512];			/* it is refused */
	int replaced;			/* backends */
};

/*
 * Change the arguments in place. args ends with NULL, [0] is the name; texts that
 * come in are never freed. False: `why`, and there must be no QEMU.
 */
bool emulator_change(struct emulator *e, char **args);

#endif /* LOADER_EMULATOR_H */
