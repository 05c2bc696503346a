/* SPDX-License-Identifier: MIT */
/*
 * warm.h - a handover through the door: a package that kexec_file_load(2) has
 * put somewhere is opened, proved to lie over nobody's memory, and moved into the
 * region. README of handover-abi, rules 30 and 31.
 */
#ifndef STUB_WARM_H
#define STUB_WARM_H

#include "facts.h"
#include "package.h"
#include "paging.h"

struct warm {
	/* given */
	const struct facts *facts;	/* its blob is the package */
	struct range self;		/* the door's image, with its memory */
	uint64_t stack;			/* the stack pointer at the entry: in
					 * the old kernel's purgatory */
	uint64_t (*pool)[512];		/* for page tables */
	uint32_t pool_pages;
	struct blob *blob;		/* room for it */
	struct diag_log *diag;
	/* what becomes of it */
	struct ho_entry entry;		/* of the package, when it is open */
	struct paging paging;
};

/* Did a kexec bring a package? Any other entry, or loader, gets HO_EDOOR with a
 * package, 0 without. 1: yes. */
int warm_is_given(const struct warm *w, bool kexec_entry);
/* Check it: codes of package_open(). Writes nothing but the door's own memory. */
int warm_open(struct warm *w);
/* Page tables for all that follows, and the proof. HO_EPAGETABLE, HO_EDIGEST (a
 * stream by reference), codes of package_prove(). Writes nothing but the door's
 * own memory. */
int warm_prove(struct warm *w);
/* The stub [stub, stub + bytes) to `to`, its memory behind zero, with that entry
 * block. Returns its entry. */
uint64_t warm_put_stub(uint64_t to, const void *stub, uint64_t bytes,
		       struct ho_entry entry);
/* The files, the fallback tree, the blob and the stub [stub, stub + bytes) to
 * their places. Returns the stub's entry. */
uint64_t warm_move(const struct warm *w, const void *stub, uint64_t bytes);

#endif /* STUB_WARM_H */
