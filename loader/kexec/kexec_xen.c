// SPDX-License-Identifier: MIT
/*
 * kexec_xen.c - the way into the stub from a dom0: Xen's kexec hypercall, see
 * kexec.h. Facts of it: xen/common/kexec.c, kimage.c.
 */
#include "kexec.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"
#include "kexec_host.h"
#include "quiesce.h"
#include "signals.h"
#include "util.h"
#include "xen.h"

#define SEGMENTS_MAX	15		/* of kexec_load: fewer than 16 */
#define SPARE_PAGES	1024		/* control pages, tables, lists */

static int allowed(struct diag_log *diag)
{
	if (geteuid() != 0)
		return diag_add(diag, HO_EPERM, "effective user id %u",
				geteuid());
	if (!access("/sys/firmware/efi", F_OK))
		return diag_add(diag, HO_EXENEFI, "/sys/firmware/efi");
	/* registers of PCI are closed to us there */
	if (host_locked_down())
		return diag_add(diag, HO_EQUIESCE, "dom0 is locked down");
	return 0;
}

/*
 * Xen cannot be asked: kexec_status answers with the slot that is in use,
 * which changes with each load (4.17). What is loaded by baton has its copy
 * beside it, and exec loads it again.
 */
static enum kexec_known entry_of(bool on_crash, struct kexec_found *found)
{
	(void)found;
	return on_crash ? KEXEC_NOTHING : KEXEC_UNASKED;
}

static uint64_t pages_of(uint64_t bytes)
{
	return align_up(bytes, HO_PAGE_BYTES) >> HO_PAGE_SHIFT;
}

/* Until the jump Xen holds all of it in its heap. */
static int check_heap(struct xen *x, const struct kexec_image *image,
		      struct diag_log *diag)
{
	uint64_t need = SPARE_PAGES, have;
	int rc = xen_free_pages(x, &have, diag), i;

	for (i = 0; i < image->count; i++)
		need += pages_of(image->pieces[i].memory_bytes);
	if (rc || have >= need)
		return rc;
	return diag_add(diag, HO_EXENHEAP, "%s needed, %s free",
			human_bytes(need << HO_PAGE_SHIFT),
			human_bytes(have << HO_PAGE_SHIFT));
}

/*
 * A page that is not there when Xen copies it is left out without a word, so
 * the pieces go through buffers that the kernel pins for hypercalls.
 */
static int fill_segments(struct xen *x, xen_kexec_segment_t *segments,
			 const struct kexec_image *image,
			 struct diag_log *diag)
{
	int i;

	for (i = 0; i < image->count; i++) {
		const struct kexec_piece *p = &image->pieces[i];
		uint64_t bytes = pages_of(p->length) << HO_PAGE_SHIFT;
		void *buffer = x->xencall_alloc_buffer(x->calls, bytes);

		if (!buffer)
			return diag_add(diag, HO_ENOMEM, "buffer of %s",
					human_bytes(bytes));
		memcpy(buffer, p->bytes, p->length);
		set_xen_guest_handle_raw(segments[i].buf.h, buffer);
		segments[i].buf_size = p->length;
		segments[i].dest_maddr = p->paddr;
		segments[i].dest_size =
			pages_of(p->memory_bytes) << HO_PAGE_SHIFT;
	}
	return 0;
}

static int check_count(int count, struct diag_log *diag)
{
	return count <= SEGMENTS_MAX ? 0
		: diag_add(diag, HO_ETARGET,
			   "%d segments, Xen takes %d: fewer modules", count,
			   SEGMENTS_MAX);
}

static int fits(const struct kexec_image *image, struct diag_log *diag)
{
	struct xen *x;
	int rc = check_count(image->count, diag);

	if (!rc)
		rc = xen_open(&x, diag);
	if (rc)
		return rc;
	rc = check_heap(x, image, diag);
	xen_close(x);
	return rc;
}

static int load(const struct kexec_image *image, struct diag_log *diag)
{
	xen_kexec_segment_t *segments;
	struct xen *x;
	int rc, i;

	if (image->on_crash)
		return diag_add(diag, HO_EXENARM, "baton arm");
	rc = check_count(image->count, diag);
	if (!rc)
		rc = xen_open(&x, diag);
	if (rc)
		return rc;
	rc = check_heap(x, image, diag);
	/* a hypercall buffer as well: the list itself must not move either */
	segments = x->xencall_alloc_buffer(x->calls, SEGMENTS_MAX *
					   sizeof(*segments));
	if (!rc && !segments)
		rc = diag_add(diag, HO_ENOMEM, "segments");
	if (segments)
		memset(segments, 0, SEGMENTS_MAX * sizeof(*segments));
	if (!rc)
		rc = fill_segments(x, segments, image, diag);
	if (!rc && x->xc_kexec_load(x->xc, KEXEC_TYPE_DEFAULT, EM_X86_64,
				    image->entry, image->count, segments))
		rc = io_error(diag, "kexec_load hypercall");
	for (i = 0; segments && i < image->count; i++)
		x->xencall_free_buffer(x->calls,
				       (void *)segments[i].buf.h.p);
	x->xencall_free_buffer(x->calls, segments);
	xen_close(x);
	return rc;
}

static int unload(bool on_crash, struct diag_log *diag)
{
	struct xen *x;
	int rc;

	if (on_crash)
		return diag_add(diag, HO_EXENARM, "baton disarm");
	rc = xen_open(&x, diag);
	if (rc)
		return rc;
	if (x->xc_kexec_unload(x->xc, KEXEC_TYPE_DEFAULT))
		rc = io_error(diag, "kexec_unload hypercall");
	xen_close(x);
	return rc;
}

/* The hypercall ends dom0 between two instructions: its drivers stop no device.
 * Which were stopped this process alone knows: it is not ended before they go on. */
static int jump(struct diag_log *diag)
{
	sigset_t before;
	struct xen *x;
	int rc = xen_open(&x, diag);

	if (rc)
		return rc;
	signals_hold(NULL, &before);
	rc = quiesce_masters(diag);
	if (!rc) {
		x->xc_kexec_exec(x->xc, KEXEC_TYPE_DEFAULT);
		rc = io_error(diag, "kexec_exec hypercall");
		quiesce_masters_undo();
	}
	signals_let(&before);
	xen_close(x);
	return rc;
}

const struct kexec_way kexec_xen = {
	.allowed = allowed, .entry = entry_of, .holds_both = true,
	.no_shutdown = "a dom0",
	.fits = fits, .load = load, .unload = unload, .jump = jump,
};
