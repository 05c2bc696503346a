// SPDX-License-Identifier: MIT
/*
 * kexec.c - see kexec.h: which of the ways.
 */
#include "kexec.h"

#include <unistd.h>

#include "child.h"
#include "xen.h"

static const struct kexec_way *way(void)
{
	static const struct kexec_way *found;

	if (!found)
		found = xen_is_dom0() ? &kexec_xen : &kexec_linux;
	return found;
}

int kexec_allowed(struct diag_log *diag)
{
	return way()->allowed(diag);
}

int kexec_allowed_times(int loads, bool on_crash, struct diag_log *diag)
{
	int rc = kexec_allowed(diag), left;

	if (rc || !way()->loads_left)
		return rc;
	left = way()->loads_left(on_crash);
	if (left < 0 || left >= loads)
		return 0;
	return diag_add(diag, HO_EKEXECLIMIT, "kernel.kexec_load_limit_%s = %d, needed: %d",
			on_crash ? "panic" : "reboot", left, loads);
}

int kexec_fits(const struct kexec_image *image, struct diag_log *diag)
{
	return way()->fits(image, diag);
}

enum kexec_known kexec_entry(bool on_crash, uint64_t *entry)
{
	return way()->entry(on_crash, entry);
}

int kexec_load_image(const struct kexec_image *image, struct diag_log *diag)
{
	return (image->file ? &kexec_elf : way())->load(image, diag);
}

int kexec_load_again(const struct kexec_image *image, struct diag_log *diag)
{
	int rc = way()->holds_both ? way()->unload(false, diag) : 0;

	return rc ? rc : way()->load(image, diag);
}

int kexec_unload(bool on_crash, struct diag_log *diag)
{
	int rc = kexec_allowed_times(1, on_crash, diag);

	return rc ? rc : way()->unload(on_crash, diag);
}

int kexec_jump(struct diag_log *diag)
{
	return way()->jump(diag);
}

int kexec_shutdown_allowed(struct diag_log *diag)
{
	if (way()->no_shutdown)
		return diag_add(diag, HO_ESHUTDOWN, "%s",
				way()->no_shutdown);
	if (access("/run/systemd/system", F_OK))
		return diag_add(diag, HO_ESHUTDOWN, "systemd does not run");
	return 0;
}

int kexec_shutdown(struct diag_log *diag)
{
	const char *const command[] = { "systemctl", "kexec", NULL };
	int rc = kexec_shutdown_allowed(diag);

	if (rc)
		return rc;
	return child_run(command) ? 0 : diag_add(diag, HO_ESHUTDOWN,
						 "systemctl kexec");
}
