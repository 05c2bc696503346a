// SPDX-License-Identifier: MIT
/*
 * payload.c - the smallest target: reads everything the stub left and holds
 * it against itself. Ends QEMU through isa-debug-exit.
 *
 * Command line: baton=BASE baton.case=NAME, and `pattern` when the kept
 * frames are a holder's. With linger=SECONDS all of its RAM but its own image is
 * looked at from outside, twice, with so much time between.
 */
#include "checks.h"
#include "cpu.h"

#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_SECONDS	0x00
#define LOW_BYTES	(1ull << 20)	/* the firmware's, too */
#define TAKE_SECONDS	2		/* the runner has seen it then */

void payload_main(const uint8_t *information) __attribute__((noreturn));

extern uint8_t payload_image[], payload_end[];

static void check_content(const struct ho_rec_domain *domain, uint64_t mfn)
{
	(void)domain;
	check_words(mfn, 0);
}

/* By the clock of the machine. */
static void wait(uint64_t seconds)
{
	uint8_t last = 0, now;

	for (seconds++; seconds; last = now) {
		cpu_out8(RTC_INDEX, RTC_SECONDS);
		now = cpu_in8(RTC_DATA);
		seconds -= now != last;
	}
}

static void list(uint64_t start, uint64_t end)
{
	start = (start + 4095) >> 12;
	end >>= 12;
	if (start < end)
		say("frame: %llx %llu\n", (unsigned long long)start,
		    (unsigned long long)(end - start));
}

/* Neither this image, which works, nor what it was given: that lies behind it, or
 * before it. */
static void list_ram(struct range self)
{
	struct range skip = {
		self.start < seen.info.start ? self.start : seen.info.start,
		self.end > seen.info.end ? self.end : seen.info.end,
	};
	uint32_t i;

	say("frames: begin\n");
	for (i = 0; i < seen.result.map_count; i++) {
		struct range r = seen.result.map[i].place;

		if (seen.result.map[i].type != E820_RAM || r.end <= LOW_BYTES)
			continue;
		if (!range_overlaps(r, skip)) {
			list(r.start, r.end);
			continue;
		}
		list(r.start, skip.start & ~4095ull);
		list(skip.end, r.end);
	}
	say("frames: end\n");
}

static void linger(struct range self, uint64_t seconds)
{
	list_ram(self);
	say("frames: take\n");
	wait(TAKE_SECONDS + seconds);
	say("frames: take\n");
	wait(TAKE_SECONDS);
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
	if (option("linger="))
		linger(self, number(option("linger=")));
	say("verdict: %s success\n", seen.case_name);
	finish(true);
}
