// SPDX-License-Identifier: MIT
/*
 * payload.c - the smallest target: reads everything the stub left and holds
 * it against itself. Ends QEMU through isa-debug-exit.
 *
 * Command line: baton=BASE baton.case=NAME, and `pattern` when the kept
 * frames are a holder's.
 */
#include "checks.h"

void payload_main(const uint8_t *information) __attribute__((noreturn));

extern uint8_t payload_image[], payload_end[];

static void check_content(const struct ho_rec_domain *domain, uint64_t mfn)
{
	(void)domain;
	check_words(mfn, 0);
}

void payload_main(const uint8_t *information)
{
	struct range self = { (uintptr_t)payload_image,
			      (uintptr_t)payload_end };
	uint64_t frames;

	see(information);
	frames = check_stream(flag("pattern") ? check_content : NULL);
	check_totals(frames);
	check_map();
	check_plugged();
	require(ram_covers(self), "payload itself is not in RAM");
	require(ram_covers(seen.info), "boot information is not in RAM");
	say("payload at 0x%llx: %u domains, %llu frames as the stream says%s, map of %u entries\n",
	    (unsigned long long)self.start, seen.result.domain_count,
	    (unsigned long long)frames,
	    flag("pattern") ? ", every word unchanged" : "",
	    seen.result.map_count);
	say("verdict: %s success\n", seen.case_name);
	finish(true);
}
