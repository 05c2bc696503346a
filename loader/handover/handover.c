// SPDX-License-Identifier: MIT
/*
 * handover.c - see handover.h.
 */
#include "handover.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "checked.h"
#include "digest.h"
#include "iomem.h"
#include "landing.h"
#include "streamref.h"
#include "util.h"
#include "window.h"

/* NULL: outside the region. What is read there lies in one range: the readers of
 * blob and result see to it. */
static void *va(const struct handover *h, uint64_t pa)
{
	uint32_t i;

	for (i = 0; i < h->blob.region_count; i++)
		if (pa >= h->blob.region[i].start &&
		    pa < h->blob.region[i].end)
			return h->pieces[i] + (pa - h->blob.region[i].start);
	return NULL;
}

/* All ranges of the region, now that the tree names them. */
static int map_all(struct handover *h, int fd, bool writable,
		   struct diag_log *diag)
{
	int prot = PROT_READ | (writable && !h->window ? PROT_WRITE : 0);
	uint32_t i;

	for (i = 0; i < h->blob.region_count; i++) {
		struct range r = h->blob.region[i];
		void *at = mmap(NULL, range_bytes(r), prot, MAP_SHARED, fd,
				r.start);

		if (at == MAP_FAILED)
			return io_error(diag, "/dev/mem: the region");
		h->pieces[i] = at;
	}
	return 0;
}

/* Where the frametable's tables are seen. */
static void make_view(struct handover *h)
{
	struct frametable_view *v = &h->view;
	uint32_t i;

	*v = (struct frametable_view){
		.root = h->result.frametable_root,
		.range_count = h->blob.region_count,
		.far.count = h->blob.region_count,
	};
	memcpy(v->ranges, h->blob.region, sizeof(v->ranges));
	for (i = 0; i < h->blob.region_count; i++) {
		v->far.places[i] = h->blob.region[i];
		v->far.bias[i] = (uintptr_t)h->pieces[i] -
				 h->blob.region[i].start;
	}
}

/* It may lie in any range of the region, and itself says which these are. */
static bool result_in_region(const struct handover *h)
{
	const struct range r = { h->crumb.result_paddr,
				 h->crumb.result_paddr + h->tree_bytes };
	uint32_t i;

	for (i = 0; i < h->blob.region_count; i++)
		if (range_covers(h->blob.region[i], r))
			return true;
	return false;
}

static int read_result(struct handover *h, int fd, struct diag_log *diag)
{
	int rc;

	h->tree_bytes = h->crumb.result_bytes;
	h->tree = landing_copy_any(fd, h->crumb.result_paddr, h->tree_bytes,
				   diag);
	if (!h->tree)
		return -diag->items[0].code;
	rc = blob_parse(&h->blob, h->tree, h->tree_bytes, BLOB_RESULT, diag);
	if (!rc && !result_in_region(h))
		rc = diag_add(diag, HO_EBREADCRUMB, "result outside the region");
	return rc ? rc : result_parse(&h->result, &h->blob, diag);
}

/* True when the whole stream has the digest of the blob. */
static bool stream_is_intact(const struct handover *h, int fd)
{
	const struct blob *b = &h->blob;

	return landing_blob_is_intact(&h->crumb, fd, h->tree,
				      h->tree_bytes) &&
	       (!b->stream_range_count ||
		!digest_check(b->stream_digest_alg, b->stream_digest,
			      h->stream, b->stream_bytes));
}

/* In a tree, or by reference. */
static int find_stream(struct handover *h, int fd, const uint8_t *inside,
		       struct diag_log *diag)
{
	h->stream_shown = h->blob.stream_range_count > 0;
	h->stream = h->stream_shown ? streamref_show(&h->blob, fd, diag)
				    : inside;
	return h->stream_shown && !h->stream ? -HO_EIO : 0;
}

static int list_domains(struct handover *h, bool trusted,
			struct diag_log *diag)
{
	uint32_t i;
	int rc = kept_read(&h->kept, h->stream, h->blob.stream_bytes, trusted,
			   diag);

	if (rc)
		return rc;
	h->domains = calloc(h->kept.count + 1, sizeof(*h->domains));
	if (!h->domains)
		return diag_add(diag, HO_ENOMEM, "domains");
	for (i = 0; i < h->kept.count; i++) {
		h->domains[i] = h->kept.domains[i].domain;
		h->result.frames_owned += h->domains[i].frame_count;
	}
	h->result.domain_count = h->kept.count;
	return 0;
}

static void read_failed(struct handover *h, int fd, struct diag_log *diag)
{
	h->tree_bytes = h->crumb.blob_bytes;
	h->tree = landing_copy(&h->crumb, fd, h->crumb.blob_paddr,
			       h->tree_bytes, diag);
	if (!h->tree || blob_parse(&h->blob, h->tree, h->tree_bytes,
				   BLOB_HANDOVER, diag))
		return;
	/* it may have failed before it knew */
	h->crumb.generation = h->blob.generation;
	memcpy(h->crumb.id, h->blob.id, sizeof(h->crumb.id));
	h->known = !find_stream(h, fd, h->blob.stream, diag) &&
		   h->stream &&
		   !list_domains(h, stream_is_intact(h, fd), diag);
}

/* Of an update that failed: the blob it was given. That it cannot be read is
 * no error here: there is still the breadcrumb. */
static void open_failed(struct handover *h, int fd)
{
	struct diag_log scratch;
	int code;

	diag_init(&scratch, HO_STAGE_LOADER);
	read_failed(h, fd, &scratch);
	code = scratch.total ? scratch.items[0].code : 0;
	if (!h->known && (code == HO_EIO || code == HO_ENOMEM))
		h->unknown = code;
}

/* The domains, to be written where the window cannot be. */
static int open_domains(struct handover *h, bool writable,
			struct diag_log *diag)
{
	struct ho_domain *table =
		window_domains(h->domains, h->result.domain_table,
			       h->result.domain_count, writable, diag);

	if (h->domains && !table)
		return -diag->items[0].code;
	if (table != h->domains)
		h->domains = h->table = table;
	return 0;
}

static int open_chained(struct handover *h, int fd, bool writable,
			struct diag_log *diag)
{
	int rc = read_result(h, fd, diag);

	if (!rc && (h->blob.region[0].start != h->crumb.region_base ||
		    range_bytes(h->blob.region[0]) != h->crumb.region_bytes))
		rc = diag_add(diag, HO_EBREADCRUMB, "region of the result");
	if (!rc && (h->blob.generation != h->crumb.generation ||
		    memcmp(h->blob.id, h->crumb.id, HO_ID_BYTES)))
		rc = diag_add(diag, HO_EBREADCRUMB, "id of the result");
	if (!rc)
		rc = map_all(h, fd, writable, diag);
	if (!rc)
		rc = find_stream(h, fd, va(h, h->blob.stream_paddr), diag);
	if (rc)
		return rc;
	h->domains = va(h, h->result.domain_table);
	make_view(h);
	h->chained = h->known = true;
	return h->window ? open_domains(h, writable, diag) : 0;
}

/* An instance that a handover started has the breadcrumb's page reserved. In
 * its own memory it is of an earlier boot, and baton= was left over. */
int handover_open(struct handover *h, bool writable, struct diag_log *diag)
{
	uint64_t base;
	bool own = false;
	int rc = 0;

	if (handover_base("/proc/cmdline", &base))
		rc = iomem_is_ram("/proc/iomem",
				  (struct range){ base, base + HO_PAGE_BYTES },
				  &own, diag);
	if (rc)
		return rc;
	if (own)
		return diag_add(diag, HO_ESTALE, "at 0x%llx",
				(unsigned long long)base);
	return handover_open_at(h, WINDOW_MEMORY, "/proc/cmdline", writable,
				diag);
}

int handover_open_at(struct handover *h, const char *memory,
		     const char *cmdline, bool writable,
		     struct diag_log *diag)
{
	struct diag_log scratch;
	uint64_t base;
	int fd, rc;

	memset(h, 0, sizeof(*h));
	diag_init(&scratch, HO_STAGE_LOADER);
	if (!handover_base(cmdline, &base))
		return diag_add(diag, HO_EBREADCRUMB,
				"no " HO_CMDLINE_OPTION " on %s", cmdline);
	fd = window_open(memory, writable, &h->window, diag);
	if (fd < 0)
		return fd;
	rc = landing_read_crumb(&h->crumb, fd, base, diag);
	if (!rc)
		h->fallen_back = handover_failed(cmdline, &h->failed);
	if (!rc && h->crumb.state == HO_STATE_CHAINED)
		rc = open_chained(h, fd, writable, diag);
	else if (!rc)
		open_failed(h, fd);
	if (!rc)
		h->log = landing_copy(&h->crumb, fd, h->crumb.log_paddr,
				      h->crumb.log_bytes, &scratch);
	close(fd);
	if (rc)
		handover_close(h);
	return rc;
}

void handover_close(struct handover *h)
{
	uint32_t i;

	free(h->tree);
	free(h->log);
	if (!h->chained)
		free(h->domains);
	window_forget(h->table, h->result.domain_count);
	kept_free(&h->kept);
	if (h->stream_shown && h->stream)
		munmap((void *)h->stream,
		       align_up(h->blob.stream_bytes, HO_PAGE_BYTES));
	for (i = 0; i < h->blob.region_count; i++)
		if (h->pieces[i])
			munmap(h->pieces[i], range_bytes(h->blob.region[i]));
	memset(h, 0, sizeof(*h));
}

struct ho_domain *handover_find(const struct handover *h, const char *name)
{
	uint32_t i;

	for (i = 0; i < h->result.domain_count; i++)
		if (!strncmp(h->domains[i].name, name, HO_NAME_BYTES) ||
		    !strcmp(human_id(h->domains[i].uuid), name))
			return &h->domains[i];
	return NULL;
}

int handover_new(struct handover **h, bool writable, struct diag_log *diag)
{
	int rc;

	*h = calloc(1, sizeof(**h));
	if (!*h)
		return diag_add(diag, HO_ENOMEM, "handover");
	rc = handover_open(*h, writable, diag);
	if (rc) {
		free(*h);
		*h = NULL;
	}
	return rc;
}

int handover_parent(struct handover **h, struct diag_log *diag)
{
	struct diag_log first;
	uint64_t base;
	int rc;

	*h = NULL;
	if (!handover_base("/proc/cmdline", &base))
		return 0;
	diag_init(&first, diag->stage);
	rc = handover_new(h, false, &first);
	if (!rc || rc == -HO_ESTALE)
		return 0;
	diag_merge(diag, &first);
	return rc;
}

void handover_free(struct handover *h)
{
	if (h)
		handover_close(h);
	free(h);
}
