/* SPDX-License-Identifier: MIT */
/*
 * verdict.h - whether a blob would work. Runs core's own way from the tree to the
 * jump (core/result/course.h) over an arena that poses as the region: what the
 * stub will do, except for the jump.
 */
#ifndef LOADER_VERDICT_H
#define LOADER_VERDICT_H

#include "arena.h"
#include "course.h"
#include "staged.h"
#include "tables.h"
#include "util.h"

/* The files of one target, mapped. */
struct verdict_files {
	struct mapped image;
	struct mapped modules[HO_TARGET_MODULES_MAX];
};

struct verdict {
	struct blob blob;
	struct blob tree;		/* the fallback's, if there is one */
	void *tree_bytes;
	struct course run;
	struct course fallback_run;
	struct verdict_files target;
	struct verdict_files fallback;
	const struct staged *staged;	/* whose copies some of them are; NULL */
	struct mapped stream;		/* by reference: its file */
	struct arena arena;
	struct tables tables;
	uint64_t need_bytes;		/* of all ranges of the region: what is
					 * staged, and what the run takes */
	uint64_t region_bytes;		/* all ranges */
};

/*
 * Every reason why not goes to diag; returns 0 or the first. Holds the files
 * named in the blob open until verdict_close(). `v` is large: allocate it.
 * HO_EREGIONSMALL, HO_EPAGETABLE, HO_ENOMEM, codes of blob_parse(), course_run() and of
 * verdict_open_files().
 */
int verdict_run(struct verdict *v, const void *blob, uint64_t bytes,
		struct diag_log *diag);
/* The same with copies of files, of which each is taken instead of its file, and
 * is not hashed again. NULL: none. They must live until verdict_close().
 * HO_EREGIONSMALL and the other codes of verdict_run(). */
int verdict_run_staged(struct verdict *v, const void *blob, uint64_t bytes,
		       const struct staged *staged, struct diag_log *diag);
/* The same of a blob that this process has just packed: its files were hashed for
 * it, and are not hashed again. The same codes. */
int verdict_run_fresh(struct verdict *v, const void *blob, uint64_t bytes,
		      struct diag_log *diag);
/* The same for a stub that runs on that CPU. Codes of verdict_run(). */
int verdict_run_on(struct verdict *v, const struct tables_cpu *cpu,
		   const void *blob, uint64_t bytes, struct diag_log *diag);
/* Unmap its files and its arena. `v` itself is the caller's. */
void verdict_close(struct verdict *v);

/* After a good verdict: how long the pass takes on this machine, over memory
 * that has been touched. Its tables are built anew: what `v` says of them
 * stays true. Codes of region_init(), region_take_stream(), pass_run(). */
int verdict_time_pass(struct verdict *v, uint64_t *nanoseconds,
		      struct diag_log *diag);

/* Read and digest-check the staged files and the stream's alone, for load
 * --force. HO_EFILE, HO_EINITRD, HO_EDIGEST. */
int verdict_open_files(struct verdict *v, struct diag_log *diag);

/* The file of a stream by reference, into blob->stream; nothing to do for
 * others. HO_EFILE, HO_EDIGEST. */
int verdict_open_stream(struct mapped *m, struct blob *blob,
			struct diag_log *diag);

#endif /* LOADER_VERDICT_H */
