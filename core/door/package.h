/* SPDX-License-Identifier: MIT */
/*
 * package.h - what goes through kexec_file_load(2): a loader lays a package
 * out, a door reads it, and both ask whether the pieces that the old kernel
 * placed lie over anybody's memory. Shape: handover/package.h.
 *
 *	loader: package_pieces -> package_seal; package_prove when the kernel
 *		has said where its segments go
 *	door:   package_open -> package_prove -> the pieces to their places
 */
#ifndef CORE_PACKAGE_H
#define CORE_PACKAGE_H

#include "blob.h"
#include "handover/package.h"

/* The door's page tables: 64 of 2 MiB pages, those above, and for what was loaded
 * anywhere else. Those of them that are not for a stream by reference: its own image,
 * the package and the region are anywhere. */
#define PACKAGE_DOOR_TABLES	96
#define PACKAGE_DOOR_OTHERS	24

/* The blob, and the images of target and fallback */
#define PACKAGE_PIECES_MAX (1 + 2 * (1 + HO_TARGET_MODULES_MAX))

/* Bytes of the package that go to a place in the region. */
struct package_piece {
	uint64_t offset;		/* in the package; whole pages */
	struct range place;
};

/* Memory that the way from the old kernel to the stub is in. */
struct package_own {
	struct range place;
	const char *what;		/* "door's image", for messages */
};

/*
 * The pieces of the package of `b`, whose file of `blob_bytes` bytes goes to
 * `blob_paddr`: the blob first. Fills out[], returns how many; *bytes becomes the
 * package's length.
 */
uint32_t package_pieces(const struct blob *b, uint64_t blob_paddr,
			uint64_t blob_bytes,
			struct package_piece out[PACKAGE_PIECES_MAX],
			uint64_t *bytes);

/* The head of a package of so many bytes. `entry` is sealed already, as for a
 * stub that is loaded by itself (digest.h). */
void package_seal(struct ho_package *head, const struct ho_entry *entry,
		  uint64_t bytes);

/* True when it begins with the magic, whatever else is wrong. */
bool package_is(const void *bytes, uint64_t available);

/*
 * Check a package in `available` bytes, which may be more: head, entry block, the blob by its
 * digest and as blob_parse() does, into `b`, which points into the bytes; and
 * that each piece is in it. `entry` becomes a copy. HO_EPACKAGE,
 * HO_EBLOBVERSION (a newer loader's), HO_EENTRY, HO_EDIGEST, codes of
 * blob_parse().
 */
int package_open(const void *bytes, uint64_t available,
		 struct ho_entry *entry, struct blob *b,
		 struct diag_log *diag);

/*
 * Nothing that is `own` lies over a frame that somebody owns, over a place in
 * the region that is written to before the stub runs, or outside of RAM; each is
 * looked at in whole pages. Of a region-only `b` it lies in the region. `stream` is that of `b`,
 * b->stream_bytes long: where it is by reference, the caller shows it as one
 * piece, and its pages count as owned. HO_EDOORPLACE with what lies over what,
 * codes of stream_next() and record_frames().
 */
int package_prove(const struct blob *b, uint64_t blob_paddr,
		  uint64_t blob_bytes, const uint8_t *stream,
		  const struct package_own *own, uint32_t count,
		  struct diag_log *diag);

#endif /* CORE_PACKAGE_H */
