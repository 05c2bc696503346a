/* SPDX-License-Identifier: MIT */
/*
 * vmstream.h - a device state of QEMU that was saved with x-ignore-shared, made
 * one that any QEMU loads over memory that is already there: libvirt sets no such
 * capability when it restores. Bytes in, bytes out; nothing here does I/O.
 * Source: migration/savevm.c (vmstate_configuration), migration/ram.c
 * (ram_save_setup) of QEMU 7.2 and 10.0.
 */
#ifndef LOADER_VMSTREAM_H
#define LOADER_VMSTREAM_H

#include "diag.h"

#define VMSTREAM_NAME_BYTES	256	/* one byte of length, and a NUL */

/* What was seen on the way. */
struct vmstream {
	char machine[VMSTREAM_NAME_BYTES]; /* "pc-i440fx-7.2" */
	uint64_t ram_bytes;		/* of all blocks, shared or not */
	uint32_t block_count;
};

/*
 * Write what is left of `bytes` without the capability, and without each block's
 * address, to `out`, which has room for `length` bytes too; *made of them.
 * HO_EGUESTSAVE with the place: no stream, one without the capability or with
 * another, RAM is not its first section, anything that is not known.
 */
int vmstream_plain(const void *bytes, uint64_t length, uint8_t *out,
		   uint64_t *made, struct vmstream *seen,
		   struct diag_log *diag);

#endif /* LOADER_VMSTREAM_H */
