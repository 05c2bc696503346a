// SPDX-License-Identifier: MIT
/*
 * leave.c - what an update leaves in memory, as files that QEMU puts at
 * REGION_BASE before a Xen boots: as it is, and spoiled in one place each.
 *
 *   leave FOLDER           FOLDER/NAME for each of the table
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leftover.h"
#include "handover/fdt.h"

#define PV_MFN		0x20000ull	/* 512 MiB */
#define PV_PAGES	40
#define HVM_MFN		0x30000ull	/* 768 MiB */
#define HVM_PAGES	1024
#define HELD_MFN	0x38000ull	/* 896 MiB: a process's */
#define RECORD		1024		/* extents */
/* The last one of 2 GiB ends below the firmware's tables, at 3 GiB */
#define MANY_MFN	0x30000ull

static struct leftover l;
static struct stream_text s;
static size_t at_frames;	/* body of the PV guest's FRAMES, in the stream */

static void put_domain(uint32_t domid, uint32_t kind, uint64_t mfn,
		       uint64_t pages, uint64_t gfn)
{
	const struct ho_rec_domain d = { .domid = domid, .kind = kind,
					 .uuid = { domid }, .name = "g" };
	const uint64_t body[] = { domid | 1ull << 32,
				  frame_word(mfn, pages, 0), gfn };

	stream_text_record(&s, HO_REC_DOMAIN, &d, sizeof(d));
	if (kind == HO_KIND_XEN_PV)
		at_frames = s.length + sizeof(struct ho_rec);
	stream_text_record(&s, HO_REC_FRAMES, body, sizeof(body));
	stream_text_domain_end(&s, domid, pages, 1);
}

static void put_three(void)
{
	put_domain(3, HO_KIND_XEN_PV, PV_MFN, PV_PAGES, 0);
	put_domain(4, HO_KIND_PROCESS, HELD_MFN, 8, HO_GFN_NONE);
	put_domain(9, HO_KIND_XEN_HVM, HVM_MFN, HVM_PAGES, 0x1000);
}

/* The words, then the gfns. */
static void put_bodies(uint64_t *body, const uint64_t *words, uint32_t n,
		       uint64_t gfn, uint32_t pages)
{
	uint32_t i;

	memcpy(body, words, 8 * n);
	for (i = 0; i < n; i++)
		body[n + i] = gfn + i * pages;
}

/* In records of 1024 extents. */
static void put_apart(const uint64_t *words, uint32_t count, uint32_t pages)
{
	struct { uint32_t domid, count; uint64_t body[2 * RECORD]; } r;
	uint32_t i, n;

	for (i = 0; i < count; i += n) {
		n = count - i < RECORD ? count - i : RECORD;
		r.domid = 9;
		r.count = n;
		put_bodies(r.body, words + i, n, (uint64_t)i * pages, pages);
		stream_text_record(&s, HO_REC_FRAMES, &r, 8 + 16 * n);
	}
}

/* One guest of `count` extents of `pages` pages each, with `gap` pages between, from
 * 768 MiB on. */
static void put_many(uint32_t count, uint32_t pages, uint32_t gap)
{
	const struct ho_rec_domain d = { .domid = 9, .kind = HO_KIND_XEN_HVM,
					 .uuid = { 9 }, .name = "g" };
	uint64_t *words = calloc(count, 8);
	uint32_t i;

	if (!words)
		abort();
	for (i = 0; i < count; i++)
		words[i] = frame_word(MANY_MFN + i * (pages + gap), pages, 0);
	l.ram = 3072 * MIB;
	stream_text_record(&s, HO_REC_DOMAIN, &d, sizeof(d));
	put_apart(words, count, pages);
	stream_text_domain_end(&s, 9, (uint64_t)count * pages, count);
	free(words);
}

static void put_gib(void)
{
	put_many(512, 512, 0);
}

static void put_two_gib(void)
{
	put_many(1024, 512, 0);
}

static void put_pieces(void)
{
	put_many(16384, 1, 1);
}

static bool make(void (*put)(void))
{
	l.ram = 0;
	stream_text_begin(&s);
	put();
	stream_text_end(&s);
	return leftover_make(&l, s.bytes, s.length);
}

static void as_it_is(void)
{
}

static void crumb(void)
{
	leftover_crumb(&l)->magic++;
	leftover_seal(&l);
}

static void state(void)
{
	leftover_crumb(&l)->state = HO_STATE_RUNNING;
	leftover_seal(&l);
}

static void tree(void)
{
	fdt_set_magic(leftover_at(&l, l.tree, l.tree_bytes), 0);
}

/* The region is not RAM of the machine's. */
static void region(void)
{
	void *fdt = leftover_at(&l, l.tree, l.tree_bytes);
	int node = fdt_path_offset(fdt, "/reserved-memory/region@1e000000");
	fdt64_t *reg = fdt_getprop_w(fdt, node, "reg", NULL);

	if (!reg)
		abort();
	fdt64_st(reg, 1ull << 40);
}

/* The PV guest's frames are the HVM guest's, and the digest is right. */
static void owner(void)
{
	const uint64_t word = frame_word(HVM_MFN, PV_PAGES, 0);

	memcpy(leftover_at(&l, l.stream + at_frames + 8, 8), &word, 8);
	leftover_seal_stream(&l);
}

static void stream(void)
{
	*(uint8_t *)leftover_at(&l, l.stream + s.length - HO_DIGEST_BYTES, 1) ^= 1;
}

static const struct {
	const char *name;
	void (*put)(void);
	void (*spoil)(void);
} table[] = {
	{ "whole", put_three, as_it_is }, { "crumb", put_three, crumb },
	{ "state", put_three, state }, { "tree", put_three, tree },
	{ "region", put_three, region }, { "owner", put_three, owner },
	{ "stream", put_three, stream },
	/* good ones of 1 GiB, of 2 GiB, and of 16,384 single frames */
	{ "gib", put_gib, as_it_is }, { "two-gib", put_two_gib, as_it_is },
	{ "pieces", put_pieces, as_it_is },
};

static bool write_file(const char *folder, const char *name)
{
	char path[4096];
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (!f)
		return false;
	good = fwrite(l.region, LEFTOVER_BYTES, 1, f) == 1;
	return !fclose(f) && good;
}

int main(int argc, char **argv)
{
	uint32_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: leave FOLDER\n");
		return 2;
	}
	for (i = 0; i < ARRAY_COUNT(table); i++) {
		if (!make(table[i].put))
			return 1;
		table[i].spoil();
		if (!write_file(argv[1], table[i].name)) {
			perror(argv[1]);
			return 1;
		}
		stream_text_free(&s);
	}
	return 0;
}
