/* SPDX-License-Identifier: MIT */
/*
 * blob.h - the reader of the handover blob: the whole tree is checked once,
 * then everything else works on the validated struct and never touches the
 * device tree again. Names and shapes: handover/fdt.h.
 *
 * Pointers in struct blob point into the bytes given to blob_parse(), which
 * must stay as they are while the struct is used.
 */
#ifndef CORE_BLOB_H
#define CORE_BLOB_H

#include "diag.h"
#include "efi.h"
#include "types.h"
#include "vgatext.h"
#include "wdat.h"
#include "handover/entry.h"
#include "handover/fdt.h"
#include "handover/trust.h"

enum target_kind {
	TARGET_NONE,
	TARGET_LINUX,
	TARGET_MULTIBOOT2,
	TARGET_XEN,			/* multiboot2, and what Xen and dom0
					 * want besides: plan_xen.h */
};

struct blob_image {
	struct range place;		/* staged bytes; page-aligned start */
	const char *file;		/* path in the old instance */
	const char *bootargs;		/* "" unless a module has its own */
	uint32_t digest_alg;
	uint8_t digest[HO_DIGEST_BYTES];
	uint64_t placed;		/* XXH64 of the same bytes; 0: none */
};

struct blob_target {
	enum target_kind kind;		/* TARGET_NONE: node absent */
	const char *bootargs;		/* without what the stub adds */
	struct blob_image image;
	uint32_t module_count;
	struct blob_image modules[HO_TARGET_MODULES_MAX];
};

/* A firmware map entry that is not RAM; `type` is an E820 type. */
struct blob_firmware_range {
	struct range place;
	uint32_t type;
};

/* What it means that a crash kernel's tree was started; region 0: no such
 * node. */
struct blob_failed {
	uint64_t region;		/* of the handover that failed */
	uint32_t stage;
	uint32_t error;
};

/* What a door found of an earlier boot; region 0: nothing. */
struct blob_previous {
	uint64_t region;
	uint32_t generation;
	uint32_t state;			/* HO_STATE_* */
	uint32_t stage;
	uint32_t error;
	uint8_t id[HO_ID_BYTES];
};

/* A manifest of targets and its signature, for a stub that has a key: trust.h.
 * manifest_bytes 0: none. */
struct blob_trust {
	const uint8_t *manifest;
	uint32_t manifest_bytes;
	const uint8_t *signature;
	uint32_t signature_bytes;
};

/* Optional properties that whoever packs chooses. Options of pack set them here,
 * and the tree says just that. */
struct blob_chosen {
	uint32_t uart_port;		/* 0: none */
	uint32_t uart_baud;		/* 0: as it is set */
	uint32_t e820_budget;
};

struct blob {
	const void *fdt;
	uint32_t fdt_bytes;		/* totalsize */
	uint32_t version;		/* of the writer */
	uint32_t compat;		/* oldest reader; blob_write() finds
					 * both itself */
	uint32_t generation;
	uint8_t id[HO_ID_BYTES];
	uint8_t parent_id[HO_ID_BYTES];

	uint32_t memory_count;		/* sorted, separate, page-aligned */
	struct range memory[HO_MEMORY_RANGES_MAX];
	uint32_t firmware_count;	/* sorted by start */
	struct blob_firmware_range firmware[HO_MEMORY_RANGES_MAX];
	uint32_t region_count;		/* [0] is the landing place; separate,
					 * 2 MiB-aligned, inside one RAM range
					 * each, above 1 MiB */
	struct range region[HO_REGION_RANGES_MAX];
	struct range next_region;	/* of the following update; empty: the
					 * same */

	uint64_t acpi_rsdp;		/* 0: unknown */
	struct wdat wdat;		/* entry_count 0: no watchdog */
	const void *wdat_table;		/* that it is read from */
	uint32_t wdat_bytes;
	struct efi efi;			/* system_table 0: none */
	const uint8_t *screen_info;	/* HO_SCREEN_INFO_BYTES; NULL: none */
	struct vgatext vga_text;	/* columns 0: none */
	uint32_t tsc_khz;		/* 0: unknown */

	struct blob_image stub;
	struct blob_target target;
	struct blob_target fallback;	/* kind TARGET_NONE: none */
	struct blob_image fallback_tree; /* with `fallback`; file is "" */
	const uint8_t *fallback_data;	/* its bytes */
	bool region_only;		/* policy/plug */
	struct blob_failed failed;
	struct blob_previous previous;
	struct blob_trust trust;
	uint32_t on_failure;		/* HO_ON_FAILURE_* */
	struct blob_chosen chosen;

	const uint8_t *stream;		/* NULL in a result tree, and when
					 * region_only */
	uint64_t stream_bytes;
	uint64_t stream_offset;		/* of the data inside the blob */
	uint64_t stream_paddr;		/* result tree: data-address */
	/* By reference: `stream` is NULL until whoever can map its pages one
	 * behind the other has done so. Count 0: not so. */
	uint32_t stream_range_count;
	const uint8_t *stream_ranges;	/* cells, see blob_stream_range() */
	const char *stream_file;
	uint32_t stream_digest_alg;
	uint8_t stream_digest[HO_DIGEST_BYTES];
};

/* What kind of tree is expected. */
enum blob_form {
	BLOB_HANDOVER,			/* lu-stream/data inside */
	BLOB_RESULT,			/* lu-stream/data-address, /result */
};

/*
 * Parse and validate. `available` is how many bytes may be read, which may
 * be more than the tree has.
 *
 * Checks, with their codes: header and length (HO_EBLOBMAGIC, HO_EBLOBTRUNC),
 * structure (HO_EBLOBTREE), each name once (HO_EBLOBDUP), version and compatible (HO_EBLOBVERSION,
 * HO_EBLOBCOMPAT), nodes and properties (HO_ENODE, HO_EPROP, HO_EVALUE),
 * memory (HO_EMEMORY), EFI (HO_EEFI), region (HO_ENOREGION, HO_EREGIONALIGN,
 * HO_EREGIONRAM, HO_EREGIONRANGES, HO_ENEXTREGION), staging (HO_ESTAGING), target
 * (HO_ETARGET, HO_ECMDLINE is the plan's). Unknown nodes and properties are
 * ignored (README rule 2).
 *
 * The landing range must hold the breadcrumb page, the stub 2 MiB behind its
 * start, every staged image and the fallback tree, none overlapping. A
 * region-only tree has neither stream nor fallback (HO_EVALUE). The pages of
 * a stream by reference are RAM (HO_ENOTRAM) and exactly as many as it needs.
 */
int blob_parse(struct blob *blob, const void *bytes, uint64_t available,
	       enum blob_form form, struct diag_log *diag);

/*
 * The fallback tree of a blob, parsed: it must be what `blob` says of its
 * fallback, in the same region, with the same stub. `bytes` is a copy of
 * blob->fallback_data, for inside the blob it is not aligned to 8 bytes as a
 * tree must be. HO_EDIGEST, HO_EFALLBACK, and the codes of blob_parse().
 */
int blob_parse_fallback(struct blob *tree, const struct blob *blob,
			const void *bytes, struct diag_log *diag);

/* The same bytes, as far as digests say, at the same place. */
bool blob_same_image(const struct blob_image *a, const struct blob_image *b);

/*
 * Are the bytes of an image what they were? By both digests where `digest` has
 * to be looked at (a loader, a stub with a key), by the faster one alone where
 * there is one and it has not (README rule 33). 0, or -HO_EDIGEST, -HO_ERESERVED,
 * -HO_EVALUE as digest_check(). Records nothing.
 */
int blob_check_image(const struct blob_image *image, const void *bytes,
		     bool by_digest);

/* True when a blob may hold it. */
bool blob_previous_is_sane(const struct blob_previous *p);

/* No register of a watchdog may be in RAM; its page, for pages are mapped. */
bool blob_wdat_is_sane(const struct wdat *wdat, const struct range *memory,
		       uint32_t memory_count);

/* True when one RAM range covers r. *hint is where the last one asked for
 * was found: 0 at first. */
bool blob_in_memory(const struct blob *blob, struct range r, uint32_t *hint);
/* True when any byte of `r`, which is not empty, is in /memory. */
bool blob_overlaps_memory(const struct blob *blob, struct range r);

/* The index'th piece of a stream by reference: whole pages. */
struct range blob_stream_range(const struct blob *blob, uint32_t index);

/* Every reserved piece of the region, in no order: breadcrumb page, stub
 * (2 MiB), `self` (where the blob itself is loaded; may be empty), fallback
 * tree, images, modules. Returns the count, at most BLOB_STAGED_MAX. */
#define BLOB_STAGED_MAX (4 + 2 * (1 + HO_TARGET_MODULES_MAX))
/* Fill out[] with these pieces, in bytes; returns how many. */
uint32_t blob_staged(const struct blob *blob, struct range self,
		     struct range out[BLOB_STAGED_MAX]);
/* Where the blob itself is loaded (handover-abi/README.md section 2): the
 * first page behind all that is staged. It is not in the tree; the entry block
 * has it. */
struct range blob_place(const struct blob *blob);

#endif /* CORE_BLOB_H */
