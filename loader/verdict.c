// SPDX-License-Identifier: MIT
/*
 * verdict.c - see verdict.h.
 */
#include "verdict.h"

#include <string.h>
#include <sys/mman.h>

#include "digest.h"
#include "staging.h"

/* More than any frametable needs: only what is touched costs memory. */
#define EXTRA_BYTES (64ull << 30)

/* The file behind a staged image: as long as it was, with its digest. */
static int open_image(struct mapped *m, const struct blob_image *image,
		      int code, struct diag_log *diag)
{
	int rc = mapped_open(m, image->file, code, diag);

	if (rc)
		return rc;
	if (m->length != range_bytes(image->place))
		return diag_add(diag, HO_EDIGEST,
				"%s: %llu bytes, was %llu when packed",
				image->file, (unsigned long long)m->length,
				(unsigned long long)
				range_bytes(image->place));
	rc = digest_check(image->digest_alg, image->digest, m->bytes,
			  m->length);
	return rc ? diag_add(diag, -rc, "%s", image->file) : 0;
}

int verdict_open_files(struct verdict *v, struct diag_log *diag)
{
	const struct blob_target *t = &v->blob.target;
	int rc = open_image(&v->image, &t->image, HO_EFILE, diag), other;
	int code = t->kind == TARGET_LINUX ? HO_EINITRD : HO_EFILE;
	uint32_t i;

	for (i = 0; i < t->module_count; i++) {
		other = open_image(&v->modules[i], &t->modules[i], code,
				   diag);
		rc = rc ? rc : other;
	}
	return rc;
}

static int make_arena(struct verdict *v, uint64_t extra,
		      struct diag_log *diag)
{
	uint64_t start = ~0ull, end = 0;
	uint32_t i;

	for (i = 0; i < v->blob.region_count; i++) {
		if (v->blob.region[i].start < start)
			start = v->blob.region[i].start;
		if (v->blob.region[i].end > end)
			end = v->blob.region[i].end;
	}
	v->arena_bytes = end - start + extra;
	v->arena = mmap(NULL, v->arena_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (v->arena == MAP_FAILED) {
		v->arena = NULL;
		return diag_add(diag, HO_ENOMEM, "arena of %s",
				human_bytes(v->arena_bytes));
	}
	return region_init(&v->region, &v->blob, staging_blob(&v->blob),
			   (uintptr_t)v->arena - start, diag);
}

static void drop_arena(struct verdict *v)
{
	if (v->arena)
		munmap(v->arena, v->arena_bytes);
	v->arena = NULL;
}

/*
 * The region ran out: run again with room behind its end, to say exactly how
 * much is missing. Addresses there stand for nothing and are never used.
 */
static void find_need(struct verdict *v, struct diag_log *diag)
{
	struct diag_log scratch;
	uint64_t end = v->blob.region[v->blob.region_count - 1].end;
	uint64_t room;
	uint32_t i;

	drop_arena(v);
	diag_init(&scratch, HO_STAGE_PASS);
	if (make_arena(v, EXTRA_BYTES, &scratch))
		return;
	room = v->region.room_bytes;
	for (i = 0; i < v->blob.region_count; i++)
		if (v->blob.region[i].end > end)
			end = v->blob.region[i].end;
	if (v->region.chunk_count == REGION_CHUNKS_MAX)
		return;
	v->region.chunks[v->region.chunk_count++] =
		(struct region_chunk){ end, end + EXTRA_BYTES };
	if (pass_run(&v->pass, &v->blob, &v->region, &scratch) ||
	    v->region.used_bytes <= room)
		return;
	diag_add(diag, HO_EREGIONSMALL,
		 "tables need %llu bytes, the region has room for %llu: at least %llu more",
		 (unsigned long long)v->region.used_bytes,
		 (unsigned long long)room,
		 (unsigned long long)(v->region.used_bytes - room));
}

static int run_plan(struct verdict *v, struct diag_log *diag)
{
	struct plan_input in = { .image = v->image.bytes };
	struct frametable_view view;
	uint32_t i;
	int rc;

	for (i = 0; i < v->blob.target.module_count; i++)
		in.modules[i] = v->modules[i].bytes;
	diag->stage = HO_STAGE_PLUG;
	rc = plan_build(&v->plan, &v->blob.target, &in, &v->pass, diag);
	if (rc)
		return rc;
	frametable_view(&v->pass.ft, &v->blob, &view);
	if (!e820_check(&v->plan.map, &v->blob, &view))
		return diag_add(diag, HO_EINTERNAL, "memory map");
	v->need_bytes = range_bytes(v->blob.region[0]) -
			(v->region.room_bytes - v->region.used_bytes);
	return 0;
}

int verdict_run(struct verdict *v, const void *bytes, uint64_t length,
		struct diag_log *diag)
{
	struct range self;
	int files, rc;

	memset(v, 0, sizeof(*v));
	diag->stage = HO_STAGE_VERIFY;
	rc = blob_parse(&v->blob, bytes, length, BLOB_HANDOVER, diag);
	if (rc)
		return rc;
	self = staging_blob(&v->blob);
	if (!range_covers(v->blob.region[0], self))
		return diag_add(diag, HO_EREGIONSMALL,
				"staged images and blob: %llu bytes more",
				(unsigned long long)(self.end -
					v->blob.region[0].end));
	files = verdict_open_files(v, diag);
	rc = make_arena(v, 0, diag);
	if (rc)
		return rc;
	diag->stage = HO_STAGE_PASS;
	rc = pass_run(&v->pass, &v->blob, &v->region, diag);
	if (rc == -HO_EFULL)
		find_need(v, diag);
	if (!rc && !files)
		rc = run_plan(v, diag);
	diag->stage = HO_STAGE_LOADER;
	return files ? files : rc;
}

void verdict_close(struct verdict *v)
{
	int i;

	drop_arena(v);
	mapped_close(&v->image);
	for (i = 0; i < HO_TARGET_MODULES_MAX; i++)
		mapped_close(&v->modules[i]);
}
