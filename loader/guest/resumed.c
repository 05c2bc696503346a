// SPDX-License-Identifier: MIT
/*
 * resumed.c - see resumed.h. The files are of this boot, as their folder is.
 */
#include "resumed.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "rundir.h"
#include "util.h"

uint64_t resumed_now(void)
{
	return __rdtsc();
}

uint64_t resumed_boot(uint64_t tsc_khz)
{
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	return resumed_now() - (up.tv_sec * 1000 * tsc_khz +
				up.tv_nsec / 1000 * tsc_khz / 1000);
}

static const char *open_path(const struct handover *h,
			     const struct ho_domain *d, char path[64])
{
	snprintf(path, 64, RUN_DIR "/%" PRIu32 ".%" PRIu32 ".resuming",
		 h->crumb.generation, d->domid);
	return path;
}

int resumed_begin(const struct handover *h, const struct ho_domain *d,
		  struct diag_log *diag)
{
	char path[64];
	int rc = rundir_make(diag);

	return rc ? rc : file_write(open_path(h, d, path), "\n", 1, diag);
}

void resumed_settle(const struct handover *h, const struct ho_domain *d)
{
	char path[64];

	unlink(open_path(h, d, path));
}

bool resumed_is_open(const struct handover *h, const struct ho_domain *d)
{
	char path[64];

	return !access(open_path(h, d, path), F_OK);
}

/* A line GENERATION DOMID START-TSC END-TSC HOW each. The last one counts: it
 * may have been restored with --keep before. */
bool resumed_find(const struct handover *h, const struct ho_domain *d,
		  uint64_t *start, uint64_t *end, enum resumed_how *how)
{
	FILE *f = fopen(RESUMED_FILE, "re");
	uint32_t generation, domid, number;
	uint64_t began, ended;
	bool found = false;

	while (f && fscanf(f, "%" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNu64
			   " %" SCNu32, &generation, &domid, &began, &ended,
			   &number) == 5) {
		if (generation != h->crumb.generation || domid != d->domid)
			continue;
		*start = began;
		*end = ended;
		*how = number;
		found = true;
	}
	if (f)
		fclose(f);
	return found;
}

static FILE *open_file(const char *path, const char *mode)
{
	struct diag_log scratch;
	FILE *f;

	diag_init(&scratch, HO_STAGE_LOADER);
	rundir_make(&scratch);
	f = fopen(path, mode);
	if (!f)
		progress("not for baton status: %s cannot be written", path);
	return f;
}

void resumed_add(const struct handover *h, const struct ho_domain *d,
		 uint64_t start, uint64_t end, enum resumed_how how)
{
	FILE *f = open_file(RESUMED_FILE, "ae");

	if (!f)
		return;
	fprintf(f, "%" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %d\n",
		h->crumb.generation, d->domid, start, end, how);
	fclose(f);
}

void resumed_set_jump(uint32_t generation, uint64_t tsc)
{
	FILE *f = open_file(JUMPED_FILE, "we");

	if (!f)
		return;
	fprintf(f, "%" PRIu32 " %" PRIu64 "\n", generation, tsc);
	fclose(f);
}

bool resumed_jump(const struct handover *h, uint64_t *tsc)
{
	uint32_t generation;
	char text[64];

	return text_read(JUMPED_FILE, text, sizeof(text)) &&
	       sscanf(text, "%" SCNu32 " %" SCNu64, &generation, tsc) == 2 &&
	       generation == h->crumb.generation;
}
