/* SPDX-License-Identifier: MIT */
/*
 * logring.h - the last bytes of console text, kept in memory for the result
 * and the breadcrumb. When it is full the oldest half is dropped, so that
 * the text is always one straight run of bytes, oldest first, and starts at
 * the beginning of a line.
 */
#ifndef CORE_LOGRING_H
#define CORE_LOGRING_H

#include "types.h"

struct logring {
	char *bytes;
	uint32_t capacity;
	uint32_t used;		/* used <= capacity */
	uint64_t dropped;	/* bytes lost so far */
};

/* An empty log over `capacity` bytes of the caller, which must live as long. */
void logring_init(struct logring *log, char *bytes, uint32_t capacity);
/* Append `length` bytes. When the room is used up the oldest half goes. Of a
 * text longer than half the capacity only the end is kept. */
void logring_write(struct logring *log, const char *text, size_t length);

#endif /* CORE_LOGRING_H */
