// SPDX-License-Identifier: MIT
/*
 * logring.c - see logring.h. Written by the stub's console.
 */
#include "logring.h"

#include <string.h>

void logring_init(struct logring *log, char *bytes, uint32_t capacity)
{
	*log = (struct logring){ .bytes = bytes, .capacity = capacity };
}

/* Make room: drop the oldest half, and then up to the end of a line. */
static void drop_half(struct logring *log)
{
	uint32_t cut = log->used / 2;
	const char *line = memchr(log->bytes + cut, '\n', log->used - cut);

	if (line && line + 1 < log->bytes + log->used)
		cut = line + 1 - log->bytes;
	memmove(log->bytes, log->bytes + cut, log->used - cut);
	log->used -= cut;
	log->dropped += cut;
}

void logring_write(struct logring *log, const char *text, size_t length)
{
	if (length > log->capacity / 2) {
		log->dropped += length - log->capacity / 2;
		text += length - log->capacity / 2;
		length = log->capacity / 2;
	}
	while (length > log->capacity - log->used)
		drop_half(log);
	memcpy(log->bytes + log->used, text, length);
	log->used += length;
}
