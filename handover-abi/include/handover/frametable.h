/* SPDX-License-Identifier: MIT */
/*
 * frametable.h - who owns each frame, in the shape of an x86-64 page table:
 * 4 KiB tables of 512 little-endian u64 entries, four levels.
 *
 *   level 4: 512 GiB an entry (the root)      bits 39..47 of the address
 *   level 3: 1 GiB                            bits 30..38
 *   level 2: 2 MiB                            bits 21..29
 *   level 1: 4 KiB                            bits 12..20
 *
 * An entry is, by its lowest two bits:
 *   empty  the whole entry is 0: nobody owns the span
 *   leaf   one owner and type for the whole span, at any level
 *   table  bits 12..51: physical address of the table one level down
 *   runs   level 2 only. Bits 6..51: physical address of a 64-byte node of
 *          eight u64 runs; a run of 0 is unused and ends the node
 * All other bits are reserved and 0.
 *
 * Frames at or above 256 TiB (mfn >= 2^36) cannot be expressed and are
 * refused (HO_EFRAMEHIGH).
 */
#ifndef HANDOVER_FRAMETABLE_H
#define HANDOVER_FRAMETABLE_H

#include "base.h"
#include "stream.h"

#define HO_FT_LEVELS		4
#define HO_FT_ENTRIES		512
#define HO_FT_MFN_BITS		36

#define HO_FT_KIND_MASK		3
#define HO_FT_EMPTY		0
#define HO_FT_LEAF		1
#define HO_FT_TABLE		2
#define HO_FT_RUNS		3

#define HO_FT_TABLE_MASK	0x000ffffffffff000
#define HO_FT_RUNS_MASK		0x000fffffffffffc0

/* leaf: bits 0..1 kind | 8..23 domid | 60..63 type */
#define HO_FT_DOMID_SHIFT	8
#define HO_FT_DOMID_MASK	0xffff
#define HO_FT_TYPE_SHIFT	60

/* run: bits 0..1 HO_FT_LEAF | 8..23 domid | 32..40 first frame in the span |
 *      44..52 frames - 1 | 60..63 type. Runs of one node do not overlap and
 *      stand in ascending order of their first frame. */
#define HO_FT_RUN_FIRST_SHIFT	32
#define HO_FT_RUN_COUNT_SHIFT	44
#define HO_FT_RUN_INDEX_MASK	0x1ff
#define HO_FT_RUNS_PER_NODE	8
#define HO_FT_RUNS_BYTES	64

#ifndef __ASSEMBLER__

/*
 * Domain table entry. The table is an array in the region, ordered as the
 * DOMAIN records of the stream; the result tree says where. Little-endian.
 * Written by the stub, except HO_DOM_RELEASED, which the new instance sets
 * when it lets the domain's frames go (baton release).
 */
struct ho_domain {
	uint32_t domid;
	uint32_t kind;			/* HO_KIND_* */
	uint32_t flags;			/* HO_DOM_* */
	uint32_t reserved0;		/* 0 */
	uint8_t  uuid[HO_ID_BYTES];
	char     name[HO_NAME_BYTES];
	uint64_t frame_count;		/* 4 KiB frames owned */
	uint64_t extent_count;		/* as they stood in the stream */
	uint64_t state_bytes;
	uint64_t stream_offset;		/* of the DOMAIN record's head */
	uint64_t type_frames[HO_TYPE_COUNT]; /* frames per type */
};

#define HO_DOM_RELEASED		0x1

HO_ASSERT_FIELD(struct ho_domain, domid, 0);
HO_ASSERT_FIELD(struct ho_domain, kind, 4);
HO_ASSERT_FIELD(struct ho_domain, flags, 8);
HO_ASSERT_FIELD(struct ho_domain, reserved0, 12);
HO_ASSERT_FIELD(struct ho_domain, uuid, 16);
HO_ASSERT_FIELD(struct ho_domain, name, 32);
HO_ASSERT_FIELD(struct ho_domain, frame_count, 96);
HO_ASSERT_FIELD(struct ho_domain, extent_count, 104);
HO_ASSERT_FIELD(struct ho_domain, state_bytes, 112);
HO_ASSERT_FIELD(struct ho_domain, stream_offset, 120);
HO_ASSERT_FIELD(struct ho_domain, type_frames, 128);
HO_ASSERT_SIZE(struct ho_domain, 256);

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_FRAMETABLE_H */
