/* SPDX-License-Identifier: MIT */
/*
 * kexec.h - the ways into the stub: kexec_load(2) and reboot(2) of Linux, and
 * from a dom0 the hypercall of Xen, of which this host has one; and a file that
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

/* What is to be loaded, and where. */
struct kexec_image {
	uint64_t entry;			/* pa */
	int count;
	const struct kexec_piece *pieces;
	bool on_crash;			/* what a panic jumps to, inside the
					 * kernel's own crash range */
	const char *file;		/* nothing is loaded: this file is
					 * written; NULL: none */
};

/* What is known of the image in one of the kernel's slots. */
enum kexec_known {
	KEXEC_NOTHING,			/* there is none */
	KEXEC_AT,			/* its entry */
	KEXEC_HIDDEN,			/* there is one */
	KEXEC_UNASKED,			/* there may be one: Xen does not say */
};

/* A way that only writes a file has `load` alone. */
struct kexec_way {
	int (*allowed)(struct diag_log *diag);
	/* NULL: as often as wanted */
	int (*loads_left)(bool on_crash);
	enum kexec_known (*entry)(bool on_crash, uint64_t *entry);
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

extern const struct kexec_way kexec_linux, kexec_xen, kexec_elf;

/* Returns 0 when this process may load, on this kernel. HO_EPERM,
 * HO_ELOCKDOWN, HO_EKEXECOFF, HO_ENOKEXEC; HO_EXENEFI. */
int kexec_allowed(struct diag_log *diag);
/* The same, and `loads` more times. Unloading counts, too. HO_EKEXECLIMIT. */
int kexec_allowed_times(int loads, bool on_crash, struct diag_log *diag);
/* Would so many pieces of that size be taken? Nothing is loaded. HO_ETARGET; on
 * Xen HO_EXENHEAP and codes of xen_open(). */
int kexec_fits(const struct kexec_image *image, struct diag_log *diag);
/* Which image is in a slot, by its entry. */
enum kexec_known kexec_entry(bool on_crash, uint64_t *entry);
/*
 * Replace whatever is loaded by this, in one call. HO_ETARGET, HO_EIO; on Xen
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
/* The point of no return; returns only on failure: HO_EIO. */
int kexec_jump(struct diag_log *diag);

/* Is there a systemd that kexec_shutdown() can ask? HO_ESHUTDOWN. */
int kexec_shutdown_allowed(struct diag_log *diag);
/* Have systemd end the host's services and unmount its file systems; then it
 * jumps to what is loaded. Returns when it has begun. HO_ESHUTDOWN. */
int kexec_shutdown(struct diag_log *diag);

#endif /* LOADER_KEXEC_H */
