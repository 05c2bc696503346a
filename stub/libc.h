/* SPDX-License-Identifier: MIT */
/* libc.h - prototypes of libc.c where no C library's header is wanted. */
#ifndef STUB_LIBC_H
#define STUB_LIBC_H

#include <stddef.h>

/* As the C library's; they may not overlap. */
void *memcpy(void *to, const void *from, size_t bytes);
/* As the C library's; they may overlap. */
void *memmove(void *to, const void *from, size_t bytes);
/* `bytes` times the low byte of `value`. Returns `to`. */
void *memset(void *to, int value, size_t bytes);
/* Less than, equal to or greater than 0, by the first byte that differs. */
int memcmp(const void *a, const void *b, size_t bytes);
/* The first byte `value` of `bytes`; NULL: none. */
void *memchr(const void *in, int value, size_t bytes);
/* Bytes before the NUL. */
size_t strlen(const char *s);
/* The same, `max` when there is no NUL in the first `max`. */
size_t strnlen(const char *s, size_t max);
/* The first `c`, which may be the NUL; NULL: none. */
char *strchr(const char *s, int c);
/* The last one; NULL: none. */
char *strrchr(const char *s, int c);
/* Less than, equal to or greater than 0. */
int strcmp(const char *a, const char *b);
/* For digits 0-9 and a-f alone, up to the first that is none of `base`: no
 * blanks, sign or prefix, and no check for an overflow. *end, if any: where it
 * stopped. */
unsigned long strtoul(const char *s, char **end, int base);

#endif /* STUB_LIBC_H */
