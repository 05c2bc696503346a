// SPDX-License-Identifier: MIT
/*
 * fuzz_package.c - any bytes as what a door is given, and as a manifest. The
 * checksum of the head and the digest of the blob are put right, or nothing
 * behind them would be reached. A package that is taken has its pieces inside,
 * and a piece of the door is not taken over a page that the door writes.
 * Seeds: the golden package, and the blob in it.
 */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "package.h"
#include "trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct blob blob;
static struct diag_log diag;

static void mend(uint8_t *bytes, size_t size)
{
	struct ho_package *head = (struct ho_package *)bytes;
	struct ho_entry e = head->entry;

	if (e.blob_bytes > size - HO_PAGE_BYTES)
		e.blob_bytes = size - HO_PAGE_BYTES;
	e.magic = HO_ENTRY_MAGIC;
	e.bytes = sizeof(e);
	e.blob_digest_alg = HO_DIGEST_XXH64;
	memset(e.reserved, 0, sizeof(e.reserved));
	digest_of(e.blob_digest_alg, bytes + HO_PAGE_BYTES, e.blob_bytes,
		  e.blob_digest);
	entry_seal_for(&e, HO_ABI_VERSION);
	package_seal(head, &e, head->package_bytes);
}

static void check_pieces(const struct ho_entry *e, size_t size)
{
	struct package_piece pieces[PACKAGE_PIECES_MAX];
	uint64_t whole;
	uint32_t count = package_pieces(&blob, e->blob_paddr, e->blob_bytes,
					pieces, &whole), i;

	if (whole > size)
		abort();
	for (i = 0; i < count; i++)
		if (pieces[i].offset + range_bytes(pieces[i].place) > size ||
		    pieces[i].place.start < blob.region[0].start ||
		    pieces[i].place.end > blob.region[0].end)
			abort();
}

static void check_proof(const struct ho_entry *e)
{
	struct package_own own = {
		{ e->blob_paddr, e->blob_paddr + 1 }, "fuzz",
	};

	if (!blob.stream)
		return;
	if (!package_prove(&blob, e->blob_paddr, e->blob_bytes, blob.stream,
			   &own, 1, &diag))
		abort();
	own.place = (struct range){ blob.memory[0].start,
				    blob.memory[0].start + 1 };
	package_prove(&blob, e->blob_paddr, e->blob_bytes, blob.stream, &own,
		      1, &diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ho_entry e;
	uint32_t security;
	uint8_t *copy;

	diag_init(&diag, HO_STAGE_LOADER);
	trust_check_manifest(data, size, &security, &diag);
	trust_find(data, size);
	package_open(data, size, &e, &blob, &diag);
	if (size <= HO_PAGE_BYTES)
		return 0;
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	mend(copy, size);
	if (!package_open(copy, size, &e, &blob, &diag)) {
		check_pieces(&e, size);
		check_proof(&e);
	}
	free(copy);
	return 0;
}
