/* SPDX-License-Identifier: MIT */
/*
 * entry.h - the stub image header, and the entry block that the loader
 * writes into the image before it loads it.
 *
 * The image is a flat binary. Offset 0 holds struct ho_stub_header, written
 * by the build; the entry block lies inside the image at
 * `entry_block_offset`. The loader copies the image, fills in the entry
 * block, and gives the copy to kexec as one segment of `memory_bytes` at a
 * 2 MiB-aligned address of the region; execution starts at
 * `entry_offset`. No register carries anything: the stub finds the block
 * relative to its own code. Machine state at entry: README section 3.
 *
 * All fields are little-endian. Of header and block magic, version, size,
 * checksum and compat stay where they are in every version.
 */
#ifndef HANDOVER_ENTRY_H
#define HANDOVER_ENTRY_H

#include "base.h"

/* "BATNSTUB", "BATNENTR" read as bytes in memory */
#define HO_STUB_MAGIC		0x425554534e544142
#define HO_ENTRY_MAGIC		0x52544e454e544142

/*
 * The door, which starts a first boot, in its two wrappings. Its image, which is
 * behind a bzImage's setup sectors, has HO_DOOR_MAGIC ("BATNDOOR") at
 * HO_DOOR_MAGIC_OFFSET; the entry point of its ELF is HO_DOOR_AT_MULTIBOOT2 of
 * it. A bzImage's kernel_version begins with HO_DOOR_NAME. The loader and the
 * stub refuse it as a target (HO_EDOORTARGET).
 */
#define HO_DOOR_MAGIC		0x524f4f444e544142	/* since 2 */
#define HO_DOOR_MAGIC_OFFSET	0x10
#define HO_DOOR_AT_MULTIBOOT2	0x20
#define HO_DOOR_NAME		"baton "

/* offsets for assembly */
#define HO_STUB_HEADER_BYTES	64
#define HO_ENTRY_BYTES		256

/* Oldest stub that reads a block of version 2 and later. */
#define HO_ENTRY_COMPAT		2

/* on_failure: what ends a run that failed after the jump. */
#define HO_ON_FAILURE_HALT	0
#define HO_ON_FAILURE_RESET	1
#define HO_ON_FAILURE_FALLBACK	2	/* the fallback target; when it can't
					 * be started, HALT */
#define HO_ON_FAILURE_FALLBACK_RESET 3	/* the same, then RESET */

#ifndef __ASSEMBLER__

struct ho_stub_header {
	uint64_t magic;			/* HO_STUB_MAGIC */
	uint32_t version;		/* HO_ABI_VERSION of the stub */
	uint32_t header_bytes;		/* sizeof(struct ho_stub_header) */
	uint64_t image_bytes;		/* bytes in the file */
	uint64_t memory_bytes;		/* bytes in memory: image, then zeroes;
					 * at most 2 MiB */
	uint64_t entry_offset;		/* 64-bit entry point, from offset 0 */
	uint64_t entry_block_offset;	/* struct ho_entry, from offset 0 */
	uint32_t abi_min;		/* HO_ABI_OLDEST: oldest writer of a
					 * blob that the stub reads */
	uint32_t abi_max;		/* HO_ABI_VERSION: it reads blobs whose
					 * baton,compat is not above this */
	uint32_t compat;		/* since 2: oldest loader that may load
					 * the stub; 0, by version 1: 1 */
	uint32_t reserved;		/* 0 */
};

HO_ASSERT_FIELD(struct ho_stub_header, magic, 0);
HO_ASSERT_FIELD(struct ho_stub_header, version, 8);
HO_ASSERT_FIELD(struct ho_stub_header, header_bytes, 12);
HO_ASSERT_FIELD(struct ho_stub_header, image_bytes, 16);
HO_ASSERT_FIELD(struct ho_stub_header, memory_bytes, 24);
HO_ASSERT_FIELD(struct ho_stub_header, entry_offset, 32);
HO_ASSERT_FIELD(struct ho_stub_header, entry_block_offset, 40);
HO_ASSERT_FIELD(struct ho_stub_header, abi_min, 48);
HO_ASSERT_FIELD(struct ho_stub_header, abi_max, 52);
HO_ASSERT_FIELD(struct ho_stub_header, compat, 56);
HO_ASSERT_FIELD(struct ho_stub_header, reserved, 60);
HO_ASSERT_SIZE(struct ho_stub_header, HO_STUB_HEADER_BYTES);

/*
 * Written by the loader (baton load), read by the stub before it believes
 * any other byte. `checksum` makes a torn or truncated copy visible: XXH64
 * (seed 0) of the block with the field itself zero.
 */
struct ho_entry {
	uint64_t magic;			/* HO_ENTRY_MAGIC */
	uint32_t version;		/* HO_ABI_VERSION of the loader; 1 for a
					 * stub whose header says version 1,
					 * which compares it */
	uint32_t bytes;			/* sizeof(struct ho_entry) */
	uint64_t checksum;		/* see above */
	uint64_t blob_paddr;		/* handover blob, page-aligned, in the
					 * region */
	uint64_t blob_bytes;		/* its length: all of the file, which
					 * may be more than totalsize */
	uint32_t blob_digest_alg;	/* HO_DIGEST_* */
	uint32_t on_failure;		/* HO_ON_FAILURE_*: the policy until
					 * the blob's own is readable */
	uint8_t  blob_digest[HO_DIGEST_BYTES];
	uint64_t region_base;		/* first range of the region: the */
	uint64_t region_bytes;		/* breadcrumb page is its start */
	uint32_t uart_port;		/* I/O port of the console, 0: none */
	uint32_t uart_baud;		/* 0: leave the UART as it is set */
	uint64_t tsc_jump;		/* TSC read by the loader just before
					 * the kexec call, 0: unknown. Only a
					 * loader that can still write the
					 * block then may set it */
	uint64_t fallback_paddr;	/* fallback tree, page-aligned, in the
					 * region, next to the blob; 0: none */
	uint64_t fallback_bytes;	/* its length (FDT totalsize) */
	uint32_t fallback_digest_alg;	/* HO_DIGEST_* */
	uint32_t compat;		/* since 2: HO_ENTRY_COMPAT, oldest
					 * stub that may read it; 0 in version
					 * 1, whose stubs check that */
	uint8_t  fallback_digest[HO_DIGEST_BYTES];
	uint8_t  reserved[88];		/* 0 */
};

HO_ASSERT_FIELD(struct ho_entry, magic, 0);
HO_ASSERT_FIELD(struct ho_entry, version, 8);
HO_ASSERT_FIELD(struct ho_entry, bytes, 12);
HO_ASSERT_FIELD(struct ho_entry, checksum, 16);
HO_ASSERT_FIELD(struct ho_entry, blob_paddr, 24);
HO_ASSERT_FIELD(struct ho_entry, blob_bytes, 32);
HO_ASSERT_FIELD(struct ho_entry, blob_digest_alg, 40);
HO_ASSERT_FIELD(struct ho_entry, on_failure, 44);
HO_ASSERT_FIELD(struct ho_entry, blob_digest, 48);
HO_ASSERT_FIELD(struct ho_entry, region_base, 80);
HO_ASSERT_FIELD(struct ho_entry, region_bytes, 88);
HO_ASSERT_FIELD(struct ho_entry, uart_port, 96);
HO_ASSERT_FIELD(struct ho_entry, uart_baud, 100);
HO_ASSERT_FIELD(struct ho_entry, tsc_jump, 104);
HO_ASSERT_FIELD(struct ho_entry, fallback_paddr, 112);
HO_ASSERT_FIELD(struct ho_entry, fallback_bytes, 120);
HO_ASSERT_FIELD(struct ho_entry, fallback_digest_alg, 128);
HO_ASSERT_FIELD(struct ho_entry, compat, 132);
HO_ASSERT_FIELD(struct ho_entry, fallback_digest, 136);
HO_ASSERT_FIELD(struct ho_entry, reserved, 168);
HO_ASSERT_SIZE(struct ho_entry, HO_ENTRY_BYTES);

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_ENTRY_H */
