// SPDX-License-Identifier: MIT
/*
 * kexec_linux.c - the way into the stub from Linux, see kexec.h:
 * kexec_load(2), reboot(2).
 */
#include <linux/kexec.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checked.h"
#include "kexec_host.h"
#include "util.h"
#include "work.h"

static int load_segments(uint64_t entry, struct kexec_segment *segments,
			 int count, bool on_crash, struct diag_log *diag)
{
	unsigned long flags = KEXEC_ARCH_X86_64 |
			      (on_crash ? KEXEC_ON_CRASH : 0);
	int tries = 0;

	while (syscall(SYS_kexec_load, entry, (unsigned long)count, segments,
		       flags))
		if (!host_try_again(&tries))
			return io_error(diag, count ? "kexec_load"
						    : "kexec_load (unload)");
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

const struct kexec_way kexec_linux = {
	.allowed = host_allowed, .loads_left = host_loads_left,
	.calls = 2,			/* load, unload */
	.entry = host_entry, .fits = fits, .load = load, .unload = unload,
	.jump = host_jump,
};
