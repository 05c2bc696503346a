/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - files that are stored with gzip, as Xen is in /boot. What is
 * staged are the unpacked bytes; their digest is what travels.
 */
#ifndef LOADER_UNPACK_H
#define LOADER_UNPACK_H

#include "util.h"

/* Unpack `m` in place if it is gzip, else leave it as it is. `path` is for
 * the report. HO_EFILE: damaged, or more than UNPACK_MAX_BYTES. */
#define UNPACK_MAX_BYTES (256ull << 20)
/* Returns 0, or -HO_EFILE; UNPACK_MAX_BYTES counts the unpacked bytes. */
int mapped_unpack(struct mapped *m, const char *path, struct diag_log *diag);

/* `length` bytes of gzip, and what may stand behind them, to out[room]: how many they
 * are unpacked; 0: damaged, or there is no room. */
uint64_t unpack_gzip(const void *in, uint64_t length, void *out, uint64_t room);

#endif /* LOADER_UNPACK_H */
