/* SPDX-License-Identifier: MIT */
/*
 * testtree.h - for the tests of the result tree: a blob made with libfdt, what the
 * writer takes of a pass and a plan, and the tree that it makes of them. Included
 * last: its names are short.
 */
#ifndef TESTS_UNIT_TESTTREE_H
#define TESTS_UNIT_TESTTREE_H

#include "result.h"

#define REGION		0x10000000ull
#define REGION_BYTES	0x8000000ull
#define BLOB_AT		(REGION + 0x3000000)
#define ROOT_AT		(REGION + 0x4000000)
#define DOMAINS_AT	(REGION + 0x4100000)
#define LOG_AT		(REGION + 0x4200000)
#define STREAM_BYTES	3001
#define TREE_ROOM	(256 * 1024)

/* What is written from: the blob, its bytes, the stream in it, and the rest */
extern uint8_t bytes[64 * 1024], stream[STREAM_BYTES];
extern struct blob blob;
extern struct pass pass;
extern struct plan plan;
extern struct e820_entry map[HO_E820_BUDGET_MAX + 1];	/* the plan's */
extern struct result_input in;

/* What is written, and what was read of it */
extern uint8_t tree[TREE_ROOM];
extern uint64_t tree_bytes;
extern struct blob back;
extern struct result result;
extern struct diag_log diag;

/* cmocka's setup: all that is written from. */
int tree_setup(void **state);
/* The blob once more, with a stream of this length: it is in the middle, so that
 * what is behind it moves. */
void tree_make_blob(uint32_t stream_bytes);
/* Into a block of exactly result_bytes(), so that ASan sees a byte too far. */
void tree_write(void);
/* 0, or -HO_E... of the reader. */
int tree_read(void);
void tree_good(void);

#endif /* TESTS_UNIT_TESTTREE_H */
