// SPDX-License-Identifier: MIT
/*
 * kexec_linux.c - the way into the stub from Linux, see kexec.h:
 * kexec_load(2), reboot(2).
 */
#include "kexec.h"

#include <linux/kexec.h>
#include <linux/reboot.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checked.h"
#include "util.h"

static int allowed(struct diag_log *diag)
{
	char text[256];

	if (geteuid() != 0)
		return diag_add(diag, HO_EPERM, "effective user id %u",
				geteuid());
	/* "[none] integrity confidentiality": the active one in brackets */
	if (text_read("/sys/kernel/security/lockdown", text, sizeof(text)) &&
	    !strstr(text, "[none]"))
		return diag_add(diag, HO_ELOCKDOWN, "lockdown: %s", text);
	if (text_read("/proc/sys/kernel/kexec_load_disabled", text,
		      sizeof(text)) && strcmp(text, "0"))
		return diag_add(diag, HO_EKEXECOFF, "kexec_load_disabled = %s",
				text);
	return 0;
}

static bool is_loaded(void)
{
	char text[16];

	return text_read("/sys/kernel/kexec_loaded", text, sizeof(text)) &&
	       !strcmp(text, "1");
}

static int load_segments(uint64_t entry, struct kexec_segment *segments,
			 int count, bool on_crash, struct diag_log *diag)
{
	unsigned long flags = KEXEC_ARCH_X86_64 |
			      (on_crash ? KEXEC_ON_CRASH : 0);

	if (!syscall(SYS_kexec_load, entry, (unsigned long)count, segments,
		     flags))
		return 0;
	return io_error(diag, count ? "kexec_load" : "kexec_load (unload)");
}

static int load(uint64_t entry, const struct kexec_piece *pieces, int count,
		bool on_crash, struct diag_log *diag)
{
	struct kexec_segment segments[KEXEC_SEGMENTS_MAX];
	int i;

	if (count > KEXEC_SEGMENTS_MAX)
		return diag_add(diag, HO_ETARGET,
				"%d segments, the kernel takes %d: fewer modules",
				count, KEXEC_SEGMENTS_MAX);
	for (i = 0; i < count; i++)
		segments[i] = (struct kexec_segment){
			.buf = pieces[i].bytes,
			.bufsz = pieces[i].length,
			.mem = (void *)pieces[i].paddr,
			.memsz = align_up(pieces[i].memory_bytes,
					  HO_PAGE_BYTES),
		};
	return load_segments(entry, segments, count, on_crash, diag);
}

static int unload(bool on_crash, struct diag_log *diag)
{
	return load_segments(0, NULL, 0, on_crash, diag);
}

static int jump(struct diag_log *diag)
{
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	return io_error(diag, "reboot(LINUX_REBOOT_CMD_KEXEC)");
}

const struct kexec_way kexec_linux = {
	.allowed = allowed, .is_loaded = is_loaded, .load = load,
	.unload = unload, .jump = jump,
};
