// SPDX-License-Identifier: MIT
/*
 * checks.c - what every multiboot2 test target reads and holds against itself:
 * command line, breadcrumb, result, frametable, stream, map.
 */
#include "checks.h"

#include "cpu.h"
#include "digest.h"
#include "libc.h"
#include "pattern.h"

#define EXIT_PORT	0xf4
#define EXIT_SUCCESS	0x10	/* QEMU ends with 33 */
#define EXIT_FAILURE	0x11	/* 35 */

#define MAPPED_BYTES	(16ull << 30)

void payload_fault(uint64_t cr2) __attribute__((noreturn));
void __stack_chk_fail(void) __attribute__((noreturn));

struct seen seen = { .cmdline = "", .case_name = "payload" };

void finish(bool good)
{
	__asm__ volatile("outl %0, %1" : : "a"(good ? EXIT_SUCCESS
						    : EXIT_FAILURE),
			 "Nd"((uint16_t)EXIT_PORT));
	cpu_halt();
	__builtin_unreachable();
}

void payload_fault(uint64_t cr2)
{
	fail("CPU fault, cr2 0x%llx", (unsigned long long)cr2);
}

void __stack_chk_fail(void)
{
	fail("stack protector");
}

const void *at(uint64_t pa, uint64_t bytes)
{
	require(pa + bytes <= MAPPED_BYTES && pa + bytes >= pa,
		"0x%llx is not mapped here", (unsigned long long)pa);
	return (const void *)(uintptr_t)pa;
}

bool starts_with(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strnlen(text, length) == length &&
	       !memcmp(text, prefix, length);
}

const char *option(const char *name)
{
	const char *p;

	for (p = seen.cmdline; *p; p++)
		if ((p == seen.cmdline || p[-1] == ' ') &&
		    starts_with(p, name))
			return p + strlen(name);
	return NULL;
}

bool flag(const char *name)
{
	const char *p = option(name);

	return p && (!*p || *p == ' ');
}

uint64_t number(const char *p)
{
	int base = p[0] == '0' && p[1] == 'x' ? 16 : 10;
	uint64_t v = 0;

	for (p += base == 16 ? 2 : 0; ; p++) {
		int digit = *p >= '0' && *p <= '9' ? *p - '0' :
			    *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 : -1;

		if (digit < 0 || digit >= base)
			return v;
		v = v * base + digit;
	}
}

static void read_module(const uint8_t *tag)
{
	uint32_t place[2];

	require(seen.module_count < HO_TARGET_MODULES_MAX, "modules");
	memcpy(place, tag + 8, sizeof(place));
	seen.modules[seen.module_count++] = (struct range){ place[0],
							    place[1] };
}

static void read_information(const uint8_t *info)
{
	uint32_t total, offset = 8, type, bytes;

	memcpy(&total, info, 4);
	seen.info = (struct range){ (uintptr_t)info, (uintptr_t)info + total };
	while (offset + 8 <= total) {
		memcpy(&type, info + offset, 4);
		memcpy(&bytes, info + offset + 4, 4);
		if (type == 0 || bytes < 8)
			break;
		if (type == 1)
			seen.cmdline = (const char *)info + offset + 8;
		if (type == 3)
			read_module(info + offset);
		if (type == 6)
			seen.map_tag = info + offset;
		offset += (bytes + 7) & ~7u;
	}
}

static void read_name(void)
{
	const char *p = option("baton.case=");
	size_t i;

	for (i = 0; p && p[i] && p[i] != ' ' && i + 1 < sizeof(seen.case_name);
	     i++) {
		seen.case_name[i] = p[i];
		seen.case_name[i + 1] = '\0';
	}
}

static void read_result(void)
{
	const char *base = option("baton=");
	const struct ho_breadcrumb *crumb;

	require(base, "no baton= on the command line");
	crumb = seen.crumb = at(number(base), sizeof(*crumb));
	require(breadcrumb_check(crumb), "breadcrumb");
	require(crumb->state == HO_STATE_CHAINED, "state %u", crumb->state);
	diag_init(&seen.diag, 0);
	if (blob_parse(&seen.blob, at(crumb->result_paddr, crumb->result_bytes),
		       crumb->result_bytes, BLOB_RESULT, &seen.diag) ||
	    result_parse(&seen.result, &seen.blob, &seen.diag))
		fail("result: %s at %s", error_name(seen.diag.items[0].code),
		     seen.diag.items[0].where);
	seen.view = (struct frametable_view){
		.root = seen.result.frametable_root,
		.range_count = seen.blob.region_count,
	};
	memcpy(seen.view.ranges, seen.blob.region, sizeof(seen.view.ranges));
}

void check_words(uint64_t mfn, uint64_t salt)
{
	const uint64_t *word = at(mfn << 12, 4096);
	int i;

	for (i = 0; i < 512; i++)
		require(word[i] == (pattern((mfn << 12) + 8 * i) ^ salt),
			"byte changed at 0x%llx",
			(unsigned long long)(mfn << 12) + 8 * i);
}

static uint64_t check_frames(const struct frames *f,
			     const struct ho_rec_domain *domain,
			     content_fn content)
{
	uint64_t count = 0;
	uint32_t i, j;

	for (i = 0; i < f->extent_count; i++) {
		uint64_t word = load_le64(f->words + 8ull * i);
		uint64_t mfn = frame_word_mfn(word);

		for (j = 0; j < frame_word_pages(word); j++, mfn++, count++) {
			struct frametable_span s;

			require(frametable_lookup(&seen.view, mfn, &s) &&
				s.domid == f->domid &&
				s.type == frame_word_type(word),
				"frametable at mfn 0x%llx",
				(unsigned long long)mfn);
			if (content)
				content(domain, mfn);
		}
	}
	return count;
}

const uint8_t *stream_bytes(void)
{
	struct range first = seen.blob.stream_range_count
		? blob_stream_range(&seen.blob, 0) : (struct range){ 0, 0 };

	require(seen.blob.stream_range_count <= 1,
		"stream in %u pieces, this reads one",
		seen.blob.stream_range_count);
	return at(seen.blob.stream_range_count ? first.start
					       : seen.blob.stream_paddr,
		  seen.blob.stream_bytes);
}

uint64_t check_stream(content_fn content)
{
	struct ho_rec_domain domain = { 0 };
	uint64_t frames = 0;
	struct stream s;
	struct record rec;
	struct frames f;
	int rc = stream_open(&s, stream_bytes(), seen.blob.stream_bytes,
			     &seen.diag);

	while (!rc && (rc = stream_next(&s, &rec, &seen.diag)) > 0) {
		rc = 0;
		if (rec.type == HO_REC_DOMAIN)
			rc = record_domain(&rec, &domain, &seen.diag);
		if (rec.type != HO_REC_FRAMES)
			continue;
		rc = record_frames(&rec, &f, &seen.diag);
		if (!rc)
			frames += check_frames(&f, &domain, content);
	}
	require(!rc, "stream: %s", error_name(-rc));
	return frames;
}

void check_totals(uint64_t frames)
{
	const struct ho_domain *d = at(seen.result.domain_table,
				       seen.result.domain_table_bytes);
	struct frametable_walk w = frametable_walk(&seen.view);
	uint64_t walked = 0, table = 0;
	struct frametable_span s;
	uint32_t i;
	int rc;

	while ((rc = frametable_next(&w, &s)) > 0)
		walked += s.count;
	for (i = 0; i < seen.result.domain_count; i++)
		table += d[i].frame_count;
	if (seen.blob.stream_range_count) {	/* its own, which it does not name */
		frames += (seen.blob.stream_bytes + 4095) / 4096;
		table += (seen.blob.stream_bytes + 4095) / 4096;
	}
	require(!rc && walked == frames && table == frames &&
		seen.result.frames_owned == frames,
		"totals: stream %llu, frametable %llu, domains %llu, result %llu",
		(unsigned long long)frames, (unsigned long long)walked,
		(unsigned long long)table,
		(unsigned long long)seen.result.frames_owned);
}

bool ram_covers(struct range r)
{
	uint32_t i;

	for (i = 0; i < seen.result.map_count; i++)
		if (seen.result.map[i].type == E820_RAM &&
		    range_covers(seen.result.map[i].place, r))
			return true;
	return false;
}

void check_map(void)
{
	uint64_t start, bytes, at_entry = 0, done = 0;
	uint32_t size, type, i;

	require(seen.map_tag, "no memory map");
	memcpy(&size, seen.map_tag + 4, 4);
	for (i = 16; i + 24 <= size; i += 24) {
		memcpy(&start, seen.map_tag + i, 8);
		memcpy(&bytes, seen.map_tag + i + 8, 8);
		memcpy(&type, seen.map_tag + i + 16, 4);
		require(at_entry < seen.result.map_count &&
			start == seen.result.map[at_entry].place.start + done &&
			type == seen.result.map[at_entry].type &&
			(start >= 1ull << 32 || start + bytes <= 1ull << 32),
			"map entry at 0x%llx", (unsigned long long)start);
		done += bytes;
		if (done == range_bytes(seen.result.map[at_entry].place)) {
			at_entry++;
			done = 0;
		}
	}
	require(at_entry == seen.result.map_count && !done, "map is short");
}

void check_plugged(void)
{
	struct frametable_walk w = frametable_walk(&seen.view);
	struct frametable_span s;
	uint32_t i, j;

	while (frametable_next(&w, &s) > 0) {
		struct range owned = { s.mfn << 12, (s.mfn + s.count) << 12 };

		for (i = 0; i < seen.result.map_count; i++)
			require(seen.result.map[i].type != E820_RAM ||
				!range_overlaps(seen.result.map[i].place, owned),
				"owned frame 0x%llx is plugged",
				(unsigned long long)s.mfn);
	}
	for (i = 0; i < seen.result.map_count; i++)
		for (j = 0; j < seen.blob.region_count; j++)
			require(seen.result.map[i].type != E820_RAM ||
				!range_overlaps(seen.result.map[i].place,
						seen.blob.region[j]),
				"region is plugged");
}

void see(const uint8_t *information)
{
	console_init(&seen.console, 0x3f8, 0);
	read_information(information);
	read_name();
	read_result();
}
