// SPDX-License-Identifier: MIT
/*
 * mapread.c - see mapread.h.
 */
#include "mapread.h"

#include <stdio.h>
#include <string.h>

#include "iomem.h"

static int take_line(void *context, struct range place, const char *name,
		     struct diag_log *diag)
{
	enum owner_kind kind = OWNER_NONE;

	if (iomem_name_is_ram(name))
		kind = OWNER_FREE;
	else if (!strncmp(name, "Kernel ", 7))
		kind = OWNER_KERNEL;
	else if (!strcmp(name, "Crash kernel"))
		kind = OWNER_REGION;
	return kind == OWNER_NONE ? 0
				  : owners_add(context, place, kind, 0, diag);
}

int mapread_iomem(struct owners *o, const char *path, struct diag_log *diag)
{
	return iomem_walk(path, take_line, o, diag);
}

static int add_guest(struct owners *o, const struct ho_domain *d,
		     struct diag_log *diag)
{
	char name[HO_NAME_BYTES + 1];

	snprintf(name, sizeof(name), "%.*s", HO_NAME_BYTES, d->name);
	return owners_guest(o, d->domid, name, diag);
}

/* A stream by reference has frames, too, and no name. */
static int add_frames(struct owners *o, uint32_t domid, uint64_t mfn,
		      uint64_t count, struct diag_log *diag)
{
	int guest = owners_guest(o, domid, domid == HO_DOMID_STREAM
				 ? "(stream)" : "?", diag);

	if (guest < 0)
		return guest;
	return owners_add(o, (struct range){ mfn << HO_PAGE_SHIFT,
					     (mfn + count) << HO_PAGE_SHIFT },
			  OWNER_GUEST, guest, diag);
}

static int read_stream(struct owners *o, const uint8_t *stream,
		       uint64_t bytes, struct diag_log *diag)
{
	struct kept_walk w;
	struct kept_extent e;
	int rc = kept_walk_begin(&w, stream, bytes, ~0ull, diag);

	while (!rc && (rc = kept_walk_next(&w, &e, diag)) > 0)
		rc = add_frames(o, e.domid, e.place.start >> HO_PAGE_SHIFT,
				range_bytes(e.place) >> HO_PAGE_SHIFT, diag);
	return rc;
}

/* From the frametable, not from the stream: what the stub made of it. */
static int read_frametable(struct owners *o, const struct handover *h,
			   struct diag_log *diag)
{
	struct frametable_walk w = frametable_walk(&h->view);
	struct frametable_span s;
	int rc;

	while ((rc = frametable_next(&w, &s)) > 0) {
		rc = add_frames(o, s.domid, s.mfn, s.count, diag);
		if (rc)
			return rc;
	}
	return rc ? diag_add(diag, -rc, "frametable") : 0;
}

static int read_region(struct owners *o, const struct blob *b,
		       struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < b->region_count; i++)
		rc = owners_add(o, b->region[i], OWNER_REGION, 0, diag);
	return rc;
}

int mapread_handover(struct owners *o, const struct handover *h,
		     struct diag_log *diag)
{
	const struct result *r = &h->result;
	uint32_t i;
	int rc = 0;

	if (!h->known)
		return owners_add(o, (struct range){ h->crumb.region_base,
				  h->crumb.region_base +
				  h->crumb.region_bytes }, OWNER_REGION, 0,
				  diag);
	for (i = 0; rc >= 0 && i < r->domain_count; i++)
		rc = add_guest(o, &h->domains[i], diag);
	if (rc < 0)
		return rc;
	rc = read_region(o, &h->blob, diag);
	for (i = 0; !rc && i < r->not_plugged_count; i++)
		rc = owners_add(o, r->not_plugged[i], OWNER_LEFT, 0, diag);
	if (rc)
		return rc;
	if (h->chained)
		return read_frametable(o, h, diag);
	return read_stream(o, h->stream, h->blob.stream_bytes, diag);
}

int mapread_blob(struct owners *o, const struct blob *b,
		 const uint8_t *stream, struct diag_log *diag)
{
	struct kept_list kept;
	uint32_t i;
	int rc = kept_read(&kept, stream, b->stream_bytes, true, diag);

	if (rc)
		return rc;
	for (i = 0; rc >= 0 && i < kept.count; i++)
		rc = add_guest(o, &kept.domains[i].domain, diag);
	kept_free(&kept);
	if (rc < 0)
		return rc;
	rc = read_region(o, b, diag);
	for (i = 0; !rc && i < b->memory_count; i++)
		rc = owners_add(o, b->memory[i], OWNER_FREE, 0, diag);
	return rc ? rc : read_stream(o, stream, b->stream_bytes, diag);
}
