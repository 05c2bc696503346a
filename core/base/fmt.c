// SPDX-License-Identifier: MIT
/*
 * fmt.c - the formatter; see fmt.h for the subset.
 */
#include "fmt.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct out {
	char *bytes;
	size_t capacity;
	size_t length;		/* what the whole text has so far */
};

/* One conversion, taken apart. */
struct spec {
	bool left;
	bool zero;
	bool prefix;
	int width;
	int precision;		/* -1: none */
	int longs;		/* l: 1, ll and z: 2 */
	char conversion;
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->capacity)
		o->bytes[o->length] = c;
	o->length++;
}

static void pad(struct out *o, char c, int count)
{
	while (count-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text,
		     int length)
{
	int i;

	if (!s->left)
		pad(o, ' ', s->width - length);
	for (i = 0; i < length; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', s->width - length);
}

static void put_number(struct out *o, const struct spec *s, uint64_t v,
		       bool negative)
{
	const char *digits = s->conversion == 'X' ? "0123456789ABCDEF"
						  : "0123456789abcdef";
	unsigned int base = s->conversion == 'x' || s->conversion == 'X' ? 16
									 : 10;
	bool prefix = s->prefix && base == 16 && v;
	char text[24];
	int at = sizeof(text), width;

	do {
		text[--at] = digits[v % base];
		v /= base;
	} while (v);
	width = s->width - (int)(sizeof(text) - at) - negative - 2 * prefix;
	if (!s->left && !s->zero)
		pad(o, ' ', width);
	if (negative)
		put(o, '-');
	if (prefix) {
		put(o, '0');
		put(o, s->conversion);
	}
	if (!s->left && s->zero)
		pad(o, '0', width);
	while (at < (int)sizeof(text))
		put(o, text[at++]);
	if (s->left)
		pad(o, ' ', width);
}

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else if (*f == '#')
			s->prefix = true;
		else
			return f;
	}
}

static const char *parse_count(const char *f, int *out, va_list *args)
{
	if (*f == '*') {
		*out = va_arg(*args, int);
		return f + 1;
	}
	for (*out = 0; *f >= '0' && *f <= '9'; f++)
		*out = *out * 10 + (*f - '0');
	return f;
}

static const char *parse_spec(const char *f, struct spec *s, va_list *args)
{
	*s = (struct spec){ .precision = -1 };
	f = parse_flags(f, s);
	f = parse_count(f, &s->width, args);
	if (*f == '.')
		f = parse_count(f + 1, &s->precision, args);
	for (; *f == 'l' || *f == 'z'; f++)
		s->longs += *f == 'z' ? 2 : 1;
	s->conversion = *f;
	return *f ? f + 1 : f;
}

static uint64_t take_unsigned(const struct spec *s, va_list *args)
{
	return s->longs ? va_arg(*args, unsigned long)
			: va_arg(*args, unsigned int);
}

static void put_signed(struct out *o, const struct spec *s, va_list *args)
{
	int64_t v = s->longs ? va_arg(*args, long) : va_arg(*args, int);

	put_number(o, s, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0);
}

static void put_string(struct out *o, const struct spec *s, va_list *args)
{
	const char *text = va_arg(*args, const char *);

	if (!text)
		text = "(null)";
	put_text(o, s, text, s->precision < 0 ? (int)strlen(text)
					      : (int)strnlen(text,
							     s->precision));
}

static void convert(struct out *o, const struct spec *s, va_list *args)
{
	char c;

	switch (s->conversion) {
	case 's':
		put_string(o, s, args);
		break;
	case 'c':
		c = va_arg(*args, int);
		put_text(o, s, &c, 1);
		break;
	case 'd':
	case 'i':
		put_signed(o, s, args);
		break;
	case 'u':
	case 'x':
	case 'X':
		put_number(o, s, take_unsigned(s, args), false);
		break;
	case '%':
		put(o, '%');
		break;
	}
}

size_t fmt_vprint(char *out, size_t bytes, const char *format, va_list args)
{
	struct out o = { .bytes = out, .capacity = bytes };
	struct spec spec;
	va_list copy;

	/* a va_list parameter may be an array type: only a copy has an
	 * address of the right type */
	va_copy(copy, args);
	while (*format) {
		if (*format != '%') {
			put(&o, *format++);
			continue;
		}
		format = parse_spec(format + 1, &spec, &copy);
		convert(&o, &spec, &copy);
	}
	va_end(copy);
	if (bytes)
		out[o.length < bytes ? o.length : bytes - 1] = '\0';
	return o.length;
}

size_t fmt_print(char *out, size_t bytes, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = fmt_vprint(out, bytes, format, args);
	va_end(args);
	return length;
}
