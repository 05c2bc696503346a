/* SPDX-License-Identifier: MIT */
/*
 * memory.h - what the stub may touch, and when:
 *   entry    itself (RX, R, RW), the landing range RW, the blob R
 *   verify   all ranges of the region RW; blob and staged images R
 *   chain    the target's place, page by page as the plan says
 * Frames of domains are never mapped.
 */
#ifndef STUB_MEMORY_H
#define STUB_MEMORY_H

#include "stub.h"

/* Own page tables for [image, end) and what the entry block names. */
int memory_init(struct stub *s, uint64_t image, uint64_t end);
/* The entry block and the blob must agree: HO_EENTRY. */
int memory_check_entry(struct stub *s);
int memory_map_blob(struct stub *s);
/* Digests of everything staged: HO_EDIGEST. */
int memory_check_images(struct stub *s);
int memory_map_target(struct stub *s);

#endif /* STUB_MEMORY_H */
