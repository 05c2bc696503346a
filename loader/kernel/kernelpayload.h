/* SPDX-License-Identifier: MIT */
/*
 * kernelpayload.h - what a bzImage has packed in it: the kernel, and where to move it.
 */
#ifndef LOADER_KERNEL_KERNELPAYLOAD_H
#define LOADER_KERNEL_KERNELPAYLOAD_H

#include "util.h"

/* No kernel is larger when it is unpacked. */
#define PAYLOAD_MAX_BYTES (256ull << 20)

/*
 * Unpack the `length` bytes at `packed`, which end with how many they are unpacked:
 * gzip, xz, lzma, lz4 in its old format, zstd. Close `out` with mapped_close().
 * HO_EUNPACK: packed in another way, damaged, or larger than that; HO_ENOMEM.
 */
int payload_unpack(struct mapped *out, const void *packed, uint64_t length,
		   struct diag_log *diag);

#endif /* LOADER_KERNEL_KERNELPAYLOAD_H */
