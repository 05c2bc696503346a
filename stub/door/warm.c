// SPDX-License-Identifier: MIT
/*
 * warm.c - see warm.h. Called by door.c alone, on the page tables of whoever
 * entered it until warm_prove() has made others.
 */
#include "warm.h"

#include "checked.h"
#include "cpu.h"
#include "digest.h"
#include "libc.h"
#include "maps.h"

/* The image, the package, the purgatory's stack, and what boot_params lead to */
#define OWN_MAX	16

int warm_is_given(const struct warm *w, bool kexec_entry)
{
	const struct range r = w->facts->blob;

	/* a 32-bit entry shows no more than 4 GiB */
	if ((!kexec_entry && r.end > LIMIT_4G) ||
	    !package_is((const void *)(uintptr_t)r.start, range_bytes(r)))
		return 0;
	if (kexec_entry && w->facts->by_kexec)
		return 1;
	return diag_add(w->diag, HO_EDOOR,
			"a package, by a boot loader: what it keeps is gone");
}

int warm_open(struct warm *w)
{
	const struct range r = w->facts->blob;

	if (!is_aligned(r.start, HO_PAGE_BYTES))
		return diag_add(w->diag, HO_EPACKAGE, "at 0x%llx",
				(unsigned long long)r.start);
	return package_open((const void *)(uintptr_t)r.start, range_bytes(r),
			    &w->entry, w->blob, w->diag);
}

static int map(struct warm *w, struct range r, unsigned int flags)
{
	int rc = paging_map(&w->paging, align_down(r.start, HO_PAGE_BYTES),
			    align_up(r.end, HO_PAGE_BYTES), flags);

	return rc ? diag_add(w->diag, -rc, "mapping 0x%llx..0x%llx, in the door",
			     (unsigned long long)r.start,
			     (unsigned long long)r.end) : 0;
}

static int make_tables(struct warm *w)
{
	int rc = paging_init(&w->paging, w->pool, w->pool_pages,
			     cpu_has_la57() ? 5 : 4, cpu_has_gib_pages());

	if (rc)
		return diag_add(w->diag, -rc, "page tables, in the door");
	/* a fallback's tree is compared with it last of all */
	if (range_bytes(w->facts->efi_map))
		rc = map(w, w->facts->efi_map, 0);
	if (!rc)
		rc = map(w, w->self, PAGING_WRITE | PAGING_EXECUTE);
	if (!rc)
		rc = map(w, w->facts->blob, 0);
	/* the stub is entered there, and makes its own */
	if (!rc)
		rc = map(w, w->blob->region[0], PAGING_WRITE | PAGING_EXECUTE);
	if (!rc)
		rc = maps_stream(&w->paging, w->blob, w->diag);
	if (!rc)
		cpu_set_cr3((uintptr_t)w->paging.root);
	return rc;
}

/* All that the old kernel has put where it liked. */
static int list_own(const struct warm *w, struct package_own *own,
		    uint32_t *count)
{
	const struct facts *f = w->facts;
	uint32_t i, n = 0;

	own[n++] = (struct package_own){ w->self, "door's image" };
	own[n++] = (struct package_own){
		{ w->stack - 8, w->stack }, "purgatory",
	};
	for (i = 0; i < f->taken_count; i++) {
		if (n == OWN_MAX)
			return diag_add(w->diag, HO_EPACKAGE,
					"%u pieces of the boot loader",
					f->taken_count);
		own[n++] = (struct package_own){
			f->taken[i], f->taken[i].start == f->blob.start
			? "package" : "boot_params",
		};
	}
	*count = n;
	return 0;
}

int warm_prove(struct warm *w)
{
	const struct blob *b = w->blob;
	const uint8_t *stream = b->stream;
	struct package_own own[OWN_MAX];
	uint32_t count = 0;
	int rc = list_own(w, own, &count);

	if (!rc)
		rc = make_tables(w);
	if (rc)
		return rc;
	if (b->stream_range_count) {
		stream = (const uint8_t *)PAGING_UPPER;
		rc = digest_check(b->stream_digest_alg, b->stream_digest,
				  stream, b->stream_bytes);
		if (rc)
			return diag_add(w->diag, -rc, "lu-stream, %llu bytes",
					(unsigned long long)b->stream_bytes);
	}
	return package_prove(b, w->entry.blob_paddr, w->entry.blob_bytes,
			     stream, own, count, w->diag);
}

uint64_t warm_put_stub(uint64_t to, const void *stub, uint64_t bytes,
		       struct ho_entry entry)
{
	const struct ho_stub_header *header = stub;

	memcpy((void *)(uintptr_t)to, stub, bytes);
	/* its first page tables are there, and take what they find for entries */
	memset((void *)(uintptr_t)(to + bytes), 0,
	       header->memory_bytes - bytes);
	entry_seal_for(&entry, header->version);
	memcpy((void *)(uintptr_t)(to + header->entry_block_offset), &entry,
	       sizeof(entry));
	return to + header->entry_offset;
}

uint64_t warm_move(const struct warm *w, const void *stub, uint64_t bytes)
{
	const struct blob *b = w->blob;
	const uint8_t *package = (const uint8_t *)
		(uintptr_t)w->facts->blob.start;
	uint64_t whole;
	struct package_piece pieces[PACKAGE_PIECES_MAX];
	uint32_t count = package_pieces(b, w->entry.blob_paddr,
					w->entry.blob_bytes, pieces, &whole);
	uint32_t i;

	for (i = 0; i < count; i++)
		memcpy((void *)(uintptr_t)pieces[i].place.start,
		       package + pieces[i].offset,
		       range_bytes(pieces[i].place));
	if (b->fallback.kind != TARGET_NONE)
		memcpy((void *)(uintptr_t)b->fallback_tree.place.start,
		       b->fallback_data, range_bytes(b->fallback_tree.place));
	return warm_put_stub(b->region[0].start + HO_STUB_OFFSET, stub, bytes,
			     w->entry);
}
