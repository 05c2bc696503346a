// SPDX-License-Identifier: MIT
/*
 * slot.c - see slot.h.
 */
#include "slot.h"

#include <stdlib.h>
#include <unistd.h>

#include "blob.h"
#include "kexec.h"
#include "rundir.h"
#include "util.h"

/* Where the stub of a blob of ours lies. */
static bool stub_place(const char *path, struct range *out)
{
	struct blob *b = malloc(sizeof(*b));
	struct diag_log scratch;
	struct mapped m = { 0 };
	bool good;

	diag_init(&scratch, HO_STAGE_LOADER);
	good = b && !mapped_open_own(&m, path, HO_EFILE, &scratch) &&
	       !blob_parse(b, m.bytes, m.length, BLOB_HANDOVER, &scratch);
	if (good)
		*out = b->stub.place;
	mapped_close(&m);
	free(b);
	return good;
}

enum slot_state slot_state(bool on_crash)
{
	struct range stub;
	bool ours = stub_place(on_crash ? ARMED_BLOB : LOADED_BLOB, &stub);
	uint64_t entry;

	switch (kexec_entry(on_crash, &entry)) {
	case KEXEC_NOTHING:
		return SLOT_EMPTY;
	case KEXEC_HIDDEN:
		return ours ? SLOT_UNKNOWN : SLOT_FOREIGN;
	case KEXEC_UNASKED:
		return ours ? SLOT_UNKNOWN : SLOT_EMPTY;
	case KEXEC_AT:
		break;
	}
	return ours && entry >= stub.start && entry < stub.end ? SLOT_OURS
							       : SLOT_FOREIGN;
}

int slot_check(bool on_crash, bool replace, struct diag_log *diag)
{
	enum slot_state state = slot_state(on_crash);

	if (!on_crash && !access(LOADED_BLOB, F_OK))
		return diag_add(diag, HO_ELOADED, "%s", LOADED_BLOB);
	if (replace || state == SLOT_EMPTY || state == SLOT_OURS)
		return 0;
	return diag_add(diag, HO_ESLOT, on_crash
			? "/sys/kernel/kexec_crash_loaded (kdump?)"
			: "/sys/kernel/kexec_loaded");
}

const char *slot_armed(void)
{
	if (access(ARMED_BLOB, F_OK))
		return NULL;
	switch (slot_state(true)) {
	case SLOT_OURS:
		return "armed";
	case SLOT_UNKNOWN:
		return "not known";
	default:
		return "no longer";
	}
}
