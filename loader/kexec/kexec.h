/* SPDX-License-Identifier: MIT */
/*
 * kexec.h - the ways into the stub: kexec_load(2) and reboot(2) of Linux; where
 * the kernel refuses that call or has none, kexec_file_load(2) of the signed door,
 * and where one asks for it, the same as a crash image, which a panic starts;
 * from a dom0 the hypercall of Xen. A host has one of them. And a file that
 * QEMU's -kernel starts, where the call names one.
 */
#ifndef LOADER_KEXEC_H
#define LOADER_KEXEC_H

#include "diag.h"

/* Pieces of an image, as kexec_load(2) takes them */
#define KEXEC_SEGMENTS_MAX 16

struct kexec_piece {
	const void *bytes;
	uint64_t length;
	uint64_t paddr;			/* page-aligned */
	uint64_t memory_bytes;		/* >= length; the rest is zeroed */
};

/* For kexec_file_load(2): one file, which the door takes apart. */
struct kexec_package {
	const void *bytes;
	uint64_t length;
	/* May the segments lie there? Asked before anything can come of them.
	 * HO_EDOORPLACE: not there; it is tried elsewhere then. */
	int (*look)(void *context, const struct range *at, int count,
		    struct diag_log *diag);
	void *context;
};

/* What is to be loaded, and where. */
struct kexec_image {
	uint64_t entry;			/* pa */
	int count;
	const struct kexec_piece *pieces;
	bool on_crash;			/* what a panic jumps to, inside the
					 * kernel's own crash range */
	const char *file;		/* nothing is loaded: this file is
					 * written; NULL: none */
	struct kexec_package package;	/* where kexec_wants_package() */
};

/* What is known of the image in one of the kernel's slots. */
enum kexec_known {
	KEXEC_NOTHING,			/* there is none */
	KEXEC_AT,			/* its entry */
	KEXEC_HIDDEN,			/* there is one */
	KEXEC_UNASKED,			/* there may be one: Xen does not say */
};

struct kexec_found {
	uint64_t entry;			/* pa */
	uint64_t image;			/* the kernel's pointer to it; 0: none */
};

/* A way that only writes a file has `load` alone. */
struct kexec_way {
	int (*allowed)(struct diag_log *diag);
	/* NULL: as often as wanted */
	int (*loads_left)(bool on_crash);
	int calls;			/* kexec_load_calls() */
	enum kexec_known (*entry)(bool on_crash, struct kexec_found *found);
	/* holds a whole second image while it replaces one */
	bool holds_both;
	/* why systemd cannot do the jump; NULL: it can */
	const char *no_shutdown;
	/* what load() refuses before it asks the kernel */
	int (*fits)(const struct kexec_image *image, struct diag_log *diag);
	int (*load)(const struct kexec_image *image, struct diag_log *diag);
	int (*unload)(bool on_crash, struct diag_log *diag);
	int (*jump)(struct diag_log *diag);
};

extern const struct kexec_way kexec_linux, kexec_file, kexec_crash, kexec_xen,
	kexec_elf;

enum kexec_choice {
	KEXEC_AS_IT_IS,			/* what works on this host */
	KEXEC_BY_FILE,			/* kexec_file_load(2) */
	KEXEC_BY_CRASH,			/* the same, as a crash image */
};

/* What the call says, before anything else of this file: the way, and the door of
 * kexec_file_load(2), NULL: the installed one. The text must live. */
void kexec_choose(enum kexec_choice choice, const char *door);
/* For what is armed: as it was loaded, if it is. */
void kexec_choose_armed(void);
/* True where an update is loaded as what a panic starts. */
bool kexec_in_crash_slot(void);
/* True where images are loaded as a package. */
bool kexec_wants_package(void);
/* The door's file. HO_ESTUB: none is named, or installed. */
int kexec_door(const char **out, struct diag_log *diag);

/* Returns 0 when this process may load, on this kernel. HO_EPERM,
 * HO_EKEXECOFF, HO_ENOKEXEC; HO_EXENEFI. */
int kexec_allowed(struct diag_log *diag);
/* The same, and `loads` more times. Unloading counts, too. HO_EKEXECLIMIT. */
int kexec_allowed_times(int loads, bool on_crash, struct diag_log *diag);
/* How many times that is for one load of an update, at most, with what is asked
 * before it and the unload that takes it back. */
int kexec_load_calls(void);
/* Would so many pieces of that size be taken, and the door? Nothing is loaded.
 * HO_ETARGET; of the door HO_ELOCKDOWN, HO_ESTUB, HO_EOWNER; as a crash image
 * HO_ECRASHIMAGE, HO_EQUIESCE; on Xen HO_EXENHEAP and codes of xen_open(). */
int kexec_fits(const struct kexec_image *image, struct diag_log *diag);
/* Which image is in a slot. */
enum kexec_known kexec_entry(bool on_crash, struct kexec_found *found);
/*
 * Replace whatever is loaded by this, in one call. HO_ETARGET, HO_EIO; of a
 * package HO_ELOCKDOWN, HO_ESEGMENTS, HO_EFILE, HO_ECRASHSMALL, HO_EARMFILE
 * and codes of its look(), behind which nothing is loaded any more; on Xen
 * HO_EXENARM, HO_EXENHEAP and codes of xen_open(), too. To a file: HO_ETARGET
 * when there are too many pieces, or one ends above 64 GiB; HO_ENOMEM,
 * HO_EFILE.
 */
int kexec_load_image(const struct kexec_image *image, struct diag_log *diag);
/* The same once more, over an image of ours. When it fails nothing may be
 * loaded: where both have no room the old one goes first. The same codes. */
int kexec_load_again(const struct kexec_image *image, struct diag_log *diag);
/* HO_EIO, HO_EKEXECLIMIT; what is loaded stays so. */
int kexec_unload(bool on_crash, struct diag_log *diag);
/* What may be refused of a jump of Linux's, right before it, whoever asks for that;
 * the other ways know when they stop the devices. HO_EQUIESCE. */
int kexec_prepare(struct diag_log *diag);
/* The point of no return; returns only on failure: HO_EIO; of a crash image
 * HO_EQUIESCE, HO_ECRASHIMAGE, with all devices at work again. */
int kexec_jump(struct diag_log *diag);

/* Is there a systemd that kexec_shutdown() can ask? HO_ESHUTDOWN. */
int kexec_shutdown_allowed(struct diag_log *diag);
/* Have systemd end the host's services and unmount its file systems; then it
 * jumps to what is loaded. Returns when it has begun. HO_ESHUTDOWN. */
int kexec_shutdown(struct diag_log *diag);

#endif /* LOADER_KEXEC_H */
