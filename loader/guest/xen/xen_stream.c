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
	uint64_t words[PAGES_MAX];
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

/* Without the digest: it may not be kept as it is. */
static int get(struct strip *s, void *bytes, uint64_t length)
{
	if (length && fread(bytes, length, 1, s->in) != 1)
		return xen_stream_wrong(s->diag, "it ends too early");
	return 0;
}

static int take_and_keep(struct strip *s, void *bytes, uint64_t length)
{
	int rc = get(s, bytes, length);

	if (rc)
		return rc;
	digest_update(&s->digest, bytes, length);
	return keep(s, bytes, length);
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

/* Head and words of a record of so many bytes; *contents: what is left of it. */
static int get_words(struct strip *s, uint32_t length, struct pages_head *h,
		     uint64_t *contents)
{
	uint64_t i, bytes = 0;
	int rc = length < sizeof(*h) ? xen_stream_wrong(s->diag, "page record")
				     : get(s, h, sizeof(*h));

	if (!rc && (!h->count || h->count > PAGES_MAX ||
		    sizeof(*h) + 8ull * h->count > length))
		rc = xen_stream_wrong(s->diag, "page record");
	if (!rc)
		rc = get(s, s->words, 8ull * h->count);
	for (i = 0; i < h->count && !rc; i++) {
		uint8_t type = TYPE_OF(s->words[i]);

		rc = note_pfn(s, PFN_OF(s->words[i]), type);
		bytes += xen_has_page(type) ? HO_PAGE_BYTES : 0;
	}
	if (!rc && sizeof(*h) + 8ull * h->count + bytes != length)
		rc = xen_stream_wrong(s->diag, "page record");
	*contents = bytes;
	return rc;
}

/* xl lists all of the 4 GiB that such a guest can address: what is nobody's has
 * no frame before and needs none after. */
static uint32_t drop_absent(struct strip *s, uint32_t count)
{
	uint32_t i, left = 0;

	for (i = 0; i < count; i++)
		if (TYPE_OF(s->words[i]) != TYPE_ABSENT)
			s->words[left++] = s->words[i];
	s->out->absent_count += count - left;
	return left;
}

static uint32_t pack_runs(uint64_t *words, uint32_t count)
{
	uint32_t i, runs = 0;
	uint64_t last;

	for (i = 0; i < count; i++) {
		last = runs ? words[runs - 1] : 0;
		if (runs && TYPE_OF(last) == TYPE_OF(words[i]) &&
		    PFN_OF(last & ~RUN_BITS) + RUN_OF(last) + 1 ==
		    PFN_OF(words[i]))
			words[runs - 1] += 1ull << RUN_SHIFT;
		else
			words[runs++] = words[i];
	}
	return runs;
}

static int keep_runs(struct strip *s, struct pages_head h)
{
	struct record_head r = { OUR_RUNS, 0 };
	int rc;

	h.count = pack_runs(s->words, h.count);
	r.length = sizeof(h) + 8 * h.count;
	rc = keep(s, &r, sizeof(r));
	if (!rc)
		rc = keep(s, &h, sizeof(h));
	return rc ? rc : keep(s, s->words, 8ull * h.count);
}

/* Of the contents of `count` words those that the digest has. Dom0's back ends write
 * into ordinary pages until the jump: what is there then is what the guest goes on
 * with, as if xl had not written it. */
static uint64_t leave_out_ordinary(struct strip *s, uint32_t count)
{
	uint64_t from = 0, to = 0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint8_t type = TYPE_OF(s->words[i]);

		if (!xen_has_page(type))
			continue;
		if (type) {
			memmove(s->scratch + to, s->scratch + from,
				HO_PAGE_BYTES);
			to += HO_PAGE_BYTES;
		} else {
			s->words[i] |= TYPE_STAYS << 60;
		}
		from += HO_PAGE_BYTES;
	}
	return to;
}

static int strip_pages(struct strip *s, uint32_t length)
{
	struct record_head r = { LIBXC_PAGES, 0 };
	struct pages_head h;
	uint64_t contents;
	int rc = get_words(s, length, &h, &contents);

	if (rc)
		return rc;
	if (s->out->hvm)
		h.count = drop_absent(s, h.count);
	if (!h.count)
		return 0;
	rc = get(s, s->scratch, contents);
	if (rc)
		return rc;
	contents = leave_out_ordinary(s, h.count);
	r.length = sizeof(h) + 8 * h.count + contents;
	digest_update(&s->digest, &r, sizeof(r));
	digest_update(&s->digest, &h, sizeof(h));
	digest_update(&s->digest, s->words, 8ull * h.count);
	digest_update(&s->digest, s->scratch, contents);
	return keep_runs(s, h);
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
static int strip_other(struct strip *s, struct record_head *r)
{
	int rc;

	digest_update(&s->digest, r, sizeof(*r));
	rc = keep(s, r, sizeof(*r));
	if (!rc)
		rc = take_and_keep(s, s->scratch, align_up(r->length, 8));
	if (!rc && r->type == LIBXC_PV_INFO &&
	    (r->length < 2 || s->scratch[0] != 8 || s->scratch[1] != 4))
		rc = xen_stream_wrong(s->diag, "a 32-bit PV guest");
	if (!rc && r->type == LIBXC_VCPU_BASIC)
		note_vcpu(s, r->length);
	return rc;
}

static int strip_head(struct strip *s)
{
	struct libxc_head h;
	struct domain_head d;
	int rc = take_and_keep(s, &h, sizeof(h));

	if (!rc && (h.marker != ~0ull || be32toh(h.id) != LIBXC_ID ||
		    be32toh(h.version) != LIBXC_VERSION))
		rc = xen_stream_wrong(s->diag, "not a libxc stream of version 3");
	if (!rc)
		rc = take_and_keep(s, &d, sizeof(d));
	if (!rc && ((d.type != DOMAIN_PV && d.type != DOMAIN_HVM) ||
		    d.shift != HO_PAGE_SHIFT))
		rc = xen_stream_wrong(s->diag, "not a guest of x86");
	s->out->hvm = !rc && d.type == DOMAIN_HVM;
	return rc;
}

static int strip_libxc(struct strip *s)
{
	struct record_head r = { 1, 0 };
	int rc = strip_head(s);

	while (!rc && r.type != LIBXC_END) {
		rc = get(s, &r, sizeof(r));
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
	struct strip *s = calloc(1, sizeof(*s));
	int rc;

	*out = (struct xen_saved){ 0 };
	if (!s)
		return diag_add(diag, HO_ENOMEM, "saved guest");
	*s = (struct strip){ .in = in, .out = out, .diag = diag,
			     .scratch = malloc(RECORD_MAX + 8) };
	digest_begin(&s->digest);
	rc = s->scratch ? strip_file(s)
			: diag_add(diag, HO_ENOMEM, "saved guest");
	digest_end(&s->digest, out->digest);
	free(s->scratch);
	free(s);
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
