/* SPDX-License-Identifier: MIT */
/*
 * patchtable.h - what dom0 writes into a livepatch before it gives it to Xen: which
 * guests are kept, and in which frames. It stands in the payload's data, and begins
 * with its magic there. Numbers are little-endian.
 */
#ifndef XEN_LIVEPATCH_PATCHTABLE_H
#define XEN_LIVEPATCH_PATCHTABLE_H

#ifdef __XEN__
#include <xen/types.h>
#else
#include <stdint.h>
#endif

/* Another one when anything below is another. */
#define LIVEPATCH_TABLE_MAGIC	"Baton livepatch1"
/* Xen's name for the payload: the digit is the magic's. */
#define LIVEPATCH_NAME		"baton-1"
#define LIVEPATCH_TABLE_GUESTS	256
/* Xen takes a payload of 2 MiB at most. */
#define LIVEPATCH_TABLE_EXTENTS	114688

struct livepatch_table {
	char magic[16];
	uint32_t guests, extents;	/* of the lists below */
	struct {
		uint8_t uuid[16];	/* bytes in text order: Xen's handle */
		uint32_t hvm;		/* 1: translated, 0: PV */
		uint32_t extents;	/* its own: the next ones of the list */
	} guest[LIVEPATCH_TABLE_GUESTS];
	struct {
		uint64_t mfn;
		uint32_t gfn, pages;
	} extent[LIVEPATCH_TABLE_EXTENTS];
};

#endif /* XEN_LIVEPATCH_PATCHTABLE_H */
