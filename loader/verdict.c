// SPDX-License-Identifier: MIT
/*
 * verdict.c - see verdict.h.
 */
#include "verdict.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "digest.h"
#include "staging.h"
#include "unpack.h"

/* More than any frametable needs: only what is touched costs memory. */
#define EXTRA_BYTES	(64ull << 30)
#define FALLBACK_SPARE	(32ull << 20)

/* A file that the blob names: as long as it was, with its digest. */
static int open_packed(struct mapped *m, const char *path, uint64_t bytes,
		       uint32_t digest_alg, const uint8_t *digest, int code,
		       bool unpack, struct diag_log *diag)
{
	int rc = mapped_open(m, path, code, diag);

	if (!rc && unpack)
		rc = mapped_unpack(m, path, diag);
	if (rc)
		return rc;
	if (m->length != bytes)
		return diag_add(diag, HO_EDIGEST,
				"%s: %llu bytes, was %llu when packed", path,
				(unsigned long long)m->length,
				(unsigned long long)bytes);
	rc = digest_check(digest_alg, digest, m->bytes, m->length);
	return rc ? diag_add(diag, -rc, "%s", path) : 0;
}

static int open_image(struct mapped *m, const struct blob_image *image,
		      int code, bool unpack, struct diag_log *diag)
{
	return open_packed(m, image->file, range_bytes(image->place),
			   image->digest_alg, image->digest, code, unpack,
			   diag);
}

int verdict_open_stream(struct mapped *m, struct blob *b,
			struct diag_log *diag)
{
	int rc;

	if (!b->stream_range_count)
		return 0;
	rc = open_packed(m, b->stream_file, b->stream_bytes,
			 b->stream_digest_alg, b->stream_digest, HO_EFILE,
			 false, diag);
	b->stream = m->bytes;
	return rc;
}

static int open_target(struct verdict_files *f, const struct blob_target *t,
		       struct diag_log *diag)
{
	int code = t->kind == TARGET_LINUX ? HO_EINITRD : HO_EFILE, rc, other;
	uint32_t i;

	if (t->kind == TARGET_NONE)
		return 0;
	rc = open_image(&f->image, &t->image, HO_EFILE,
			t->kind == TARGET_XEN, diag);
	for (i = 0; i < t->module_count; i++) {
		other = open_image(&f->modules[i], &t->modules[i], code,
				   false, diag);
		rc = rc ? rc : other;
	}
	return rc;
}

int verdict_open_files(struct verdict *v, struct diag_log *diag)
{
	int rc = open_target(&v->target, &v->blob.target, diag);
	int other = open_target(&v->fallback, &v->blob.fallback, diag);

	rc = rc ? rc : other;
	other = verdict_open_stream(&v->stream, &v->blob, diag);
	return rc ? rc : other;
}

static int make_arena(struct verdict *v, uint64_t extra,
		      struct diag_log *diag)
{
	struct range all = blob_region_span(&v->blob);

	v->arena_bytes = range_bytes(all) + extra;
	v->arena = mmap(NULL, v->arena_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (v->arena == MAP_FAILED) {
		v->arena = NULL;
		return diag_add(diag, HO_ENOMEM, "arena of %s",
				human_bytes(v->arena_bytes));
	}
	return region_init(&v->region, &v->blob, staging_blob(&v->blob),
			   (uintptr_t)v->arena - all.start, diag);
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
	uint64_t end = blob_region_span(&v->blob).end, room;

	drop_arena(v);
	diag_init(&scratch, HO_STAGE_PASS);
	if (make_arena(v, EXTRA_BYTES, &scratch))
		return;
	room = v->region.room_bytes;
	if (v->region.chunk_count == REGION_CHUNKS_MAX)
		return;
	v->region.chunks[v->region.chunk_count++] =
		(struct region_chunk){ .next = end,
				       .end = end + EXTRA_BYTES };
	if (pass_run(&v->pass, &v->blob, &v->region, &scratch) ||
	    v->region.used_bytes <= room)
		return;
	diag_add(diag, HO_EREGIONSMALL,
		 "tables need %llu bytes, the region has room for %llu: at least %llu more",
		 (unsigned long long)v->region.used_bytes,
		 (unsigned long long)room,
		 (unsigned long long)(v->region.used_bytes - room));
}

static void give_files(struct plan_input *in, const struct verdict_files *f)
{
	int i;

	in->image = f->image.bytes;
	for (i = 0; i < HO_TARGET_MODULES_MAX; i++)
		in->modules[i] = f->modules[i].bytes;
}

static int run_plan(struct verdict *v, struct diag_log *diag)
{
	struct frametable_view owned;
	struct plan_input in = { .blob = &v->blob, .owned = &owned,
				 .owned_frames = v->pass.frame_count,
				 .region = &v->region };
	int rc;

	diag->stage = HO_STAGE_PLUG;
	frametable_view(&v->pass.ft, &v->blob, &owned);
	give_files(&in, &v->target);
	rc = plan_build(&v->plan, &in, diag);
	v->need_bytes = range_bytes(v->blob.region[0]) -
			(v->region.room_bytes - v->region.used_bytes);
	return rc;
}

/* A fallback has little memory. Below this it is known to fail: the kernel
 * moves its initrd out of reserved memory and then unpacks it. */
static int fallback_memory(const struct blob_target *t,
			   const struct plan *plan, struct diag_log *diag)
{
	uint64_t have = plan->report.plugged_frames << HO_PAGE_SHIFT;
	uint64_t need = FALLBACK_SPARE + plan->bz.init_size;

	if (t->module_count)
		need += 2 * range_bytes(t->modules[0].place);
	if (have >= need)
		return 0;
	return diag_add(diag, HO_EREGIONSMALL,
			"fallback: %s of RAM, at least %s more is needed (--policy halt: no fallback)",
			human_bytes(have), human_bytes(need - have));
}

/* What the stub would do after a failure, in the arena before the pass uses
 * it. */
static int run_fallback(struct verdict *v, struct diag_log *diag)
{
	struct range blob = staging_blob(&v->blob);
	struct range self = { v->blob.fallback_tree.place.start, blob.end };
	struct blob_failed failed = { v->blob.region[0].start,
				      HO_STAGE_PLUG, HO_EINTERNAL };
	struct plan_input in = { .blob = &v->tree, .failed = failed };
	struct region region;
	int rc;

	if (v->blob.fallback.kind == TARGET_NONE)
		return 0;
	diag->stage = HO_STAGE_PLUG;
	v->tree_bytes = malloc(range_bytes(v->blob.fallback_tree.place));
	if (!v->tree_bytes)
		return diag_add(diag, HO_ENOMEM, "fallback tree");
	memcpy(v->tree_bytes, v->blob.fallback_data,
	       range_bytes(v->blob.fallback_tree.place));
	rc = blob_parse_fallback(&v->tree, &v->blob, v->tree_bytes, diag);
	if (!rc)
		rc = region_init(&region, &v->tree, self, v->region.bias,
				 diag);
	if (rc)
		return rc;
	in.region = &region;
	give_files(&in, &v->fallback);
	rc = plan_build(&v->fallback_plan, &in, diag);
	return rc ? rc : fallback_memory(&v->tree.target, &v->fallback_plan,
					 diag);
}

/* A tree that is a fallback's itself: no stream, no pass. */
static int run_region_only(struct verdict *v, struct diag_log *diag)
{
	struct plan_input in = { .blob = &v->blob, .region = &v->region,
				 .failed = v->blob.failed };
	int rc;

	diag->stage = HO_STAGE_PLUG;
	give_files(&in, &v->target);
	rc = plan_build(&v->plan, &in, diag);
	return rc ? rc : fallback_memory(&v->blob.target, &v->plan, diag);
}

static int run_handover(struct verdict *v, bool files, struct diag_log *diag)
{
	int rc = files ? run_fallback(v, diag) : 0;

	if (rc)
		return rc;
	diag->stage = HO_STAGE_PASS;
	rc = pass_run(&v->pass, &v->blob, &v->region, diag);
	if (rc == -HO_EFULL)
		find_need(v, diag);
	return rc || !files ? rc : run_plan(v, diag);
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
	if (!rc && v->blob.stream_range_count && !v->blob.stream)
		rc = files;
	else if (!rc && !v->blob.region_only)
		rc = run_handover(v, !files, diag);
	else if (!rc && !files)
		rc = run_region_only(v, diag);
	diag->stage = HO_STAGE_LOADER;
	return files ? files : rc;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int verdict_time_pass(struct verdict *v, uint64_t *nanoseconds,
		      struct diag_log *diag)
{
	uintptr_t bias = v->region.bias;
	uint64_t start;
	int rc = region_init(&v->region, &v->blob, staging_blob(&v->blob),
			     bias, diag);

	start = now();
	if (!rc)
		rc = pass_run(&v->pass, &v->blob, &v->region, diag);
	*nanoseconds = now() - start;
	return rc;
}

static void close_files(struct verdict_files *f)
{
	int i;

	mapped_close(&f->image);
	for (i = 0; i < HO_TARGET_MODULES_MAX; i++)
		mapped_close(&f->modules[i]);
}

void verdict_close(struct verdict *v)
{
	drop_arena(v);
	free(v->tree_bytes);
	close_files(&v->target);
	close_files(&v->fallback);
	mapped_close(&v->stream);
}
