// SPDX-License-Identifier: MIT
/*
 * course.c - see course.h.
 */
#include "course.h"

#include <string.h>

/* What is loaded as trees is no place for a file: only a tree that nobody
 * packed says so. */
static int check_self(const struct course *c, struct diag_log *diag)
{
	struct range staged[BLOB_STAGED_MAX];
	uint32_t count, i;

	count = blob_staged(c->blob, (struct range){ 0, 0 }, staged);
	for (i = 0; i < count; i++)
		if (range_overlaps(staged[i], c->self))
			return diag_add(diag, HO_ESTAGING,
					"blob overlaps 0x%llx..0x%llx",
					(unsigned long long)staged[i].start,
					(unsigned long long)staged[i].end);
	return 0;
}

static int run_verify(struct course *c, course_at at, void *context,
		      struct diag_log *diag)
{
	int rc = at(context, COURSE_VERIFY);

	if (!rc)
		rc = check_self(c, diag);
	if (!rc)
		rc = region_init(&c->region, c->blob, c->self, 0, diag);
	if (!rc)
		rc = at(context, COURSE_REGION);
	if (!rc)
		rc = region_take_stream(&c->region, c->blob, diag);
	return rc ? rc : at(context, COURSE_STREAM);
}

static int run_pass(struct course *c, course_at at, void *context,
		    struct diag_log *diag)
{
	int rc = at(context, COURSE_PASS);

	/* its target gets no frame of the pool */
	if (rc || c->blob->region_only)
		return rc;
	rc = pass_run(&c->pass, c->blob, &c->region, diag);
	if (rc)
		return rc;
	region_end_pages(&c->region);
	return at(context, COURSE_OWNED);
}

static struct result_input result_of(const struct course *c)
{
	struct result_input in = {
		.blob = c->blob, .blob_paddr = c->blob_paddr,
		.pass = &c->pass, .plan = &c->plan,
		.log_paddr = c->log_paddr, .log_bytes = c->log_bytes,
	};

	memcpy(in.stage_tsc, c->stage_tsc, sizeof(in.stage_tsc));
	return in;
}

/* Its place is taken while nothing has been moved yet. */
static int take_result(struct course *c, struct diag_log *diag)
{
	struct result_input in = result_of(c);
	uint64_t bytes = result_bytes(&in);
	uint64_t at = region_alloc(&c->region, bytes, HO_PAGE_BYTES);

	if (!at)
		return diag_add(diag, HO_EFULL, "result tree of %llu bytes",
				(unsigned long long)bytes);
	c->result = (struct range){ at, at + bytes };
	return 0;
}

static int run_plug(struct course *c, course_at at, void *context,
		    struct diag_log *diag)
{
	struct frametable_view owned;
	struct plan_input in = {
		.blob = c->blob, .region = &c->region, .failed = c->failed,
		.levels = c->levels,
		.image = c->image,
	};
	int rc = at(context, COURSE_PLUG);

	if (rc)
		return rc;
	if (!c->blob->region_only) {
		frametable_view(&c->pass.ft, c->blob, &owned);
		in.owned = &owned;
		in.owned_frames = c->pass.frame_count;
	}
	memcpy(in.modules, c->modules, sizeof(in.modules));
	rc = plan_build(&c->plan, &in, diag);
	if (!rc && !c->blob->region_only)
		rc = take_result(c, diag);
	return rc ? rc : at(context, COURSE_PLANNED);
}

static int write_result(struct course *c, struct diag_log *diag)
{
	struct result_input in = result_of(c);
	uint64_t bytes;
	int rc = result_write(region_va(&c->region, c->result.start),
			      range_bytes(c->result), &in, &bytes, diag);

	if (!rc)
		c->result.end = c->result.start + bytes;
	return rc;
}

static int run_chain(struct course *c, course_at at, void *context,
		     struct diag_log *diag)
{
	int rc = at(context, COURSE_CHAIN);

	if (!rc && !c->blob->region_only)
		rc = write_result(c, diag);
	return rc ? rc : at(context, COURSE_JUMP);
}

int course_run(struct course *c, course_at at, void *context,
	       struct diag_log *diag)
{
	int rc;

	c->result = (struct range){ 0, 0 };
	rc = run_verify(c, at, context, diag);
	if (!rc)
		rc = run_pass(c, at, context, diag);
	if (!rc)
		rc = run_plug(c, at, context, diag);
	return rc ? rc : run_chain(c, at, context, diag);
}
