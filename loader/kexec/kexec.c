// SPDX-License-Identifier: MIT
/*
 * kexec.c - see kexec.h: which of the ways.
 */
#include "kexec.h"

#include <unistd.h>

#include "child.h"
#include "fileload.h"
#include "installed.h"
#include "kexec_host.h"
#include "quiesce.h"
#include "xen.h"

static enum kexec_choice chosen;
static const char *chosen_door;
static const struct kexec_way *found;

void kexec_choose(enum kexec_choice choice, const char *door)
{
	chosen = choice;
	chosen_door = door;
}

/* Of what is loaded, first of all: it is loaded again, or unloaded. */
static const struct kexec_way *linux_way(void)
{
	static struct fileload loaded;

	if (fileload_read(false, &loaded)) {
		if (!chosen_door)
			chosen_door = loaded.door;
		return loaded.crash_image ? &kexec_crash : &kexec_file;
	}
	if (chosen == KEXEC_BY_CRASH)
		return &kexec_crash;
	return chosen == KEXEC_BY_FILE || host_loads() != HOST_LOADS
		? &kexec_file : &kexec_linux;
}

static const struct kexec_way *way(void)
{
	if (!found)
		found = xen_is_dom0() ? &kexec_xen : linux_way();
	return found;
}

/* What is loaded may have been so by another process, which went another way. */
static bool loaded_by_crash(void)
{
	static struct fileload loaded;

	return fileload_read(false, &loaded) && loaded.crash_image;
}

static const struct kexec_way *loaded_way(void)
{
	return loaded_by_crash() ? &kexec_crash : way();
}

void kexec_choose_armed(void)
{
	static struct fileload armed;

	if (fileload_read(true, &armed))
		kexec_choose(KEXEC_BY_FILE, armed.door);
}

bool kexec_in_crash_slot(void)
{
	return found == &kexec_crash || chosen == KEXEC_BY_CRASH ||
	       loaded_by_crash();
}

bool kexec_wants_package(void)
{
	return way() == &kexec_file || way() == &kexec_crash;
}

int kexec_door(const char **out, struct diag_log *diag)
{
	*out = chosen_door ? chosen_door : installed_kexec_door_path();
	return *out ? 0 : diag_add(diag, HO_ESTUB, "no baton.kexec installed");
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

int kexec_load_calls(void)
{
	return way()->calls;
}

int kexec_fits(const struct kexec_image *image, struct diag_log *diag)
{
	return way()->fits(image, diag);
}

/* Both ways of Linux share the kernel's slots: none is tried for that. */
enum kexec_known kexec_entry(bool on_crash, struct kexec_found *seen)
{
	*seen = (struct kexec_found){ 0 };
	return xen_is_dom0() ? kexec_xen.entry(on_crash, seen)
			     : host_entry(on_crash || kexec_in_crash_slot(),
					  seen);
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

	return rc ? rc : (on_crash ? way() : loaded_way())
				->unload(on_crash, diag);
}

int kexec_prepare(struct diag_log *diag)
{
	return way()->jump == host_jump ? quiesce_driverless(diag) : 0;
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

	if (!rc)
		rc = quiesce_driverless(diag);
	if (rc)
		return rc;
	return child_run(command) ? 0 : diag_add(diag, HO_ESHUTDOWN,
						 "systemctl kexec");
}
