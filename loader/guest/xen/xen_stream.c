// SPDX-License-Identifier: MIT
/*
 * xen_stream.c - see xen_stream.h.
 */
#include "xen_stream.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "span.h"

#define FILE_MAGIC	"Xen saved domain, xl format\n \0 \r"
#define LIBXL_ID	0x4c6962786c466d74ull	/* "LibxlFmt" */
#define LIBXC_ID	0x58454e46		/* "XENF" */
#define LIBXC_VERSION	3
#define DOMAIN_PV	1

#define LIBXL_END	0
#define LIBXL_CONTEXT	1			/* a libxc stream follows */
#define LIBXC_END	0
#define LIBXC_PAGES	1
#define LIBXC_PV_INFO	2
#define OUR_PFNS	0x80004c55		/* LIBXC_PAGES without pages */

#define RECORD_MAX	(8u << 20)		/* libxc's limit */
#define PAGES_MAX	1024			/* in one record */
#define PFN_MAX		(1ull << 27)		/* a p2m of three levels */

struct file_head {				/* little-endian */
	uint8_t magic[32];
	uint32_t byteorder, mandatory, optional, optional_bytes;
};
struct libxl_head { uint64_t id; uint32_t version, options; };
struct libxc_head { uint64_t marker; uint32_t id, version; uint64_t options; };
struct domain_head { uint32_t type; uint16_t shift, zero; uint32_t xen[2]; };
struct record_head { uint32_t type, length; };
struct pages_head { uint32_t count, zero; };

static int wrong(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EXENSTREAM, "%s", what);
}

/* Types with contents: not "broken", "allocate only" or "no page". */
static bool has_page(uint8_t type)
{
	return type < 0xd;
}

/* Stripping: what is read goes to the end of out->bytes. */

struct strip {
	FILE *in;
	struct xen_saved *out;
	struct diag_log *diag;
	struct digest_stream digest;
	uint8_t *scratch;			/* RECORD_MAX */
};

static int keep(struct strip *s, const void *bytes, uint64_t length)
{
	struct xen_saved *o = s->out;

	if (o->length + length > o->room) {
		uint64_t room = 2 * (o->length + length);
		uint8_t *grown = realloc(o->bytes, room);

		if (!grown)
			return diag_add(s->diag, HO_ENOMEM, "saved guest");
		o->bytes = grown;
		o->room = room;
	}
	memcpy(o->bytes + o->length, bytes, length);
	o->length += length;
	return 0;
}

static int take(struct strip *s, void *bytes, uint64_t length)
{
	if (length && fread(bytes, length, 1, s->in) != 1)
		return wrong(s->diag, "it ends too early");
	digest_update(&s->digest, bytes, length);
	return 0;
}

static int take_and_keep(struct strip *s, void *bytes, uint64_t length)
{
	int rc = take(s, bytes, length);

	return rc ? rc : keep(s, bytes, length);
}

static int note_pfn(struct strip *s, uint64_t pfn, uint8_t type)
{
	struct xen_saved *o = s->out;

	if (pfn >= PFN_MAX)
		return wrong(s->diag, "a frame number that is too high");
	if (pfn >= o->pfn_count) {
		uint64_t count = align_up(pfn + 1, 1 << 16);
		uint8_t *grown = realloc(o->types, count);

		if (!grown)
			return diag_add(s->diag, HO_ENOMEM, "types");
		memset(grown + o->pfn_count, XEN_PFN_NONE,
		       count - o->pfn_count);
		o->types = grown;
		o->pfn_count = count;
	}
	if (o->types[pfn] != XEN_PFN_NONE)
		return wrong(s->diag, "a page twice: was it a live save?");
	o->types[pfn] = type;
	o->page_count += has_page(type);
	return 0;
}

static int strip_pages(struct strip *s, uint32_t length)
{
	struct record_head r = { OUR_PFNS, 0 };
	struct pages_head *h = (void *)s->scratch;
	uint64_t words, contents = 0, word, i;
	int rc = length < sizeof(*h) ? wrong(s->diag, "page record")
				     : take(s, h, sizeof(*h));

	if (rc)
		return rc;
	words = 8ull * h->count;
	if (!h->count || h->count > PAGES_MAX || sizeof(*h) + words > length)
		return wrong(s->diag, "page record");
	rc = take(s, h + 1, words);
	for (i = 0; i < h->count && !rc; i++) {
		memcpy(&word, s->scratch + sizeof(*h) + 8 * i, 8);
		rc = note_pfn(s, word & ((1ull << 52) - 1), word >> 60);
		contents += has_page(word >> 60) ? HO_PAGE_BYTES : 0;
	}
	if (!rc && sizeof(*h) + words + contents != length)
		rc = wrong(s->diag, "page record");
	r.length = sizeof(*h) + words;
	if (!rc)
		rc = keep(s, &r, sizeof(r));
	if (!rc)
		rc = keep(s, h, r.length);
	return rc ? rc : take(s, s->scratch, contents);
}

/* Bodies are padded to 8. */
static int strip_other(struct strip *s, const struct record_head *r)
{
	int rc = keep(s, r, sizeof(*r));

	if (!rc)
		rc = take_and_keep(s, s->scratch, align_up(r->length, 8));
	if (!rc && r->type == LIBXC_PV_INFO &&
	    (r->length < 2 || s->scratch[0] != 8 || s->scratch[1] != 4))
		rc = wrong(s->diag, "a 32-bit PV guest");
	return rc;
}

static int strip_libxc(struct strip *s)
{
	struct libxc_head h;
	struct domain_head d;
	struct record_head r = { 1, 0 };
	int rc = take_and_keep(s, &h, sizeof(h));

	if (!rc && (h.marker != ~0ull || be32toh(h.id) != LIBXC_ID ||
		    be32toh(h.version) != LIBXC_VERSION))
		rc = wrong(s->diag, "not a libxc stream of version 3");
	if (!rc)
		rc = take_and_keep(s, &d, sizeof(d));
	if (!rc && (d.type != DOMAIN_PV || d.shift != HO_PAGE_SHIFT))
		rc = wrong(s->diag, "not a PV guest");
	while (!rc && r.type != LIBXC_END) {
		rc = take(s, &r, sizeof(r));
		if (!rc && r.length > RECORD_MAX)
			rc = wrong(s->diag, "a record that is too long");
		if (!rc)
			rc = r.type == LIBXC_PAGES ? strip_pages(s, r.length)
						   : strip_other(s, &r);
	}
	return rc;
}

static int strip_libxl(struct strip *s)
{
	struct record_head r = { 1, 0 };
	struct libxl_head h;
	int rc = take_and_keep(s, &h, sizeof(h));

	if (!rc && be64toh(h.id) != LIBXL_ID)
		rc = wrong(s->diag, "not a libxl stream");
	while (!rc && r.type != LIBXL_END) {
		rc = take_and_keep(s, &r, sizeof(r));
		if (!rc && r.length > RECORD_MAX)
			rc = wrong(s->diag, "a record that is too long");
		if (!rc)
			rc = take_and_keep(s, s->scratch,
					   align_up(r.length, 8));
		if (!rc && r.type == LIBXL_CONTEXT)
			rc = strip_libxc(s);
	}
	return rc;
}

static int strip_file(struct strip *s)
{
	struct file_head h;
	int rc = take_and_keep(s, &h, sizeof(h));

	if (rc)
		return rc;
	if (memcmp(h.magic, FILE_MAGIC, sizeof(h.magic)) ||
	    h.optional_bytes > RECORD_MAX)
		return wrong(s->diag, "not a file of xl save");
	rc = take_and_keep(s, s->scratch, h.optional_bytes);
	return rc ? rc : strip_libxl(s);
}

int xen_stream_strip(FILE *in, struct xen_saved *out, struct diag_log *diag)
{
	struct strip s = { .in = in, .out = out, .diag = diag,
			   .scratch = malloc(RECORD_MAX + 8) };
	int rc;

	*out = (struct xen_saved){ 0 };
	digest_begin(&s.digest);
	rc = s.scratch ? strip_file(&s)
		       : diag_add(diag, HO_ENOMEM, "saved guest");
	free(s.scratch);
	digest_end(&s.digest, out->digest);
	if (rc)
		xen_saved_free(out);
	return rc;
}

void xen_saved_free(struct xen_saved *s)
{
	free(s->bytes);
	free(s->types);
	*s = (struct xen_saved){ 0 };
}

/* Inflating */

struct inflate {
	struct span in;
	const struct xen_pages *pages;
	FILE *out;
	struct diag_log *diag;
	struct digest_stream digest;
	uint8_t *contents;			/* PAGES_MAX pages */
};

static int put(struct inflate *f, const void *bytes, uint64_t length)
{
	digest_update(&f->digest, bytes, length);
	if (!length || fwrite(bytes, length, 1, f->out) == 1)
		return 0;
	if (errno == EPIPE)
		return diag_add(f->diag, HO_EXENRESTORE,
				"xl restore gave up reading");
	return diag_add(f->diag, HO_EFILE, "writing the stream: %s",
			strerror(errno));
}

static int copy(struct inflate *f, void *head, uint64_t length)
{
	struct span part;
	int rc;

	if (!span_take(&f->in, length, &part))
		return wrong(f->diag, "it ends too early");
	rc = put(f, part.bytes, length);
	if (!rc && head)
		memcpy(head, part.bytes, length);
	return rc;
}

static int inflate_pages(struct inflate *f, uint32_t length)
{
	uint64_t pfns[PAGES_MAX], words[PAGES_MAX];
	struct record_head r = { LIBXC_PAGES, 0 };
	uint8_t types[PAGES_MAX];
	struct pages_head h;
	uint32_t count = 0, i;
	int rc;

	if (!span_read(&f->in, &h, sizeof(h)) || h.count > PAGES_MAX ||
	    length != sizeof(h) + 8 * h.count ||
	    !span_read(&f->in, words, 8 * h.count))
		return wrong(f->diag, "page record");
	for (i = 0; i < h.count; i++) {
		if (!has_page(words[i] >> 60))
			continue;
		pfns[count] = words[i] & ((1ull << 52) - 1);
		types[count++] = words[i] >> 60;
	}
	r.length = length + count * HO_PAGE_BYTES;
	rc = f->pages->read(f->pages->context, pfns, types, count,
			    f->contents, f->diag);
	if (!rc)
		rc = put(f, &r, sizeof(r));
	if (!rc)
		rc = put(f, &h, sizeof(h));
	if (!rc)
		rc = put(f, words, 8 * h.count);
	return rc ? rc : put(f, f->contents, count * HO_PAGE_BYTES);
}

static int inflate_libxc(struct inflate *f)
{
	struct record_head r = { 1, 0 };
	int rc = copy(f, NULL, sizeof(struct libxc_head) +
		      sizeof(struct domain_head));

	while (!rc && r.type != LIBXC_END) {
		if (!span_read(&f->in, &r, sizeof(r)))
			return wrong(f->diag, "it ends too early");
		if (r.type == OUR_PFNS) {
			rc = inflate_pages(f, r.length);
			continue;
		}
		rc = put(f, &r, sizeof(r));
		if (!rc)
			rc = copy(f, NULL, align_up(r.length, 8));
	}
	return rc;
}

/* The last record, if all before it and itself are as they were. */
static int put_end(struct inflate *f, const struct record_head *r,
		   const uint8_t *digest)
{
	uint8_t is[HO_DIGEST_BYTES];
	struct digest_stream d = f->digest;

	digest_update(&d, r, sizeof(*r));
	digest_end(&d, is);
	if (r->length || memcmp(is, digest, sizeof(is)))
		return diag_add(f->diag, HO_EDIGEST,
				"stream of a saved guest, with its kept frames");
	return put(f, r, sizeof(*r));
}

static int inflate_libxl(struct inflate *f, const uint8_t *digest)
{
	struct record_head r;
	int rc = 0;

	while (!rc) {
		if (!span_read(&f->in, &r, sizeof(r)))
			return wrong(f->diag, "it ends too early");
		if (r.type == LIBXL_END)
			return put_end(f, &r, digest);
		rc = put(f, &r, sizeof(r));
		if (!rc)
			rc = copy(f, NULL, align_up(r.length, 8));
		if (!rc && r.type == LIBXL_CONTEXT)
			rc = inflate_libxc(f);
	}
	return rc;
}

int xen_stream_inflate(const uint8_t *bytes, uint64_t length,
		       const uint8_t digest[HO_DIGEST_BYTES],
		       const struct xen_pages *pages, FILE *out,
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
	free(f.contents);
	return rc;
}
