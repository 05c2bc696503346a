// SPDX-License-Identifier: MIT
/*
 * synth.c - LU streams of hosts that are not here: any size, written as they
 * are made, never held.
 *
 *   synth --start ADDR --bytes N [--unit 4K|2M|1G] [--stride UNITS]
 *         [--domains N] [--order sorted|reversed|random] [--types]
 *         [--hvm] [--low ADDR] [--seed N] -o FILE
 *
 * RAM [start, start + bytes) is cut into units; one of every `stride` is
 * owned, at a place within the stride that varies with the seed. Domains get
 * neighbouring parts. With --low the first one has 1 MiB at ADDR, too, and with --hvm
 * they are guests of Xen's with uuids. Prints "DOMAINS EXTENTS FRAMES", the totals before
 * neighbours are joined.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "pattern.h"
#include "stream_writer.h"

#define LOW_PAGES	(MIB >> HO_PAGE_SHIFT)

struct synth {
	uint64_t start, bytes;		/* of RAM */
	uint64_t unit_pages;
	uint64_t stride;
	uint32_t domains;
	const char *order;
	bool types;			/* every 512th unit is an L1 table */
	bool hvm;
	uint64_t low;			/* 0: none */
	uint64_t seed;
	const char *output;
};

static void die(const char *what)
{
	fprintf(stderr, "synth: %s\n", what);
	exit(1);
}

/*
 * The i-th of n in the order asked for. Random is a permutation that needs
 * no table: an odd multiplier modulo the next power of two, stepping on
 * until the value is below n.
 */
static uint64_t ordered(const struct synth *s, uint64_t i, uint64_t n,
			uint64_t *state)
{
	uint64_t mask = 1;

	if (!strcmp(s->order, "sorted"))
		return i;
	if (!strcmp(s->order, "reversed"))
		return n - 1 - i;
	while (mask < n)
		mask <<= 1;
	mask--;
	do
		*state = (*state * 0xd1342543de82ef95ull + 0x2545f491) & mask;
	while (*state >= n);
	return *state;
}

static void write_domain(const struct synth *s, struct stream_writer *w,
			 uint32_t d, uint64_t first, uint64_t count)
{
	struct ho_rec_domain rec = { .domid = d + 1,
		.kind = s->types ? HO_KIND_XEN_PV
		      : s->hvm ? HO_KIND_XEN_HVM : HO_KIND_KVM,
		.uuid = { s->hvm ? 0x51 : 0, s->hvm ? d : 0 } };
	/* of others the place is a name, and no more */
	uint64_t gfns = s->hvm ? s->unit_pages : 1;
	uint64_t i, state = s->seed;

	snprintf(rec.name, sizeof(rec.name), "synth%u", d + 1);
	stream_writer_domain(w, &rec);
	for (i = 0; i < count; i++) {
		uint64_t at = first + ordered(s, i, count, &state);
		uint64_t unit = at * s->stride +
				pattern(at ^ s->seed) % s->stride;
		uint32_t type = s->types && at % 512 == 0 ? HO_TYPE_L1
							  : HO_TYPE_NORMAL;

		stream_writer_extent(w, (s->start >> HO_PAGE_SHIFT) +
				     unit * s->unit_pages, s->unit_pages,
				     type, at * gfns);
	}
	if (s->low && !d)
		stream_writer_extent(w, s->low >> HO_PAGE_SHIFT, LOW_PAGES,
				     HO_TYPE_NORMAL, count * gfns);
	stream_writer_domain_end(w);
}

static int write_stream(const struct synth *s)
{
	uint64_t units = s->bytes / (s->unit_pages << HO_PAGE_SHIFT) /
			 s->stride;
	struct stream_writer *w = calloc(1, sizeof(*w));
	struct diag_log diag;
	uint32_t d;

	diag_init(&diag, HO_STAGE_LOADER);
	if (!w || stream_writer_begin(w, s->output, &diag))
		die("cannot write the output");
	for (d = 0; d < s->domains; d++) {
		uint64_t first = units * d / s->domains;

		write_domain(s, w, d, first,
			     units * (d + 1) / s->domains - first);
	}
	if (stream_writer_end(w))
		die(diag.items[0].where);
	printf("%u %llu %llu\n", s->domains, (unsigned long long)units,
	       (unsigned long long)(units * s->unit_pages));
	free(w);
	return 0;
}

static uint64_t bytes_of(const char *text)
{
	uint64_t v;

	if (!parse_bytes(text, &v))
		die(text);
	return v;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "start", required_argument, NULL, 'a' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "unit", required_argument, NULL, 'u' },
		{ "stride", required_argument, NULL, 's' },
		{ "domains", required_argument, NULL, 'd' },
		{ "order", required_argument, NULL, 'r' },
		{ "types", no_argument, NULL, 't' },
		{ "hvm", no_argument, NULL, 'h' },
		{ "low", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 'S' }, { 0 } };
	struct synth s = { .unit_pages = 512, .stride = 1, .domains = 1,
			   .order = "sorted", .seed = 1 };
	int option;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) >= 0)
		switch (option) {
		case 'a': s.start = bytes_of(optarg); break;
		case 'b': s.bytes = bytes_of(optarg); break;
		case 'u': s.unit_pages = bytes_of(optarg) >> 12; break;
		case 's': s.stride = bytes_of(optarg); break;
		case 'd': s.domains = bytes_of(optarg); break;
		case 'r': s.order = optarg; break;
		case 't': s.types = true; break;
		case 'h': s.hvm = true; break;
		case 'l': s.low = bytes_of(optarg); break;
		case 'S': s.seed = bytes_of(optarg); break;
		case 'o': s.output = optarg; break;
		default: return 2;
		}
	if (!s.output || !s.bytes || !s.unit_pages || !s.stride ||
	    !s.domains || s.domains >= HO_DOMID_COUNT)
		die("--start, --bytes and -o are needed");
	return write_stream(&s);
}
