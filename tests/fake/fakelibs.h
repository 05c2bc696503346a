/* SPDX-License-Identifier: MIT */
/*
 * fakelibs.h - what the loader opens at run time: Xen's libraries, and the
 * module's device. Neither is there until a test says so.
 */
#ifndef FAKE_FAKELIBS_H
#define FAKE_FAKELIBS_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_XEN_GUESTS	4

/* A Xen, in memory that the processes of a test share. */
struct fake_xen {
	bool there;			/* its libraries are */
	int loads, unloads, jumps;
	int fail;			/* errno of its calls */
	int deaf;			/* once there is a file deaf, so many
					 * questions about domains fail */
	bool jump_fails;		/* kexec_exec comes back */
	int jump_signal;		/* and this comes meanwhile; 0: none */
	uint64_t free_pages;
	uint64_t kexec_base, kexec_bytes;
	uint64_t table_mfn;		/* a page table of level 1 */
	bool keeps;			/* kept frames have an owner of their
					 * own, as xen/keep.c gives them */
	bool taken;			/* they are a domain's */
	int release_parts;		/* writes that a release takes; 0: none is
					 * known there */
	char released[40];		/* what was written last */
	uint64_t grants[512];		/* the grant table of each guest */
	int grant_version;		/* 0: 1 */
	int grants_mapped;
	uint64_t alien_gfn;		/* is not a guest's own; 0: none */
	uint64_t alien_mfn;		/* is another's by Xen's M2P; 0: none */
	struct fake_xen_guest {
		uint32_t domid;		/* 0: none */
		bool late;		/* it is there once there is a file
					 * late.DOMID */
		uint32_t flags;		/* XEN_DOMINF_*; paused while there is
					 * a file paused.DOMID */
		uint64_t pages, target_kib;
		uint64_t cpu_time;
		uint64_t shared_info;	/* mfn */
		uint8_t uuid[16];
		/* of a translated one: frame of gfn 0, the others follow */
		uint64_t mfn;
		uint64_t demand, shared, paged, altp2m; /* how much of it */
		uint32_t model;		/* domid of its device model */
	} guests[FAKE_XEN_GUESTS];
	struct fake_livepatch {		/* baton's */
		uint32_t state;		/* LIVEPATCH_STATE_*; 0: none is there */
		int rc;			/* of what it did last */
		int polls;		/* in which that is not done yet; negative:
					 * it never is */
		int refuses;		/* -errno of apply and revert; 0: done */
		int later, next;	/* polls that are left, the state then */
		int uploads, applies, reverts, unloads;	/* that it took */
	} livepatch;
};

extern struct fake_xen *fake_xen;

/* The host is the dom0 of one, of version 4.17. */
void fake_xen_here(void);
/* And gives kept guests their frames. */
void fake_xen_adopts(void);
void fake_xen_adopts_at_once(void);
/* A file that is the Xen that runs, by its build id. */
#define FAKE_XEN_BUILD	0xab
void fake_xen_image(const char *path);

/* One that is installed for it. */
#define FAKE_LIVEPATCH_FILE	"/usr/lib/baton/livepatch/" \
	"abababababababababababababababababababab.livepatch"
/* The payload that it took, and the table in that, a struct livepatch_table. */
#define FAKE_LIVEPATCH	"/livepatch"
void fake_livepatch_table(void *table);

/* The module is loaded: its device makes files of the fake root. */
void fake_mem_here(void);
/* Where the device of the domain table begins, as fakemem.c was told. */
#define FAKE_WINDOW_START "/window.start"

void fake_libs_begin(void);
void fake_libs_end(void);

#endif /* FAKE_FAKELIBS_H */
