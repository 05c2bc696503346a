// SPDX-License-Identifier: MIT
/*
 * landing.c - see landing.h.
 */
#include "landing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "checked.h"
#include "digest.h"
#include "util.h"

int landing_read_crumb(struct ho_breadcrumb *c, int fd, uint64_t base,
		       struct diag_log *diag)
{
	void *page = mmap(NULL, HO_PAGE_BYTES, PROT_READ, MAP_SHARED, fd,
			  base);

	if (page == MAP_FAILED)
		return io_error(diag, "/dev/mem: first page of the region");
	memcpy(c, page, sizeof(*c));
	munmap(page, HO_PAGE_BYTES);
	if (breadcrumb_is_newer(c))
		return diag_version(diag, "breadcrumb", c->version, c->compat);
	if (!breadcrumb_check(c) || c->region_base != base ||
	    !is_aligned(base, HO_PAGE_2M_BYTES) || !c->region_bytes ||
	    !is_aligned(c->region_bytes, HO_PAGE_2M_BYTES) ||
	    c->region_bytes > 1ull << 46)
		return diag_add(diag, HO_EBREADCRUMB, "at 0x%llx",
				(unsigned long long)base);
	return 0;
}

static bool in_landing(const struct ho_breadcrumb *c, uint64_t pa,
		       uint64_t bytes)
{
	return pa >= c->region_base &&
	       pa - c->region_base <= c->region_bytes &&
	       bytes <= c->region_bytes - (pa - c->region_base);
}

static void *no_copy(struct diag_log *diag, uint64_t pa, uint64_t bytes)
{
	diag_add(diag, HO_EBREADCRUMB, "%llu bytes at 0x%llx",
		 (unsigned long long)bytes, (unsigned long long)pa);
	return NULL;
}

void *landing_copy_any(int fd, uint64_t pa, uint64_t bytes,
		       struct diag_log *diag)
{
	uint64_t at = align_down(pa, HO_PAGE_BYTES);
	uint64_t length = pa - at + bytes;
	struct stat st;
	void *copy, *map;

	/* a file in place of /dev/mem ends somewhere */
	if (!bytes || bytes > 1u << 30 || pa > 1ull << 52 || fstat(fd, &st) ||
	    (S_ISREG(st.st_mode) && pa + bytes > (uint64_t)st.st_size))
		return no_copy(diag, pa, bytes);
	map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, at);
	if (map == MAP_FAILED) {
		io_error(diag, "/dev/mem: the region");
		return NULL;
	}
	copy = malloc(bytes);
	if (copy)
		memcpy(copy, (uint8_t *)map + (pa - at), bytes);
	else
		diag_add(diag, HO_ENOMEM, "tree");
	munmap(map, length);
	return copy;
}

void *landing_copy(const struct ho_breadcrumb *c, int fd, uint64_t pa,
		   uint64_t bytes, struct diag_log *diag)
{
	return in_landing(c, pa, bytes)
	     ? landing_copy_any(fd, pa, bytes, diag) : no_copy(diag, pa, bytes);
}

bool landing_blob_is_intact(const struct ho_breadcrumb *c, int fd,
			    const void *blob, uint64_t bytes)
{
	uint64_t stub = c->region_base + HO_STUB_OFFSET;
	struct ho_stub_header *header;
	struct ho_entry *entry = NULL;
	struct diag_log scratch;
	bool good = false;

	diag_init(&scratch, HO_STAGE_LOADER);
	header = landing_copy(c, fd, stub, sizeof(*header), &scratch);
	if (header && header->magic == HO_STUB_MAGIC &&
	    header->entry_block_offset < HO_PAGE_2M_BYTES)
		entry = landing_copy(c, fd, stub + header->entry_block_offset,
				     sizeof(*entry), &scratch);
	if (entry && entry_check(entry))
		good = entry->blob_bytes == bytes &&
		       entry->blob_digest_alg != HO_DIGEST_NONE &&
		       !digest_check(entry->blob_digest_alg,
				     entry->blob_digest, blob, bytes);
	free(header);
	free(entry);
	return good;
}
