/* SPDX-License-Identifier: MIT */
/*
 * handover.h - what an earlier handover left in this machine's memory, found
 * by baton= on the command line and read through /dev/mem, or baton_mem's window
 * (window.h). Nothing of it is trusted: checksum first, then core's readers.
 */
#ifndef LOADER_HANDOVER_H
#define LOADER_HANDOVER_H

#include "kept.h"
#include "result.h"

struct handover {
	struct ho_breadcrumb crumb;
	bool chained;			/* crumb says so: a result tree */
	bool known;			/* blob, stream and domains below; of
					 * an update that failed, the blob it
					 * was given, if that can be read */
	int unknown;			/* not known, for a reason that may pass:
					 * its code, HO_E... */
	bool fallen_back;		/* baton.failed= is on the command line */
	struct blob_failed failed;	/* then: stage and error */
	struct kept_list kept;		/* not chained: what is intact */
	struct blob blob;
	struct result result;
	void *tree;			/* result or blob, a private copy */
	uint64_t tree_bytes;
	char *log;			/* crumb.log_bytes of console text; NULL:
					 * cannot be read */
	const uint8_t *stream;		/* blob.stream_bytes long */
	bool stream_shown;		/* by streamref_show() */
	struct ho_domain *domains;	/* result.domain_count; of a chained
					 * one in the region, writable only
					 * when opened so */
	bool window;			/* read through baton_mem (window.h) */
	struct ho_domain *table;	/* then: `domains`, if they are written;
					 * NULL: as the window shows them */
	struct frametable_view view;
	/* chained: each range of blob.region in this process; NULL: not mapped.
	 * They may be farther apart than an address space is wide */
	uint8_t *pieces[HO_REGION_RANGES_MAX];
};

/* True, and *base, when the command line has baton=. */
bool handover_base(const char *cmdline_path, uint64_t *base);

/* True, and why, when baton.failed= says that this is a fallback. */
bool handover_failed(const char *cmdline_path, struct blob_failed *out);

/*
 * Find and read it. HO_EBREADCRUMB when there is none or it is damaged, HO_ESTALE
 * when it is of an earlier boot (README rule 18),
 * HO_EPERM, HO_EIO for /dev/mem, and the codes of blob_parse and
 * result_parse. A failed handover is returned, too (chained false), whatever
 * its blob looks like.
 */
int handover_open(struct handover *h, bool writable, struct diag_log *diag);
/* The same from another memory (a file, offsets are physical addresses) and
 * command line. The same codes. */
int handover_open_at(struct handover *h, const char *memory,
		     const char *cmdline, bool writable,
		     struct diag_log *diag);
/* Unmap and free what handover_open() filled in. */
void handover_close(struct handover *h);

/* The same on the heap, for it is large; *h is NULL on error. HO_ENOMEM, codes of
 * handover_open(). */
int handover_new(struct handover **h, bool writable, struct diag_log *diag);
/* Of an instance that a handover may or may not have started: *h is NULL,
 * and no error, when it did not; a stale breadcrumb is none. Codes of
 * handover_open(). */
int handover_parent(struct handover **h, struct diag_log *diag);
/* Close it and free it; NULL is fine. */
void handover_free(struct handover *h);

/* The domain that is kept under this name, or has this UUID; NULL: none. */
struct ho_domain *handover_find(const struct handover *h, const char *name);

#endif /* LOADER_HANDOVER_H */
