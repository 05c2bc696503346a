// SPDX-License-Identifier: MIT
/*
 * cmd_arm.c - in the new instance: a panic leads to the fallback. The kernel's
 * own crash range (crashkernel= of this boot, another one than the region)
 * becomes the fallback's region, so that nothing of the update that started
 * this instance is touched before or after: blob, stream and frametable stay
 * what they are.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "checked.h"
#include "crashkernel.h"
#include "kexec.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "pack.h"
#include "placetext.h"
#include "rundir.h"
#include "slot.h"
#include "util.h"
#include "xen.h"

/* The crash range as --region wants it, in whole 2 MiB. */
static int crash_region(char *out, size_t bytes, const struct handover *h,
			struct diag_log *diag)
{
	struct range r;
	uint32_t i;
	int rc = crashkernel_region(&r, diag);

	if (rc)
		return rc;
	r.start = align_up(r.start, HO_PAGE_2M_BYTES);
	r.end = align_down(r.end, HO_PAGE_2M_BYTES);
	for (i = 0; i < h->blob.region_count; i++)
		if (range_overlaps(h->blob.region[i], r))
			return diag_add(diag, HO_EREGIONRANGES,
					"crash range and region of the update");
	snprintf(out, bytes, "%s", placetext_of(r));
	return 0;
}

/* Its digest goes into the ledger. */
static int note_armed(struct diag_log *diag)
{
	struct mapped m;
	int rc = mapped_open_own(&m, ARMED_BLOB, HO_EFILE, diag);

	if (rc)
		return rc;
	rc = ledger_set_armed(m.bytes, m.length, diag);
	mapped_close(&m);
	return rc;
}

static int arm(struct pack *p, const struct handover *h,
	       struct diag_log *diag)
{
	const struct load load = { .blob = ARMING_BLOB, .on_crash = true };
	char region[64];
	int rc = crash_region(region, sizeof(region), h, diag);

	if (rc)
		return rc;
	p->region = region;
	p->failed = (struct blob_failed){ h->crumb.region_base,
					  HO_STAGE_TARGET, HO_EDIED };
	rc = pack_run(p, h, ARMING_BLOB, diag);
	if (!rc)
		rc = load_run(&load, diag);
	/* it stays: it says whose image is in the slot */
	if (!rc && rename(ARMING_BLOB, ARMED_BLOB))
		rc = io_error(diag, ARMED_BLOB);
	if (!rc)
		rc = note_armed(diag);
	unlink(ARMING_BLOB);
	if (!rc)
		printf("armed: a panic starts %s in %s\n",
		       p->fallback_kernel ? p->fallback_kernel
					  : "this kernel", region);
	return rc;
}

/* The same blob once more, where another image or none has its place: kdump loads
 * its own when it likes. */
static int arm_again(bool replace, struct diag_log *diag)
{
	const struct load load = { .blob = ARMED_BLOB, .on_crash = true };
	int rc;

	if (access(ARMED_BLOB, F_OK))
		return diag_add(diag, HO_ENOTARMED, ARMED_BLOB);
	if (slot_state(true) == SLOT_OURS)
		return 0;
	rc = slot_check(true, replace, diag);
	if (!rc)
		rc = kexec_allowed_times(1, true, diag);
	if (!rc)
		rc = load_run(&load, diag);
	if (!rc)
		rc = note_armed(diag);
	if (!rc)
		printf("armed again\n");
	return rc;
}

static int may_arm(struct diag_log *diag)
{
	int rc = lock_alone("arm", diag);

	if (!rc)
		rc = kexec_allowed(diag);
	return !rc && xen_is_dom0() ? diag_add(diag, HO_EXENARM, "baton arm")
				    : rc;
}

int cmd_arm(struct arguments *a, struct diag_log *diag)
{
	struct handover *h;
	int rc = may_arm(diag);

	if (!rc && a->again)
		return arm_again(a->replace, diag);
	if (!rc)
		rc = kexec_allowed_times(1, true, diag);
	if (!rc)
		rc = slot_check(true, a->replace, diag);
	if (rc)
		return rc;
	rc = handover_new(&h, false, diag);
	if (rc)
		return rc;
	rc = h->chained ? arm(&a->pack, h, diag)
			: diag_add(diag, HO_EBREADCRUMB,
				   "arm is for an instance that an update started");
	handover_free(h);
	return rc;
}

/* Whose image it is must be known: kdump loads its own again whenever a CPU or
 * memory comes or goes. */
static int disarm(struct diag_log *diag)
{
	int rc;

	switch (slot_state(true)) {
	case SLOT_OURS:
		rc = load_undo_crash(diag);
		if (rc)
			return rc;
		break;
	case SLOT_UNKNOWN:
		return diag_add(diag, HO_ESLOT,
				"the kernel does not say whose image a panic starts");
	case SLOT_FOREIGN:
		progress("what a panic starts is not baton's: it stays");
		break;
	case SLOT_EMPTY:
		break;
	}
	if (unlink(ARMED_BLOB) && errno != ENOENT)
		return io_error(diag, ARMED_BLOB);
	return ledger_set_armed(NULL, 0, diag);
}

int cmd_disarm(struct arguments *a, struct diag_log *diag)
{
	int rc;

	(void)a;
	rc = lock_alone("disarm", diag);
	if (!rc)
		rc = kexec_allowed(diag);
	if (!rc && xen_is_dom0())
		rc = diag_add(diag, HO_EXENARM, "baton disarm");
	return rc ? rc : disarm(diag);
}
