// SPDX-License-Identifier: MIT
/*
 * kexec_linux.c - the way into the stub from Linux, see kexec.h:
 * kexec_load(2), reboot(2).
 */
#include "kexec.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "checked.h"
#include "kernelsym.h"
#include "util.h"
#include "work.h"

#define BUSY_TRIES	300		/* of 10 ms */

/*
 * True when the kernel has the call. Tried without the right to it: with it
 * each call counts against a limit, without it the kernel refuses before it
 * looks at anything else.
 */
static bool has_kexec_load(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2], less[2];
	bool has = true;

	if (syscall(SYS_capget, &head, caps))
		return true;
	memcpy(less, caps, sizeof(less));
	less[CAP_TO_INDEX(CAP_SYS_BOOT)].effective &=
		~CAP_TO_MASK(CAP_SYS_BOOT);
	if (syscall(SYS_capset, &head, less))
		return true;
	/* too many segments: nothing could come of it in any case */
	if (syscall(SYS_kexec_load, 0ul, KEXEC_SEGMENT_MAX + 1ul, NULL,
		    KEXEC_ARCH_X86_64))
		has = errno != ENOSYS;
	syscall(SYS_capset, &head, caps);
	return has;
}

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
	if (!has_kexec_load())
		return diag_add(diag, HO_ENOKEXEC, "kexec_load: %s",
				strerror(ENOSYS));
	return 0;
}

/* From Linux 6.3 on: -1, or so many more of either kind. */
static int loads_left(bool on_crash)
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

static enum kexec_known entry_of(bool on_crash, uint64_t *entry)
{
	static uint64_t symbols[2];	/* the kernel does not move */
	uint64_t *symbol = &symbols[on_crash], image;
	char text[16];

	if (!text_read(on_crash ? "/sys/kernel/kexec_crash_loaded"
				: "/sys/kernel/kexec_loaded",
		       text, sizeof(text)) || strcmp(text, "1"))
		return KEXEC_NOTHING;
	if (!*symbol)
		*symbol = kernelsym_find("/proc/kallsyms", on_crash
					 ? "kexec_crash_image" : "kexec_image");
	if (!*symbol || !kernelsym_word("/proc/kcore", *symbol, &image) ||
	    !kernelsym_word("/proc/kcore", image + KIMAGE_START, entry))
		return KEXEC_HIDDEN;
	return KEXEC_AT;
}

/* EBUSY: another program is in the call. */
static int load_segments(uint64_t entry, struct kexec_segment *segments,
			 int count, bool on_crash, struct diag_log *diag)
{
	static const struct timespec nap = { .tv_nsec = 10000000 };
	unsigned long flags = KEXEC_ARCH_X86_64 |
			      (on_crash ? KEXEC_ON_CRASH : 0);
	int tries = 0;

	while (syscall(SYS_kexec_load, entry, (unsigned long)count, segments,
		       flags)) {
		if (errno != EBUSY || ++tries == BUSY_TRIES)
			return io_error(diag, count ? "kexec_load"
						    : "kexec_load (unload)");
		nanosleep(&nap, NULL);
	}
	return 0;
}

static int fits(const struct kexec_image *image, struct diag_log *diag)
{
	if (image->count > KEXEC_SEGMENTS_MAX)
		return diag_add(diag, HO_ETARGET,
				"%d segments, the kernel takes %d: fewer modules",
				image->count, KEXEC_SEGMENTS_MAX);
	return 0;
}

static int load(const struct kexec_image *image, struct diag_log *diag)
{
	struct kexec_segment segments[KEXEC_SEGMENTS_MAX];
	int i, rc = fits(image, diag);

	if (rc)
		return rc;
	for (i = 0; i < image->count; i++) {
		const struct kexec_piece *p = &image->pieces[i];

		work_add(WORK_LOADED, p->length);
		segments[i] = (struct kexec_segment){
			.buf = p->bytes, .bufsz = p->length,
			.mem = (void *)p->paddr,
			.memsz = align_up(p->memory_bytes, HO_PAGE_BYTES),
		};
	}
	return load_segments(image->entry, segments, image->count,
			     image->on_crash, diag);
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
	.allowed = allowed, .loads_left = loads_left, .entry = entry_of,
	.fits = fits, .load = load, .unload = unload, .jump = jump,
};
