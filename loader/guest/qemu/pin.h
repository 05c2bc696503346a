/* SPDX-License-Identifier: MIT */
/*
 * pin.h - pages that do not move as long as this process lives: buffers that are
 * registered with io_uring are pinned for long (FOLL_LONGTERM; memory that may
 * have to move is moved first).
 */
#ifndef LOADER_PIN_H
#define LOADER_PIN_H

#include <stdbool.h>
#include <stdint.h>

/* Pages of `page_bytes` (one piece of memory each) of a shared mapping of huge
 * pages. false with errno: the kernel does not, kernel.io_uring_disabled among
 * others; some may be pinned then. */
bool pin_pages(uint64_t address, uint64_t bytes, uint64_t page_bytes);

#endif /* LOADER_PIN_H */
