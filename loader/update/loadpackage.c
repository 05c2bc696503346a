// SPDX-License-Identifier: MIT
/*
 * loadpackage.c - see loadpackage.h.
 */
#include "loadpackage.h"

#include <stdlib.h>
#include <string.h>

#include "doormark.h"
#include "iomem.h"
#include "package.h"
#include "placelog.h"
#include "tables.h"
#include "util.h"

static const struct kexec_piece *piece_at(const struct kexec_piece *pieces,
					  int count, uint64_t paddr)
{
	int i;

	for (i = 0; i < count; i++)
		if (pieces[i].paddr == paddr)
			return &pieces[i];
	return NULL;
}

/* The door shows itself a stream by reference by page tables of its own. */
static int fits_door(const struct blob *b, struct diag_log *diag)
{
	const struct tables_cpu cpu = tables_this_cpu();
	struct tables t;
	int rc;

	if (!b->stream_range_count)
		return 0;
	rc = tables_open(&t, PACKAGE_DOOR_TABLES - PACKAGE_DOOR_OTHERS, &cpu,
			 diag);
	if (!rc)
		rc = maps_stream(&t.paging, b, diag);
	tables_close(&t);
	return rc;
}

int load_package_make(struct load_package *p, const struct ho_entry *entry,
		      const struct kexec_piece *pieces, int count,
		      struct diag_log *diag)
{
	struct package_piece wanted[PACKAGE_PIECES_MAX];
	uint32_t i, n = package_pieces(p->blob, p->self.start,
				       range_bytes(p->self), wanted,
				       &p->length);
	int rc = fits_door(p->blob, diag);

	if (rc)
		return rc;
	p->bytes = calloc(1, p->length);
	if (!p->bytes)
		return diag_add(diag, HO_ENOMEM, "package of %s",
				human_bytes(p->length));
	for (i = 0; i < n; i++) {
		const struct package_piece *w = &wanted[i];
		const struct kexec_piece *from =
			piece_at(pieces, count, w->place.start);

		if (!from || from->length != range_bytes(w->place) ||
		    from->length > p->length - w->offset)
			return diag_add(diag, HO_EPACKAGE, "piece at 0x%llx",
					(unsigned long long)w->place.start);
		memcpy((char *)p->bytes + w->offset, from->bytes,
		       from->length);
	}
	package_seal(p->bytes, entry, p->length);
	return 0;
}

static int is_no_memory(void *context, struct range place, const char *name,
			struct diag_log *diag)
{
	if ((strcmp(name, "ACPI Tables") &&
	     strcmp(name, "ACPI Non-volatile Storage")) ||
	    !blob_overlaps_memory(context, place))
		return 0;
	return diag_add(diag, HO_ECRASHIMAGE,
			"memory: 0x%llx..0x%llx is ACPI's to what a crash starts; tables of an initrd?",
			(unsigned long long)place.start,
			(unsigned long long)place.end);
}

int load_package_crash_map(const struct blob *b, struct diag_log *diag)
{
	return b->trust.manifest_bytes
	     ? iomem_walk("/proc/iomem", is_no_memory, (void *)b, diag) : 0;
}

void load_package_free(struct load_package *p)
{
	free(p->bytes);
	p->bytes = NULL;
}

int load_package_stub(const void *stub, uint64_t bytes, struct diag_log *diag)
{
	struct mapped door;
	const char *path;
	const void *inside;
	uint64_t inside_bytes;
	int rc = kexec_door(&path, diag);

	if (!rc)
		rc = mapped_open_own(&door, path, HO_ESTUB, diag);
	if (rc)
		return rc;
	inside = doormark_stub(door.bytes, door.length, &inside_bytes);
	if (!inside)
		rc = diag_add(diag, HO_EDOORSTUB, "%s: none", path);
	else if (inside_bytes != bytes || memcmp(inside, stub, bytes))
		rc = diag_add(diag, HO_EDOORSTUB, "%s", path);
	mapped_close(&door);
	return rc;
}

int load_package_look(void *context, const struct range *at, int count,
		      struct diag_log *diag)
{
	static const char *const names[PLACES_MAX] = {
		"segment 0", "segment 1", "segment 2", "segment 3",
		"segment 4", "segment 5", "segment 6", "segment 7",
		"segment 8", "segment 9", "segment 10", "segment 11",
		"segment 12", "segment 13", "segment 14", "segment 15",
	};
	const struct load_package *p = context;
	struct package_own own[PLACES_MAX];
	int i;

	if (p->force)
		return 0;
	for (i = 0; i < count; i++)
		own[i] = (struct package_own){ at[i], names[i] };
	return package_prove(p->blob, p->self.start, range_bytes(p->self),
			     p->blob->stream, own, count, diag);
}
