// SPDX-License-Identifier: MIT
/*
 * test_inherit.c - what an update left in memory, as a Xen reads it: two guests
 * and a process; then the same spoiled in one place each time, with the reason.
 */
#include <libfdt.h>
#include <stdio.h>

#include "cmocka_all.h"
#include "inherit.h"
#include "leftover.h"
#include "handover/fdt.h"

#define PV_MFN		0x20000ull	/* 512 MiB: 40 frames, then 3 alone */
#define PV_PAGES	40
#define LONE_MFN	0x21000ull
#define HVM_MFN		0x30000ull	/* 768 MiB: 1024 frames */
#define HVM_PAGES	1024
#define HELD_MFN	0x38000ull	/* a process's */

static struct leftover l;
static struct stream_text s;

/* Where what is spoiled stands in the stream */
static size_t at_domain, at_frames, at_domain_end, at_held, at_held_frames,
	      at_end;

static size_t put_domain(uint32_t domid, uint32_t kind, uint8_t uuid)
{
	struct ho_rec_domain d = { .domid = domid, .kind = kind,
				   .uuid = { uuid }, .name = "g" };
	size_t at = s.length + sizeof(struct ho_rec);

	stream_text_record(&s, HO_REC_DOMAIN, &d, sizeof(d));
	return at;
}

static size_t put_frames(uint32_t domid, const uint64_t *words,
			 const uint64_t *gfns, uint32_t count)
{
	uint64_t body[1 + 2 * 8] = { domid | (uint64_t)count << 32 };
	size_t at = s.length + sizeof(struct ho_rec);

	memcpy(body + 1, words, 8 * count);
	memcpy(body + 1 + count, gfns, 8 * count);
	stream_text_record(&s, HO_REC_FRAMES, body, 8 + 16 * count);
	return at;
}

static size_t put_end(uint32_t domid, uint64_t frames, uint64_t extents)
{
	size_t at = s.length + sizeof(struct ho_rec);

	stream_text_domain_end(&s, domid, frames, extents);
	return at;
}

static void write_stream(void)
{
	stream_text_begin(&s);
	at_domain = put_domain(3, HO_KIND_XEN_PV, 0xa1);
	at_frames = put_frames(3, (uint64_t[]){
		frame_word(PV_MFN, PV_PAGES, 0),
		frame_word(LONE_MFN, 1, HO_TYPE_L1),
		frame_word(LONE_MFN + 2, 2, 0) },
		(uint64_t[]){ 0, 100, 50 }, 3);
	at_domain_end = put_end(3, PV_PAGES + 3, 3);
	at_held = put_domain(4, HO_KIND_PROCESS, 0);
	at_held_frames = put_frames(4, (uint64_t[]){
		frame_word(HELD_MFN, 8, 0) }, (uint64_t[]){ HO_GFN_NONE }, 1);
	put_end(4, 8, 1);
	put_domain(9, HO_KIND_XEN_HVM, 0xb2);
	put_frames(9, (uint64_t[]){ frame_word(HVM_MFN, HVM_PAGES, 0) },
		   (uint64_t[]){ 0x1000 }, 1);
	put_end(9, HVM_PAGES, 1);
	at_end = s.length + sizeof(struct ho_rec);
}

/* As it was left. */
static int setup(void **state)
{
	(void)state;
	s = (struct stream_text){ 0 };
	write_stream();
	stream_text_end(&s);
	assert_true(leftover_make(&l, s.bytes, s.length));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_text_free(&s);
	return 0;
}

static const void *map(uint64_t pa, uint64_t bytes)
{
	return leftover_at(&l, pa, bytes);
}

static bool read_all(void)
{
	return inherit_open(REGION_BASE, map) && inherit_attach(map);
}

/* Visitors */

static struct inherit_extent seen[16];
static struct range freed[16];
static uint32_t seen_count, freed_count, stop_at;

static bool note_extent(const struct inherit_extent *e)
{
	seen[seen_count++] = *e;
	return seen_count != stop_at;
}

static bool note_free(uint64_t start, uint64_t end)
{
	freed[freed_count++] = (struct range){ start, end };
	return freed_count != stop_at;
}

static void forget(void)
{
	seen_count = freed_count = stop_at = 0;
}

static void guests_and_extents(void **state)
{
	(void)state;
	forget();
	if (!read_all())
		fail_msg("%s", inherit_why());
	assert_int_equal(inherit_top(), LEFTOVER_RAM);
	assert_int_equal(inherit_guests(), 2);
	assert_int_equal(inherit_guest(0)->kind, INHERIT_PV);
	assert_int_equal(inherit_guest(0)->uuid[0], 0xa1);
	assert_int_equal(inherit_guest(0)->frames, PV_PAGES + 3);
	assert_int_equal(inherit_guest(0)->extents, 3);
	assert_int_equal(inherit_guest(1)->kind, INHERIT_HVM);
	assert_int_equal(inherit_guest(1)->frames, HVM_PAGES);
	assert_null(inherit_guest(2));
	assert_true(inherit_extents(note_extent));
	assert_int_equal(seen_count, 4);
	assert_int_equal(seen[1].mfn, LONE_MFN);
	assert_int_equal(seen[1].gfn, 100);
	assert_int_equal(seen[1].pages, 1);
	assert_int_equal(seen[2].gfn, 50);
	assert_int_equal(seen[3].guest, 1);
	assert_int_equal(seen[3].gfn, 0x1000);
	assert_int_equal(seen[3].pages, HVM_PAGES);
}

static void region_is_told(void **state)
{
	uint64_t start, end;

	(void)state;
	assert_true(read_all());
	assert_true(inherit_region(0, &start, &end));
	assert_int_equal(start, REGION_BASE);
	assert_int_equal(end, REGION_BASE + LEFTOVER_BYTES);
	assert_false(inherit_region(1, &start, &end));
}

/* Free is what is nobody's: neither a guest's, nor a process's, nor region. */
static void free_ranges(void **state)
{
	const uint64_t at[] = {
		0, 0x9f000, MIB, REGION_BASE, REGION_BASE + LEFTOVER_BYTES,
		PV_MFN << 12, (PV_MFN + PV_PAGES) << 12, LONE_MFN << 12,
		(LONE_MFN + 1) << 12, (LONE_MFN + 2) << 12,
		(LONE_MFN + 4) << 12, HVM_MFN << 12,
		(HVM_MFN + HVM_PAGES) << 12, HELD_MFN << 12,
		(HELD_MFN + 8) << 12, LEFTOVER_RAM,
	};
	uint32_t i;

	(void)state;
	forget();
	assert_true(read_all());
	assert_true(inherit_free(note_free));
	assert_int_equal(freed_count, ARRAY_COUNT(at) / 2);
	for (i = 0; i < freed_count; i++) {
		assert_int_equal(freed[i].start, at[2 * i]);
		assert_int_equal(freed[i].end, at[2 * i + 1]);
	}
}

static void visitor_ends_it(void **state)
{
	(void)state;
	assert_true(read_all());
	forget();
	stop_at = 2;
	assert_false(inherit_extents(note_extent));
	assert_int_equal(seen_count, 2);
	assert_false(inherit_free(note_free));
	assert_int_equal(freed_count, 2);
}

/* Until the region is mapped no guest is known. */
static void opened_alone(void **state)
{
	(void)state;
	forget();
	assert_true(inherit_open(REGION_BASE, map));
	assert_int_equal(inherit_top(), LEFTOVER_RAM);
	assert_int_equal(inherit_guests(), 0);
	assert_true(inherit_extents(note_extent));
	assert_true(inherit_free(note_free));
	assert_int_equal(seen_count + freed_count, 0);
}

static const void *map_nothing(uint64_t pa, uint64_t bytes)
{
	(void)pa;
	(void)bytes;
	return NULL;
}

/* But for the whole region: as where it has no place. */
static const void *map_pieces(uint64_t pa, uint64_t bytes)
{
	return bytes == LEFTOVER_BYTES ? NULL : map(pa, bytes);
}

static void not_mapped(void **state)
{
	(void)state;
	assert_false(inherit_open(REGION_BASE, map_nothing));
	assert_int_equal(inherit_top(), 0);
	assert_true(inherit_open(REGION_BASE, map));
	assert_false(inherit_attach(map_nothing));
	assert_true(inherit_open(REGION_BASE, map));
	assert_false(inherit_attach(map_pieces));
	assert_int_equal(inherit_guests(), 0);
	assert_int_equal(inherit_top(), 0);
}

/* Spoiled */

static struct ho_breadcrumb *crumb(void)
{
	return leftover_crumb(&l);
}

static void *tree(void)
{
	return leftover_at(&l, l.tree, l.tree_bytes);
}

static uint8_t *in_stream(size_t at)
{
	return leftover_at(&l, l.stream + at, 1);
}

static void put64(size_t at, uint64_t v)
{
	memcpy(in_stream(at), &v, 8);
}

static void put32(size_t at, uint32_t v)
{
	memcpy(in_stream(at), &v, 4);
}

static void word(uint32_t i, uint64_t v)
{
	put64(at_frames + 8 + 8 * i, v);
}

static void gfn(uint32_t i, uint64_t v)
{
	put64(at_frames + 8 + 24 + 8 * i, v);
}

/* `i`: which u64 of the property */
static void cells(const char *path, const char *name, uint32_t i, uint64_t v)
{
	int node = fdt_path_offset(tree(), path), bytes;
	uint8_t *p = fdt_getprop_w(tree(), node, name, &bytes);

	assert_true(p && bytes >= (int)(8 * i + 8));
	fdt64_st(p + 8 * i, v);
}

static void cell(const char *path, const char *name, uint32_t v)
{
	int node = fdt_path_offset(tree(), path);

	assert_int_equal(fdt_setprop_inplace_u32(tree(), node, name, v), 0);
}

static void nop(const char *path, const char *name)
{
	int node = fdt_path_offset(tree(), path);

	assert_int_equal(fdt_nop_property(tree(), node, name), 0);
}

static void letter(const char *path, const char *name)
{
	int node = fdt_path_offset(tree(), path);
	char *p = fdt_getprop_w(tree(), node, name, NULL);

	assert_non_null(p);
	p[0]++;
}

static uint64_t *root(uint32_t i)
{
	return (uint64_t *)leftover_at(&l, l.root, 4096) + i;
}

#define BAD(name, ...) static void name(void) { __VA_ARGS__; }

BAD(crumb_magic, crumb()->magic++)
BAD(crumb_newer, crumb()->compat = crumb()->version = HO_ABI_VERSION + 1)
BAD(crumb_bytes, crumb()->bytes--)
BAD(crumb_reserved, crumb()->reserved[3] = 1)
BAD(crumb_text, memset(crumb()->where, 'x', sizeof(crumb()->where)))
BAD(crumb_base, crumb()->region_base += HO_PAGE_2M_BYTES)
BAD(crumb_size, crumb()->region_bytes += HO_PAGE_2M_BYTES)
BAD(crumb_running, crumb()->state = HO_STATE_RUNNING)
BAD(crumb_failed, crumb()->state = HO_STATE_FAILED)
BAD(crumb_id, crumb()->id[1]++)
BAD(result_none, crumb()->result_bytes = 0)
BAD(result_huge, crumb()->result_bytes = 1ull << 40)
BAD(result_odd, crumb()->result_paddr += 4)
BAD(result_high, crumb()->result_paddr = ~0ull << 4)
BAD(result_behind, crumb()->result_paddr = REGION_BASE + LEFTOVER_BYTES)
BAD(result_short, crumb()->result_bytes -= 64)
BAD(tree_magic, fdt_set_magic(tree(), 0))
BAD(tree_long, fdt_set_totalsize(tree(), 0x7fffffff))
BAD(tree_struct, fdt_set_off_dt_struct(tree(), 0x7ffffff0))
BAD(tree_newer, cell("/", HO_FDT_COMPAT, HO_ABI_VERSION + 1))
BAD(tree_other, letter("/", "compatible"))
BAD(tree_id, letter("/", HO_FDT_ID))
BAD(memory_wraps, cells("/memory@0", "reg", 3, ~0ull << 12))
BAD(memory_backwards, cells("/memory@0", "reg", 2, 0))
BAD(memory_gone, nop("/memory@0", "reg"))
BAD(region_odd, cells("/reserved-memory/region@10000000", "reg", 0, 0x10001000))
BAD(region_out, cells("/reserved-memory/region@10000000", "reg", 0, 1ull << 40))
BAD(region_less, cells("/reserved-memory/region@10000000", "reg", 1, 0x600000))
BAD(table_out, cells("/result/frametable", "reg", 0, REGION_BASE - 4096))
BAD(table_odd, cells("/result/frametable", "reg", 0, l.root + 8))
BAD(table_levels, cell("/result/frametable", HO_FDT_LEVELS, 5))
BAD(domains_many, cell("/result/domain-table", HO_FDT_COUNT, 1u << 31))
BAD(result_newer, cell("/result", HO_FDT_COMPAT, HO_ABI_VERSION + 1))
BAD(result_other, letter("/result", "compatible"))
BAD(stream_long, cells("/lu-stream", HO_FDT_SIZE, 0, 1ull << 35))
BAD(stream_short, cells("/lu-stream", HO_FDT_SIZE, 0, l.stream_bytes - 8))
BAD(stream_out, cells("/lu-stream", HO_FDT_DATA_ADDRESS, 0, MIB))
BAD(stream_gone, nop("/lu-stream", HO_FDT_DATA_ADDRESS))
BAD(stream_marker, in_stream(0)[0] = 0)
BAD(stream_version, in_stream(15)[0] = 9)
BAD(record_unknown, put32(at_end - 8, 0x77))
BAD(record_long, put32(at_frames - 4, 0x7fffff8))
BAD(record_longest, put32(at_frames - 4, ~0u))
BAD(record_short, put32(at_domain - 4, 8))
BAD(frames_none, put32(at_frames + 4, 0))
BAD(frames_more, put32(at_frames + 4, 4))
BAD(frames_many, put32(at_frames + 4, ~0u))
BAD(frames_whose, put32(at_frames, 4))
BAD(frame_low, word(1, frame_word(0x80, 1, 0)))
BAD(frame_no_ram, word(1, frame_word(0x50000, 1, 0)))
BAD(frame_high, word(1, frame_word((1ull << 36) - 1, 2, 0)))
BAD(frame_region, word(1, frame_word(REGION_BASE >> 12, 1, 0)))
BAD(frame_nobodys, word(1, frame_word(LONE_MFN + 1, 1, 0)))
BAD(frame_others, word(1, frame_word(HVM_MFN, 1, 0)))
BAD(frame_process, word(1, frame_word(HELD_MFN, 1, 0)))
BAD(frames_beyond, word(0, frame_word(PV_MFN, PV_PAGES + 1, 0)))
BAD(gfn_none, gfn(1, HO_GFN_NONE))
BAD(gfn_high, gfn(1, 1ull << 32))
BAD(gfn_wraps, gfn(0, (1ull << 32) - PV_PAGES + 1))
BAD(domain_kind, put32(at_domain + 4, 9))
BAD(domain_other, put32(at_domain, 5))
BAD(domain_name, put64(at_domain + 24, 0))
BAD(domain_twice, put32(at_domain_end - 8, HO_REC_OPTIONAL | 0x77))
BAD(held_is_xens, put32(at_held + 4, HO_KIND_XEN_PV))
BAD(held_frames, put32(at_held_frames - 8, HO_REC_OPTIONAL | 0x77))
BAD(totals_frames, put64(at_domain_end + 8, 1))
BAD(totals_extents, put64(at_domain_end + 16, 4))
BAD(end_count, put64(at_end, 3))
BAD(end_digest, put32(at_end + 8, HO_DIGEST_SHA256))
BAD(end_reserved, put32(at_end + 12, 1))
BAD(root_kind, *root(0) = HO_FT_RUNS | (REGION_BASE + 64))
BAD(root_out, *root(0) = HO_FT_TABLE | 0x100000)
BAD(root_itself, *root(0) = HO_FT_TABLE | l.root)
BAD(root_bits, *root(0) = 1ull << 40)
BAD(root_empty, *root(0) = 0)

static const struct bad {
	const char *name;
	void (*spoil)(void);
	const char *why;
} bad[] = {
#define ROW(name, why) { #name, name, why }
	ROW(crumb_magic, "HO_EBREADCRUMB"), ROW(crumb_newer, "HO_EBREADCRUMB"),
	ROW(crumb_bytes, "HO_EBREADCRUMB"),
	ROW(crumb_reserved, "HO_EBREADCRUMB"),
	ROW(crumb_text, "HO_EBREADCRUMB"), ROW(crumb_base, "HO_EBREADCRUMB"),
	ROW(crumb_size, "HO_EBREADCRUMB"),
	ROW(crumb_running, "HO_EBREADCRUMB"),
	ROW(crumb_failed, "HO_EBREADCRUMB"), ROW(crumb_id, "HO_EBREADCRUMB"),
	ROW(result_none, "HO_EBREADCRUMB"), ROW(result_huge, "HO_EBREADCRUMB"),
	ROW(result_odd, "HO_EBREADCRUMB"), ROW(result_high, "HO_EBREADCRUMB"),
	ROW(result_behind, "HO_EBREADCRUMB"),
	ROW(result_short, "HO_EBLOBTRUNC"), ROW(tree_magic, "HO_EBLOBMAGIC"),
	ROW(tree_long, "HO_EBLOBTRUNC"), ROW(tree_struct, "HO_EBLOBTREE"),
	ROW(tree_newer, "HO_EBLOBVERSION"), ROW(tree_other, "HO_EBLOBCOMPAT"),
	ROW(tree_id, "HO_EBREADCRUMB"), ROW(memory_wraps, "HO_EMEMORY"),
	ROW(memory_backwards, "HO_EMEMORY"), ROW(memory_gone, "HO_EPROP"),
	ROW(region_odd, "HO_EREGIONALIGN"), ROW(region_out, "HO_EREGIONRAM"),
	ROW(region_less, "HO_E"), ROW(table_out, "HO_EVALUE"),
	ROW(table_odd, "HO_EVALUE"), ROW(table_levels, "HO_EVALUE"),
	ROW(domains_many, "HO_EVALUE"), ROW(result_newer, "HO_EBLOBVERSION"),
	ROW(result_other, "HO_EBLOBCOMPAT"), ROW(stream_long, "HO_EVALUE"),
	ROW(stream_short, "HO_ESTREAMTRUNC"), ROW(stream_out, "HO_EVALUE"),
	ROW(stream_gone, "HO_EPROP"), ROW(stream_marker, "HO_ESTREAMMAGIC"),
	ROW(stream_version, "HO_ESTREAMVERSION"),
	ROW(record_unknown, "HO_ERECTYPE"),
	ROW(record_long, "HO_ESTREAMTRUNC"), ROW(record_longest, "HO_ERECLEN"),
	ROW(record_short, "HO_E"), ROW(frames_none, "HO_ERECLEN"),
	ROW(frames_more, "HO_ERECLEN"), ROW(frames_many, "HO_ERECLEN"),
	ROW(frames_whose, "HO_ERECORDER"), ROW(frame_low, "HO_ELOWMEM"),
	ROW(frame_no_ram, "HO_ENOTRAM"), ROW(frame_high, "HO_EFRAMEHIGH"),
	ROW(frame_region, "HO_EINREGION"), ROW(frame_nobodys, "HO_EDOUBLE"),
	ROW(frame_others, "HO_EDOUBLE"), ROW(frame_process, "HO_EDOUBLE"),
	ROW(frames_beyond, "HO_EDOUBLE"), ROW(gfn_none, "HO_EDOMAIN"),
	ROW(gfn_high, "HO_EDOMAIN"), ROW(gfn_wraps, "HO_EDOMAIN"),
	ROW(domain_kind, "HO_EDOMAIN"), ROW(domain_other, "HO_ERECORDER"),
	ROW(domain_name, "HO_EDOMAIN"), ROW(domain_twice, "HO_ERECORDER"),
	ROW(held_is_xens, "HO_EDOMAIN"), ROW(held_frames, "HO_ETOTALS"),
	ROW(totals_frames, "HO_ETOTALS"), ROW(totals_extents, "HO_ETOTALS"),
	ROW(end_count, "HO_ETOTALS"), ROW(end_digest, "HO_EVALUE"),
	ROW(end_reserved, "HO_ERESERVED"), ROW(root_kind, "HO_EBLOBTREE"),
	ROW(root_out, "HO_EBLOBTREE"), ROW(root_itself, "HO_EDOUBLE"),
	ROW(root_bits, "HO_EBLOBTREE"), ROW(root_empty, "HO_EDOUBLE"),
#undef ROW
};

/* A refusal says why, and leaves nothing to use. */
static void spoiled(void **state)
{
	const struct bad *b = *state;

	forget();
	b->spoil();
	leftover_seal(&l);
	/* a stream that says what is wrong has a digest that is right */
	if (strncmp(b->name, "end_", 4))
		leftover_seal_stream(&l);
	assert_false(read_all());
	if (strncmp(inherit_why(), b->why, strlen(b->why)))
		fail_msg("%s: %s", b->name, inherit_why());
	assert_int_equal(inherit_guests(), 0);
	assert_int_equal(inherit_top(), 0);
	assert_true(inherit_extents(note_extent));
	assert_true(inherit_free(note_free));
	assert_int_equal(seen_count + freed_count, 0);
}

/* What the stream's own digests say, of a domain and of all. */
static void digests(void **state)
{
	(void)state;
	in_stream(at_frames + 30)[0] ^= 1;
	assert_false(read_all());
	in_stream(at_frames + 30)[0] ^= 1;
	assert_true(read_all());
	in_stream(s.length - HO_DIGEST_BYTES)[0] ^= 1;
	assert_false(read_all());
	assert_int_equal(strncmp(inherit_why(), "HO_EDIGEST", 10), 0);
}

static void digest_of_a_domain(void **state)
{
	(void)state;
	stream_text_free(&s);
	stream_text_begin(&s);
	put_domain(3, HO_KIND_XEN_PV, 1);
	at_frames = put_frames(3, (uint64_t[]){ frame_word(PV_MFN, 4, 0) },
			       (uint64_t[]){ 5 }, 1);
	put_end(3, 4, 1);
	stream_text_digest(&s, 0);
	stream_text_end(&s);
	assert_true(leftover_make(&l, s.bytes, s.length));
	assert_true(read_all());
	assert_int_equal(inherit_guests(), 1);
	in_stream(at_frames + 16)[0] ^= 1;	/* another gfn */
	leftover_seal_stream(&l);
	assert_false(read_all());
	assert_int_equal(strncmp(inherit_why(), "HO_EDIGEST", 10), 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_COUNT(bad) + 8] = {
#define TEST(f) { #f, f, setup, teardown, NULL }
		TEST(guests_and_extents), TEST(region_is_told),
		TEST(free_ranges), TEST(visitor_ends_it), TEST(opened_alone),
		TEST(not_mapped), TEST(digests), TEST(digest_of_a_domain),
#undef TEST
	};
	uint32_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++)
		tests[8 + i] = (struct CMUnitTest){ bad[i].name, spoiled, setup,
						    teardown, (void *)&bad[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
