/* SPDX-License-Identifier: MIT */
/*
 * blob_efi.h - EFI's part of /firmware, read and written.
 */
#ifndef CORE_BLOB_EFI_H
#define CORE_BLOB_EFI_H

#include "blob.h"
#include "fdtread.h"
#include "fdtwrite.h"

/* efi-... and screen-info, when /memory is known. HO_EPROP, HO_EVALUE,
 * HO_EEFI. */
int blob_read_efi(const struct fdt_reader *r, int node, struct blob *blob);
/* The other way: efi-... and screen-info or vga-text into the open node,
 * each where `b` has it. Errors stick in `w`. */
void blob_write_efi(struct fdtwrite *w, const struct blob *b);

#endif /* CORE_BLOB_EFI_H */
