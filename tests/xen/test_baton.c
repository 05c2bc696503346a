// SPDX-License-Identifier: MIT
/*
 * test_baton.c - what Xen compiles of xen/, over what an update left, in a Xen that is made
 * up: what is claimed at boot and what is refused, and the life of a kept
 * frame: given to a domain, given back, given up. Each test is a boot, and so a
 * process.
 */
#include <assert.h>
#include <stdio.h>

#include "cmocka_all.h"
#include "fakeboot.h"
#include "fakestate.h"
#include "baton.h"

#define PV_MFN		0x20000ul
#define PV_PAGES	40
#define LONE_MFN	0x21000ul	/* gfn 100 */
#define LOW_MFN		0x900ul		/* 9 MiB: Xen unmaps such holes */
#define HVM_MFN		0x30000ul	/* gfn 0x1000: two times 2 MiB */
#define HVM_PAGES	1024
#define HELD_MFN	0x38000ul	/* a process's */
#define SCATTER_MFN	0x3a000ul	/* of a guest with every second one */
#define RANGES		4200u
#define MAP_END		0x20000ul	/* of RAM in the memory map */

static struct stream_text s;

static void put_domain(uint32_t domid, uint32_t kind, uint8_t uuid)
{
	struct ho_rec_domain d = { .domid = domid, .kind = kind,
				   .uuid = { uuid }, .name = "g" };

	stream_text_record(&s, HO_REC_DOMAIN, &d, sizeof(d));
}

static void put_frames(uint32_t domid, uint64_t mfn, uint32_t pages,
		       uint64_t gfn)
{
	const uint64_t body[] = { domid | 1ull << 32,
				  frame_word(mfn, pages, 0), gfn };

	stream_text_record(&s, HO_REC_FRAMES, body, sizeof(body));
}

static void put_guests(void)
{
	stream_text_begin(&s);
	put_domain(3, HO_KIND_XEN_PV, 0xa1);
	put_frames(3, PV_MFN, PV_PAGES, 0);
	put_frames(3, LONE_MFN, 1, 100);
	put_frames(3, LOW_MFN, 1, 50);
	stream_text_domain_end(&s, 3, PV_PAGES + 2, 3);
	put_domain(4, HO_KIND_PROCESS, 0);
	put_frames(4, HELD_MFN, 8, 0);
	stream_text_domain_end(&s, 4, 8, 1);
	put_domain(9, HO_KIND_XEN_HVM, 0xb2);
	put_frames(9, HVM_MFN, HVM_PAGES, 0x1000);
	stream_text_domain_end(&s, 9, HVM_PAGES, 1);
}

static void add_ram(uint64_t start, uint64_t end)
{
	e820.map[e820.nr_map++] = (struct e820entry){ start, end - start,
						      E820_RAM };
}

/* The map ends below the guests, and leaves out the page at 9 MiB. */
static void leave(void)
{
	stream_text_end(&s);
	assert(leftover_make(&fake.left, s.bytes, s.length));
	add_ram(0, 0x9f000);
	add_ram(MIB, LOW_MFN << 12);
	add_ram((LOW_MFN + 1) << 12, REGION_BASE);
	add_ram(REGION_BASE + LEFTOVER_BYTES, MAP_END << 12);
	*fake_param_opt_baton = REGION_BASE;
}

static bool in_map(unsigned long mfn)
{
	unsigned int i;

	for (i = 0; i < e820.nr_map; i++)
		if (mfn << 12 >= e820.map[i].addr &&
		    mfn << 12 < e820.map[i].addr + e820.map[i].size)
			return true;
	return false;
}

/* arch_init_memory(): what is no RAM is DOMID_IO's, but for what is claimed; holes
 * below 16 MiB unmapped */
static void take_for_io(void)
{
	unsigned long i;

	for (i = 0x100; i < 0x1000; i++)
		fake.mapped[i] &= in_map(i);
	for (i = 0; i < max_page; i++) {
		if (in_map(i) || baton_skip(&i))
			continue;
		fake_pages[i].owner = dom_io;
		fake_pages[i].count_info = PGC_allocated | 1;
		fake_pages[i].u.inuse.type_info = PGT_writable_page |
						  PGT_validated | 1;
	}
}

static void boot_to_cpus(void)
{
	max_page = baton_probe(MAP_END);
	baton_map();
	baton_claim();
	take_for_io();
}

static void boot(void)
{
	boot_to_cpus();
	baton_own();
}

static bool is_kept(unsigned long mfn)
{
	const struct page_info *pg = &fake_pages[mfn];

	return dom_kept && pg->owner == dom_kept && !pg->u.inuse.type_info &&
	       pg->count_info == (PGC_allocated | 1) && fake.mapped[mfn] &&
	       !fake.heap[mfn];
}

static bool said(const char *text)
{
	return strstr(fake.said, text);
}

static struct domain new_domain(uint8_t uuid, bool hvm)
{
	struct domain d = { .domain_id = 1, .hvm = hvm, .handle = { uuid } };

	return d;
}

static void start(void)
{
	put_guests();
	leave();
	boot();
}

/* Boot */

static void claimed(void)
{
	unsigned long i;

	start();
	assert(max_page == LEFTOVER_RAM >> 12);
	assert(said("2 guests kept, 1066 frames in 4 extents"));
	assert(said("1066 frames kept in ") && said(" by 3 CPUs: read "));
	for (i = 0; i < PV_PAGES; i++)
		assert(is_kept(PV_MFN + i));
	assert(is_kept(LONE_MFN) && is_kept(LOW_MFN));
	for (i = 0; i < HVM_PAGES; i++)
		assert(is_kept(HVM_MFN + i));
	/* a process's stay as a stock Xen has them */
	for (i = 0; i < 8; i++)
		assert(is_io(HELD_MFN + i));
	/* of the region nothing is mapped any more */
	for (i = REGION_BASE >> 12; i < (REGION_BASE + LEFTOVER_BYTES) >> 12;
	     i++)
		assert(is_io(i) && !fake.mapped[i]);
}

/* What is nobody's, and not in the map, is the heap's. */
static void plugged(void)
{
	unsigned long i, heap = 0, io = 0;

	start();
	for (i = 0x100; i < max_page; i++) {
		heap += fake.heap[i];
		io += fake_pages[i].owner == dom_io;
		assert(!fake.heap[i] || !in_map(i));
	}
	assert(io == 8 + (LEFTOVER_BYTES >> 12));
	assert(heap == max_page - MAP_END - PV_PAGES - 1 - 8 - HVM_PAGES);
	assert(total_pages == heap + PV_PAGES + 2 + HVM_PAGES);
	assert(fake.heap[PV_MFN + PV_PAGES] && fake.heap[LONE_MFN - 1]);
}

static void not_asked(void)
{
	struct domain d = new_domain(0xa1, false);

	put_guests();
	leave();
	*fake_param_opt_baton = 0;
	boot();
	d.kept = baton_link(&d);
	assert(max_page == MAP_END && !dom_kept && !d.kept && !*fake.said);
}

/* Nothing is touched, and one line says why. */
static void refuses(const char *why)
{
	struct domain d = new_domain(0xa1, false);
	unsigned long i;

	boot();
	assert(said("baton: no guest goes on in place: ") && said(why));
	assert(strchr(fake.said, '\n') == fake.said + strlen(fake.said) - 1);
	d.kept = baton_link(&d);
	assert(!d.kept);
	for (i = 0x100; i < max_page; i++)
		assert(!fake.heap[i] && (in_map(i) || is_io(i)));
}

static void region_is_ram(void)
{
	put_guests();
	leave();
	add_ram(REGION_BASE, REGION_BASE + 4096);
	refuses("HO_EBREADCRUMB");
}

static void region_is_ram_elsewhere(void)
{
	put_guests();
	leave();
	add_ram(REGION_BASE + 3 * MIB, REGION_BASE + 4 * MIB);
	refuses("the region is RAM");
}

static void no_breadcrumb(void)
{
	put_guests();
	leave();
	leftover_crumb(&fake.left)->magic = 0;
	refuses("HO_EBREADCRUMB");
}

static void damaged_stream(void)
{
	put_guests();
	leave();
	fake.left.region[fake.left.stream - REGION_BASE + 200] ^= 1;
	refuses("HO_E");
}

static void kept_is_ram(void)
{
	put_guests();
	leave();
	add_ram(LONE_MFN << 12, (LONE_MFN + 1) << 12);
	refuses("RAM in the memory map");
}

/* Xen took one of the frames for itself: none is given to anybody. */
static void has_another_owner(void)
{
	struct domain d = new_domain(0xa1, false);
	unsigned long i;

	put_guests();
	leave();
	boot_to_cpus();
	fake_pages[HVM_MFN + 1000].count_info = 1;
	fake_pages[HVM_MFN + 1000].owner = &d;
	baton_own();
	assert(said("a kept frame has two owners") && !said("guests kept"));
	for (i = 0; i < PV_PAGES; i++)
		assert(is_io(PV_MFN + i));
	for (i = 0; i < HVM_PAGES; i++)
		assert(is_io(HVM_MFN + i) == (i != 1000));
	assert(fake_pages[HVM_MFN + 1000].owner == &d);
	assert(fake_pages[HVM_MFN + 1000].count_info == 1);
	d.kept = baton_link(&d);
	assert(!d.kept);
}

/* The stream names one of its frames twice, which the owners' table cannot tell. */
static void frame_twice(void)
{
	const uint64_t lone = frame_word(LONE_MFN, 1, 0);
	const uint64_t first = frame_word(PV_MFN + 3, 1, 0);
	uint8_t *at;

	put_guests();
	leave();
	at = memmem(leftover_at(&fake.left, fake.left.stream,
				fake.left.stream_bytes),
		    fake.left.stream_bytes, &lone, sizeof(lone));
	assert(at);
	memcpy(at, &first, sizeof(first));
	leftover_seal_stream(&fake.left);
	boot();
	assert(said("a kept frame has two owners") && !said("guests kept"));
	assert(is_io(PV_MFN) && is_io(PV_MFN + 3) && is_io(HVM_MFN));
}

/* More than a CPU takes at a time, with pieces that end within a part. */
static void claimed_in_parts(void)
{
	unsigned long i, kept = 0;

	stream_text_begin(&s);
	put_domain(9, HO_KIND_XEN_HVM, 0xb2);
	put_frames(9, 0x20000, 0x9001, 0);
	put_frames(9, 0x29002, 1, 0x20000);
	put_frames(9, 0x2a000, 0xe000, 0x30000);
	stream_text_domain_end(&s, 9, 0x17002, 3);
	leave();
	boot();
	assert(said("94210 frames in 3 extents") && fake.calls == 3);
	for (i = MAP_END; i < max_page; i++) {
		kept += is_kept(i);
		assert(is_kept(i) != fake.heap[i]);
	}
	assert(kept == 0x17002 && !is_kept(0x29001) && !is_kept(0x29003));
}

static void same_uuid(void)
{
	struct domain d = new_domain(0xa1, false);

	put_guests();
	put_domain(10, HO_KIND_XEN_PV, 0xa1);
	put_frames(10, 0x22000, 4, 0);
	stream_text_domain_end(&s, 10, 4, 1);
	leave();
	boot();
	assert(said("kept guest 0 does not go on") &&
	       said("kept guest 2 does not go on"));
	assert(is_io(PV_MFN) && is_io(LONE_MFN) && is_io(0x22000));
	assert(is_kept(HVM_MFN));
	d.kept = baton_link(&d);
	assert(!d.kept);
}

static void gfn_twice(void)
{
	put_guests();
	put_domain(10, HO_KIND_XEN_PV, 0xc3);
	put_frames(10, 0x22000, 4, 7);
	put_frames(10, 0x22010, 4, 10);
	stream_text_domain_end(&s, 10, 8, 2);
	leave();
	boot();
	assert(said("kept guest 2 does not go on in place: two frames"));
	assert(is_io(0x22000) && is_io(0x22013) && is_kept(PV_MFN));
}

/* Afterwards */

static unsigned long adopt(struct domain *d, unsigned long gfn,
			   unsigned int order)
{
	struct page_info *pg = baton_adopt(d->kept, d, gfn, order, 0);

	return IS_ERR(pg) ? (unsigned long)PTR_ERR(pg)
	     : pg ? (unsigned long)(pg - fake_pages) : 0;
}

static void linked(void)
{
	struct domain d = new_domain(0xa1, false);
	struct domain hvm = new_domain(0xa1, true), dom0 = d;

	start();
	dom0.hardware = true;
	hvm.kept = baton_link(&hvm);
	dom0.kept = baton_link(&dom0);
	assert(!hvm.kept && !dom0.kept);
	d.kept = baton_link(&d);
	assert(d.kept);
	d = new_domain(0xa2, false);
	d.kept = baton_link(&d);
	assert(!d.kept);
}

/* Two domains of one uuid: what is kept is not sent, so the second one gets nothing
 * while the first may yet run, and memory of its own when it has. */
static void twice(unsigned int uuid, bool hvm)
{
	struct domain d = new_domain(uuid, hvm), e = d, f = d;

	start();
	d.kept = baton_link(&d);
	e.kept = baton_link(&e);
	assert(d.kept && e.kept && e.kept != d.kept);
	assert(adopt(&e, 5, 0) == (unsigned long)-EBUSY);
	assert(baton_place(e.kept, &e, 5, 0, 0) == -EBUSY);
	assert(!baton_keep_again(e.kept, &e, &fake_pages[PV_MFN + 5]));
	baton_forget(e.kept, &e);
	e.kept = baton_link(&e);		/* and so it stays */
	assert(adopt(&e, 5, 0) == (unsigned long)-EBUSY);
	d.creation_finished = true;
	f.kept = baton_link(&f);
	assert(!f.kept);
}

static void linked_twice(void)
{
	twice(0xa1, false);
	twice(0xb2, true);
}

static void adopted(void)
{
	struct domain d = new_domain(0xa1, false);

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 5, 0) == PV_MFN + 5);
	assert(fake_pages[PV_MFN + 5].owner == &d && d.pages == 1);
	assert(adopt(&d, 5, 0) == 0);	/* from the heap, then */
	assert(adopt(&d, 100, 0) == LONE_MFN);
	assert(adopt(&d, 50, 0) == LOW_MFN);
	assert(adopt(&d, 40, 0) == 0 && adopt(&d, 101, 0) == 0);
	/* some of them are kept, not all: page by page */
	assert(adopt(&d, 0, 9) == (unsigned long)-EOPNOTSUPP);
	assert(adopt(&d, 0, 2) == PV_MFN);
	assert(d.pages == 7);
}

/* Every second frame is one guest's: of what lies between, nothing is left out, and
 * each frame is given for its own gfn. */
static void scattered(void)
{
	static uint64_t words[RANGES];
	struct domain d = new_domain(0xc3, false);
	unsigned long i;
	char line[64];

	put_guests();
	put_domain(10, HO_KIND_XEN_PV, 0xc3);
	for (i = 0; i < RANGES; i++)
		words[i] = frame_word(SCATTER_MFN + 2 * i, 1, 0);
	stream_text_frames(&s, 10, words, RANGES);
	stream_text_domain_end(&s, 10, RANGES, RANGES);
	leave();
	boot();
	/* one behind each, and four behind the other guests */
	snprintf(line, sizeof(line), " in %u free ranges", RANGES + 4);
	assert(said(line));
	d.kept = baton_link(&d);
	for (i = 0; i < RANGES; i++) {
		assert(is_kept(SCATTER_MFN + 2 * i));
		assert(fake.heap[SCATTER_MFN + 2 * i + 1]);
	}
	for (i = 0; i < RANGES; i++)
		assert(adopt(&d, i, 0) == SCATTER_MFN + 2 * i);
	assert(!fake.frees);
}

static void large_orders(void)
{
	struct domain d = new_domain(0xb2, true);
	unsigned long i;

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 0x1000, 9) == HVM_MFN);
	assert(adopt(&d, 0x1200, 9) == HVM_MFN + 512);
	assert(d.pages == HVM_PAGES);
	for (i = 0; i < HVM_PAGES; i++)
		assert(fake_pages[HVM_MFN + i].owner == &d);
}

/* free_domheap_pages() has it: nobody's reference is left. */
static bool freed(struct domain *d, unsigned long mfn)
{
	fake_pages[mfn].count_info = 0;
	return baton_keep_again(d->kept, d, &fake_pages[mfn]);
}

/* Restored page by page, in any order: the first one has all of them placed. */
static void large_pages(void)
{
	struct domain d = new_domain(0xb2, true), pv = new_domain(0xa1, false);
	unsigned long i;

	start();
	d.kept = baton_link(&d);
	pv.kept = baton_link(&pv);
	assert(baton_place(d.kept, &d, 0x1200 + 77, 0, 0) == 1);
	assert(fake.large_pages == 2 && d.pages == HVM_PAGES);
	assert(said("has its 1024 frames in 2 blocks, in "));
	for (i = 0x1000; i < 0x1400; i++)
		assert(baton_place(d.kept, &d, i, 0, 0) == 1);
	assert(baton_place(d.kept, &d, 0x1000, 9, 0) == 1);
	assert(fake.blocks == 2 && d.pages == HVM_PAGES);
	for (i = 0; i < HVM_PAGES; i++)
		assert(fake_pages[HVM_MFN + i].owner == &d &&
		       fake_m2p[HVM_MFN + i] == 0x1000 + i);
	/* not kept; of another kind */
	assert(!baton_place(d.kept, &d, 0x1400, 0, 0) && !baton_place(d.kept, &d, 0, 9, 0));
	assert(!baton_place(pv.kept, &pv, 5, 0, 0) && !pv.pages);
	/* what was placed, and taken out again, is kept, and no more there */
	assert(freed(&d, HVM_MFN + 512 + 3) && is_kept(HVM_MFN + 512 + 3));
	assert(!baton_place(d.kept, &d, 0x1203, 0, 0));
	assert(baton_place(d.kept, &d, 0x1200, 9, 0) == -EOPNOTSUPP);
	assert(adopt(&d, 0x1203, 0) == HVM_MFN + 512 + 3);
	d.creation_finished = true;
	assert(!baton_place(d.kept, &d, 0x1205, 0, 0));
}

/* Something else waits for the CPU: the next call goes on. */
static void placed_in_parts(void)
{
	struct domain d = new_domain(0xb2, true);

	start();
	d.kept = baton_link(&d);
	fake.patience = 0;
	assert(baton_place(d.kept, &d, 0x1000, 0, 0) == -ERESTART);
	assert(fake.large_pages == 1 && d.pages == 512);
	assert(!said("has its"));
	assert(baton_place(d.kept, &d, 0x1000, 0, 0) == 1);
	assert(fake.large_pages == 2 && said("has its 1024 frames"));
}

/* Where the numbers are no multiples, or not the same ones, page by page. */
static void placed_as_can_be(void)
{
	struct domain d = new_domain(0xc3, true);

	put_guests();
	put_domain(10, HO_KIND_XEN_HVM, 0xc3);
	put_frames(10, 0x22003, 1200, 3);
	put_frames(10, 0x23000, 1024, 0x1001);
	stream_text_domain_end(&s, 10, 2224, 2);
	leave();
	boot();
	d.kept = baton_link(&d);
	assert(baton_place(d.kept, &d, 3, 0, 0) == 1);
	assert(fake.large_pages == 1 && d.pages == 2224);
	assert(fake.blocks == 509 + 1 + 179 + 1024);
	assert(fake_m2p[0x22003 + 1199] == 3 + 1199);
	assert(fake_m2p[0x23000 + 1023] == 0x1001 + 1023);
	assert(!baton_place(d.kept, &d, 2, 0, 0) && !baton_place(d.kept, &d, 1203, 0, 0));
}

static void not_placed(void)
{
	struct domain d = new_domain(0xb2, true), next = d;
	unsigned long i;

	start();
	d.kept = baton_link(&d);
	fake_pages[HVM_MFN + 300].count_info++;
	assert(baton_place(d.kept, &d, 0x1000, 0, 0) == -EBUSY && !d.pages);
	fake_pages[HVM_MFN + 300].count_info--;
	fake.no_table = true;
	assert(baton_place(d.kept, &d, 0x1000, 0, 0) == -ENOMEM);
	/* they are its own, and stand nowhere: it gets no others for them */
	fake.no_table = false;
	assert(baton_place(d.kept, &d, 0x1000, 0, 0) == -EBUSY);
	for (i = 0; i < 512; i++)
		assert(freed(&d, HVM_MFN + i) && is_kept(HVM_MFN + i));
	baton_forget(d.kept, &d);
	next.kept = baton_link(&next);
	assert(baton_place(next.kept, &next, 0x1001, 0, 0) == 1);
	assert(next.pages == HVM_PAGES);
}

/* Somebody in dom0 has one mapped, or the domain may have no more. */
static void busy(void)
{
	struct domain d = new_domain(0xb2, true);
	unsigned long i;

	start();
	d.kept = baton_link(&d);
	fake_pages[HVM_MFN + 300].count_info++;
	assert(adopt(&d, 0x1000, 9) == (unsigned long)-EBUSY);
	assert(adopt(&d, 0x1000 + 300, 0) == (unsigned long)-EBUSY);
	fake_pages[HVM_MFN + 300].count_info--;
	fake.full = true;
	assert(adopt(&d, 0x1000, 9) == (unsigned long)-EBUSY);
	for (i = 0; i < HVM_PAGES; i++)
		assert(is_kept(HVM_MFN + i));
	fake.full = false;
	assert(adopt(&d, 0x1000, 9) == HVM_MFN);
}


static void given_back(void)
{
	struct domain d = new_domain(0xa1, false), next = d;

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 5, 0) == PV_MFN + 5);
	assert(freed(&d, PV_MFN + 5) && is_kept(PV_MFN + 5));
	assert(!freed(&d, PV_MFN + PV_PAGES));	/* the heap's, not kept */
	assert(!freed(&d, HVM_MFN));		/* kept, for another one */
	fake_pages[HVM_MFN].count_info = PGC_allocated | 1;
	baton_forget(d.kept, &d);
	next.kept = baton_link(&next);
	assert(next.kept && adopt(&next, 5, 0) == PV_MFN + 5);
}

/* It ended before it ran, and a process of dom0 has one of its frames mapped, which
 * is its own for so long: the next one gets no other for it. */
static void not_given_back(void)
{
	struct domain d = new_domain(0xb2, true), next = d;

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 0x1000, 9) == HVM_MFN);
	baton_forget(d.kept, &d);
	next.kept = baton_link(&next);
	assert(adopt(&next, 0x1000, 9) == (unsigned long)-EBUSY);
	assert(adopt(&next, 0x1000 + 300, 0) == (unsigned long)-EBUSY);
	assert(freed(&d, HVM_MFN) && is_kept(HVM_MFN));
	assert(adopt(&next, 0x1000, 9) == (unsigned long)-EOPNOTSUPP);
	assert(adopt(&next, 0x1000, 0) == HVM_MFN);
	assert(adopt(&next, 0x1001, 0) == (unsigned long)-EBUSY);
	/* once it runs it gives frames back, and gets others */
	next.creation_finished = true;
	assert(adopt(&next, 0x1001, 0) == 0);
}

/* It has run: its frames are the heap's, and nobody is linked any more. */
static void given_up(void)
{
	struct domain d = new_domain(0xa1, false), next = d;

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 5, 0) == PV_MFN + 5);
	d.creation_finished = true;
	assert(!freed(&d, PV_MFN + 5));
	baton_forget(d.kept, &d);
	assert(adopt(&d, 6, 0) == 0);
	next.kept = baton_link(&next);
	assert(!next.kept);
}

#define PV_UUID		"a1000000-0000-0000-0000-000000000000"
#define HVM_UUID	"b2000000-0000-0000-0000-000000000000"

static int release(const char *uuid)
{
	return fake_write_baton_release(uuid);
}

static unsigned long heap_of(unsigned long mfn, unsigned long pages)
{
	unsigned long i, heap = 0;

	for (i = 0; i < pages; i++)
		heap += fake.heap[mfn + i];
	return heap;
}

/* Nobody wants it: its frames, and no others, are the heap's, block by block. */
static void released(void)
{
	struct domain d = new_domain(0xb2, true);
	struct param_hypfs par = { NULL };

	start();
	fake_init_baton_release(&par);
	assert(!strcmp(par.content, ""));
	assert(release("") == -EINVAL && release("a1") == -EINVAL);
	assert(release(PV_UUID "0") == -EINVAL);
	assert(release("-" PV_UUID) == -EINVAL);
	assert(release("A1000000-0000-0000-0000-000000000000") == -EINVAL);
	assert(release("a1000000-0000-0000-0000-000000000001") == -ENOENT);
	assert(release(HVM_UUID) == 0 && fake.frees == 2);
	assert(heap_of(HVM_MFN, HVM_PAGES) == HVM_PAGES);
	assert(said("kept guest 1 was released"));
	assert(release(HVM_UUID) == -ENOENT);
	d.kept = baton_link(&d);
	assert(!d.kept);
	assert(is_kept(PV_MFN) && is_kept(LONE_MFN) && is_kept(LOW_MFN));
	assert(release("a1000000000000000000000000000000") == 0);
	assert(heap_of(PV_MFN, PV_PAGES) == PV_PAGES);
	assert(fake.heap[LONE_MFN] && fake.heap[LOW_MFN]);
	/* 40 frames at a multiple of 512 are 32 and 8 */
	assert(fake.frees == 2 + 2 + 2);
}

/* 64 MiB in a call: the rest when it is asked again. */
static void released_in_parts(void)
{
	struct domain d = new_domain(0xc3, false);
	const char *uuid = "c3000000-0000-0000-0000-000000000000";

	put_guests();
	put_domain(10, HO_KIND_XEN_PV, 0xc3);
	put_frames(10, 0x22000, 0x4800, 0);
	put_frames(10, 0x28000, 1, 0x4800);
	stream_text_domain_end(&s, 10, 0x4801, 2);
	leave();
	boot();
	assert(release(uuid) == -EAGAIN);
	assert(heap_of(0x22000, 0x4800) + fake.heap[0x28000] == 0x4001);
	d.kept = baton_link(&d);
	assert(!d.kept);
	assert(release(uuid) == 0);
	assert(heap_of(0x22000, 0x4800) == 0x4800 && fake.heap[0x28000]);
	assert(release(uuid) == -ENOENT);
}

/* A domain has them, or somebody has one of them mapped. */
static void not_released(void)
{
	struct domain d = new_domain(0xb2, true), next = d;

	start();
	d.kept = baton_link(&d);
	assert(release(HVM_UUID) == -EBUSY && !fake.frees);
	baton_forget(d.kept, &d);
	fake_pages[HVM_MFN + 300].count_info++;
	assert(release(HVM_UUID) == -EBUSY);
	assert(!heap_of(HVM_MFN, 512) && is_kept(HVM_MFN + 299));
	/* it is over all the same: no domain may find some of its frames gone */
	next.kept = baton_link(&next);
	assert(!next.kept);
	fake_pages[HVM_MFN + 300].count_info--;
	assert(release(HVM_UUID) == 0);
	assert(heap_of(HVM_MFN, HVM_PAGES) == HVM_PAGES);
}

/* One is a domain's that has ended before it ran, and comes back in the end. */
static void released_at_last(void)
{
	struct domain d = new_domain(0xa1, false);

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 5, 0) == PV_MFN + 5);
	baton_forget(d.kept, &d);
	assert(release(PV_UUID) == -EBUSY);
	assert(fake.heap[LONE_MFN] && fake.heap[LOW_MFN]);
	assert(freed(&d, PV_MFN + 5) && is_kept(PV_MFN + 5));
	assert(release(PV_UUID) == 0);
	assert(heap_of(PV_MFN, PV_PAGES) == PV_PAGES);
}

/* What has run is not kept any more, whatever it did not take. */
static void released_later(void)
{
	struct domain d = new_domain(0xa1, false);

	start();
	d.kept = baton_link(&d);
	assert(adopt(&d, 5, 0) == PV_MFN + 5);
	d.creation_finished = true;
	assert(release(PV_UUID) == -EBUSY);
	baton_forget(d.kept, &d);
	assert(release(PV_UUID) == -ENOENT && !fake.frees);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOT(claimed), BOOT(plugged), BOOT(scattered),
		BOOT(not_asked),
		BOOT(region_is_ram), BOOT(region_is_ram_elsewhere),
		BOOT(no_breadcrumb), BOOT(damaged_stream), BOOT(kept_is_ram),
		BOOT(has_another_owner), BOOT(frame_twice),
		BOOT(claimed_in_parts), BOOT(same_uuid), BOOT(gfn_twice),
		BOOT(linked), BOOT(linked_twice), BOOT(adopted), BOOT(large_orders),
		BOOT(large_pages), BOOT(placed_in_parts),
		BOOT(placed_as_can_be), BOOT(not_placed), BOOT(busy),
		BOOT(given_back), BOOT(not_given_back), BOOT(given_up), BOOT(released),
		BOOT(released_in_parts),
		BOOT(not_released), BOOT(released_at_last),
		BOOT(released_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
