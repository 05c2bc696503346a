// SPDX-License-Identifier: MIT
/*
 * trial.c - see trial.h.
 */
#include "trial.h"

#include <time.h>
#include <unistd.h>

double trial_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void count(struct trial *t)
{
	int i;

	t->frames = 0;
	for (i = 0; i < t->collect->domain_count; i++)
		t->frames += t->collect->domains[i].seen_frames;
}

/* A stream of guests that are refused has the others: they are looked at. */
int trial_run(struct trial *t, struct diag_log *diag)
{
	const struct load load = { .blob = t->blob, .trial = true,
				   .figures = t->figures, .stage = t->stage,
				   .parent = t->started_by };
	double start = trial_now(), end;
	int guests = collect_preview(t->collect, t->parent, t->stream, diag);
	int rc = 0;

	end = trial_now();
	t->collect_seconds = end - start;
	count(t);
	if (access(t->stream, F_OK))
		return guests;
	t->pack->stream_count = 1;
	t->pack->streams[0] = t->stream;
	if (t->packing)
		rc = pack_write(t->packing, t->blob);
	start = trial_now();
	t->pack_seconds = start - end;
	if (t->packing && !rc)
		rc = load_run(&load, diag);
	t->check_seconds = trial_now() - start;
	unlink(t->stream);
	unlink(t->blob);
	return guests ? guests : rc;
}
