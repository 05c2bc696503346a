/* SPDX-License-Identifier: MIT */
/*
 * uuid.h - UUIDs from random bytes.
 */
#ifndef CORE_UUID_H
#define CORE_UUID_H

#include <stdint.h>

#include "handover/base.h"

/* Random bytes become a UUID of version 4: RFC 4122, 4.4. */
static inline void uuid_make_random(uint8_t id[HO_ID_BYTES])
{
	id[6] = (id[6] & 0x0f) | 0x40;
	id[8] = (id[8] & 0x3f) | 0x80;
}

#endif /* CORE_UUID_H */
