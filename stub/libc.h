/* SPDX-License-Identifier: MIT */
/* libc.h - prototypes of libc.c where no C library's header is wanted. */
#ifndef STUB_LIBC_H
#define STUB_LIBC_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *in, int value, size_t bytes);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
int strcmp(const char *a, const char *b);
unsigned long strtoul(const char *s, char **end, int base);

#endif /* STUB_LIBC_H */
