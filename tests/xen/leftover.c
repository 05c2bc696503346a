// SPDX-License-Identifier: MIT
/*
 * leftover.c - see leftover.h.
 */
#include "leftover.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "blob_write.h"
#include "digest.h"
#include "result.h"

#define BLOB_AT		(REGION_BASE + 5 * MIB)
#define LOG_AT		(REGION_BASE + 3 * MIB)
#define RESULT_AT	(REGION_BASE + 7 * MIB)

static struct blob blob;
static struct region region;
static struct pass pass;
static struct plan plan;
static struct diag_log diag;

static void describe(const struct leftover *l)
{
	blob = (struct blob){ .generation = 1, .tsc_khz = 1000,
			      .chosen.e820_budget = HO_E820_BUDGET_DEFAULT,
			      .on_failure = HO_ON_FAILURE_RESET };
	blob.id[0] = 7;
	blob.memory_count = 2;
	blob.memory[0] = (struct range){ 0, 0x9f000 };
	blob.memory[1] = (struct range){ MIB, l->ram ? l->ram : LEFTOVER_RAM };
	blob.region_count = 1;
	blob.region[0] = (struct range){ REGION_BASE,
					 REGION_BASE + LEFTOVER_BYTES };
	blob.stub = (struct blob_image){
		.place = { REGION_BASE + 2 * MIB, REGION_BASE + 2 * MIB + 4096 },
		.file = "/stub", .bootargs = "" };
	blob.target.kind = TARGET_XEN;
	blob.target.bootargs = "";
	blob.target.image = (struct blob_image){
		.place = { REGION_BASE + 4 * MIB, REGION_BASE + 4 * MIB + 4096 },
		.file = "/xen", .bootargs = "" };
	blob.target.module_count = 1;
	blob.target.modules[0] = (struct blob_image){
		.place = { REGION_BASE + 4 * MIB + 8192,
			   REGION_BASE + 4 * MIB + 12288 },
		.file = "/vmlinuz", .bootargs = "" };
}

static void write_blob(struct leftover *l, const void *stream, size_t bytes)
{
	uint8_t *at = leftover_at(l, BLOB_AT, RESULT_AT - BLOB_AT);
	struct fdtwrite w;

	fdtwrite_start(&w, at, RESULT_AT - BLOB_AT);
	blob_write(&w, &blob);
	fdtwrite_begin(&w, HO_FDT_STREAM);
	fdtwrite_string(&w, "compatible", HO_FDT_STREAM_COMPAT);
	fdtwrite_u64(&w, HO_FDT_SIZE, bytes);
	fdtwrite_bytes(&w, HO_FDT_DATA, stream, bytes);
	fdtwrite_end(&w);
	fdtwrite_begin(&w, HO_FDT_DOMAINS);
	fdtwrite_cells(&w, 1, 0);
	fdtwrite_end(&w);
	assert(fdtwrite_finish(&w));
	diag_init(&diag, HO_STAGE_VERIFY);
	assert(!blob_parse(&blob, at, RESULT_AT - BLOB_AT, BLOB_HANDOVER,
			   &diag));
	l->blob = BLOB_AT;
	l->stream = BLOB_AT + blob.stream_offset;
	l->stream_bytes = bytes;
}

static void write_result(struct leftover *l)
{
	const struct result_input in = {
		.blob = &blob, .blob_paddr = BLOB_AT, .pass = &pass,
		.plan = &plan, .log_paddr = LOG_AT, .log_bytes = 16,
	};

	l->tree = RESULT_AT;
	assert(!result_write(leftover_at(l, RESULT_AT, MIB), MIB, &in,
			     &l->tree_bytes, &diag));
}

static void write_crumb(struct leftover *l)
{
	*leftover_crumb(l) = (struct ho_breadcrumb){
		.magic = HO_BREADCRUMB_MAGIC, .compat = HO_CRUMB_COMPAT,
		.version = HO_ABI_VERSION,
		.bytes = sizeof(struct ho_breadcrumb),
		.trap_vector = HO_NO_TRAP, .region_base = REGION_BASE,
		.region_bytes = LEFTOVER_BYTES, .state = HO_STATE_CHAINED,
		.stage = HO_STAGE_TARGET, .generation = 1, .id = { 7 },
		.result_paddr = l->tree, .result_bytes = l->tree_bytes,
	};
	leftover_seal(l);
}

bool leftover_make(struct leftover *l, const void *stream, size_t bytes)
{
	const struct range taken = { BLOB_AT, RESULT_AT + MIB };

	if (!l->region)
		l->region = mmap(NULL, LEFTOVER_BYTES, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else
		madvise(l->region, LEFTOVER_BYTES, MADV_DONTNEED);
	assert(l->region != MAP_FAILED);
	describe(l);
	write_blob(l, stream, bytes);
	assert(!region_init(&region, &blob, taken,
			    (uintptr_t)l->region - REGION_BASE, &diag));
	if (pass_run(&pass, &blob, &region, &diag))
		return false;
	l->root = pass.ft.root;
	write_result(l);
	write_crumb(l);
	return true;
}

struct ho_breadcrumb *leftover_crumb(struct leftover *l)
{
	return (struct ho_breadcrumb *)l->region;
}

void leftover_seal(struct leftover *l)
{
	breadcrumb_seal(leftover_crumb(l));
}

void leftover_seal_stream(struct leftover *l)
{
	uint8_t *s = leftover_at(l, l->stream, l->stream_bytes);
	uint64_t before = l->stream_bytes - sizeof(struct ho_rec) -
			  sizeof(struct ho_rec_end);

	assert(!digest_of(HO_DIGEST_XXH64, s, before, s + l->stream_bytes -
			  HO_DIGEST_BYTES));
}

void *leftover_at(struct leftover *l, uint64_t pa, uint64_t bytes)
{
	if (pa < REGION_BASE || pa - REGION_BASE > LEFTOVER_BYTES ||
	    bytes > LEFTOVER_BYTES - (pa - REGION_BASE))
		return NULL;
	return l->region + (pa - REGION_BASE);
}
