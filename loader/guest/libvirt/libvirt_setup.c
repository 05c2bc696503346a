// SPDX-License-Identifier: MIT
/*
 * libvirt_setup.c - see libvirt_setup.h.
 */
#include "libvirt_setup.h"

#include <string.h>
#include <unistd.h>

#include "installed.h"
#include "util.h"

#define APPARMOR	"/etc/apparmor.d/"
#define ABSTRACTION	APPARMOR "abstractions/libvirt-qemu"

/* Where rules for all guests may stand: Debian 12, and from libvirt 11 on. */
static const char *const rules[] = {
	APPARMOR "local/abstractions/libvirt-qemu",
	APPARMOR "abstractions/libvirt-qemu.d/baton",
};

const char *libvirt_emulator(struct diag_log *diag)
{
	const char *path = installed_emulator_path();

	if (!path)
		diag_add(diag, HO_ELIBVIRTSETUP, "no baton-qemu");
	return path;
}

static bool has_rules(const char *path)
{
	struct diag_log scratch;
	struct mapped m;
	bool has;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (mapped_open(&m, path, HO_EFILE, &scratch))
		return false;
	has = memmem(m.bytes, m.length, "baton-qemu", 10) &&
	      memmem(m.bytes, m.length, "/dev/baton/", 11);
	mapped_close(&m);
	return has;
}

static int check_apparmor(struct diag_log *diag)
{
	char text[8];
	size_t i;

	if (!text_read("/sys/module/apparmor/parameters/enabled", text,
		       sizeof(text)) || strcmp(text, "Y") ||
	    access(ABSTRACTION, F_OK))
		return 0;
	for (i = 0; i < ARRAY_COUNT(rules); i++)
		if (has_rules(rules[i]))
			return 0;
	return diag_add(diag, HO_ELIBVIRTSETUP, "AppArmor: no rules in %s",
			rules[0]);
}

int libvirt_setup_check(struct diag_log *diag)
{
	int rc = libvirt_emulator(diag) ? 0 : -HO_ELIBVIRTSETUP;

	if (access(LIBVIRT_HOOK, X_OK))
		rc = diag_add(diag, HO_ELIBVIRTSETUP, "no hook: %s",
			      LIBVIRT_HOOK);
	return check_apparmor(diag) ?: rc;
}
