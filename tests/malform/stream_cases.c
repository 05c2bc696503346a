// SPDX-License-Identifier: MIT
/*
 * stream_cases.c - blobs whose LU stream is spoiled. Each is a stream of its
 * own, right up to the fault, with the digest that belongs to it.
 */
#include "malform.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "handover/fdt.h"
#include "testmachine.h"

/* Frames at 128 MiB: RAM on every machine of the tests, not the region. */
#define FREE_MFN 0x8000

void malform_put_stream(struct spoil *s, struct stream_text *t)
{
	int node = fdt_path_offset(s->fdt, "/lu-stream");
	fdt64_t size = cpu_to_fdt64(t->length);

	if (fdt_setprop(s->fdt, node, HO_FDT_DATA, t->bytes, t->length) ||
	    fdt_setprop(s->fdt, node, HO_FDT_SIZE, &size, 8))
		malform_die("stream");
	stream_text_free(t);
}

/* One domain with one extent of `word`, whole and closed. */
static void put_extent(struct spoil *s, uint64_t word)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_frames(&t, 1, &word, 1);
	stream_text_domain_end(&t, 1, frame_word_pages(word), 1);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void in_region(struct spoil *s)
{
	int node = fdt_path_offset(s->fdt, "/reserved-memory/region");
	const fdt64_t *reg = fdt_getprop(s->fdt, node, "reg", NULL);
	fdt64_t start;

	if (!reg)
		malform_die("region");
	memcpy(&start, reg, 8);
	put_extent(s, frame_word(fdt64_to_cpu(start) >> 12, 1, 0));
}

static void double_owner(struct spoil *s)
{
	uint64_t word = frame_word(FREE_MFN, 8, 0);
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_frames(&t, 1, &word, 1);
	stream_text_domain_end(&t, 1, 8, 1);
	stream_text_domain(&t, 2, "two");
	word = frame_word(FREE_MFN + 3, 1, 0);
	stream_text_frames(&t, 2, &word, 1);
	stream_text_domain_end(&t, 2, 1, 1);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void not_ram(struct spoil *s)
{
	put_extent(s, frame_word(0xfee00, 1, 0));	/* the local APIC */
}

static void low_memory(struct spoil *s)
{
	put_extent(s, frame_word(0x10, 1, 0));
}

static void frame_high(struct spoil *s)
{
	put_extent(s, frame_word(1ull << 38, 1, 0));
}

static void frame_type(struct spoil *s)
{
	put_extent(s, frame_word(FREE_MFN, 1, 15));
}

static void stream_magic(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	t.bytes[9] ^= 1;
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void stream_version(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	t.bytes[15] = 9;
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void stream_truncated(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	malform_put_stream(s, &t);
}

static void record_type(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_record(&t, 0x4711, "?", 1);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void record_length(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_record(&t, HO_REC_DOMAIN, "short", 5);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void record_order(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_domain(&t, 2, "two");
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void domid(struct spoil *s)
{
	uint64_t word = frame_word(FREE_MFN, 1, 0);
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_frames(&t, 1, &word, 1);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void domain_twice(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_domain_end(&t, 1, 0, 0);
	stream_text_domain(&t, 1, "one");
	stream_text_domain_end(&t, 1, 0, 0);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void totals(struct spoil *s)
{
	uint64_t word = frame_word(FREE_MFN, 1, 0);
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_frames(&t, 1, &word, 1);
	stream_text_domain_end(&t, 1, 2, 1);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void reserved(struct spoil *s)
{
	struct ho_rec_domain_end e = { .domid = 1, .reserved = 1 };
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_record(&t, HO_REC_DOMAIN_END, &e, sizeof(e));
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void domain_name(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "../../etc");
	stream_text_domain_end(&t, 1, 0, 0);
	stream_text_end(&t);
	malform_put_stream(s, &t);
}

static void trailing(struct spoil *s)
{
	struct stream_text t;

	stream_text_begin(&t);
	stream_text_end(&t);
	stream_text_raw(&t, "and more", 8);
	malform_put_stream(s, &t);
}

const struct malform_case malform_stream_cases[] = {
	{ "EINREGION", in_region }, { "EDOUBLE", double_owner },
	{ "ENOTRAM", not_ram }, { "ELOWMEM", low_memory },
	{ "EFRAMEHIGH", frame_high }, { "EFRAMETYPE", frame_type },
	{ "ESTREAMMAGIC", stream_magic },
	{ "ESTREAMVERSION", stream_version },
	{ "ESTREAMTRUNC", stream_truncated }, { "ERECTYPE", record_type },
	{ "ERECLEN", record_length }, { "ERECORDER", record_order },
	{ "EDOMID", domid }, { "EDOMDUP", domain_twice },
	{ "ETOTALS", totals }, { "ERESERVED", reserved },
	{ "EDOMAIN", domain_name }, { "ETRAILING", trailing },
	{ NULL, NULL },
};
