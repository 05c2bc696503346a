/* SPDX-License-Identifier: MIT */
/*
 * malform.h - one malformed blob per error code that a blob can carry, made
 * by hand from a good one.
 */
#ifndef TESTS_MALFORM_MALFORM_H
#define TESTS_MALFORM_MALFORM_H

#include <stddef.h>
#include <stdint.h>

/* A blob that is being spoiled: `fdt` has room for more. */
struct spoil {
	uint8_t *fdt;
	uint32_t room;
	uint32_t length;		/* of the file written at the end;
					 * 0: the tree's totalsize */
	const char *dir;		/* for files that go with it */
	const char *name;
};

struct malform_case {
	const char *name;		/* without HO_ */
	void (*spoil)(struct spoil *s);
};

extern const struct malform_case malform_tree_cases[];
extern const struct malform_case malform_stream_cases[];

/* The blob's stream becomes `t`, which is freed. */
struct stream_text;
void malform_put_stream(struct spoil *s, struct stream_text *t);

/* A tree, or a file with an entry block or a breadcrumb in it, becomes that
 * of a newer writer, which only a newer reader may read. */
void malform_newer(uint8_t *bytes, size_t length);

/* Print why and end the program: the tool is of no use half done. */
void malform_die(const char *what) __attribute__((noreturn));

#endif /* TESTS_MALFORM_MALFORM_H */
