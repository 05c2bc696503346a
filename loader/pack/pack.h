/* SPDX-License-Identifier: MIT */
/*
 * pack.h - from LU streams, machine facts and a target to a handover blob.
 */
#ifndef LOADER_PACK_H
#define LOADER_PACK_H

#include "handover.h"

#define PACK_STREAMS_MAX 64

/* A longer stream stays where it is. */
#define PACK_INLINE_BYTES	(8ull << 20)
/* One that has to be in the blob is refused when it is longer: a tree has less than
 * 2 GiB. */
#define PACK_INLINE_MOST	(1ull << 30)

struct pack {
	int stream_count;
	const char *streams[PACK_STREAMS_MAX];
	const char *target;		/* "linux" (default), "multiboot2",
					 * "xen" */
	const char *kernel;
	bool unpack;			/* upgrade: it is unpacked beforehand */
	const char *initrd;		/* Linux; NULL, "none": without */
	int module_count;		/* "FILE ARGUMENTS", not Linux */
	const char *modules[HO_TARGET_MODULES_MAX];
	const char *cmdline;		/* "" by default */
	const char *policy;		/* on-failure, words with a comma; NULL:
					 * "fallback" where there is one, else
					 * "halt" */
	const char *fallback_kernel;	/* NULL: that of this instance */
	const char *fallback_initrd;
	const char *fallback_cmdline;
	struct blob_failed failed;	/* region not 0: a region-only tree of
					 * the fallback, for baton arm */
	const char *region;		/* BASE+SIZE or NULL */
	const char *next_region;	/* BASE+SIZE or SIZE; NULL: as
					 * REGION_NEXT_FILE says, or none */
	const char *memory_map;		/* file, or NULL: this machine */
	const char *stub;		/* NULL: the installed one */
	bool placed_by_kernel;		/* machine_read() */
	const char *manifest;		/* of targets, for a stub with a key; its
					 * signature is beside it, .sig. NULL */
	uint64_t inline_max;		/* bytes of a stream in the blob */
	bool inline_only;		/* nobody would hold its frames */
	uint32_t digest_alg;		/* of kernels, initrds, modules */
	struct blob_chosen chosen;	/* of the blob, as they are; e820_budget
					 * 0: default */
};

#define PACK_DEFAULTS { .target = "linux", .cmdline = "", \
			.chosen.uart_port = 0x3f8, \
			.inline_max = PACK_INLINE_BYTES, \
			.digest_alg = HO_DIGEST_SHA256 }

/*
 * Options whose values are looked at, or may be repeated: 0, or -HO_EUSAGE with
 * the option's name. The value must live.
 */
/* --stream FILE. HO_EUSAGE: more than PACK_STREAMS_MAX. */
int pack_option_stream(struct pack *p, const char *value,
		       struct diag_log *diag);
/* --module "FILE ARGS". HO_EUSAGE: more than HO_TARGET_MODULES_MAX. */
int pack_option_module(struct pack *p, const char *value,
		       struct diag_log *diag);
/* --policy WORDS. HO_EUSAGE: others. */
int pack_option_policy(struct pack *p, const char *value,
		       struct diag_log *diag);
/* --digest sha256 or xxh64. HO_EUSAGE: another. */
int pack_option_digest(struct pack *p, const char *value,
		       struct diag_log *diag);
/* --uart PORT[,BAUD] or none. HO_EUSAGE: no numbers. */
int pack_option_uart(struct pack *p, const char *value,
		     struct diag_log *diag);
/* --inline-max BYTES, with K, M, G. HO_EUSAGE: no number. */
int pack_option_inline_max(struct pack *p, const char *value,
			   struct diag_log *diag);

/* Returns 0 when target, kernel, initrd and modules go together. No file is
 * looked at. HO_EUSAGE; HO_ETARGET: no such kind. */
int pack_check_target(const struct pack *p, struct diag_log *diag);

/*
 * The same as pack_run() in two steps: what does not depend on the stream
 * (files are read and hashed) can be done while guests still run. pack_end()
 * frees it; a NULL path: only that.
 */
struct packing;
/* *k is NULL on error. Codes of pack_run(), but for those of writing the
 * blob. */
int pack_begin(struct packing **k, const struct pack *p,
	       const struct handover *h, struct diag_log *diag);
/* Write the blob to `path`, of the streams that the options name by now. May be
 * called again, with others. Returns 0, or -HO_EFILE and codes of pack_run(). */
int pack_write(struct packing *k, const char *path);
/* The same for the last time. */
int pack_end(struct packing *k, const char *path);
/* How many bytes have the files of target and fallback. */
uint64_t pack_file_bytes(const struct packing *k);
/* How many bytes of the region's first range have files in them. */
uint64_t pack_staged_bytes(const struct packing *k);

/* Write the blob. `h` may be NULL. HO_EUSAGE, HO_EFILE, HO_EINITRD, HO_ESTUB,
 * HO_EBLOBVERSION (the stub's), HO_EREGIONSMALL, HO_EKEEPER, codes of region_find(),
 * machine_read(), streamref_open() and of the stream's framing. */
int pack_run(const struct pack *p, const struct handover *h,
	     const char *path, struct diag_log *diag);

/* Write a cold blob, for the doors. HO_EUSAGE, HO_EREGIONALIGN, HO_ECOLDSMALL,
 * codes of files and targets as above. */
int pack_cold(const struct pack *p, const char *path, struct diag_log *diag);

#endif /* LOADER_PACK_H */
