/* SPDX-License-Identifier: MIT */
/*
 * fakekernel.h - a kernel that is asked to load and to jump, and does neither.
 * What it was asked is in memory that the processes of a test share. A system
 * call that it does not know ends the test: none reaches the real kernel.
 */
#ifndef FAKE_FAKEKERNEL_H
#define FAKE_FAKEKERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "handover/breadcrumb.h"

/* How a run ends that jumped. */
#define FAKE_JUMPED	86

#define FAKE_REGION	0x10000000ull	/* 256 MiB */
#define FAKE_REGION_BYTES 0x8000000ull	/* 128 MiB */
#define FAKE_RAM_END	0x40000000ull	/* 1 GiB */

#define FAKE_CHILDREN_MAX 64

struct fake_machine {
	/* what it does */
	unsigned int uid;
	int load_errno;			/* of the next loads, 0: they are done */
	int fail_from;			/* load_errno counts from this load on */
	int busy;			/* so many calls meet EBUSY first */
	int jump_errno;
	bool no_kexec;			/* ENOSYS */
	bool no_kexec_file;		/* the same of kexec_file_load(2) */
	int door_errno;			/* what it says of the door; 0: trusted */
	bool no_debug_flag;		/* before 6.8: it does not know the flag */
	int mute;			/* the log lacks the last so many */
	bool twice;			/* and has those of another load */
	uint64_t initrd[2];		/* where it puts an initrd; [1]: one of
					 * 32 MiB and more. 0: where all is free */
	uint64_t crash[2];		/* where the one for a panic goes: start,
					 * end; 0: FAKE_REGION */
	bool hidden;			/* no kallsyms: nobody sees what is loaded */
	bool foreign;			/* the next load is replaced by another's */
	int continued;			/* with each load, another hand lets this
					 * process go on; 0: none */
	bool crash_foreign;		/* with the next load, so is the image
					 * for a panic */
	/* what happens, once, a moment before a file is put at this path */
	const char *when;
	void (*then)(void);
	int enables;			/* so many writes to `enable` of a function
					 * of PCI switch it off; 0: none does */
	/* what was done */
	int loads, unloads, crash_loads, crash_unloads, jumps;
	int file_loads, file_unloads;
	bool loaded[2];			/* [on crash] */
	uint64_t entry[2];
	uint64_t image;			/* of kexec_file_load(2): its object */
	int syncs;
	int kills;
	int child_count, children[FAKE_CHILDREN_MAX];
	/* commands are killed at these steps, counted over all of their
	 * processes: the one that takes it, or all that there are */
	int steps, kill_at[2];
	bool kill_all;
	/* memory of guests: files of huge pages, or of the module; what io_uring
	 * pins, or does not; a hole that comes with the next load */
	bool huge, device, no_uring, punch;
	int sync_hangs;			/* from this one on, while it is set */
	int rings, pins;
	uint64_t stub;			/* where the first segment was put */
	uint64_t loaded_bytes;		/* of all segments of the last load */
};

extern struct fake_machine *fake_machine;

/* A host with 1 GiB, a crash kernel's region, two kernels' files: in the fake
 * root, which must be there. */
void fake_kernel_begin(void);
void fake_kernel_end(void);
/* From here on this process is the command: what it starts ends with a jump. */
void fake_count_forks(void);
/* Something is about to be asked of the host: where a command may be killed. */
void fake_step(void);
/* The lines of /proc/iomem with [region, +bytes) reserved under `name`. */
void fake_iomem(const char *name);
/* A new instance with a crash range of its own, 128 MiB at 0x30000000. */
void fake_crash_range(void);

/* The same lines for /proc/iomem and, as the firmware's, /sys/firmware/memmap. */
void fake_memory(const char *iomem);

/* What the kernel counts of a process: huge pages that it has touched. */
void fake_huge_pages(unsigned int kib);

/* For whoever loads: a piece of what is loaded, the stub first, and the copy of
 * all of them that a jump begins with. */
void fake_segment(int i, uint64_t at, const void *bytes, size_t length);
void fake_place_segments(void);

/* A file is about to be opened, or put in place: for fakeroot_wrap.c. */
void fake_opens(const char *path, int flags);
void fake_replaces(const char *path);

/* A call's -1, with this errno. */
long fake_fails(int error);
/* kexec_file_load(2) of this kernel; -1, errno. */
long fake_load_file(int door, int initrd, unsigned long flags);
/* What a load shows in /proc, /sys: for fakefile.c. */
void fake_show_loaded(void);
/* All files of the host, and the end of all processes but the caller: for
 * fakekernel.c. */
void fake_put_host(void);
void fake_end_children(void);

/* What the stub does after the jump: core's own course over /dev/mem, and the
 * breadcrumb. Then the host is the new instance. 0, or -HO_E... of the course. */
int fake_stub(struct diag_log *diag);
/* The stub fails with this code instead: the host is the fallback. */
void fake_stub_fails(int code, int stage);

/* Memory that is not what it was: a byte of this text, in the blob. */
void fake_spoil(const char *text);

/* Another breadcrumb in FAKE_REGION, sealed again. */
void fake_crumb(void (*change)(struct ho_breadcrumb *crumb));

#endif /* FAKE_FAKEKERNEL_H */
