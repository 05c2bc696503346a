/* SPDX-License-Identifier: MIT */
/*
 * xen_format.h - heads and numbers of the streams that xen_stream.h is about.
 */
#ifndef LOADER_XEN_FORMAT_H
#define LOADER_XEN_FORMAT_H

#include "span.h"
#include "xen_stream.h"

#define FILE_MAGIC	"Xen saved domain, xl format\n \0 \r"
#define LIBXL_ID	0x4c6962786c466d74ull	/* "LibxlFmt" */
#define LIBXC_ID	0x58454e46		/* "XENF" */
#define LIBXC_VERSION	3
#define DOMAIN_PV	1
#define DOMAIN_HVM	2		/* PVH, too */

#define LIBXL_END	0
#define LIBXL_CONTEXT	1			/* a libxc stream follows */
#define LIBXC_END	0
#define LIBXC_PAGES	1
#define LIBXC_PV_INFO	2
#define LIBXC_P2M_FRAMES	3
#define LIBXC_VCPU_BASIC	4
#define OUR_PFNS	0x80004c55		/* LIBXC_PAGES without pages */
/* The same, with some of TYPE_STAYS. A reader that does not know it copies it,
 * and so finds another digest: it must not take their contents for nothing. */
#define OUR_STAYS	0x80004c56
/* The same with runs: a word stands for pages of one type whose pfns follow each
 * other. Written in place of both. */
#define OUR_RUNS	0x80004c57
#define RUN_SHIFT	48			/* pages - 1, 12 bits */
#define RUN_BITS	(0xfffull << RUN_SHIFT)
#define RUN_OF(word)	(((word) & RUN_BITS) >> RUN_SHIFT)

#define RECORD_MAX	(8u << 20)		/* libxc's limit */
#define PAGES_MAX	1024			/* in one record */
#define PFN_MAX		(1ull << 27)		/* a p2m of three levels */

/* XEN_DOMCTL_PFINFO_XALLOC: a page without contents. Only xen/save.c says so, of
 * frames whose contents stay where they are. */
#define TYPE_STAYS	0xeull
#define TYPE_ABSENT	0xfull		/* XEN_DOMCTL_PFINFO_XTAB */
#define PFN_OF(word)	((word) & ((1ull << 52) - 1))
#define TYPE_OF(word)	((word) >> 60)

struct file_head {				/* little-endian */
	uint8_t magic[32];
	uint32_t byteorder, mandatory, optional, optional_bytes;
};
struct libxl_head { uint64_t id; uint32_t version, options; };
struct libxc_head { uint64_t marker; uint32_t id, version; uint64_t options; };
struct domain_head { uint32_t type; uint16_t shift, zero; uint32_t xen[2]; };
struct record_head { uint32_t type, length; };
struct pages_head { uint32_t count, zero; };

/* HO_EXENSTREAM. */
static inline int xen_stream_wrong(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EXENSTREAM, "%s", what);
}

/* Types with contents: not "broken", "allocate only" or "no page". */
static inline bool xen_has_page(uint8_t type)
{
	return type < 0xd;
}

/* LIBXC_PAGES as it is kept. */
static inline bool xen_is_pages(uint32_t type)
{
	return type == OUR_PFNS || type == OUR_STAYS || type == OUR_RUNS;
}

/* A record of pages, as it is kept, to the words that xl wrote: h->count of them.
 * HO_EXENSTREAM. */
int xen_pages_words(uint32_t type, struct span body, struct pages_head *h,
		    uint64_t words[PAGES_MAX], struct diag_log *diag);

#endif /* LOADER_XEN_FORMAT_H */
