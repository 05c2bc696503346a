/* SPDX-License-Identifier: MIT */
/*
 * kernelpayload.h - what a bzImage has packed in it: the kernel, and where to move it.
 */
#ifndef LOADER_KERNEL_KERNELPAYLOAD_H
#define LOADER_KERNEL_KERNELPAYLOAD_H

#include "util.h"

/*
 * Unpack the `length` bytes at `packed`, which end with how many they are unpacked:
 * gzip, xz, lzma, lz4 in its old format, zstd. Close `out` with mapped_close().
 * HO_EUNPACK: packed in another way, damaged, or larger than UNPACK_MAX_BYTES;
 * HO_ENOMEM.
 */
int payload_unpack(struct mapped *out, const void *packed, uint64_t length,
		   struct diag_log *diag);

/* `length` zeroes, to be written, and `m` for mapped_close(). NULL: HO_ENOMEM. */
uint8_t *kernel_zeroes(struct mapped *m, uint64_t length, struct diag_log *diag);

#endif /* LOADER_KERNEL_KERNELPAYLOAD_H */
