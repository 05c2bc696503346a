// SPDX-License-Identifier: MIT
/*
 * testsave.c - see testsave.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include <xen/xen.h>

#include "testsave.h"

uint8_t stream[512 * 1024], pages[PAGES][PAGE_BYTES];
size_t used, pv_info_at, page_record_at, domain_at;
bool stays;
struct diag_log diag;
struct xen_saved saved;
const uint64_t types[PAGES] = { 0, 12, 1, 0xf, 0, 9 };

void save_put(const void *bytes, size_t length)
{
	if (length)
		memcpy(stream + used, bytes, length);
	used += length;
}

void save_put_record(uint32_t type, const void *body, uint32_t length)
{
	const uint32_t head[2] = { type, length };
	const uint64_t zero = 0;

	save_put(head, sizeof(head));
	save_put(body, length);
	save_put(&zero, -length % 8);
}

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
	save_put(head, sizeof(head));
	for (i = first; i < first + BATCH; i++) {
		uint64_t word = i | type_of(i) << 60;

		save_put(&word, 8);
	}
	for (i = first; i < first + BATCH; i++)
		if (has_page(i))
			save_put(pages[i], PAGE_BYTES);
}

static void put_vcpu(void)
{
	static struct {
		uint32_t id, zero;
		vcpu_guest_context_t c;
	} vcpu = { .c = { .user_regs.rdx = START_INFO } };

	save_put_record(4, &vcpu, sizeof(vcpu));
}

int save_setup(void **state)
{
	static const uint8_t config[16] = "{ \"name\": 1 }";
	static const uint32_t file_tail[4] = { 0x01020304, 0, 1, 16 };
	static const uint8_t libxl[16] = "LibxlFmt\0\0\0\2";
	static const uint8_t libxc[24] = "\377\377\377\377\377\377\377\377"
					 "XENF\0\0\0\3";
	static const uint32_t domain[4] = { 1, 12, 4, 17 };
	static const uint8_t pv_info[8] = { 8, 4 };
	int i, j;

	(void)state;
	used = 0;
	for (i = 0; i < PAGES; i++)
		for (j = 0; j < PAGE_BYTES; j++)
			pages[i][j] = 37 * i + j;
	save_put("Xen saved domain, xl format\n \0 \r", 32);
	save_put(file_tail, sizeof(file_tail));
	save_put(config, sizeof(config));
	save_put(libxl, sizeof(libxl));
	save_put_record(1, NULL, 0);
	save_put(libxc, sizeof(libxc));
	domain_at = used;
	save_put(domain, sizeof(domain));
	pv_info_at = used + 8;
	save_put_record(2, pv_info, sizeof(pv_info));
	page_record_at = used;
	put_pages(0);
	put_pages(BATCH);
	save_put_record(7, pages[0], 13);		/* padded */
	put_vcpu();
	save_put_record(0, NULL, 0);
	save_put_record(0, NULL, 0);
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

int save_strip(size_t length)
{
	FILE *in = fmemopen(stream, length, "r");
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = xen_stream_strip(in, &saved, &diag);
	fclose(in);
	assert_int_equal(!rc, !diag.total);
	return rc;
}

void save_refused(void)
{
	assert_int_equal(save_strip(used), -HO_EXENSTREAM);
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
	assert_int_equal(length, used);
	assert_memory_equal(out, stream, used);
	free(out);
}

void save_cut_off(void)
{
	uint64_t whole, shorter;
	size_t length;
	char *out;

	assert_int_equal(save_strip(used), 0);
	whole = saved.length;
	for (shorter = 0; shorter < whole; shorter++) {
		saved.length = shorter;
		assert_int_not_equal(save_inflate(&out, &length), 0);
		free(out);
	}
	xen_saved_free(&saved);
}
