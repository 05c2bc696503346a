// SPDX-License-Identifier: MIT
/*
 * testsave.c - see testsave.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include <xen/xen.h>

#include "testsave.h"

static uint8_t room[512 * 1024];
struct fake_save save = { .bytes = room };
uint8_t pages[PAGES][PAGE_BYTES];
size_t pv_info_at, page_record_at, domain_at;
bool stays;
struct diag_log diag;
struct xen_saved saved;
const uint64_t types[PAGES] = { 0, 12, 1, 0xf, 0, 9 };

static uint64_t type_of(int pfn)
{
	return stays && !types[pfn] ? STAYS : types[pfn];
}

static bool has_page(int pfn)
{
	return type_of(pfn) < 0xd;
}

static void put_pages(int first)
{
	uint32_t head[4] = { 1, 8 + 8 * BATCH, BATCH, 0 };
	int i;

	for (i = first; i < first + BATCH; i++)
		head[1] += has_page(i) ? PAGE_BYTES : 0;
	fake_save_put(&save, head, sizeof(head));
	for (i = first; i < first + BATCH; i++) {
		uint64_t word = i | type_of(i) << 60;

		fake_save_put(&save, &word, 8);
	}
	for (i = first; i < first + BATCH; i++)
		if (has_page(i))
			fake_save_put(&save, pages[i], PAGE_BYTES);
}

static void put_vcpu(void)
{
	static struct {
		uint32_t id, zero;
		vcpu_guest_context_t c;
	} vcpu = { .c = { .user_regs.rdx = START_INFO } };

	fake_save_record(&save, 4, &vcpu, sizeof(vcpu));
}

int save_setup(void **state)
{
	static const uint8_t pv_info[8] = { 8, 4 };
	int i, j;

	(void)state;
	for (i = 0; i < PAGES; i++)
		for (j = 0; j < PAGE_BYTES; j++)
			pages[i][j] = 37 * i + j;
	domain_at = fake_save_begin(&save, FAKE_SAVE_PV);
	pv_info_at = save.used + 8;
	fake_save_record(&save, 2, pv_info, sizeof(pv_info));
	page_record_at = save.used;
	put_pages(0);
	put_pages(BATCH);
	fake_save_record(&save, 7, pages[0], 13);		/* padded */
	put_vcpu();
	fake_save_record(&save, 0, NULL, 0);
	fake_save_record(&save, 0, NULL, 0);
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

int save_strip(size_t length)
{
	FILE *in = fmemopen(save.bytes, length, "r");
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = xen_stream_strip(in, &saved, &diag);
	fclose(in);
	assert_int_equal(!rc, !diag.total);
	return rc;
}

void save_refused(void)
{
	assert_int_equal(save_strip(save.used), -HO_EXENSTREAM);
	assert_null(saved.bytes);
}

int save_read_pages(void *context, const uint64_t *pfns, const uint8_t *kinds,
		    uint32_t count, uint8_t *out, struct diag_log *d)
{
	uint32_t i;

	(void)context, (void)d;
	for (i = 0; i < count; i++) {
		assert_int_equal(kinds[i], types[pfns[i]]);
		memcpy(out + i * PAGE_BYTES, pages[pfns[i]], PAGE_BYTES);
	}
	return 0;
}

struct xen_pages source = { .read = save_read_pages };

int save_inflate(char **out, size_t *length)
{
	FILE *f = open_memstream(out, length);
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = xen_stream_inflate(saved.bytes, saved.length, saved.digest,
				&source, f, &diag);
	fclose(f);
	return rc;
}

void save_same(char *out, size_t length)
{
	assert_int_equal(length, save.used);
	assert_memory_equal(out, save.bytes, save.used);
	free(out);
}

void save_cut_off(void)
{
	uint64_t whole, shorter;
	size_t length;
	char *out;

	assert_int_equal(save_strip(save.used), 0);
	whole = saved.length;
	for (shorter = 0; shorter < whole; shorter++) {
		saved.length = shorter;
		assert_int_not_equal(save_inflate(&out, &length), 0);
		free(out);
	}
	xen_saved_free(&saved);
}
