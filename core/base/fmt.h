/* SPDX-License-Identifier: MIT */
/*
 * fmt.h - the formatter of messages that must read the same in the stub and
 * in the loader. A subset of printf:
 *   %% %c %s %.*s  %d %i %u %x %X with l, ll, z; width, '0' and '-' flags,
 *   %#x. No floating point, no %n.
 */
#ifndef CORE_FMT_H
#define CORE_FMT_H

#include <stdarg.h>
#include <stddef.h>

/* Write at most `bytes` bytes with the terminating NUL (none if bytes is 0).
 * Returns the length that the whole text has, as snprintf does. */
size_t fmt_vprint(char *out, size_t bytes, const char *format, va_list args);
/* The same with the arguments in place. */
size_t fmt_print(char *out, size_t bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* CORE_FMT_H */
