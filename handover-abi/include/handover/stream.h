/* SPDX-License-Identifier: MIT */
/*
 * stream.h - the LU stream: which frames belong to whom, as which type, plus
 * opaque state. The framing is that of the libxc migration stream version 3
 * (an image header, then records of u32 type, u32 length, body padded to 8
 * bytes), with page contents replaced by page places.
 *
 *   header | VERSION | { DOMAIN (FRAMES | STATE | OWNER)* DOMAIN_END DIGEST }*
 *          | END
 *
 * A DOMAIN record precedes everything else that names its domid, and nothing
 * names it after its DOMAIN_END. The header is big-endian as in libxc, all
 * records are little-endian. Rules: README section 4.
 *
 * Structures are copied out of the bytes, never overlaid on them: inside a
 * device tree the stream is only 4-byte aligned.
 */
#ifndef HANDOVER_STREAM_H
#define HANDOVER_STREAM_H

#include "base.h"

#define HO_STREAM_MARKER	0xffffffffffffffff
#define HO_STREAM_ID		0x4241544e	/* "BATN" */
#define HO_STREAM_VERSION	1

/* Record types; types with HO_REC_OPTIONAL may be skipped by a reader that
 * does not know them, all others must be refused (HO_ERECTYPE). */
#define HO_REC_END		0x00000000
#define HO_REC_VERSION		0x00000001
#define HO_REC_DOMAIN		0x00000002
#define HO_REC_FRAMES		0x00000003
#define HO_REC_STATE		0x00000004
#define HO_REC_DOMAIN_END	0x00000005
#define HO_REC_OPTIONAL		0x80000000
#define HO_REC_OWNER		0x80000001
#define HO_REC_DIGEST		0x80000002

#define HO_REC_ALIGN_BYTES	8
/* Longest body of one record; a longer state is split (HO_ERECLEN). */
#define HO_REC_MAX_BYTES	0x08000000

/* Domain kinds */
#define HO_KIND_PROCESS		1	/* memory of a Linux process */
#define HO_KIND_XEN_PV		2
#define HO_KIND_XEN_HVM		3
#define HO_KIND_KVM		4	/* a VM process */
#define HO_KIND_STATE		5	/* preserved LU state, no guest */
#define HO_KIND_MAX		5

/* Domids are those of Xen: 0..0x7fef (DOMID_FIRST_RESERVED is 0x7ff0). */
#define HO_DOMID_COUNT		0x7ff0
/* Owner of a stream's own frames (README rule 15), in the frametable alone:
 * the number of Xen's DOMID_XEN. */
#define HO_DOMID_STREAM		0x7ff2	/* since 2 */

#define HO_NAME_BYTES		64	/* NUL-terminated, rest zero */
#define HO_STATE_NAME_BYTES	32

/*
 * Frame word: mfn bits 0..39 | nr_pages - 1 bits 40..59 | type bits 60..63.
 * The type nibble is that of libxc's PAGE_DATA pfn words (XEN_DOMCTL_PFINFO):
 * L1..L4 are 1..4, pinned is bit 3; 5..7 are unused there and defined here.
 */
#define HO_FRAME_MFN_BITS	40
#define HO_FRAME_COUNT_SHIFT	40
#define HO_FRAME_COUNT_BITS	20
#define HO_FRAME_TYPE_SHIFT	60
#define HO_FRAME_PAGES_MAX	(1 << HO_FRAME_COUNT_BITS)

#define HO_TYPE_NORMAL		0
#define HO_TYPE_L1		1
#define HO_TYPE_L2		2
#define HO_TYPE_L3		3
#define HO_TYPE_L4		4
#define HO_TYPE_P2M		5	/* p2m or IOMMU table */
#define HO_TYPE_SHARED		6	/* grant, shared_info, ring frame */
#define HO_TYPE_STATE		7	/* preserved LU state */
#define HO_TYPE_PINNED		8	/* flag: 9..12 are pinned L1..L4 */
#define HO_TYPE_COUNT		16

/* Types 8 and 13..15 are not valid in a stream (HO_EFRAMETYPE). */
#define HO_TYPE_VALID_MASK	0x1eff

/* gfn word: the guest's number of the extent's first frame; for
 * HO_KIND_PROCESS and HO_KIND_KVM the virtual page number in the process that
 * holds the frames (what it maps there, the domain's STATE says). */
#define HO_GFN_NONE		0xffffffffffffffff

#ifndef __ASSEMBLER__

struct ho_stream_header {		/* big-endian */
	uint64_t marker;		/* HO_STREAM_MARKER */
	uint32_t id;			/* HO_STREAM_ID */
	uint32_t version;		/* HO_STREAM_VERSION */
	uint64_t reserved;		/* 0 */
};

HO_ASSERT_FIELD(struct ho_stream_header, marker, 0);
HO_ASSERT_FIELD(struct ho_stream_header, id, 8);
HO_ASSERT_FIELD(struct ho_stream_header, version, 12);
HO_ASSERT_FIELD(struct ho_stream_header, reserved, 16);
HO_ASSERT_SIZE(struct ho_stream_header, 24);

struct ho_rec {
	uint32_t type;			/* HO_REC_* */
	uint32_t length;		/* of the body, without padding */
};

HO_ASSERT_FIELD(struct ho_rec, type, 0);
HO_ASSERT_FIELD(struct ho_rec, length, 4);
HO_ASSERT_SIZE(struct ho_rec, 8);

/* VERSION: first record; who wrote this stream. */
struct ho_rec_version {
	uint32_t version;		/* HO_ABI_VERSION of the writer */
	uint32_t reserved;		/* 0 */
	char     writer[HO_NAME_BYTES];	/* program and version, for people */
};

HO_ASSERT_FIELD(struct ho_rec_version, version, 0);
HO_ASSERT_FIELD(struct ho_rec_version, reserved, 4);
HO_ASSERT_FIELD(struct ho_rec_version, writer, 8);
HO_ASSERT_SIZE(struct ho_rec_version, 72);

/* DOMAIN: declares a domain. */
struct ho_rec_domain {
	uint32_t domid;			/* 0..HO_DOMID_COUNT-1, unique */
	uint32_t kind;			/* HO_KIND_* */
	uint8_t  uuid[HO_ID_BYTES];
	char     name[HO_NAME_BYTES];	/* not empty */
	uint64_t frame_count;		/* 4 KiB frames that follow; 0: not
					 * known yet, DOMAIN_END says */
};

HO_ASSERT_FIELD(struct ho_rec_domain, domid, 0);
HO_ASSERT_FIELD(struct ho_rec_domain, kind, 4);
HO_ASSERT_FIELD(struct ho_rec_domain, uuid, 8);
HO_ASSERT_FIELD(struct ho_rec_domain, name, 24);
HO_ASSERT_FIELD(struct ho_rec_domain, frame_count, 88);
HO_ASSERT_SIZE(struct ho_rec_domain, 96);

/*
 * FRAMES: this head, then extent_count frame words (u64), then extent_count
 * gfn words (u64). The ownership pass reads only the first array.
 */
struct ho_rec_frames {
	uint32_t domid;			/* a declared, open domain */
	uint32_t extent_count;		/* at least 1 */
};

HO_ASSERT_FIELD(struct ho_rec_frames, domid, 0);
HO_ASSERT_FIELD(struct ho_rec_frames, extent_count, 4);
HO_ASSERT_SIZE(struct ho_rec_frames, 8);

/* STATE: this head, then length - sizeof(head) opaque bytes. */
struct ho_rec_state {
	uint32_t domid;
	uint32_t reserved;		/* 0 */
	char     name[HO_STATE_NAME_BYTES]; /* kind, e.g. "qemu", not empty */
};

HO_ASSERT_FIELD(struct ho_rec_state, domid, 0);
HO_ASSERT_FIELD(struct ho_rec_state, reserved, 4);
HO_ASSERT_FIELD(struct ho_rec_state, name, 8);
HO_ASSERT_SIZE(struct ho_rec_state, 40);

/*
 * OWNER (optional): the process that holds the frames in the old instance.
 * With it the loader can look at every frame once more just before the jump;
 * without meaning for anyone after it.
 */
struct ho_rec_owner {
	uint32_t domid;
	uint32_t pid;
	uint64_t start_time;		/* field 22 of /proc/PID/stat, ticks */
	uint8_t  boot_id[HO_ID_BYTES];	/* /proc/sys/kernel/random/boot_id */
};

HO_ASSERT_FIELD(struct ho_rec_owner, domid, 0);
HO_ASSERT_FIELD(struct ho_rec_owner, pid, 4);
HO_ASSERT_FIELD(struct ho_rec_owner, start_time, 8);
HO_ASSERT_FIELD(struct ho_rec_owner, boot_id, 16);
HO_ASSERT_SIZE(struct ho_rec_owner, 32);

/*
 * DIGEST (optional): over the bytes from the end of the last DIGEST record
 * (the first: from the start of the stream) to this record's head. Writers
 * put one behind every DOMAIN_END, so that a domain can be trusted when
 * another one's records are damaged.
 */
struct ho_rec_digest {
	uint32_t digest_alg;		/* HO_DIGEST_* */
	uint32_t reserved;		/* 0 */
	uint8_t  digest[HO_DIGEST_BYTES];
};

HO_ASSERT_FIELD(struct ho_rec_digest, digest_alg, 0);
HO_ASSERT_FIELD(struct ho_rec_digest, reserved, 4);
HO_ASSERT_FIELD(struct ho_rec_digest, digest, 8);
HO_ASSERT_SIZE(struct ho_rec_digest, 40);

/* DOMAIN_END: closes a domain; totals over its records, all must agree. */
struct ho_rec_domain_end {
	uint32_t domid;
	uint32_t reserved;		/* 0 */
	uint64_t frame_count;		/* 4 KiB frames */
	uint64_t extent_count;
	uint64_t state_bytes;		/* opaque bytes of STATE records */
};

HO_ASSERT_FIELD(struct ho_rec_domain_end, domid, 0);
HO_ASSERT_FIELD(struct ho_rec_domain_end, reserved, 4);
HO_ASSERT_FIELD(struct ho_rec_domain_end, frame_count, 8);
HO_ASSERT_FIELD(struct ho_rec_domain_end, extent_count, 16);
HO_ASSERT_FIELD(struct ho_rec_domain_end, state_bytes, 24);
HO_ASSERT_SIZE(struct ho_rec_domain_end, 32);

/* END: last record; nothing follows it. */
struct ho_rec_end {
	uint64_t record_count;		/* records before this one */
	uint32_t digest_alg;		/* HO_DIGEST_*, over all bytes of the
					 * stream before this record's head;
					 * NONE where DIGEST records cover
					 * them */
	uint32_t reserved;		/* 0 */
	uint8_t  digest[HO_DIGEST_BYTES];
};

HO_ASSERT_FIELD(struct ho_rec_end, record_count, 0);
HO_ASSERT_FIELD(struct ho_rec_end, digest_alg, 8);
HO_ASSERT_FIELD(struct ho_rec_end, reserved, 12);
HO_ASSERT_FIELD(struct ho_rec_end, digest, 16);
HO_ASSERT_SIZE(struct ho_rec_end, 48);

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_STREAM_H */
