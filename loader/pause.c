// SPDX-License-Identifier: MIT
/*
 * pause.c - see pause.h.
 */
#include "pause.h"

#include <x86intrin.h>

#include "util.h"

uint64_t pause_tsc(void)
{
	return __rdtsc();
}

void pause_report(const struct handover *h, const char *name,
		  const struct pause_saved *saved, uint64_t restore_tsc)
{
	const uint64_t *stub = h->crumb.stage_tsc;
	const uint64_t at[] = {
		saved->suspend_tsc, saved->collected_tsc,
		stub[HO_STAGE_ENTRY], stub[HO_STAGE_TARGET], restore_tsc,
		pause_tsc(),
	};
	double s[5], total;
	int i;

	for (i = 0; i < 5; i++) {
		if (!h->crumb.tsc_khz || at[i + 1] < at[i])
			return;
		s[i] = (at[i + 1] - at[i]) / 1e3 / h->crumb.tsc_khz;
	}
	total = (at[5] - at[0]) / 1e3 / h->crumb.tsc_khz;
	progress("%s: paused %.2f s: collect %.2f, load %.2f, stub %.2f (%.1f %%), Xen and dom0 %.2f, restore %.2f",
		 name, total, s[0], s[1], s[2], 100 * s[2] / total, s[3],
		 s[4]);
}
