// SPDX-License-Identifier: MIT
/*
 * xen_inplace.c - see xen_inplace.h. What libxenguest wants to see is in
 * tools/libs/guest/xg_sr_restore_x86_pv.c and xg_sr_common_x86_pv.c of Xen:
 * page tables, for a type comes with contents only; and of type "no table"
 * whatever a vcpu or the p2m names by its number (handle_x86_pv_vcpu_basic(),
 * process_start_info(), update_guest_p2m()).
 */
#include "xen_inplace.h"

#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>

#include "checked.h"
#include "xen_format.h"

#define GDT_FRAMES	16
#define GDT_PER_FRAME	512

int xen_pages_words(uint32_t type, struct span body, struct pages_head *h,
		    uint64_t words[PAGES_MAX], struct diag_log *diag)
{
	uint64_t word, n;
	uint32_t left;

	if (!span_read(&body, h, sizeof(*h)) || h->count > PAGES_MAX ||
	    span_left(&body) != 8ull * h->count)
		return xen_stream_wrong(diag, "page record");
	left = h->count;
	h->count = 0;
	while (left--) {
		span_le64(&body, &word);
		n = type == OUR_RUNS ? RUN_OF(word) + 1 : 1;
		if (type == OUR_RUNS)
			word &= ~RUN_BITS;
		if (n > PAGES_MAX - h->count)
			return xen_stream_wrong(diag, "page record");
		while (n--)
			words[h->count++] = word++;
	}
	return 0;
}

bool xen_inplace_sends(const struct xen_inplace *p, uint64_t word)
{
	uint64_t pfn = PFN_OF(word), type = TYPE_OF(word);

	if (type == TYPE_STAYS)
		type = 0;
	if (!xen_has_page(type))
		return false;
	return type || (pfn >> 3 < p->special_bytes &&
			p->special[pfn >> 3] >> (pfn & 7) & 1);
}

static int note_special(struct xen_inplace *p, uint64_t pfn, struct diag_log *diag)
{
	uint64_t room = 2 * (pfn >> 3) + 1;
	uint8_t *grown;

	if (pfn >= PFN_MAX)
		return 0;
	if (pfn >> 3 >= p->special_bytes) {
		grown = realloc(p->special, room);
		if (!grown)
			return diag_add(diag, HO_ENOMEM, "pages");
		memset(grown + p->special_bytes, 0, room - p->special_bytes);
		p->special = grown;
		p->special_bytes = room;
	}
	p->special[pfn >> 3] |= 1 << (pfn & 7);
	return 0;
}

/* What a vcpu names; start_info is in the first one's rdx. */
static int note_vcpu(struct xen_inplace *p, struct span body,
		     struct diag_log *diag)
{
	vcpu_guest_context_t c;
	uint32_t head[2], i;
	int rc = 0;

	if (!span_read(&body, head, sizeof(head)) ||
	    !span_read(&body, &c, sizeof(c)))
		return 0;		/* xl will say what is wrong with it */
	if (!head[0])
		rc = note_special(p, c.user_regs.rdx, diag);
	for (i = 0; !rc && i < GDT_FRAMES && i * GDT_PER_FRAME < c.gdt_ents; i++)
		rc = note_special(p, c.gdt_frames[i], diag);
	return rc;
}

/* First and last pfn, then the frames that hold its p2m. */
static int note_p2m(struct xen_inplace *p, struct span body, struct diag_log *diag)
{
	uint64_t pfn;
	int rc = 0;

	if (!span_skip(&body, 8))
		return 0;
	while (!rc && span_le64(&body, &pfn))
		rc = note_special(p, pfn, diag);
	return rc;
}

static int grow(struct xen_inplace *p, struct diag_log *diag)
{
	uint64_t room = 2 * p->room + PAGES_MAX;
	void *pfns, *types;

	if (p->count < p->room)
		return 0;
	pfns = realloc(p->pfns, 8 * room);
	if (pfns)
		p->pfns = pfns;
	types = realloc(p->types, room);
	if (types)
		p->types = types;
	if (!pfns || !types)
		return diag_add(diag, HO_ENOMEM, "pages");
	p->room = room;
	return 0;
}

static int note_pages(struct xen_inplace *p, uint32_t type, struct span body,
		      struct diag_log *diag)
{
	uint64_t words[PAGES_MAX];
	struct pages_head h;
	uint32_t i;
	int rc = xen_pages_words(type, body, &h, words, diag);

	for (i = 0; !rc && i < h.count; i++) {
		if (!xen_inplace_sends(p, words[i]))
			continue;
		rc = grow(p, diag);
		if (rc)
			break;
		p->pfns[p->count] = PFN_OF(words[i]);
		p->types[p->count++] = TYPE_OF(words[i]) == TYPE_STAYS
				     ? 0 : TYPE_OF(words[i]);
	}
	return rc;
}

/* pages: the list of those to send; else what is special, which comes later */
static int walk(struct xen_inplace *p, struct span in, bool pages,
		struct diag_log *diag)
{
	struct record_head r = { 1, 0 };
	struct span body;
	int rc = 0;

	while (!rc && r.type != LIBXC_END) {
		if (!span_read(&in, &r, sizeof(r)) ||
		    !span_take(&in, align_up((uint64_t)r.length, 8), &body))
			return xen_stream_wrong(diag, "it ends too early");
		body.length = r.length;
		if (pages && xen_is_pages(r.type))
			rc = note_pages(p, r.type, body, diag);
		else if (!pages && r.type == LIBXC_VCPU_BASIC)
			rc = note_vcpu(p, body, diag);
		else if (!pages && r.type == LIBXC_P2M_FRAMES)
			rc = note_p2m(p, body, diag);
	}
	return rc;
}

static int read_contents(struct xen_inplace *p, const struct xen_pages *pages,
			 struct diag_log *diag)
{
	uint64_t i, n;
	int rc = 0;

	p->contents = malloc(p->count * HO_PAGE_BYTES + 1);
	if (!p->contents)
		return diag_add(diag, HO_ENOMEM, "pages");
	for (i = 0; i < p->count && !rc; i += n) {
		n = p->count - i < PAGES_MAX ? p->count - i : PAGES_MAX;
		rc = pages->read(pages->context, p->pfns + i, p->types + i, n,
				 p->contents + i * HO_PAGE_BYTES, diag);
	}
	/* an attempt that failed has left its own numbers in it */
	for (i = 0; i < p->count && !rc && pages->start_info; i++)
		if (p->pfns[i] == pages->start_info->pfn)
			memcpy(p->contents + i * HO_PAGE_BYTES,
			       pages->start_info->page, HO_PAGE_BYTES);
	return rc;
}

int xen_inplace_read(struct xen_inplace *p, struct span records,
		     const struct xen_pages *pages, struct diag_log *diag)
{
	int rc;

	*p = (struct xen_inplace){ 0 };
	rc = walk(p, records, false, diag);
	if (!rc)
		rc = walk(p, records, true, diag);
	return rc ? rc : read_contents(p, pages, diag);
}

const uint8_t *xen_inplace_next(struct xen_inplace *p)
{
	return p->contents + p->next++ * HO_PAGE_BYTES;
}

void xen_inplace_free(struct xen_inplace *p)
{
	free(p->special);
	free(p->pfns);
	free(p->types);
	free(p->contents);
	*p = (struct xen_inplace){ 0 };
}
