// SPDX-License-Identifier: MIT
/*
 * xen_p2m.c - the frames of a suspended PV guest, see xen_domain.h. Layout of
 * what is read: struct arch_shared_info of xen/arch-x86/xen.h.
 */
#include "xen_domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "util.h"

#define PER_PAGE	512
#define MAX_PFN		(1ull << 27)	/* three levels: 512 GiB */
#define FLAG_BITS	(3ull << 62)	/* foreign, identity: not its own */
#define PTE_PRESENT	1
#define PTE_LARGE	(1 << 7)
#define PTE_MFN(e)	(((e) & 0x000ffffffffff000ull) >> 12)

struct reading {
	struct xen *x;
	const struct xen_domain *d;
	struct diag_log *diag;
};

static int wrong(const struct reading *r, const char *what)
{
	return diag_add(r->diag, HO_EXENP2M, "domain %s: %s", r->d->name,
			what);
}

/* All in one call: one for each page costs 14 s for 160 MiB. NULL: an mfn is
 * not the guest's. */
static void *map(const struct reading *r, const uint64_t *mfns, size_t count)
{
	int *errors = calloc(count, sizeof(*errors));
	void *at = NULL;
	size_t i;

	if (!errors)
		return NULL;
	at = r->x->xenforeignmemory_map(r->x->memory, r->d->domid, PROT_READ,
					count, mfns, errors);
	for (i = 0; at && i < count; i++)
		if (errors[i]) {
			r->x->xenforeignmemory_unmap(r->x->memory, at, count);
			at = NULL;
		}
	free(errors);
	return at;
}

/* Copies of `count` frames, one behind the other; free() it. */
static uint64_t *copy(const struct reading *r, const uint64_t *mfns,
		      size_t count)
{
	uint64_t *out = malloc(count * HO_PAGE_BYTES);
	void *at = out ? map(r, mfns, count) : NULL;

	if (!at) {
		free(out);
		return NULL;
	}
	memcpy(out, at, count * HO_PAGE_BYTES);
	r->x->xenforeignmemory_unmap(r->x->memory, at, count);
	return out;
}

static size_t pages_for(uint64_t entries)
{
	return (entries + PER_PAGE - 1) / PER_PAGE;
}

/* The frames that hold the p2m, through the list of lists. */
static uint64_t *list_frames(const struct reading *r, uint64_t root,
			     size_t leaves)
{
	uint64_t *lists = copy(r, &root, 1), *frames;

	if (!lists)
		return NULL;
	frames = copy(r, lists, pages_for(leaves));
	free(lists);
	return frames;
}

/* The mfn behind a virtual address in the tables at `cr3`; ~0: none. */
static uint64_t walk(const struct reading *r, uint64_t cr3, uint64_t va)
{
	uint64_t mfn = cr3, entry, *table;
	int level;

	for (level = 4; level > 0; level--) {
		table = copy(r, &mfn, 1);
		if (!table)
			return ~0ull;
		entry = table[va >> (12 + 9 * (level - 1)) & (PER_PAGE - 1)];
		free(table);
		if (!(entry & PTE_PRESENT) || (level > 1 && entry & PTE_LARGE))
			return ~0ull;
		mfn = PTE_MFN(entry);
	}
	return mfn;
}

/* The same frames through the linear p2m, if there is one. First and last
 * frame, and one of each L1 table between: the list is virtually contiguous.
 */
static int check_linear(const struct reading *r,
			const struct arch_shared_info *a,
			const uint64_t *frames, size_t leaves)
{
	uint64_t cr3 = a->p2m_cr3 >> 12;
	size_t i;

	if (!a->p2m_cr3)
		return 0;
	for (i = 0; i < leaves; i++)
		if ((i % PER_PAGE == 0 || i + 1 == leaves) &&
		    walk(r, cr3, a->p2m_vaddr + i * HO_PAGE_BYTES) !=
		    frames[i])
			return wrong(r, "its two p2m lists disagree");
	return 0;
}

static int read_p2m(const struct reading *r, const struct arch_shared_info *a,
		    uint64_t **out, uint64_t *count)
{
	size_t leaves = pages_for(a->max_pfn), i;
	uint64_t *frames;
	int rc;

	if (!a->max_pfn || a->max_pfn > MAX_PFN ||
	    !a->pfn_to_mfn_frame_list_list ||
	    a->pfn_to_mfn_frame_list_list == ~0ull)
		return wrong(r, "no p2m list of three levels");
	frames = list_frames(r, a->pfn_to_mfn_frame_list_list, leaves);
	if (!frames)
		return wrong(r, "its p2m cannot be read");
	rc = check_linear(r, a, frames, leaves);
	*out = rc ? NULL : copy(r, frames, leaves);
	free(frames);
	if (!rc && !*out)
		rc = wrong(r, "its p2m cannot be read");
	if (rc)
		return rc;
	*count = a->max_pfn;
	for (i = 0; i < *count; i++)
		if ((*out)[i] & FLAG_BITS)
			(*out)[i] = ~0ull;
	return 0;
}

int xen_domain_p2m(struct xen *x, const struct xen_domain *d, uint64_t **out,
		   uint64_t *count, struct diag_log *diag)
{
	const struct reading r = { x, d, diag };
	uint64_t *page = copy(&r, &d->shared_info, 1);
	struct arch_shared_info a;
	int rc;

	*out = NULL;
	if (!page)
		return wrong(&r, "its shared_info cannot be read");
	a = ((shared_info_t *)page)->arch;
	free(page);
	rc = read_p2m(&r, &a, out, count);
	return rc;
}
