// SPDX-License-Identifier: MIT
/*
 * stream.c - framing of the LU stream: header, records, record heads. Gives
 * no meaning to what it reads; pass.c and the loader's readers do.
 */
#include "stream.h"

int stream_open(struct stream *s, const void *bytes, uint64_t length,
		struct diag_log *diag)
{
	uint64_t marker, reserved;
	uint32_t id, version;

	*s = (struct stream){ .in = span_of(bytes, length) };
	if (!span_be64(&s->in, &marker) || !span_be32(&s->in, &id) ||
	    !span_be32(&s->in, &version) || !span_be64(&s->in, &reserved))
		return diag_add(diag, HO_ESTREAMTRUNC,
				"stream header: %llu bytes of 24",
				(unsigned long long)length);
	if (marker != HO_STREAM_MARKER || id != HO_STREAM_ID)
		return diag_add(diag, HO_ESTREAMMAGIC,
				"stream header: id 0x%08x", id);
	if (version != HO_STREAM_VERSION)
		return diag_add(diag, HO_ESTREAMVERSION,
				"stream header: version %u, this reads %u",
				version, HO_STREAM_VERSION);
	if (reserved)
		return diag_add(diag, HO_ERESERVED, "stream header");
	return 0;
}

int stream_next(struct stream *s, struct record *rec, struct diag_log *diag)
{
	unsigned long long at = s->in.offset;
	struct span padding;
	uint32_t length;

	if (s->ended) {
		if (span_left(&s->in))
			return diag_add(diag, HO_ETRAILING,
					"stream offset 0x%llx: %llu bytes", at,
					(unsigned long long)span_left(&s->in));
		return 0;
	}
	rec->offset = s->in.offset;
	if (!span_le32(&s->in, &rec->type) || !span_le32(&s->in, &length))
		return diag_add(diag, HO_ESTREAMTRUNC,
				"stream offset 0x%llx: no END record", at);
	if (length > HO_REC_MAX_BYTES)
		return diag_add(diag, HO_ERECLEN,
				"stream offset 0x%llx: record type 0x%x of %u bytes",
				at, rec->type, length);
	if (!span_take(&s->in, length, &rec->body) ||
	    !span_take(&s->in, -(uint64_t)length % HO_REC_ALIGN_BYTES, &padding))
		return diag_add(diag, HO_ESTREAMTRUNC,
				"stream offset 0x%llx: record type 0x%x of %u bytes",
				at, rec->type, length);
	if (!bytes_are_zero(padding.bytes, padding.length))
		return diag_add(diag, HO_ERESERVED,
				"stream offset 0x%llx: padding of record type 0x%x",
				at, rec->type);
	s->record_count++;
	s->ended = rec->type == HO_REC_END;
	return 1;
}

/* The common refusals of a record's body. */
static int bad_length(const struct record *rec, struct diag_log *diag)
{
	return diag_add(diag, HO_ERECLEN,
			"stream offset 0x%llx: record type 0x%x of %llu bytes",
			(unsigned long long)rec->offset, rec->type,
			(unsigned long long)rec->body.length);
}

static int bad_reserved(const struct record *rec, struct diag_log *diag)
{
	return diag_add(diag, HO_ERESERVED,
			"stream offset 0x%llx: record type 0x%x",
			(unsigned long long)rec->offset, rec->type);
}

/* Read a head that must be the whole body. */
static bool read_whole(struct record *rec, void *out, uint64_t bytes)
{
	return rec->body.length == bytes && span_read(&rec->body, out, bytes);
}

/* NUL-terminated, not empty, zero behind the NUL. */
static bool name_is_valid(const char *name, size_t bytes)
{
	size_t i = 0;

	while (i < bytes && name[i])
		i++;
	return i > 0 && i < bytes && bytes_are_zero(name + i, bytes - i);
}

/* Names are for people and file names: printable ASCII without '/'. */
static bool name_is_plain(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return false;
	return true;
}

int record_version(struct record *rec, struct ho_rec_version *out,
		   struct diag_log *diag)
{
	if (!read_whole(rec, out, sizeof(*out)))
		return bad_length(rec, diag);
	if (out->reserved)
		return bad_reserved(rec, diag);
	out->writer[sizeof(out->writer) - 1] = '\0';
	return 0;
}

int record_domain(struct record *rec, struct ho_rec_domain *out,
		  struct diag_log *diag)
{
	if (!read_whole(rec, out, sizeof(*out)))
		return bad_length(rec, diag);
	if (!name_is_valid(out->name, sizeof(out->name)) ||
	    !name_is_plain(out->name))
		return diag_add(diag, HO_EDOMAIN,
				"stream offset 0x%llx: name of domain %u",
				(unsigned long long)rec->offset, out->domid);
	if (out->kind < 1 || out->kind > HO_KIND_MAX)
		return diag_add(diag, HO_EDOMAIN,
				"stream offset 0x%llx: kind %u of domain %u",
				(unsigned long long)rec->offset, out->kind,
				out->domid);
	return 0;
}

int record_state(struct record *rec, struct ho_rec_state *out,
		 struct diag_log *diag)
{
	if (!span_read(&rec->body, out, sizeof(*out)))
		return bad_length(rec, diag);
	if (out->reserved)
		return bad_reserved(rec, diag);
	if (!name_is_valid(out->name, sizeof(out->name)) ||
	    !name_is_plain(out->name))
		return diag_add(diag, HO_EDOMAIN,
				"stream offset 0x%llx: name of a state of domain %u",
				(unsigned long long)rec->offset, out->domid);
	return 0;
}

int record_owner(struct record *rec, struct ho_rec_owner *out,
		 struct diag_log *diag)
{
	if (!read_whole(rec, out, sizeof(*out)))
		return bad_length(rec, diag);
	return 0;
}

int record_domain_end(struct record *rec, struct ho_rec_domain_end *out,
		      struct diag_log *diag)
{
	if (!read_whole(rec, out, sizeof(*out)))
		return bad_length(rec, diag);
	if (out->reserved)
		return bad_reserved(rec, diag);
	return 0;
}

int record_digest(struct record *rec, struct ho_rec_digest *out,
		  struct diag_log *diag)
{
	if (!read_whole(rec, out, sizeof(*out)))
		return bad_length(rec, diag);
	if (out->reserved)
		return bad_reserved(rec, diag);
	return 0;
}

int record_end(struct record *rec, struct ho_rec_end *out,
	       struct diag_log *diag)
{
	if (!read_whole(rec, out, sizeof(*out)))
		return bad_length(rec, diag);
	if (out->reserved)
		return bad_reserved(rec, diag);
	return 0;
}

int record_frames(struct record *rec, struct frames *out,
		  struct diag_log *diag)
{
	struct ho_rec_frames head;

	if (!span_read(&rec->body, &head, sizeof(head)) ||
	    head.extent_count == 0 ||
	    span_left(&rec->body) != (uint64_t)head.extent_count * 16)
		return bad_length(rec, diag);
	out->domid = head.domid;
	out->extent_count = head.extent_count;
	out->words = rec->body.bytes + rec->body.offset;
	out->gfns = out->words + (uint64_t)head.extent_count * 8;
	return 0;
}
