/* SPDX-License-Identifier: MIT */
/*
 * staged.h - the files of target and fallback, put where the blob says while
 * guests still run, so that what is loaded in the pause is the stub and the
 * trees. Nobody has memory there: it is the kernel's crash range, or reserved.
 * The stub looks at the digests as ever.
 */
#ifndef LOADER_STAGED_H
#define LOADER_STAGED_H

#include "blob.h"
#include "handover.h"
#include "util.h"

#define STAGED_MAX	(2 * (1 + HO_TARGET_MODULES_MAX))

enum staged_way {
	STAGED_NOT,			/* all is loaded in the pause */
	STAGED_CRASH,			/* as an image for a panic, which Linux
					 * copies to its place at once */
	STAGED_MEMORY,			/* through /dev/mem */
};

struct staged_file {
	struct blob_image image;	/* its texts are not used */
	void *bytes;			/* a private copy with that digest */
	bool there;			/* at its place */
};

struct staged {
	enum staged_way way;
	uint32_t count;
	struct staged_file files[STAGED_MAX];
	uint64_t bytes;			/* of those that are there */
	uint64_t entry;			/* STAGED_CRASH: of the kernel's image */
};

/* Can anything be put anywhere? false, and `why` not; in `diag` what was met then,
 * HO_EKEXECLIMIT or HO_EIO among others. Copies take memory: without this there are
 * none. */
bool staged_begin(struct staged *s, const struct blob *b,
		  const struct handover *parent, const char **why,
		  struct diag_log *diag);
/* A copy, whose digest is the blob's. HO_ENOMEM, HO_EDIGEST. */
int staged_copy(struct staged *s, const struct blob_image *image,
		const struct mapped *file, struct diag_log *diag);
/*
 * After staged_begin(): put the copies in place, as far as that can be: not where
 * anything lies that the running instance may need. `parent` is what started it,
 * or NULL. Returns 0, also when nothing could be put anywhere (STAGED_NOT, and
 * `why` says it). HO_EFILE, HO_EIO: the host is as it was.
 */
int staged_put(struct staged *s, const struct blob *b,
	       const struct handover *parent, const char **why,
	       struct diag_log *diag);
/* How many bytes of a blob's files staged_put() would put in place now. */
uint64_t staged_would(const struct blob *b, const struct handover *parent);
/* The copy of a file; NULL: there is none. */
const struct staged_file *staged_find(const struct staged *s,
				      const struct blob_image *image);
/* Returns 0 when nobody has loaded another image for a panic since. HO_ESTAGED. */
int staged_unchanged(const struct staged *s, struct diag_log *diag);
/* Free the copies. What is in place stays there. */
void staged_free(struct staged *s);

/* Whoever has put it there: an image for a panic that is ours goes. */
void staged_undo(void);

#endif /* LOADER_STAGED_H */
