// SPDX-License-Identifier: MIT
/*
 * timeline.c - see timeline.h.
 */
#include "timeline.h"

#include <string.h>

#include "resumed.h"

static const struct {
	const char *name, *what, *cause;
} parts[TIMELINE_PARTS] = {
	{ "save", "guests stop and save their devices", "devices, guests" },
	{ "collect", "their records are written", "extents" },
	{ "load", "blob packed, checked, loaded; last look",
	  "extents, files not in place" },
	{ "down", "old kernel ends: devices, CPUs", "devices" },
	{ "entry", "stub's own tables", "nothing" },
	{ "verify", "digests of all files", "files" },
	{ "pass", "owner of every frame", "extents" },
	{ "plug", "memory map", "extents" },
	{ "chain", "target copied to where it starts", "files" },
	{ "kernel", "new kernel unpacks itself", "kernel" },
	{ "boot", "new instance boots", "host" },
	{ "adopt", "its QEMU starts and loads the state", "guest" },
};

bool timeline_has(const struct timeline *t, enum timeline_part part)
{
	return (part != TIMELINE_ADOPT || t->over) &&
	       (part != TIMELINE_DOWN || t->jump_known);
}

const char *timeline_name(enum timeline_part part)
{
	return parts[part].name;
}

const char *timeline_what(enum timeline_part part)
{
	return parts[part].what;
}

const char *timeline_cause(enum timeline_part part)
{
	return parts[part].cause;
}

static int take_saved(void *context, const char *kind, struct span *body,
		      struct diag_log *diag)
{
	struct timeline_saved *saved = context;

	(void)diag;
	if (!strcmp(kind, TIMELINE_STATE))
		span_read(body, saved, sizeof(*saved));
	return 0;
}

/* The kernel began to count a little after the jump, by a clock of its own: what
 * lies outside the steps around it is theirs. */
static uint64_t between(uint64_t at, uint64_t low, uint64_t high)
{
	return at < low ? low : at > high ? high : at;
}

/* What the stub had of the kernel: its own file, the trees, and what was not in
 * place yet. */
static uint64_t loaded(const struct timeline_saved *saved,
		       const struct handover *h)
{
	return range_bytes(h->blob.stub.place) + h->crumb.blob_bytes +
	       h->crumb.fallback_bytes +
	       (saved->file_bytes > saved->placed_bytes
		? saved->file_bytes - saved->placed_bytes : 0);
}

bool timeline_read(struct timeline *t, const struct handover *h,
		   const struct ho_domain *d)
{
	const uint64_t *stub = h->crumb.stage_tsc;
	uint64_t at[TIMELINE_PARTS + 1], start, end, jump;
	struct diag_log scratch;
	enum resumed_how how;
	int i;

	*t = (struct timeline){ 0 };
	diag_init(&scratch, HO_STAGE_LOADER);
	if (!h->chained || !h->crumb.tsc_khz ||
	    kept_states(h->stream, h->blob.stream_bytes, d->stream_offset,
			take_saved, &t->saved, &scratch) ||
	    !t->saved.paused_tsc)
		return false;
	t->over = resumed_find(h, d, &start, &end, &how);
	if (!t->over)
		start = end = resumed_now();
	t->jump_known = resumed_jump(h, &jump);
	at[TIMELINE_SAVE] = t->saved.paused_tsc;
	at[TIMELINE_COLLECT] = t->saved.saved_tsc;
	at[TIMELINE_LOAD] = t->saved.collected_tsc;
	at[TIMELINE_DOWN] = t->jump_known ? jump : stub[HO_STAGE_ENTRY];
	for (i = HO_STAGE_ENTRY; i <= HO_STAGE_TARGET; i++)
		at[TIMELINE_ENTRY + i - HO_STAGE_ENTRY] = stub[i];
	at[TIMELINE_BOOT] = between(resumed_boot(h->crumb.tsc_khz),
				    stub[HO_STAGE_TARGET], start);
	at[TIMELINE_ADOPT] = start;
	at[TIMELINE_PARTS] = end;
	for (i = 0; i < TIMELINE_PARTS; i++) {
		if (at[i + 1] < at[i])
			return false;
		t->s[i] = (at[i + 1] - at[i]) / 1e3 / h->crumb.tsc_khz;
		t->total += t->s[i];
	}
	t->loaded_bytes = loaded(&t->saved, h);
	return true;
}
