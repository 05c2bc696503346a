/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - names for addresses in reports. The image is linked twice: the
 * table is made from the first link, by stub/symbols.awk, and lies behind the
 * text, so that nothing in the text moves.
 */
#ifndef STUB_SYMBOLS_H
#define STUB_SYMBOLS_H

#include <stdint.h>

/* Ascending offsets into the image, and as many names, each with its NUL. */
extern const uint32_t stub_symbol_count;
extern const uint32_t stub_symbol_at[];
extern const char stub_symbol_names[];

/* The function that `offset` (bytes into the image) is in, "?" for what is in
 * none; *into: how far. */
const char *symbol_of(uint64_t offset, uint32_t *into);

#endif /* STUB_SYMBOLS_H */
