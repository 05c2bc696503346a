/* SPDX-License-Identifier: MIT */
/*
 * no_table.h - for proofs of pass_frames.c alone: a frametable that takes everything, no
 * region, no stream, no domains.
 */
#ifndef PROOFS_NO_TABLE_H
#define PROOFS_NO_TABLE_H

#include "core/own/pass_frames.h"

struct range blob_stream_range(const struct blob *b, uint32_t i)
{
	(void)b, (void)i;
	return (struct range){ 0, 0 };
}
struct ho_domain *domtab_find(const struct domtab *dt, uint32_t domid)
{
	(void)dt, (void)domid;
	return NULL;
}
uint64_t region_page(struct region *r) { (void)r; return 0; }
int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type, struct frametable_span *c)
{
	(void)ft, (void)mfn, (void)count, (void)domid, (void)type, (void)c;
	return 0;
}
uint32_t frametable_set_spans(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d)
{
	(void)ft, (void)words, (void)count, (void)start, (void)end, (void)d;
	return 0;
}
uint32_t frametable_set_pages(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d)
{
	(void)ft, (void)words, (void)count, (void)start, (void)end, (void)d;
	return 0;
}
void frametable_prefetch_entry(const struct frametable *ft, uint64_t mfn)
{
	(void)ft, (void)mfn;
}
void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn)
{
	(void)ft, (void)mfn;
}

#endif /* PROOFS_NO_TABLE_H */
