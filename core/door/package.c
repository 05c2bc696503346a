// SPDX-License-Identifier: MIT
/*
 * package.c - see package.h.
 */
#include "package.h"

#include <string.h>

#include "checked.h"
#include "digest.h"
#include "stream.h"

static uint32_t add_target(const struct blob_target *t,
			   struct package_piece *out, uint64_t *at)
{
	uint32_t i;

	if (t->kind == TARGET_NONE)
		return 0;
	for (i = 0; i <= t->module_count; i++) {
		struct range place = i ? t->modules[i - 1].place
				       : t->image.place;

		out[i] = (struct package_piece){ *at, place };
		*at = align_up(*at + range_bytes(place), HO_PAGE_BYTES);
	}
	return i;
}

uint32_t package_pieces(const struct blob *b, uint64_t blob_paddr,
			uint64_t blob_bytes,
			struct package_piece out[PACKAGE_PIECES_MAX],
			uint64_t *bytes)
{
	uint64_t at = HO_PAGE_BYTES;
	uint32_t count = 0;

	out[count++] = (struct package_piece){
		at, { blob_paddr, blob_paddr + blob_bytes },
	};
	at = align_up(at + blob_bytes, HO_PAGE_BYTES);
	count += add_target(&b->target, out + count, &at);
	count += add_target(&b->fallback, out + count, &at);
	*bytes = at;
	return count;
}

static uint64_t checksum_of(const struct ho_package *head)
{
	struct ho_package copy = *head;

	copy.checksum = 0;
	return digest_xxh64(&copy, sizeof(copy));
}

void package_seal(struct ho_package *head, const struct ho_entry *entry,
		  uint64_t bytes)
{
	*head = (struct ho_package){
		.magic = HO_PACKAGE_MAGIC, .version = HO_PACKAGE_VERSION,
		.compat = 1, .bytes = sizeof(*head), .package_bytes = bytes,
		.entry = *entry,
	};
	head->checksum = checksum_of(head);
}

bool package_is(const void *bytes, uint64_t available)
{
	static const uint64_t magic = HO_PACKAGE_MAGIC;

	return available >= sizeof(struct ho_package) &&
	       !memcmp(bytes, &magic, sizeof(magic));
}

static int check_head(const struct ho_package *head, uint64_t available,
		      struct diag_log *diag)
{
	if (head->bytes != sizeof(*head) ||
	    head->checksum != checksum_of(head))
		return diag_add(diag, HO_EPACKAGE, "head of %u bytes",
				head->bytes);
	if (head->compat > HO_PACKAGE_VERSION)
		return diag_version(diag, "package", head->version,
				    head->compat);
	if (!head->compat || head->version < head->compat ||
	    (head->version == HO_PACKAGE_VERSION &&
	     (head->reserved ||
	      !bytes_are_zero(head->reserved1, sizeof(head->reserved1)))))
		return diag_add(diag, HO_EPACKAGE, "version %u, %u",
				head->version, head->compat);
	/* more is what a loader adds to get another place */
	if (head->package_bytes > available)
		return diag_add(diag, HO_EPACKAGE,
				"%llu bytes, of which %llu are here",
				(unsigned long long)head->package_bytes,
				(unsigned long long)available);
	if (entry_is_newer(&head->entry))
		return diag_version(diag, "entry block", head->entry.version,
				    head->entry.compat);
	return entry_check(&head->entry)
	     ? 0 : diag_add(diag, HO_EENTRY, "entry block of the package");
}

/* As the stub takes it (stub/memory.c): what the entry block says is what the
 * blob says, and the blob lies apart from all that it names. */
static int check_entry(const struct ho_entry *e, const struct blob *b,
		       struct diag_log *diag)
{
	const struct range self = { e->blob_paddr,
				    e->blob_paddr + e->blob_bytes };
	const struct range tree = b->fallback_tree.place;
	struct range staged[BLOB_STAGED_MAX];
	uint32_t count = blob_staged(b, (struct range){ 0, 0 }, staged), i;
	bool good = b->region[0].start == e->region_base &&
		    range_bytes(b->region[0]) == e->region_bytes &&
		    range_covers(b->region[0], self) &&
		    is_aligned(self.start, HO_PAGE_BYTES);

	if (b->fallback.kind != TARGET_NONE)
		good &= tree.start == e->fallback_paddr &&
			range_bytes(tree) == e->fallback_bytes;
	else
		good &= !e->fallback_paddr;
	for (i = 0; i < count; i++)
		good &= !range_overlaps(staged[i], self);
	return good ? 0 : diag_add(diag, HO_EENTRY,
				   "region, blob or fallback tree is not where the blob says");
}

int package_open(const void *bytes, uint64_t available,
		 struct ho_entry *entry, struct blob *b,
		 struct diag_log *diag)
{
	struct package_piece pieces[PACKAGE_PIECES_MAX];
	const uint8_t *blob = (const uint8_t *)bytes + HO_PAGE_BYTES;
	struct ho_package head;
	uint64_t need, end;
	int rc;

	if (!package_is(bytes, available))
		return diag_add(diag, HO_EPACKAGE, "no package");
	memcpy(&head, bytes, sizeof(head));
	rc = check_head(&head, available, diag);
	if (rc)
		return rc;
	*entry = head.entry;
	if (available < HO_PAGE_BYTES ||
	    entry->blob_bytes > available - HO_PAGE_BYTES ||
	    !checked_add(entry->blob_paddr, entry->blob_bytes, &end))
		return diag_add(diag, HO_EPACKAGE, "blob of %llu bytes",
				(unsigned long long)entry->blob_bytes);
	rc = digest_check(entry->blob_digest_alg, entry->blob_digest, blob,
			  entry->blob_bytes);
	if (rc)
		return diag_add(diag, -rc, "blob of the package");
	rc = blob_parse(b, blob, entry->blob_bytes, BLOB_HANDOVER, diag);
	if (!rc)
		rc = check_entry(entry, b, diag);
	if (rc)
		return rc;
	/* staged files are in the landing range, so no sum can wrap */
	package_pieces(b, entry->blob_paddr, entry->blob_bytes, pieces, &need);
	return need == head.package_bytes ? 0 :
		diag_add(diag, HO_EPACKAGE, "%llu bytes, its files need %llu",
			 (unsigned long long)head.package_bytes,
			 (unsigned long long)need);
}

static int is_over(struct diag_log *diag, const struct package_own *own,
		   const char *what, struct range r)
{
	return diag_add(diag, HO_EDOORPLACE,
			"%.24s at 0x%llx..0x%llx: %s 0x%llx..0x%llx",
			own->what, (unsigned long long)own->place.start,
			(unsigned long long)own->place.end, what,
			(unsigned long long)r.start, (unsigned long long)r.end);
}

static struct range in_pages(struct range r)
{
	uint64_t end;

	if (!checked_align(r.end, HO_PAGE_BYTES, &end))
		end = ~0ull;
	return (struct range){ align_down(r.start, HO_PAGE_BYTES), end };
}

/* `r` and nothing that is own. */
static int check_apart(struct range r, const char *what,
		       const struct package_own *own, uint32_t count,
		       struct diag_log *diag)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (range_overlaps(in_pages(own[i].place), r))
			return is_over(diag, &own[i], what, r);
	return 0;
}

/* Below 1 MiB is as good as any: no extent may lie there (README rule 10). */
static int check_ram(const struct blob *b, const struct package_own *own,
		     uint32_t count, struct diag_log *diag)
{
	uint32_t i, hint = 0;

	for (i = 0; i < count; i++) {
		struct range r = in_pages(own[i].place);

		if (own[i].place.start >= own[i].place.end ||
		    !blob_in_memory(b, r, &hint))
			return is_over(diag, &own[i], "not in one range of RAM",
				       r);
	}
	return 0;
}

/* Where the door, and then the stub on its first page, write. */
static int check_destinations(const struct blob *b, struct range self,
			      const struct package_own *own, uint32_t count,
			      struct diag_log *diag)
{
	struct range staged[BLOB_STAGED_MAX];
	uint32_t n = blob_staged(b, self, staged), i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		rc = check_apart(in_pages(staged[i]), "over its destination",
				 own, count, diag);
	return rc;
}

static int check_frames(struct record *rec, const struct package_own *own,
			uint32_t count, struct diag_log *diag)
{
	struct frames f;
	int rc = record_frames(rec, &f, diag);
	uint32_t i;

	for (i = 0; !rc && i < f.extent_count; i++) {
		uint64_t word = load_le64(f.words + 8ull * i);
		uint64_t mfn = frame_word_mfn(word);
		struct range r = {
			mfn << HO_PAGE_SHIFT,
			(mfn + frame_word_pages(word)) << HO_PAGE_SHIFT,
		};

		rc = check_apart(r, "over kept frames", own, count, diag);
	}
	return rc;
}

static int check_stream(const struct blob *b, const uint8_t *stream,
			const struct package_own *own, uint32_t count,
			struct diag_log *diag)
{
	struct stream s;
	struct record rec;
	uint32_t i;
	int rc = 0;

	for (i = 0; i < b->stream_range_count && !rc; i++)
		rc = check_apart(blob_stream_range(b, i), "over the stream",
				 own, count, diag);
	if (!rc)
		rc = stream_open(&s, stream, b->stream_bytes, diag);
	if (rc)
		return rc;
	while ((rc = stream_next(&s, &rec, diag)) > 0)
		if (rec.type == HO_REC_FRAMES) {
			rc = check_frames(&rec, own, count, diag);
			if (rc)
				return rc;
		}
	return rc;
}

/* It names nobody's frames, so all memory but the region may be somebody's. */
static int check_inside(const struct blob *b, const struct package_own *own,
			uint32_t count, struct diag_log *diag)
{
	uint32_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < b->region_count; j++)
			if (range_covers(b->region[j], in_pages(own[i].place)))
				break;
		if (j == b->region_count)
			return is_over(diag, &own[i], "outside of the region",
				       b->region[0]);
	}
	return 0;
}

int package_prove(const struct blob *b, uint64_t blob_paddr,
		  uint64_t blob_bytes, const uint8_t *stream,
		  const struct package_own *own, uint32_t count,
		  struct diag_log *diag)
{
	const struct range self = { blob_paddr, blob_paddr + blob_bytes };
	int rc = check_ram(b, own, count, diag);

	if (!rc)
		rc = check_destinations(b, self, own, count, diag);
	if (rc)
		return rc;
	return b->region_only ? check_inside(b, own, count, diag)
			      : check_stream(b, stream, own, count, diag);
}
