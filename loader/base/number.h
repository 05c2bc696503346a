/* SPDX-License-Identifier: MIT */
/*
 * number.h - numbers, ranges and sizes out of text, strictly: of options and files.
 */
#ifndef LOADER_NUMBER_H
#define LOADER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* A number of an option, "12" or "0xc", from min to max: false on anything
 * else, blanks, signs and what follows it included. */
bool number_parse(const char *text, uint64_t min, uint64_t max,
		  uint64_t *out);
/* "START-END", hexadecimal, as strictly. */
bool hex_range_parse(const char *text, uint64_t *start, uint64_t *end);
/* "0x1000", "16M", "2G"; false on anything else. */
bool parse_bytes(const char *text, uint64_t *out);
/* The number in a file of /proc, /sys or /run, from min to max. 0: no such file, or
 * something else in it. */
uint64_t number_in(const char *path, uint64_t min, uint64_t max);

#endif /* LOADER_NUMBER_H */
