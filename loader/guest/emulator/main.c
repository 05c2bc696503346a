// SPDX-License-Identifier: MIT
/*
 * main.c - baton-qemu: becomes QEMU, see emulator.h. It runs as the guest's user, in
 * all that libvirt confines it to.
 */
#include <stdio.h>
#include <unistd.h>

#include "emulator.h"

static char *const programs[] = {
	"/usr/bin/qemu-system-x86_64", "/usr/libexec/qemu-kvm", NULL
};

int main(int argc, char **argv)
{
	struct emulator e = { .memory = "/dev/baton",
			      .images = "/run/baton-libvirt" };
	int i;

	(void)argc;
	if (!emulator_change(&e, argv)) {
		fprintf(stderr, "baton-qemu: %s\n", e.why);
		return 1;
	}
	for (i = 0; programs[i]; i++) {
		argv[0] = programs[i];
		execv(programs[i], argv);
	}
	perror(programs[0]);
	return 127;
}
