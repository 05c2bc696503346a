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

/* A daemon's profile, and where rules for it may stand. */
static const struct {
	const char *profile, *local;
} daemons[] = {
	{ APPARMOR "usr.sbin.libvirtd", APPARMOR "local/usr.sbin.libvirtd" },
	{ APPARMOR "usr.sbin.virtqemud", APPARMOR "local/usr.sbin.virtqemud" },
};

static bool holds(const char *path, const char *words)
{
	struct diag_log scratch;
	struct mapped m;
	bool has;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (mapped_open(&m, path, HO_EFILE, &scratch))
		return false;
	has = memmem(m.bytes, m.length, words, strlen(words));
	mapped_close(&m);
	return has;
}

static int check_guests(struct diag_log *diag)
{
	size_t i;

	if (access(ABSTRACTION, F_OK))
		return 0;
	for (i = 0; i < ARRAY_COUNT(rules); i++)
		if (holds(rules[i], "baton-qemu") &&
		    holds(rules[i], "/dev/baton/"))
			return 0;
	return diag_add(diag, HO_ELIBVIRTSETUP, "AppArmor: no rules in %s",
			rules[0]);
}

static int check_apparmor(struct diag_log *diag)
{
	char text[8];
	size_t i;
	int rc;

	if (!text_read("/sys/module/apparmor/parameters/enabled", text,
		       sizeof(text)) || strcmp(text, "Y"))
		return 0;
	rc = check_guests(diag);
	for (i = 0; i < ARRAY_COUNT(daemons); i++)
		if (!access(daemons[i].profile, F_OK) &&
		    !holds(daemons[i].local, "baton-qemu"))
			rc = diag_add(diag, HO_ELIBVIRTSETUP,
				      "AppArmor: no rule in %s",
				      daemons[i].local);
	return rc;
}

int libvirt_setup_check(struct diag_log *diag)
{
	int rc = libvirt_emulator(diag) ? 0 : -HO_ELIBVIRTSETUP;

	if (access(LIBVIRT_HOOK, X_OK))
		rc = diag_add(diag, HO_ELIBVIRTSETUP, "no hook: %s",
			      LIBVIRT_HOOK);
	return check_apparmor(diag) ?: rc;
}
