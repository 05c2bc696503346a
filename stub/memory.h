/* SPDX-License-Identifier: MIT */
/*
 * memory.h - what the stub may touch, and when:
 *   entry    itself (RX, R, RW), the landing range RW, the blob R, the local
 *            APIC's page
 *   verify   all ranges of the region RW; blob, staged images and stream R
 *   pass     ends with its tables read-only
 *   chain    the target's place, page by page as the plan says; of EFI's tables
 *            two R
 * Frames of domains are never mapped, but for one at a time, read-only, while
 * the page tables of PV guests are checked.
 */
#ifndef STUB_MEMORY_H
#define STUB_MEMORY_H

#include "stub.h"

/* Own page tables, in use from here on: for the stub and what the entry block
 * names. HO_EENTRY: a place in it is not in the landing range, or over another
 * one; HO_EPAGETABLE. */
int memory_init(struct stub *s);
/* The same mappings again, in the tables there are: what a failed run made
 * read-only in the landing range is free. HO_EPAGETABLE. */
int memory_map_region(struct stub *s);
/* [start, start + bytes), physical, of registers: RW, uncached. HO_EPAGETABLE. */
int memory_map_device(struct stub *s, uint64_t start, uint64_t bytes);
/* Entry block and blob must agree on region, stub and fallback tree: HO_EENTRY. */
int memory_check_entry(struct stub *s);
/* What the blob names: the other ranges of the region RW, the staged images R.
 * HO_EPAGETABLE. */
int memory_map_blob(struct stub *s);
/* The RSDP that the plan plants, read-only. HO_EXENACPI when it is none,
 * HO_EPAGETABLE. */
int memory_show_rsdp(struct stub *s);
/* A stream by reference: shown as one piece, at s->blob.stream, its digest
 * checked. HO_EPAGETABLE, HO_EDIGEST. */
int memory_map_stream(struct stub *s);
/* Digests of the target's files, which are mapped. HO_EDIGEST; HO_EVALUE
 * for a kind that is not known. */
int memory_check_images(struct stub *s);
/* The frame `mfn` of a domain, read-only, until the next call: for
 * ptcheck_run(), `context` is a struct stub. NULL: no page tables left. */
const uint64_t *memory_look_at(void *context, uint64_t mfn);
/* No frame is shown any more. */
void memory_look_away(struct stub *s);
/* What the region's allocator has handed out becomes read-only. HO_EPAGETABLE. */
int memory_protect_tables(struct stub *s);
/* The places that the plan took, and the first MiB: RW and executable, the
 * target's from here on. HO_EPAGETABLE. */
int memory_map_target(struct stub *s);

/* ACPI's tables, EFI's system table, and the configuration table that it names,
 * read-only, for a Linux that is told of them. They stay unmapped where they are in
 * /memory. HO_EPAGETABLE. */
int memory_show_firmware(struct stub *s);

#endif /* STUB_MEMORY_H */
