// SPDX-License-Identifier: MIT
/*
 * libc.c - the memory and string functions that core/, libfdt and the
 * compiler call in the stub. Nothing else of a C library is there.
 */
#include <stddef.h>
#include <stdint.h>

#include "libc.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *start = to;
	size_t words = bytes / 8;

	bytes %= 8;
	__asm__ volatile("rep movsq\n\tmov %3, %2\n\trep movsb"
			 : "+D"(to), "+S"(from), "+c"(words)
			 : "r"(bytes) : "memory");
	return start;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (t <= f || t >= f + bytes)
		return memcpy(to, from, bytes);
	while (bytes--)
		t[bytes] = f[bytes];
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *start = to;
	size_t words = bytes / 8;
	uint64_t word = 0x0101010101010101ull * (uint8_t)value;

	bytes %= 8;
	__asm__ volatile("rep stosq\n\tmov %3, %1\n\trep stosb"
			 : "+D"(to), "+c"(words)
			 : "a"(word), "r"(bytes) : "memory");
	return start;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const uint8_t *x = a, *y = b;

	for (; bytes; bytes--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *in, int value, size_t bytes)
{
	const uint8_t *p = in;

	for (; bytes; bytes--, p++)
		if (*p == (uint8_t)value)
			return (void *)p;
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (uint8_t)*a - (uint8_t)*b;
}

/* For libfdt's fdt_path_offset of aliases: decimal and hexadecimal digits,
 * no sign, no overflow check wanted by its caller. */
unsigned long strtoul(const char *s, char **end, int base)
{
	unsigned long v = 0;

	for (;; s++) {
		int digit = *s >= '0' && *s <= '9' ? *s - '0' :
			    *s >= 'a' && *s <= 'f' ? *s - 'a' + 10 : 99;

		if (digit >= base)
			break;
		v = v * base + digit;
	}
	if (end)
		*end = (char *)s;
	return v;
}
