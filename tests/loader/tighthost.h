/* SPDX-License-Identifier: MIT */
/*
 * tighthost.h - hosts that are made up for test_verdict, whose region is nearly too
 * small: memory map, kernel, domains and blob, as files of one folder. The same seed
 * makes the same host.
 */
#ifndef TESTS_TIGHTHOST_H
#define TESTS_TIGHTHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"
#include "util.h"

struct tight {
	char dir[64];			/* where the files are */
	uint64_t seed;			/* of what is drawn next */
	const char *real;		/* a kernel's image, NULL: none */
};
extern struct tight tight;

/* A host that is made up. */
struct tight_host {
	uint32_t range_count;
	struct range region[3];
	uint64_t ram_end;
	uint32_t budget;
	bool fallback, reference, dense, fill, real;
	char region_text[128];
	uint64_t room;			/* pages behind the blob */
};

/* 0 to n - 1. */
uint64_t tight_below(uint64_t n);
/* DIR/NAME, in one of eight static buffers in turn. */
char *tight_path(const char *name);
/* A file of these bytes, then zeroes up to `total`. */
void tight_put(const char *name, const void *bytes, size_t length,
	       uint64_t total);
/* A kernel's image, of so many bytes. */
void tight_put_kernel(uint64_t total);
/* The next host: its memory map and kernel. */
void tight_make(struct tight_host *h);
/* Domains in what is RAM and no region, in pieces. */
void tight_put_stream(const struct tight_host *h);
/* The blob with an initrd of so many pages, mapped; false: pack refuses it. */
bool tight_make_blob(const struct tight_host *h, uint64_t initrd_pages,
		     struct mapped *m, struct diag_log *diag);

#endif /* TESTS_TIGHTHOST_H */
