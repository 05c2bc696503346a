// SPDX-License-Identifier: MIT
/*
 * testhvm.c - see testhvm.h.
 */
#include "testhvm.h"

#include <stdlib.h>

#include "cmocka_all.h"
#include "xen.h"

#define GFNS	2048			/* of which records name RECORD each */
#define RECORD	512
#define XL	"case $1 in domname) echo hvm;; domid) echo 3;; " \
		"pci-list) echo head;; list) cat $FAKE_ROOT/config;; " \
		"save) cat $FAKE_ROOT/stream >&3; : >$FAKE_ROOT/paused.3;; " \
		"unpause) rm $FAKE_ROOT/paused.3;; " \
		"restore) cat <&3 >$FAKE_ROOT/restored;; esac"

static uint8_t room[5 << 20], page[HVM_PAGE];
struct fake_save hvm_save = { .bytes = room };
uint8_t hvm_grants_were[4096];
static struct diag_log diag;

static const uint8_t *page_of(uint64_t gfn)
{
	memset(page, 'a' + gfn % 26, sizeof(page));
	memcpy(page, &gfn, 8);
	return page;
}

/* all: what it has not, too, as xl writes it. */
static void put_pages(uint64_t first, uint64_t count, bool all)
{
	uint64_t has = first < HVM_PAGES ? HVM_PAGES - first : 0, i;
	uint32_t head[4];

	has = has < count ? has : count;
	count = all ? count : has;
	if (!count)
		return;
	memcpy(head, (uint32_t[]){ 1, 8 + 8 * count + HVM_PAGE * has, count, 0 },
	       sizeof(head));
	fake_save_put(&hvm_save, head, sizeof(head));
	for (i = 0; i < count; i++) {
		uint64_t word = (first + i) | (i < has ? 0 : 0xfull << 60);

		fake_save_put(&hvm_save, &word, 8);
	}
	for (i = 0; i < has; i++)
		fake_save_put(&hvm_save, page_of(first + i), HVM_PAGE);
}

static void make_stream(bool all)
{
	static const uint8_t context[24] = { 0xff }, emulator[16] = { 1 };
	uint64_t gfn;

	fake_save_begin(&hvm_save, FAKE_SAVE_HVM);
	for (gfn = 0; gfn < GFNS; gfn += RECORD)
		put_pages(gfn, RECORD, all);
	fake_save_record(&hvm_save, 9, context, 24); /* HVM_CONTEXT */
	fake_save_record(&hvm_save, 0, NULL, 0);
	fake_save_record(&hvm_save, 3, emulator, 16); /* EMULATOR_CONTEXT: QEMU's */
	fake_save_record(&hvm_save, 0, NULL, 0);
}

int hvm_setup(void **state)
{
	uint64_t gfn;

	fake_begin(state);
	fake_xen_here();
	diag_init(&diag, HO_STAGE_LOADER);
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 3,
		.flags = XEN_DOMINF_hvm_guest, .pages = HVM_PAGES,
		.target_kib = HVM_PAGES * 4, .cpu_time = 77,
		.uuid = { 1, 2, 3 }, .mfn = HVM_MFN };
	/* in use: a few of its grants */
	memset(fake_xen->grants, 0x11, 40 * 8);
	memcpy(hvm_grants_were, fake_xen->grants, sizeof(hvm_grants_were));
	make_stream(true);
	fake_put_bytes("/stream", hvm_save.bytes, hvm_save.used);
	for (gfn = 0; gfn < HVM_PAGES; gfn++)
		fake_put_at("/dev/mem", (HVM_MFN + gfn) << 12, page_of(gfn), HVM_PAGE);
	fake_put("/config", "[ { \"nested_hvm\": \"False\" } ]\n");
	fake_put("/sys/hypervisor/guest_type", "PV\n");
	fake_put("/usr/lib/baton/xen-save.so", "ld.so says that it is none\n");
	fake_program("xl", XL);
	return 0;
}

int hvm_upgrade(void)
{
	return baton("upgrade " TARGET " --xen hvm", FILES);
}

int hvm_setup_new(void **state)
{
	hvm_setup(state);
	assert_int_equal(hvm_upgrade(), FAKE_JUMPED);
	fake_xen->guests[0].domid = 0;
	assert_int_equal(fake_stub(&diag), 0);
	make_stream(false);
	return 0;
}

size_t hvm_short_stream(void)
{
	return hvm_save.used - HVM_PAGES * (HVM_PAGE + 8) + 8 - 16;
}
