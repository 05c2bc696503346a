/* SPDX-License-Identifier: MIT */
/*
 * load.h - from a blob to a loaded image, and the last look before the jump.
 */
#ifndef LOADER_LOAD_H
#define LOADER_LOAD_H

#include "staged.h"

struct load {
	const char *blob;
	const char *layout;		/* --force: places of stub and files
					 * from this good blob */
	bool force;			/* whatever check says */
	bool dry_run;			/* only print where it would go */
	bool trial;			/* packed just now: all that can be
					 * refused is, nothing is loaded */
	const char *elf;		/* only write it to this file */
	bool on_crash;			/* for a panic of this kernel */
	bool again;			/* LOADED_BLOB, which is loaded */
	bool look;			/* its guests wait, or it is refused */
	const char *command;		/* whose image it is, in the ledger */
	struct load_figures *figures;	/* of a trial; NULL: nobody asks */
	struct staged *stage;		/* of a trial: files are put in place
					 * here; NULL: nowhere */
	const struct handover *parent;	/* with `stage`: of this instance */
	const struct staged *staged;	/* of a load: what is in place; NULL */
};

/* What the stub will have to do. */
struct load_figures {
	uint64_t bytes;			/* staged: read and hashed */
	uint64_t placed_bytes;		/* of these, before the pause */
	uint64_t target_bytes;		/* copied to where it starts */
	uint64_t pass_ns;		/* on this machine */
};

/*
 * A copy, LOADED_BLOB, is there before the image is: whoever is killed, the
 * next command knows of it. That the slot may be filled (slot.h) the caller has
 * seen to. HO_E... of the check; HO_ESTUB, HO_EFILE, HO_EIO; codes of
 * kexec_allowed() and kexec_load_image(), HO_EBLOBVERSION (the stub's).
 */
int load_run(const struct load *l, struct diag_log *diag);

/* Nothing is loaded any more: what is left of it in RUN_DIR goes. Of its note
 * (note.h), which is on a disk, the caller sees to when all run. */
void load_forget(void);
/* What an upgrade was writing, under whatever temporary name: states of guests
 * may be in it. */
void load_forget_files(void);
/* The image goes, then the copy; on failure both are as they were. Codes of
 * kexec_unload(). */
int load_undo(struct diag_log *diag);
/* The same for what arm loaded: the image, then its copy. Codes of
 * kexec_unload(). */
int load_undo_crash(struct diag_log *diag);

#endif /* LOADER_LOAD_H */
