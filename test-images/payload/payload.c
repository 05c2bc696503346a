// SPDX-License-Identifier: MIT
/*
 * payload.c - the smallest target: reads everything the stub left and holds
 * it against itself. Ends QEMU through isa-debug-exit.
 *
 * Command line: baton=BASE baton.case=NAME, and `pattern` when the kept
 * frames are a holder's.
 */
#include "digest.h"
#include "pass.h"
#include "result.h"
#include "stub/console.h"
#include "stub/cpu.h"
#include "stub/libc.h"
#include "test-images/pattern.h"

#define EXIT_PORT	0xf4
#define EXIT_SUCCESS	0x10	/* QEMU ends with 33 */
#define EXIT_FAILURE	0x11	/* 35 */

#define MAPPED_BYTES	(16ull << 30)

void payload_main(const uint8_t *information) __attribute__((noreturn));
void payload_fault(uint64_t cr2) __attribute__((noreturn));
void __stack_chk_fail(void) __attribute__((noreturn));

extern uint8_t payload_image[], payload_end[];

static struct console console;
static struct diag_log diag;
static struct blob blob;
static struct result result;
static struct frametable_view view;
static const char *cmdline = "";
static char case_name[64] = "payload";
static const uint8_t *map_tag;	/* tag 6 of the boot information */

#define say(...) console_say(&console, __VA_ARGS__)

static void __attribute__((noreturn)) finish(bool good)
{
	__asm__ volatile("outl %0, %1" : : "a"(good ? EXIT_SUCCESS
						    : EXIT_FAILURE),
			 "Nd"((uint16_t)EXIT_PORT));
	cpu_halt();
	__builtin_unreachable();
}

#define fail(format, ...) do { \
	say("verdict: %s failure " format "\n", case_name, ##__VA_ARGS__); \
	finish(false); \
} while (0)

#define require(what, format, ...) do { \
	if (!(what)) \
		fail(format, ##__VA_ARGS__); \
} while (0)

void payload_fault(uint64_t cr2)
{
	fail("CPU fault, cr2 0x%llx", (unsigned long long)cr2);
}

void __stack_chk_fail(void)
{
	fail("stack protector");
}

static const void *at(uint64_t pa, uint64_t bytes)
{
	require(pa + bytes <= MAPPED_BYTES && pa + bytes >= pa,
		"0x%llx is not mapped here", (unsigned long long)pa);
	return (const void *)(uintptr_t)pa;
}

/* The value of an option up to the next blank; NULL: not there. */
static const char *option(const char *name)
{
	size_t length = strlen(name);
	const char *p;

	for (p = cmdline; *p; p++)
		if ((p == cmdline || p[-1] == ' ') &&
		    strnlen(p, length) == length && !memcmp(p, name, length))
			return p + length;
	return NULL;
}

static bool flag(const char *name)
{
	const char *p = option(name);

	return p && (!*p || *p == ' ');
}

static uint64_t hex(const char *p)
{
	uint64_t v = 0;

	for (p += 2; ; p++) {
		int digit = *p >= '0' && *p <= '9' ? *p - '0' :
			    *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 : -1;

		if (digit < 0)
			return v;
		v = v << 4 | digit;
	}
}

static void read_information(const uint8_t *info)
{
	uint32_t total, offset = 8, type, bytes;

	memcpy(&total, info, 4);
	while (offset + 8 <= total) {
		memcpy(&type, info + offset, 4);
		memcpy(&bytes, info + offset + 4, 4);
		if (type == 0 || bytes < 8)
			break;
		if (type == 1)
			cmdline = (const char *)info + offset + 8;
		if (type == 6)
			map_tag = info + offset;
		offset += (bytes + 7) & ~7u;
	}
}

static void read_name(void)
{
	const char *p = option("baton.case=");
	size_t i;

	for (i = 0; p && p[i] && p[i] != ' ' && i + 1 < sizeof(case_name);
	     i++) {
		case_name[i] = p[i];
		case_name[i + 1] = '\0';
	}
}

static void read_result(void)
{
	const char *base = option("baton=");
	const struct ho_breadcrumb *crumb;

	require(base, "no baton= on the command line");
	crumb = at(hex(base), sizeof(*crumb));
	require(breadcrumb_check(crumb), "breadcrumb");
	require(crumb->state == HO_STATE_CHAINED, "state %u", crumb->state);
	diag_init(&diag, 0);
	if (blob_parse(&blob, at(crumb->result_paddr, crumb->result_bytes),
		       crumb->result_bytes, BLOB_RESULT, &diag) ||
	    result_parse(&result, &blob, &diag))
		fail("result: %s at %s", error_name(diag.items[0].code),
		     diag.items[0].where);
	view = (struct frametable_view){
		.root = result.frametable_root,
		.range_count = blob.region_count,
	};
	memcpy(view.ranges, blob.region, sizeof(view.ranges));
}

static void check_pattern(uint64_t mfn)
{
	const uint64_t *word = at(mfn << 12, 4096);
	int i;

	for (i = 0; i < 512; i++)
		require(word[i] == pattern((mfn << 12) + 8 * i),
			"byte changed at 0x%llx",
			(unsigned long long)(mfn << 12) + 8 * i);
}

/* Every frame of every extent has the owner and the type of the stream. */
static uint64_t check_frames(const struct frames *f, bool with_pattern)
{
	uint64_t count = 0;
	uint32_t i, j;

	for (i = 0; i < f->extent_count; i++) {
		uint64_t word = load_le64(f->words + 8ull * i);
		uint64_t mfn = frame_word_mfn(word);

		for (j = 0; j < frame_word_pages(word); j++, mfn++, count++) {
			struct frametable_span s;

			require(frametable_lookup(&view, mfn, &s) &&
				s.domid == f->domid &&
				s.type == frame_word_type(word),
				"frametable at mfn 0x%llx",
				(unsigned long long)mfn);
			if (with_pattern)
				check_pattern(mfn);
		}
	}
	return count;
}

static uint64_t check_stream(void)
{
	struct range first = blob.stream_range_count
		? blob_stream_range(&blob, 0) : (struct range){ 0, 0 };
	const void *bytes = at(blob.stream_range_count
			       ? first.start : blob.stream_paddr,
			       blob.stream_bytes);
	bool with_pattern = flag("pattern");
	uint64_t frames = 0;
	struct stream s;
	struct record rec;
	struct frames f;
	int rc;

	require(blob.stream_range_count <= 1,
		"stream in %u pieces, this reads one",
		blob.stream_range_count);
	rc = stream_open(&s, bytes, blob.stream_bytes, &diag);
	while (!rc && (rc = stream_next(&s, &rec, &diag)) > 0) {
		rc = 0;
		if (rec.type != HO_REC_FRAMES)
			continue;
		rc = record_frames(&rec, &f, &diag);
		if (!rc)
			frames += check_frames(&f, with_pattern);
	}
	require(!rc, "stream: %s", error_name(-rc));
	return frames;
}

/* What the table has in all is what the stream had in all. */
static void check_totals(uint64_t frames)
{
	const struct ho_domain *d = at(result.domain_table,
				       result.domain_table_bytes);
	struct frametable_walk w = frametable_walk(&view);
	uint64_t walked = 0, table = 0;
	struct frametable_span s;
	uint32_t i;
	int rc;

	while ((rc = frametable_next(&w, &s)) > 0)
		walked += s.count;
	for (i = 0; i < result.domain_count; i++)
		table += d[i].frame_count;
	if (blob.stream_range_count) {	/* its own, which it does not name */
		frames += (blob.stream_bytes + 4095) / 4096;
		table += (blob.stream_bytes + 4095) / 4096;
	}
	require(!rc && walked == frames && table == frames &&
		result.frames_owned == frames,
		"totals: stream %llu, frametable %llu, domains %llu, result %llu",
		(unsigned long long)frames, (unsigned long long)walked,
		(unsigned long long)table,
		(unsigned long long)result.frames_owned);
}

static bool ram_covers(struct range r)
{
	uint32_t i;

	for (i = 0; i < result.map_count; i++)
		if (result.map[i].type == E820_RAM &&
		    range_covers(result.map[i].place, r))
			return true;
	return false;
}

/* The map of the boot information is that of the result, split at 4 GiB. */
static void check_map(void)
{
	uint64_t start, bytes, at_entry = 0, done = 0;
	uint32_t size, type, i;

	require(map_tag, "no memory map");
	memcpy(&size, map_tag + 4, 4);
	for (i = 16; i + 24 <= size; i += 24) {
		memcpy(&start, map_tag + i, 8);
		memcpy(&bytes, map_tag + i + 8, 8);
		memcpy(&type, map_tag + i + 16, 4);
		require(at_entry < result.map_count &&
			start == result.map[at_entry].place.start + done &&
			type == result.map[at_entry].type &&
			(start >= 1ull << 32 || start + bytes <= 1ull << 32),
			"map entry at 0x%llx", (unsigned long long)start);
		done += bytes;
		if (done == range_bytes(result.map[at_entry].place)) {
			at_entry++;
			done = 0;
		}
	}
	require(at_entry == result.map_count && !done, "map is short");
}

/* No RAM over anything owned, nor over the region. */
static void check_plugged(void)
{
	struct frametable_walk w = frametable_walk(&view);
	struct frametable_span s;
	uint32_t i, j;

	while (frametable_next(&w, &s) > 0) {
		struct range owned = { s.mfn << 12, (s.mfn + s.count) << 12 };

		for (i = 0; i < result.map_count; i++)
			require(result.map[i].type != E820_RAM ||
				!range_overlaps(result.map[i].place, owned),
				"owned frame 0x%llx is plugged",
				(unsigned long long)s.mfn);
	}
	for (i = 0; i < result.map_count; i++)
		for (j = 0; j < blob.region_count; j++)
			require(result.map[i].type != E820_RAM ||
				!range_overlaps(result.map[i].place,
						blob.region[j]),
				"region is plugged");
}

void payload_main(const uint8_t *information)
{
	struct range self = { (uintptr_t)payload_image,
			      (uintptr_t)payload_end };
	struct range info = { (uintptr_t)information,
			      (uintptr_t)information + 8 };
	uint64_t frames;

	console_init(&console, 0x3f8, 0);
	read_information(information);
	read_name();
	read_result();
	frames = check_stream();
	check_totals(frames);
	check_map();
	check_plugged();
	require(ram_covers(self), "payload itself is not in RAM");
	require(ram_covers(info), "boot information is not in RAM");
	say("payload at 0x%llx: %u domains, %llu frames as the stream says%s, map of %u entries\n",
	    (unsigned long long)self.start, result.domain_count,
	    (unsigned long long)frames,
	    flag("pattern") ? ", every word unchanged" : "",
	    result.map_count);
	say("verdict: %s success\n", case_name);
	finish(true);
}
