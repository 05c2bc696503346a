// SPDX-License-Identifier: MIT
/*
 * xen_inflate.c - see xen_stream.h: a stripped stream with its pages again.
 */
#include "xen_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "span.h"
#include "xen_format.h"
#include "xen_inplace.h"

struct inflate {
	struct span in;
	struct xen_pages *pages;
	struct xen_inplace here;
	FILE *out;
	struct diag_log *diag;
	struct digest_stream digest;		/* of what xl wrote */
	bool unknown;				/* some of that is not read */
	bool named;				/* a page is, which was kept */
	uint8_t *contents;			/* PAGES_MAX pages */
};

/* One record of pages: as it was, and as it is written now. */
struct batch {
	struct pages_head h;
	uint64_t was[PAGES_MAX], is[PAGES_MAX];
	uint32_t count;				/* with contents, now */
	const uint8_t *contents[PAGES_MAX];
	bool in_digest[PAGES_MAX];
};

static int write_out(struct inflate *f, const void *bytes, uint64_t length)
{
	if (!length || fwrite(bytes, length, 1, f->out) == 1)
		return 0;
	if (errno == EPIPE)
		return diag_add(f->diag, HO_EXENRESTORE,
				"xl restore gave up reading");
	return diag_add(f->diag, HO_EFILE, "writing the stream: %s",
			strerror(errno));
}

static int put(struct inflate *f, const void *bytes, uint64_t length)
{
	digest_update(&f->digest, bytes, length);
	return write_out(f, bytes, length);
}

static int copy(struct inflate *f, void *head, uint64_t length)
{
	struct span part;
	int rc;

	if (!span_take(&f->in, length, &part))
		return xen_stream_wrong(f->diag, "it ends too early");
	rc = put(f, part.bytes, length);
	if (!rc && head)
		memcpy(head, part.bytes, length);
	return rc;
}

/* Copied: every page that has a frame. */
static int read_all(struct inflate *f, struct batch *b)
{
	uint64_t pfns[PAGES_MAX];
	uint8_t types[PAGES_MAX];
	uint32_t i;

	for (i = 0; i < b->h.count; i++) {
		bool stays = TYPE_OF(b->was[i]) == TYPE_STAYS;

		b->is[i] = stays ? PFN_OF(b->was[i]) : b->was[i];
		if (!xen_has_page(TYPE_OF(b->is[i])))
			continue;
		pfns[b->count] = PFN_OF(b->is[i]);
		types[b->count] = TYPE_OF(b->is[i]);
		b->contents[b->count] = f->contents + b->count * HO_PAGE_BYTES;
		b->in_digest[b->count++] = !stays;
	}
	return f->pages->read(f->pages->context, pfns, types, b->count,
			      f->contents, f->diag);
}

/* In place: few, and they have been read. */
static void take_few(struct inflate *f, struct batch *b)
{
	uint32_t i;

	for (i = 0; i < b->h.count; i++) {
		bool stays = TYPE_OF(b->was[i]) == TYPE_STAYS;

		b->is[i] = stays ? PFN_OF(b->was[i]) : b->was[i];
		if (xen_inplace_sends(&f->here, b->was[i])) {
			b->contents[b->count] = xen_inplace_next(&f->here);
			b->in_digest[b->count++] = !stays;
		} else if (xen_has_page(TYPE_OF(b->is[i]))) {
			b->is[i] |= TYPE_STAYS << 60;
			f->unknown |= !stays;
		}
	}
}

/* The digest has the record as xl wrote it. */
static void digest_batch(struct inflate *f, const struct batch *b)
{
	struct record_head r = { LIBXC_PAGES,
				 sizeof(b->h) + 8 * b->h.count };
	uint32_t i;

	for (i = 0; i < b->count; i++)
		r.length += b->in_digest[i] ? HO_PAGE_BYTES : 0;
	digest_update(&f->digest, &r, sizeof(r));
	digest_update(&f->digest, &b->h, sizeof(b->h));
	digest_update(&f->digest, b->was, 8 * b->h.count);
	for (i = 0; i < b->count; i++)
		if (b->in_digest[i])
			digest_update(&f->digest, b->contents[i],
				      HO_PAGE_BYTES);
}

static int write_batch(struct inflate *f, const struct batch *b)
{
	const struct record_head r = {
		LIBXC_PAGES, sizeof(b->h) + 8 * b->h.count +
			     b->count * HO_PAGE_BYTES,
	};
	uint32_t i;
	int rc = write_out(f, &r, sizeof(r));

	if (!rc)
		rc = write_out(f, &b->h, sizeof(b->h));
	if (!rc)
		rc = write_out(f, b->is, 8 * b->h.count);
	for (i = 0; i < b->count && !rc; i++)
		rc = write_out(f, b->contents[i], HO_PAGE_BYTES);
	f->pages->sent += b->count;
	return rc;
}

/* Of all records: one word, of the first page that stays where it is. */
static int write_first(struct inflate *f, struct batch *b)
{
	uint32_t i = 0;

	while (i < b->h.count && TYPE_OF(b->is[i]) != TYPE_STAYS)
		i++;
	if (f->named || i == b->h.count)
		return 0;
	b->is[0] = b->is[i];
	b->h.count = 1;
	f->named = true;
	return write_batch(f, b);
}

static int inflate_pages(struct inflate *f, const struct record_head *r)
{
	struct batch *b = calloc(1, sizeof(*b));
	struct span body;
	int rc;

	if (!b)
		return diag_add(f->diag, HO_ENOMEM, "pages");
	rc = span_take(&f->in, r->length, &body)
	   ? xen_pages_words(r->type, body, &b->h, b->was, f->diag)
	   : xen_stream_wrong(f->diag, "page record");
	if (!rc && f->pages->in_place)
		take_few(f, b);
	else if (!rc)
		rc = read_all(f, b);
	if (!rc) {
		digest_batch(f, b);
		rc = f->pages->at_once && !b->count ? write_first(f, b)
						    : write_batch(f, b);
	}
	free(b);
	return rc;
}

static int inflate_libxc(struct inflate *f)
{
	struct record_head r = { 1, 0 };
	int rc = copy(f, NULL, sizeof(struct libxc_head) +
		      sizeof(struct domain_head));

	if (!rc && f->pages->in_place) {
		xen_inplace_free(&f->here);
		rc = xen_inplace_read(&f->here, f->in, f->pages, f->diag);
	}
	while (!rc && r.type != LIBXC_END) {
		if (!span_read(&f->in, &r, sizeof(r)))
			return xen_stream_wrong(f->diag, "it ends too early");
		if (xen_is_pages(r.type)) {
			rc = inflate_pages(f, &r);
			continue;
		}
		rc = put(f, &r, sizeof(r));
		if (!rc)
			rc = copy(f, NULL, align_up((uint64_t)r.length, 8));
	}
	return rc;
}

/* The last record, if all before it and itself are as they were. */
static int put_end(struct inflate *f, const struct record_head *r,
		   const uint8_t *digest)
{
	struct xen_pages *pages = f->pages;
	uint8_t is[HO_DIGEST_BYTES];
	struct digest_stream d = f->digest;
	int rc;

	digest_update(&d, r, sizeof(*r));
	digest_end(&d, is);
	if (r->length || (!f->unknown && memcmp(is, digest, sizeof(is))))
		return diag_add(f->diag, HO_EDIGEST,
				"stream of a saved guest, with its kept frames");
	rc = pages->ends ? pages->ends(pages->context, f->diag) : 0;
	return rc ? rc : put(f, r, sizeof(*r));
}

static int inflate_libxl(struct inflate *f, const uint8_t *digest)
{
	struct record_head r;
	int rc = 0;

	while (!rc) {
		if (!span_read(&f->in, &r, sizeof(r)))
			return xen_stream_wrong(f->diag, "it ends too early");
		if (r.type == LIBXL_END)
			return put_end(f, &r, digest);
		rc = put(f, &r, sizeof(r));
		if (!rc)
			rc = copy(f, NULL, align_up((uint64_t)r.length, 8));
		if (!rc && r.type == LIBXL_CONTEXT)
			rc = inflate_libxc(f);
	}
	return rc;
}

int xen_stream_inflate(const uint8_t *bytes, uint64_t length,
		       const uint8_t digest[HO_DIGEST_BYTES],
		       struct xen_pages *pages, FILE *out,
		       struct diag_log *diag)
{
	struct inflate f = { .in = span_of(bytes, length), .pages = pages,
			     .out = out, .diag = diag,
			     .contents = malloc(PAGES_MAX * HO_PAGE_BYTES) };
	struct file_head h;
	int rc;

	digest_begin(&f.digest);
	rc = f.contents ? copy(&f, &h, sizeof(h))
			: diag_add(diag, HO_ENOMEM, "pages");
	if (!rc)
		rc = copy(&f, NULL, (uint64_t)h.optional_bytes +
			  sizeof(struct libxl_head));
	if (!rc)
		rc = inflate_libxl(&f, digest);
	xen_inplace_free(&f.here);
	free(f.contents);
	return rc;
}
