// SPDX-License-Identifier: MIT
/*
 * slot.c - see slot.h.
 */
#include "slot.h"

#include <stdlib.h>
#include <unistd.h>

#include "blob.h"
#include "fileload.h"
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

static bool is_in(struct range r, uint64_t entry)
{
	return entry >= r.start && entry < r.end;
}

/* A door is entered in code of the kernel's own, so another program's image may
 * have its entry there, too: what is ours is the same object of the kernel. */
static bool is_fileload(const struct fileload *f,
			const struct kexec_found *found)
{
	int i;

	for (i = 0; i < f->count; i++)
		if (is_in(f->at[i], found->entry))
			return found->image == f->image;
	return false;
}

/* Whose image it is, of which the kernel shows the entry. */
static enum slot_state known_state(bool on_crash, bool ours, struct range stub,
				   const struct kexec_found *found)
{
	static struct fileload f;

	if (!fileload_read(on_crash, &f))
		return ours && is_in(stub, found->entry) ? SLOT_OURS
							 : SLOT_FOREIGN;
	if (!f.count)
		return SLOT_UNKNOWN;	/* somebody was killed at it */
	return ours && is_fileload(&f, found) ? SLOT_OURS : SLOT_FOREIGN;
}

enum slot_state slot_state(bool on_crash)
{
	struct range stub = { 0 };
	bool ours = stub_place(on_crash ? ARMED_BLOB : LOADED_BLOB, &stub);
	struct kexec_found found;

	switch (kexec_entry(on_crash, &found)) {
	case KEXEC_NOTHING:
		return SLOT_EMPTY;
	case KEXEC_HIDDEN:
		return ours ? SLOT_UNKNOWN : SLOT_FOREIGN;
	case KEXEC_UNASKED:
		return ours ? SLOT_UNKNOWN : SLOT_EMPTY;
	case KEXEC_AT:
		break;
	}
	return known_state(on_crash, ours, stub, &found);
}

int slot_check(bool on_crash, bool replace, struct diag_log *diag)
{
	enum slot_state state = slot_state(on_crash);

	if (!on_crash && !access(LOADED_BLOB, F_OK))
		return diag_add(diag, HO_ELOADED, "%s", LOADED_BLOB);
	if (replace || state == SLOT_EMPTY || state == SLOT_OURS)
		return 0;
	return diag_add(diag, HO_ESLOT, on_crash || kexec_in_crash_slot()
			? "/sys/kernel/kexec_crash_loaded (kdump?)"
			: "/sys/kernel/kexec_loaded");
}

int slot_is_ours(struct diag_log *diag)
{
	enum slot_state state = slot_state(false);

	if (state == SLOT_EMPTY || access(LOADED_BLOB, R_OK))
		return diag_add(diag, HO_ENOTLOADED, "%s", LOADED_BLOB);
	if (state == SLOT_FOREIGN)
		return diag_add(diag, HO_ESLOT, "it was loaded after baton's");
	return 0;
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
