/* SPDX-License-Identifier: MIT */
/*
 * package.h - what a loader gives to kexec_file_load(2) where kexec_load(2) is
 * refused: the door (baton.bzImage) as the kernel, a package as its initrd. The
 * old kernel chooses where the two go, so the door proves that its pieces lie
 * over nobody's memory, and then moves the package's into the region.
 *
 *	page 0		struct ho_package, zero behind it
 *	page 1		the blob, entry.blob_bytes long
 *	on pages	each staged file of the blob: the target's image, its
 *			modules in their order, then the fallback's
 *
 * Each file begins on the first page behind the one before it, and goes where
 * the blob's `reg` says. The fallback tree is copied out of the blob, the
 * stub is the door's own. Rules: README rules 30 and 31.
 *
 * The package has a pair of versions of its own.
 */
#ifndef HANDOVER_PACKAGE_H
#define HANDOVER_PACKAGE_H

#include "entry.h"

/* "BATNPACK" read as bytes in memory */
#define HO_PACKAGE_MAGIC	0x4b4341504e544142	/* since 2 */
#define HO_PACKAGE_VERSION	1	/* since 2 */

#ifndef __ASSEMBLER__

struct ho_package {
	uint64_t magic;			/* HO_PACKAGE_MAGIC */
	uint32_t version;		/* HO_PACKAGE_VERSION of the loader */
	uint32_t compat;		/* oldest door that may read it: 1 */
	uint32_t bytes;			/* sizeof(struct ho_package) */
	uint32_t reserved;		/* 0 */
	uint64_t package_bytes;		/* of the whole package; what is behind
					 * it in the initrd nobody reads */
	uint64_t checksum;		/* XXH64 (seed 0) of the struct, the
					 * field itself zero */
	uint64_t reserved1[3];		/* 0 */
	struct ho_entry entry;		/* as it goes into the stub */
};

HO_ASSERT_FIELD(struct ho_package, magic, 0);
HO_ASSERT_FIELD(struct ho_package, version, 8);
HO_ASSERT_FIELD(struct ho_package, compat, 12);
HO_ASSERT_FIELD(struct ho_package, bytes, 16);
HO_ASSERT_FIELD(struct ho_package, reserved, 20);
HO_ASSERT_FIELD(struct ho_package, package_bytes, 24);
HO_ASSERT_FIELD(struct ho_package, checksum, 32);
HO_ASSERT_FIELD(struct ho_package, reserved1, 40);
HO_ASSERT_FIELD(struct ho_package, entry, 64);
HO_ASSERT_SIZE(struct ho_package, 64 + HO_ENTRY_BYTES);

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_PACKAGE_H */
