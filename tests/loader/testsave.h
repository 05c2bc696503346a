/* SPDX-License-Identifier: MIT */
/*
 * testsave.h - for the tests of xen_stream: what xl save writes, made by hand, of
 * a guest with six pages. Included last: its names are short.
 */
#ifndef TESTS_LOADER_TESTSAVE_H
#define TESTS_LOADER_TESTSAVE_H

#include "fakesave.h"
#include "xen_stream.h"

#define PAGE_BYTES	4096
#define PAGES		6
#define BATCH		3		/* pages of a record */
#define START_INFO	4		/* its pfn */
#define STAYS		0xeull		/* the type of a page that is not sent */

/* What was written, and where in it what tests change; pages of the guest's */
extern struct fake_save save;
extern size_t pv_info_at, page_record_at, domain_at;
extern uint8_t pages[PAGES][PAGE_BYTES];
/* pfn 3 was ballooned out; 1 is a pinned L4, 2 an L1 */
extern const uint64_t types[PAGES];
/* Saved with xen/save.c: ordinary pages have no contents. Of the next setup. */
extern bool stays;

/* What is made of it */
extern struct diag_log diag;
extern struct xen_saved saved;
extern struct xen_pages source;

/* cmocka's setup: the whole stream. */
int save_setup(void **state);

/* Its first bytes into `saved`; 0, or -HO_EXENSTREAM with one reason. */
int save_strip(size_t length);
void save_refused(void);

/* What a source reads: `pages`, whose types are as they were. */
int save_read_pages(void *context, const uint64_t *pfns,
		    const uint8_t *kinds, uint32_t count, uint8_t *out,
		    struct diag_log *d);
/* `saved` and what `source` reads, a stream again; *out is the caller's. */
int save_inflate(char **out, size_t *length);
/* That is the stream to the last byte; it is freed. */
void save_same(char *out, size_t length);
/* What is kept of the stream, cut off anywhere: never a stream again. */
void save_cut_off(void);

#endif /* TESTS_LOADER_TESTSAVE_H */
