/* SPDX-License-Identifier: MIT */
/*
 * pack_tree.h - what is gathered when the tree is written.
 */
#ifndef LOADER_PACK_TREE_H
#define LOADER_PACK_TREE_H

#include <limits.h>

#include "machine.h"
#include "pack.h"
#include "regionfind.h"
#include "streamref.h"
#include "util.h"

/* A file to be staged, as it is known when the tree is written. */
struct piece {
	char path[PATH_MAX];
	const char *args;		/* NULL: none */
	uint64_t at;
	uint64_t bytes;
	uint32_t digest_alg;
	uint8_t digest[HO_DIGEST_BYTES];
	uint64_t placed;		/* XXH64; 0: the stub looks at digest */
	unsigned int release;		/* kernel_release(); 0: no Linux */
};

struct packed_target {
	enum target_kind kind;
	const char *cmdline;
	struct piece image;
	int module_count;
	struct piece modules[HO_TARGET_MODULES_MAX];
};

struct packing {
	const struct pack *options;
	const struct handover *parent;	/* NULL: none */
	struct diag_log *diag;
	struct machine machine;
	struct region_found region;
	uint64_t next;			/* free address for the next piece */
	uint8_t id[HO_ID_BYTES];
	const char *policy;
	struct piece stub;
	struct packed_target target;
	bool has_fallback;
	struct packed_target fallback;
	struct piece tree;		/* the fallback tree, and its bytes */
	uint8_t *tree_bytes;
	char *own_cmdline;		/* the target's, where it is not the
					 * caller's (cxlwords.h, hvwords.h) */
	struct mapped manifest, signature;	/* open while there is one */
	struct blob blob;		/* as it is written */
	struct mapped stream;
	struct streamref ref;		/* count 0: the stream is inside */
	char stream_path[PATH_MAX];
	uint8_t stream_digest[HO_DIGEST_BYTES];
};

/* Both were done, and each reason is recorded: the first one's code. */
static inline int first_error(int rc, int other)
{
	return rc ? rc : other;
}

/* What --target says; TARGET_NONE: no such kind. */
enum target_kind pack_target_kind(const char *name);
/* Read and place the stub, the target's files and the fallback's: every reason why
 * not goes to k->diag. HO_ESTUB, HO_EFILE, HO_EINITRD, HO_EBLOBVERSION and codes
 * of pack_check_target(), fallback_choose() and running_words_ok(). */
int pack_place_files(struct packing *k);
/* Check the options that name the target's files, and give these places from
 * k->next on. */
int pack_place_target(struct packing *k);

/* Map the streams that the options name, as one, which is made beside `path` if
 * they are several. HO_EFILE, HO_ENOMEM, codes of streamref_open() and of the
 * stream's framing. */
int pack_open_stream(struct packing *k, const char *path);

/* Write the tree of handover/fdt.h to a buffer; *total is its size.
 * HO_EINTERNAL, HO_ENOMEM, codes of the stream's framing. */
int pack_write_tree(struct packing *k, void *buffer, uint64_t bytes,
		    uint32_t *total);
/* The tree of `target` alone, for a fallback: region-only. */
int pack_write_region_only(struct packing *k,
			   const struct packed_target *target, void *buffer,
			   uint64_t bytes, uint32_t *total);

#endif /* LOADER_PACK_TREE_H */
