// SPDX-License-Identifier: MIT
/*
 * kexec_host.c - see kexec_host.h.
 */
#include "kexec_host.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernelsym.h"
#include "quiesce.h"
#include "util.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define BUSY_TRIES	300		/* of 10 ms */

/* Too many segments, no file: nothing can come of it. 0, or its errno. */
static int call_for_nothing(bool file)
{
	long rc = file ? syscall(SYS_kexec_file_load, -1, -1, 1ul, "", ~0ul)
		       : syscall(SYS_kexec_load, 0ul, KEXEC_SEGMENT_MAX + 1ul,
				 NULL, KEXEC_ARCH_X86_64);

	return rc ? errno : 0;
}

/*
 * Tried without the right to it: with it each call counts against a limit,
 * without it the kernel refuses before it looks at anything else.
 */
static bool has_call(bool file)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2], less[2];
	bool has;

	if (syscall(SYS_capget, &head, caps))
		return true;
	memcpy(less, caps, sizeof(less));
	less[CAP_TO_INDEX(CAP_SYS_BOOT)].effective &=
		~CAP_TO_MASK(CAP_SYS_BOOT);
	if (syscall(SYS_capset, &head, less))
		return true;
	has = call_for_nothing(file) != ENOSYS;
	syscall(SYS_capset, &head, caps);
	return has;
}

/* Where nobody mounts securityfs lockdown is seen by what it refuses: asked with
 * the right to it, where no limit counts that. */
static bool refuses_unsigned(void)
{
	int error;

	if (geteuid() || host_loads_left(false) >= 0)
		return false;
	error = call_for_nothing(false);
	return error == EPERM || error == EACCES;
}

/* "[none] integrity confidentiality": the active one in brackets. *says: there is
 * such a file. */
static bool is_locked_down(bool *says)
{
	char text[256];

	*says = text_read(LOCKDOWN, text, sizeof(text));
	return *says && !strstr(text, "[none]");
}

bool host_locked_down(void)
{
	bool says;

	return is_locked_down(&says);
}

enum host_loads host_loads(void)
{
	bool says;

	if (is_locked_down(&says))
		return HOST_LOADS_SIGNED;
	if (!has_call(false))
		return HOST_LOADS_NOT;
	return !says && refuses_unsigned() ? HOST_LOADS_SIGNED : HOST_LOADS;
}

bool host_loads_files(void)
{
	return has_call(true);
}

int host_allowed(struct diag_log *diag)
{
	char text[256];

	if (geteuid() != 0)
		return diag_add(diag, HO_EPERM, "effective user id %u",
				geteuid());
	if (text_read("/proc/sys/kernel/kexec_load_disabled", text,
		      sizeof(text)) && strcmp(text, "0"))
		return diag_add(diag, HO_EKEXECOFF, "kexec_load_disabled = %s",
				text);
	return 0;
}

/* From Linux 6.3 on: -1, or so many more of either kind. */
int host_loads_left(bool on_crash)
{
	char text[16];

	if (!text_read(on_crash ? "/proc/sys/kernel/kexec_load_limit_panic"
				: "/proc/sys/kernel/kexec_load_limit_reboot",
		       text, sizeof(text)))
		return -1;
	return atoi(text);
}

/*
 * struct kimage begins with three pointers, then comes `start`, the entry: so it
 * is from 2.6.13 to 7.3 (include/linux/kexec.h). A word that says something else
 * makes the image look like somebody else's, and Baton refuses.
 */
#define KIMAGE_START	24
#define NOWHERE		(~0ull)		/* a symbol that there is not */

bool host_holds(bool on_crash)
{
	char text[16];

	return text_read(on_crash ? "/sys/kernel/kexec_crash_loaded"
				  : "/sys/kernel/kexec_loaded",
			 text, sizeof(text)) && !strcmp(text, "1");
}

enum kexec_known host_entry(bool on_crash, struct kexec_found *found)
{
	static uint64_t symbols[2];	/* the kernel does not move */
	uint64_t *symbol = &symbols[on_crash];

	/* also of an empty slot: it takes long, and the next time guests may stand
	 * still */
	if (!*symbol)
		*symbol = kernelsym_find("/proc/kallsyms", on_crash
					 ? "kexec_crash_image" : "kexec_image")
					 ?: NOWHERE;
	if (!host_holds(on_crash))
		return KEXEC_NOTHING;
	if (!kernelsym_word("/proc/kcore", *symbol, &found->image) ||
	    !kernelsym_word("/proc/kcore", found->image + KIMAGE_START,
			    &found->entry))
		return KEXEC_HIDDEN;
	return KEXEC_AT;
}

bool host_try_again(int *tries)
{
	static const struct timespec nap = { .tv_nsec = 10000000 };

	if (errno != EBUSY || ++*tries == BUSY_TRIES)
		return false;
	nanosleep(&nap, NULL);
	return true;
}

int host_jump(struct diag_log *diag)
{
	int rc = quiesce_driverless(diag);

	if (rc)
		return rc;
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	return io_error(diag, "reboot(LINUX_REBOOT_CMD_KEXEC)");
}
