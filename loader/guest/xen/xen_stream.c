// SPDX-License-Identifier: MIT
/*
 * xen_stream.c - see xen_stream.h: what xl writes, without pages.
 */
#include "xen_stream.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>

#include "checked.h"
#include "span.h"
#include "xen_format.h"

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
		return xen_stream_wrong(s->diag, "it ends too early");
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
		return xen_stream_wrong(s->diag, "a frame number that is too high");
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
		return xen_stream_wrong(s->diag, "a page twice: was it a live save?");
	o->stays_count += type == TYPE_STAYS;
	if (type == TYPE_STAYS)
		type = 0;
	o->types[pfn] = type;
	o->page_count += xen_has_page(type);
	return 0;
}

static int strip_pages(struct strip *s, uint32_t length)
{
	struct record_head r = { OUR_PFNS, 0 };
	struct pages_head *h = (void *)s->scratch;
	uint64_t words, contents = 0, word, i;
	int rc = length < sizeof(*h) ? xen_stream_wrong(s->diag, "page record")
				     : take(s, h, sizeof(*h));

	if (rc)
		return rc;
	words = 8ull * h->count;
	if (!h->count || h->count > PAGES_MAX || sizeof(*h) + words > length)
		return xen_stream_wrong(s->diag, "page record");
	rc = take(s, h + 1, words);
	for (i = 0; i < h->count && !rc; i++) {
		memcpy(&word, s->scratch + sizeof(*h) + 8 * i, 8);
		rc = note_pfn(s, PFN_OF(word), TYPE_OF(word));
		contents += xen_has_page(TYPE_OF(word)) ? HO_PAGE_BYTES : 0;
		if (TYPE_OF(word) == TYPE_STAYS)
			r.type = OUR_STAYS;
	}
	if (!rc && sizeof(*h) + words + contents != length)
		rc = xen_stream_wrong(s->diag, "page record");
	r.length = sizeof(*h) + words;
	if (!rc)
		rc = keep(s, &r, sizeof(r));
	if (!rc)
		rc = keep(s, h, r.length);
	return rc ? rc : take(s, s->scratch, contents);
}

/* The first one has the frame of its start_info in rdx. */
static void note_vcpu(struct strip *s, uint32_t length)
{
	struct span body = span_of(s->scratch, length);
	vcpu_guest_context_t c;
	uint32_t id, zero;

	if (span_le32(&body, &id) && span_le32(&body, &zero) && !id &&
	    span_read(&body, &c, sizeof(c)))
		s->out->start_info = c.user_regs.rdx;
}

/* Bodies are padded to 8. */
static int strip_other(struct strip *s, const struct record_head *r)
{
	int rc = keep(s, r, sizeof(*r));

	if (!rc)
		rc = take_and_keep(s, s->scratch, align_up(r->length, 8));
	if (!rc && r->type == LIBXC_PV_INFO &&
	    (r->length < 2 || s->scratch[0] != 8 || s->scratch[1] != 4))
		rc = xen_stream_wrong(s->diag, "a 32-bit PV guest");
	if (!rc && r->type == LIBXC_VCPU_BASIC)
		note_vcpu(s, r->length);
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
		rc = xen_stream_wrong(s->diag, "not a libxc stream of version 3");
	if (!rc)
		rc = take_and_keep(s, &d, sizeof(d));
	if (!rc && (d.type != DOMAIN_PV || d.shift != HO_PAGE_SHIFT))
		rc = xen_stream_wrong(s->diag, "not a PV guest");
	while (!rc && r.type != LIBXC_END) {
		rc = take(s, &r, sizeof(r));
		if (!rc && r.length > RECORD_MAX)
			rc = xen_stream_wrong(s->diag, "a record that is too long");
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
		rc = xen_stream_wrong(s->diag, "not a libxl stream");
	while (!rc && r.type != LIBXL_END) {
		rc = take_and_keep(s, &r, sizeof(r));
		if (!rc && r.length > RECORD_MAX)
			rc = xen_stream_wrong(s->diag, "a record that is too long");
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
		return xen_stream_wrong(s->diag, "not a file of xl save");
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
