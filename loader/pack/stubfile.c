// SPDX-License-Identifier: MIT
/*
 * stubfile.c - see stubfile.h.
 */
#include "stubfile.h"

#include <string.h>
#include <sys/mman.h>

#include "doormark.h"

int stubfile_open(struct mapped *m, const char *path, struct diag_log *diag)
{
	int rc = mapped_open(m, path, HO_ESTUB, diag);
	uint64_t length;
	const void *stub;
	void *copy;

	if (rc || !doormark_is(m->bytes, m->length))
		return rc;
	stub = doormark_stub(m->bytes, m->length, &length);
	copy = stub ? mmap(NULL, length, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
	if (copy != MAP_FAILED)
		memcpy(copy, stub, length);
	mapped_close(m);
	if (copy == MAP_FAILED)
		return diag_add(diag, stub ? HO_ENOMEM : HO_ESTUB, "%s: %s",
				path, "the stub inside it");
	*m = (struct mapped){ copy, length };
	return 0;
}

static bool is_sane(const struct ho_stub_header *h, uint64_t length)
{
	return h->header_bytes == sizeof(*h) && h->image_bytes == length &&
	       h->memory_bytes >= length &&
	       h->memory_bytes <= HO_PAGE_2M_BYTES &&
	       h->entry_offset < length &&
	       h->entry_block_offset <= length - sizeof(struct ho_entry);
}

int stubfile_read(struct ho_stub_header *out, const char *name,
		  const void *bytes, uint64_t length, struct diag_log *diag)
{
	if (length < sizeof(*out) + sizeof(struct ho_entry))
		return diag_add(diag, HO_ESTUB, "%s: too short", name);
	memcpy(out, bytes, sizeof(*out));
	if (out->magic == HO_STUB_MAGIC && out->compat > HO_ABI_VERSION)
		return diag_version(diag, name, out->version, out->compat);
	if (out->magic != HO_STUB_MAGIC || !is_sane(out, length))
		return diag_add(diag, HO_ESTUB, "%s: header", name);
	return 0;
}

int stubfile_check_blob(const struct ho_stub_header *h, const char *name,
			uint32_t version, uint32_t compat,
			struct diag_log *diag)
{
	if (compat <= h->abi_max && version >= h->abi_min)
		return 0;
	return diag_add(diag, HO_EBLOBVERSION,
			"blob: version %u, oldest reader %u; %s reads %u to %u",
			version, compat, name, h->abi_min, h->abi_max);
}
