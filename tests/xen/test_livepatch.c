// SPDX-License-Identifier: MIT
/*
 * test_livepatch.c - xen/livepatch/payload.c with the files of xen/ that go into it,
 * in a Xen that is made up: what it makes of its table, and which domain is given
 * what. Each test is a boot, and so a process.
 */
#include <assert.h>
#include <stdio.h>

#include "cmocka_all.h"
#include "fakeboot.h"
#include "fakestate.h"
#include "baton.h"
#include "patchtable.h"
#include "payload.h"

#define PV_MFN		0x20000ul
#define PV_PAGES	40
#define LONE_MFN	0x21000ul	/* gfn 100 */
#define HVM_MFN		0x30000ul	/* gfn 0x1000: two times 2 MiB */
#define HVM_PAGES	1024

extern struct livepatch_table baton_livepatch_table;
static struct livepatch_table *const table = &baton_livepatch_table;

/* frames.c, which knows page tables, is not here. */
int frames_open(unsigned long mfn, unsigned long pages)
{
	unsigned long i;

	for (i = mfn; i < mfn + pages; i++) {
		if (fake_pages[i].owner != dom_io)
			return -EINVAL;
		fake.mapped[i] = true;
	}
	return 0;
}

/* Cut out of Xen, and only compiled there. */
void payload_populate_physmap(struct memop_args *a)
{
	(void)a;
	abort();
}

void payload_free_domheap_pages(struct page_info *pg, unsigned int order)
{
	(void)pg;
	(void)order;
	abort();
}

static void add_extent(uint64_t mfn, uint32_t gfn, uint32_t pages)
{
	unsigned long i;

	table->extent[table->extents].mfn = mfn;
	table->extent[table->extents].gfn = gfn;
	table->extent[table->extents++].pages = pages;
	table->guest[table->guests - 1].extents++;
	for (i = mfn; i < mfn + pages; i++) {
		fake_pages[i].owner = dom_io;
		fake_pages[i].count_info = PGC_allocated | 1;
		fake_pages[i].u.inuse.type_info = PGT_writable_page |
						  PGT_validated | 1;
	}
}

static void add_guest(uint8_t uuid, bool hvm)
{
	table->guest[table->guests].uuid[0] = uuid;
	table->guest[table->guests++].hvm = hvm;
}

static void fill(void)
{
	max_page = FAKE_FRAMES;
	add_guest(0xa1, false);
	add_extent(LONE_MFN, 100, 1);
	add_extent(PV_MFN, 0, PV_PAGES);
	add_guest(0xb2, true);
	add_extent(HVM_MFN, 0x1000, HVM_PAGES);
}

static void start(void)
{
	fill();
	assert(!fake_livepatch_prepare(NULL));
	assert(strstr(fake.said, "livepatch: 2 guests kept, 1065 frames"));
}

static struct domain new_domain(uint8_t uuid, bool hvm, uint16_t domid)
{
	struct domain d = { .domain_id = domid, .hvm = hvm,
			    .handle = { uuid } };

	return d;
}

static long adopt(struct domain *d, unsigned long gfn)
{
	struct kept *k = payload_kept(d);
	struct page_info *pg = k ? baton_adopt(k, d, gfn, 0, 0) : NULL;

	return IS_ERR(pg) ? PTR_ERR(pg) : pg ? pg - fake_pages : 0;
}

/* free_domheap_pages() has it: nobody's reference is left. */
static bool freed(struct domain *d, unsigned long mfn)
{
	struct kept *k = payload_linked(d);

	fake_pages[mfn].count_info = 0;
	return k && baton_keep_again(k, d, &fake_pages[mfn]);
}

static void given(void)
{
	struct domain d = new_domain(0xa1, false, 1);
	struct domain hvm = new_domain(0xb2, true, 2), other = d, dom0 = d;

	start();
	dom0.hardware = true;
	other.handle[0] = 0xc3;
	assert(!payload_kept(&dom0) && !payload_kept(&other));
	assert(!payload_linked(&d));
	assert(adopt(&d, 5) == PV_MFN + 5 && adopt(&d, 100) == LONE_MFN);
	assert(fake_pages[PV_MFN + 5].owner == &d && d.pages == 2);
	assert(!adopt(&d, 5) && !adopt(&d, 40));
	assert(payload_linked(&d) == payload_kept(&d));
	assert(baton_place(payload_kept(&hvm), &hvm, 0x1000, 0, 0) == 1);
	assert(fake.large_pages == 2 && hvm.pages == HVM_PAGES);
}

/* It ends before it ran, and they are what they were: a second attempt. */
static void given_back(void)
{
	struct domain d = new_domain(0xa1, false, 1);
	struct domain next = new_domain(0xa1, false, 2);

	start();
	fake_domains[0] = &d;
	assert(adopt(&d, 5) == PV_MFN + 5);
	/* as long as the first one is there, none is given another's */
	assert(adopt(&next, 5) == -EBUSY && adopt(&next, 6) == -EBUSY);
	assert(freed(&d, PV_MFN + 5) && is_io(PV_MFN + 5));
	assert(!freed(&d, HVM_MFN));
	fake_pages[HVM_MFN].count_info = PGC_allocated | 1;
	fake_domains[0] = &next;
	assert(adopt(&next, 5) == PV_MFN + 5);
	assert(!payload_linked(&d));
}

/* One at the same place in memory is not the one that was there. */
static void place_again(void)
{
	struct domain d = new_domain(0xb2, true, 1);

	start();
	fake_domains[0] = &d;
	assert(baton_place(payload_kept(&d), &d, 0x1000, 0, 0) == 1);
	for (unsigned long i = 0; i < HVM_PAGES; i++)
		assert(freed(&d, HVM_MFN + i));
	d = new_domain(0xb2, true, 2);
	fake_domains[0] = NULL;
	assert(!payload_linked(&d));
	assert(baton_place(payload_kept(&d), &d, 0x1000, 0, 0) == 1);
}

/* It has run: its frames are the heap's when it ends, and its uuid means nothing. */
static void over(void)
{
	struct domain d = new_domain(0xa1, false, 1);
	struct domain next = new_domain(0xa1, false, 2);

	start();
	fake_domains[0] = &d;
	assert(adopt(&d, 5) == PV_MFN + 5);
	d.creation_finished = true;
	/* restored or migrated while the first one is there */
	assert(!payload_kept(&next));
	assert(!payload_kept(&d) && !freed(&d, PV_MFN + 5));
	fake_domains[0] = NULL;
	assert(!adopt(&next, 5) && !adopt(&next, 6));
}

static void reverted(void)
{
	struct domain d = new_domain(0xa1, false, 1);

	start();
	assert(adopt(&d, 5) == PV_MFN + 5);
	fake_livepatch_finish(NULL);
	assert(!payload_linked(&d) && !payload_kept(&d));
	assert(is_io(PV_MFN + 6));
}

static void refuses(const char *why)
{
	struct domain d = new_domain(0xa1, false, 1);

	assert(fake_livepatch_prepare(NULL) == -EINVAL);
	assert(!why || strstr(fake.said, why));
	assert(!payload_kept(&d) && !payload_linked(&d));
	assert(is_io(PV_MFN) && is_io(LONE_MFN));
}

static void somebodys(void)
{
	struct domain d = new_domain(0xa1, false, 1);

	fill();
	fake_pages[HVM_MFN + 1000].owner = &d;
	refuses(NULL);
}

static void frame_twice(void)
{
	fill();
	add_extent(PV_MFN + 3, 0x9000, 1);
	refuses("a kept frame has two owners");
}

static void gfn_twice(void)
{
	fill();
	add_extent(0x38000, 0x1000 + 3, 1);
	refuses("two frames for one number");
}

static void not_written(void)
{
	assert(fake_livepatch_prepare(NULL) == -EINVAL);
	assert(strstr(fake.said, "nobody has written the table"));
}

static void damaged(void)
{
	fill();
	table->guest[0].extents = table->extents + 1;
	refuses("the table is damaged");
	table->guest[0].extents = 2;
	table->guests = LIVEPATCH_TABLE_GUESTS + 1;
	refuses("the table is damaged");
	table->guests = 2;
	table->extents = LIVEPATCH_TABLE_EXTENTS + 1;
	refuses("the table is damaged");
	table->extents = 3;
	table->guest[0].extents = 0;
	refuses("the table is damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOT(given), BOOT(given_back), BOOT(place_again), BOOT(over),
		BOOT(reverted), BOOT(somebodys), BOOT(frame_twice),
		BOOT(gfn_twice), BOOT(not_written), BOOT(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
