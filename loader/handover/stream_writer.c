// SPDX-License-Identifier: MIT
/*
 * stream_writer.c - see stream_writer.h.
 */
#include "stream_writer.h"

#include <endian.h>
#include <string.h>
#include <sys/utsname.h>

static void put(struct stream_writer *w, const void *bytes, uint64_t length)
{
	if (w->rc)
		return;
	digest_update(&w->digest, bytes, length);
	w->undigested = true;
	w->rc = outfile_write(&w->out, bytes, length, w->diag);
}

static void put_head(struct stream_writer *w, uint32_t type, uint64_t length)
{
	struct ho_rec head = { type, length };

	if (length > HO_REC_MAX_BYTES && !w->rc)
		w->rc = diag_add(w->diag, HO_ERECLEN,
				 "record type 0x%x of %llu bytes", type,
				 (unsigned long long)length);
	put(w, &head, sizeof(head));
}

static void put_padding(struct stream_writer *w, uint64_t length)
{
	static const uint8_t zeroes[HO_REC_ALIGN_BYTES];

	put(w, zeroes, -length % HO_REC_ALIGN_BYTES);
	w->records++;
}

static void put_record(struct stream_writer *w, uint32_t type,
		       const void *body, uint64_t length)
{
	put_head(w, type, length);
	put(w, body, length);
	put_padding(w, length);
}

/* Covers what was written since the last one. */
static void put_digest(struct stream_writer *w)
{
	struct ho_rec_digest d = { .digest_alg = HO_DIGEST_XXH64 };

	if (w->rc)
		return;
	digest_end(&w->digest, d.digest);
	put_record(w, HO_REC_DIGEST, &d, sizeof(d));
	digest_begin(&w->digest);
	w->undigested = false;
}

int stream_writer_begin(struct stream_writer *w, const char *path,
			struct diag_log *diag)
{
	struct ho_stream_header header = {
		.marker = HO_STREAM_MARKER,
		.id = htobe32(HO_STREAM_ID),
		.version = htobe32(HO_STREAM_VERSION),
	};
	struct ho_rec_version version = { .version = HO_ABI_VERSION };
	struct utsname host;

	w->diag = diag;
	w->records = 0;
	w->batch = 0;
	digest_begin(&w->digest);
	w->rc = outfile_open(&w->out, path, diag);
	uname(&host);
	snprintf(version.writer, sizeof(version.writer), "baton %s on %.40s",
		 BATON_VERSION, host.release);
	put(w, &header, sizeof(header));
	put_record(w, HO_REC_VERSION, &version, sizeof(version));
	return w->rc;
}

void stream_writer_domain(struct stream_writer *w,
			  const struct ho_rec_domain *domain)
{
	w->domid = domain->domid;
	w->frames = w->extents = w->state_bytes = 0;
	put_record(w, HO_REC_DOMAIN, domain, sizeof(*domain));
}

static void flush(struct stream_writer *w)
{
	struct ho_rec_frames head = { w->domid, w->batch };
	uint64_t arrays = 8ull * w->batch;

	if (!w->batch)
		return;
	put_head(w, HO_REC_FRAMES, sizeof(head) + 2 * arrays);
	put(w, &head, sizeof(head));
	put(w, w->words, arrays);
	put(w, w->gfns, arrays);
	put_padding(w, 0);	/* a multiple of 8 by its shape */
	w->extents += w->batch;
	w->batch = 0;
}

/* Longer by as much as fits, if the new extent continues the last one. */
static uint64_t join_last(struct stream_writer *w, uint64_t mfn,
			  uint64_t pages, uint32_t type, uint64_t gfn)
{
	uint64_t *word = &w->words[w->batch - 1];
	uint64_t have = frame_word_pages(*word);
	uint64_t room = HO_FRAME_PAGES_MAX - have;

	if (frame_word_mfn(*word) + have != mfn ||
	    frame_word_type(*word) != type ||
	    w->gfns[w->batch - 1] + have != gfn)
		return 0;
	if (room > pages)
		room = pages;
	*word = frame_word(frame_word_mfn(*word), have + room, type);
	return room;
}

void stream_writer_extent(struct stream_writer *w, uint64_t mfn,
			  uint64_t pages, uint32_t type, uint64_t gfn)
{
	uint64_t done = w->batch ? join_last(w, mfn, pages, type, gfn) : 0;

	w->frames += pages;
	while (done < pages) {
		uint64_t part = pages - done;

		if (part > HO_FRAME_PAGES_MAX)
			part = HO_FRAME_PAGES_MAX;
		if (w->batch == STREAM_WRITER_BATCH)
			flush(w);
		w->words[w->batch] = frame_word(mfn + done, part, type);
		w->gfns[w->batch++] = gfn + done;
		done += part;
	}
}

/* In records as long as they may be. */
void stream_writer_state(struct stream_writer *w, const char *name,
			 const void *bytes, uint64_t length)
{
	struct ho_rec_state head = { .domid = w->domid };
	const uint64_t most = HO_REC_MAX_BYTES - sizeof(head);
	const uint8_t *at = bytes;

	snprintf(head.name, sizeof(head.name), "%s", name);
	flush(w);
	w->state_bytes += length;
	do {
		uint64_t part = length < most ? length : most;

		put_head(w, HO_REC_STATE, sizeof(head) + part);
		put(w, &head, sizeof(head));
		put(w, at, part);
		put_padding(w, sizeof(head) + part);
		at += part;
		length -= part;
	} while (length && !w->rc);
}

void stream_writer_owner(struct stream_writer *w,
			 const struct ho_rec_owner *owner)
{
	put_record(w, HO_REC_OWNER, owner, sizeof(*owner));
}

void stream_writer_domain_end(struct stream_writer *w)
{
	struct ho_rec_domain_end end = { .domid = w->domid };

	flush(w);
	end.frame_count = w->frames;
	end.extent_count = w->extents;
	end.state_bytes = w->state_bytes;
	put_record(w, HO_REC_DOMAIN_END, &end, sizeof(end));
	put_digest(w);
}

int stream_writer_end(struct stream_writer *w)
{
	struct ho_rec_end end = { .digest_alg = HO_DIGEST_NONE };

	if (w->undigested)
		put_digest(w);
	end.record_count = w->records;
	put_record(w, HO_REC_END, &end, sizeof(end));
	if (!w->rc)
		w->rc = outfile_commit(&w->out, w->diag);
	else
		outfile_abandon(&w->out);
	return w->rc;
}

void stream_writer_abandon(struct stream_writer *w)
{
	outfile_abandon(&w->out);
}

/* The records of one or all domains, as they stand. */
static void copy_domains(struct stream_writer *w, const uint8_t *bytes,
			 uint64_t length, uint64_t only, bool owners)
{
	bool all = only == ~0ull, inside = all;
	struct stream s;
	struct record rec;
	int rc;

	if (w->rc)
		return;
	rc = stream_open(&s, bytes, length, w->diag);
	while (!rc && (rc = stream_next(&s, &rec, w->diag)) > 0) {
		rc = 0;
		if (rec.type == HO_REC_DOMAIN)
			inside = all || rec.offset == only;
		if (rec.type == HO_REC_VERSION || rec.type == HO_REC_END ||
		    rec.type == HO_REC_DIGEST || !inside ||
		    (rec.type == HO_REC_OWNER && !owners))
			continue;
		put_record(w, rec.type, rec.body.bytes, rec.body.length);
		if (rec.type == HO_REC_DOMAIN_END)
			put_digest(w);
	}
	if (rc && !w->rc)
		w->rc = rc;
}

void stream_writer_carry(struct stream_writer *w, const uint8_t *stream,
			 uint64_t length, uint64_t offset)
{
	copy_domains(w, stream, length, offset, false);
}

void stream_writer_join(struct stream_writer *w, const void *stream,
			uint64_t length)
{
	copy_domains(w, stream, length, ~0ull, true);
}
