// SPDX-License-Identifier: MIT
/*
 * frames.c - what it costs to read which frames a process has, by the loader's own
 * reader: nanoseconds for an entry of a page of 2 MiB, and for one of 4 KiB, over
 * memory of its own in large pages. Called by bench/paused, as root: nobody else is
 * told the numbers.
 *
 *   frames GIB
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "checked.h"
#include "handover/base.h"
#include "process.h"

#define RUNS	9

static uint64_t pages;

static void count(void *context, uint64_t mfn, uint64_t run, uint64_t vpn)
{
	(void)context;
	(void)mfn;
	(void)vpn;
	pages += run;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int read_once(struct vrange range, bool huge, struct diag_log *diag)
{
	uint64_t hash = 0;

	return huge ? process_huge_extents(getpid(), range, count, NULL, diag)
		    : process_extents(getpid(), range, count, NULL, &hash, diag);
}

/* Nanoseconds for each entry. */
static double measure(struct vrange range, bool huge)
{
	uint64_t bytes = huge ? HO_PAGE_2M_BYTES : HO_PAGE_BYTES;
	struct diag_log diag;
	double t[RUNS];
	int i;

	diag_init(&diag, HO_STAGE_LOADER);
	for (i = 0; i < RUNS; i++) {
		double start = now();

		pages = 0;
		if (read_once(range, huge, &diag) ||
		    pages != (range.end - range.start) / HO_PAGE_BYTES) {
			fprintf(stderr, "frames: %s\n",
				diag.kept ? error_name(diag.items[0].code)
					  : "pages are missing");
			exit(1);
		}
		t[i] = now() - start;
	}
	qsort(t, RUNS, sizeof(*t), by_value);
	return t[RUNS / 2] * bytes / (range.end - range.start);
}

int main(int argc, char **argv)
{
	uint64_t bytes = argc == 2 ? strtoull(argv[1], NULL, 10) << 30 : 0;
	struct vrange range;
	uint8_t *memory;

	if (!bytes)
		return 2;
	memory = mmap(NULL, bytes + HO_PAGE_2M_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		perror("frames");
		return 1;
	}
	range.start = align_up((uintptr_t)memory, HO_PAGE_2M_BYTES);
	range.end = range.start + bytes;
	madvise((void *)(uintptr_t)range.start, bytes, MADV_HUGEPAGE);
	memset((void *)(uintptr_t)range.start, 1, bytes);
	printf("{\"huge_ns\": %.1f, \"small_ns\": %.1f}\n", measure(range, true),
	       measure(range, false));
	return 0;
}
