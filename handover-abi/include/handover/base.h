/* SPDX-License-Identifier: MIT */
/*
 * base.h - what every header of the contract shares: the version of the ABI,
 * page constants, and the layout assertions.
 *
 * Everything in this folder is data layout and names. Nothing here runs.
 * Included by C and by assembly; parts that only C understands are guarded
 * by __ASSEMBLER__.
 */
#ifndef HANDOVER_BASE_H
#define HANDOVER_BASE_H

/*
 * The version of the contract (rule 3 and section 6 of the README). What is
 * marked "since 2" is not in version 1, all else is in both. A writer writes
 * HO_ABI_VERSION, and beside it the oldest reader that may read what it wrote:
 * HO_ABI_COMPAT, or more, when that reader must know what is in there. A
 * reader reads what HO_ABI_OLDEST and later wrote.
 */
#define HO_ABI_VERSION		2
#define HO_ABI_COMPAT		1
#define HO_ABI_OLDEST		1

/* True when a reader of HO_ABI_VERSION may read what has this pair. */
#define HO_MAY_READ(version, compat) \
	((compat) <= HO_ABI_VERSION && (compat) <= (version) && \
	 (version) >= HO_ABI_OLDEST)

#define HO_PAGE_SHIFT		12
#define HO_PAGE_BYTES		4096
#define HO_PAGE_2M_BYTES	0x200000

/* The stub image and its landing place are aligned to this many bytes. */
#define HO_STUB_ALIGN_BYTES	HO_PAGE_2M_BYTES
/* Where they lie in the landing range (README section 2). */
#define HO_STUB_OFFSET		HO_PAGE_2M_BYTES
#define HO_IMAGES_OFFSET	(2 * HO_PAGE_2M_BYTES)
#define HO_REGION_BYTES_MIN	(2 * HO_PAGE_2M_BYTES)

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* Layout assertions: one per field, one per struct. Whoever wants the layout
 * as data (tests/abi/layout.c) defines these two before including anything. */
#ifndef HO_ASSERT_FIELD
#define HO_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), "size of " #type)
#define HO_ASSERT_FIELD(type, field, offset) \
	_Static_assert(offsetof(type, field) == (offset), \
		       "offset of " #type "." #field)
#endif

/* Length of an instance id (a UUID, bytes in text order). */
#define HO_ID_BYTES		16

/*
 * Digest algorithms. A digest field is always HO_DIGEST_BYTES long, unused
 * bytes are zero.
 */
#define HO_DIGEST_NONE		0	/* not recorded; all bytes zero */
#define HO_DIGEST_XXH64		1	/* XXH64, seed 0, 8 bytes big-endian
					 * (the canonical form of xxHash):
					 * streams, at memory speed */
#define HO_DIGEST_SHA256	2	/* SHA-256, as sha256sum prints it:
					 * blob and staged files */
#define HO_DIGEST_MAX		2
#define HO_DIGEST_BYTES		32

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_BASE_H */
