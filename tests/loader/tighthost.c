// SPDX-License-Identifier: MIT
/*
 * tighthost.c - see tighthost.h.
 */
#include "tighthost.h"

#include <libfdt.h>
#include <stdio.h>
#include <unistd.h>

#include "checked.h"
#include "cmocka_all.h"
#include "digest.h"
#include "pack.h"
#include "testbzimage.h"
#include "testmachine.h"

/* behind the first range, while it is packed */
#define TO_PACK_IN	(4 * MIB)

struct tight tight = { .seed = 1 };

uint64_t tight_below(uint64_t n)
{
	tight.seed = tight.seed * 6364136223846793005ull + 1442695040888963407ull;
	return (tight.seed >> 20) % n;
}

char *tight_path(const char *name)
{
	static char paths[8][96];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, 96, "%s/%s", tight.dir, name);
	return path;
}

void tight_put(const char *name, const void *bytes, size_t length,
		     uint64_t total)
{
	FILE *f = fopen(tight_path(name), "w");

	assert_non_null(f);
	assert_true(!length || fwrite(bytes, length, 1, f) == 1);
	assert_int_equal(ftruncate(fileno(f), total), 0);
	assert_int_equal(fclose(f), 0);
}

void tight_put_kernel(uint64_t total)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];

	test_bzimage(k);
	tight_put("kernel", k, sizeof(k), total);
}

static void put_real(void)
{
	struct diag_log diag;
	struct mapped m;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, tight.real, HO_EFILE, &diag), 0);
	tight_put("kernel", m.bytes, m.length, m.length);
	mapped_close(&m);
}

void tight_make(struct tight_host *h)
{
	static const uint64_t far[] = { 1ull << 30, 1ull << 40, 1ull << 48 };
	uint64_t at = (64 + 2 * tight_below(60)) * MIB;
	FILE *map = fopen(tight_path("map"), "w");
	char *text = h->region_text;
	uint32_t i;

	tight_put_kernel(8192);
	*h = (struct tight_host){ .range_count = 1,
			    .ram_end = (2 + tight_below(2)) << 30,
			    .budget = tight_below(2) ? 16 + tight_below(3185) : 500,
			    .fallback = !tight_below(20), .reference = !tight_below(4),
			    .dense = !tight_below(3) };
	h->real = tight.real && !tight_below(10);
	h->fill = !h->fallback && !h->real;
	h->dense |= h->fallback;
	if (h->dense)
		h->range_count = 1 + tight_below(3);
	assert_non_null(map);
	fprintf(map, "0-9fbff RAM\n9fc00-9ffff 2\n100000-%llx RAM\n",
		(unsigned long long)h->ram_end - 1);
	for (i = 0; i < h->range_count; i++) {
		uint64_t bytes = i ? 2 * MIB
				   : 2 * MIB * (3 + tight_below(6));

		if (!i && h->fallback)
			bytes += 48 * MIB;
		if (!i && h->real)
			bytes += 48 * MIB;
		if (i == 2) {	/* RAM of its own, far away */
			at = h->ram_end + far[tight_below(3)];
			fprintf(map, "%llx-%llx RAM\n",
				(unsigned long long)at,
				(unsigned long long)at + bytes - 1);
		}
		h->region[i] = (struct range){ at, at + bytes };
		text += sprintf(text, "%s0x%llx+0x%llx", i ? "," : "",
				(unsigned long long)at, (unsigned long long)
				bytes + (i || !h->fill ? 0 : TO_PACK_IN));
		at += bytes + TO_PACK_IN + 2 * MIB * tight_below(8);
	}
	fclose(map);
	/* What lies between breadcrumb and stub is room for 2 MiB of tables:
	 * the kernel fills it, or there are more of them. */
	if (h->fill)
		tight_put_kernel((511 - tight_below(40)) * HO_PAGE_BYTES);
	if (h->real)
		put_real();
}

/* Domains in what is RAM and no region, in pieces. */
void tight_put_stream(const struct tight_host *h)
{
	uint32_t domains = 1 + (tight_below(4) ? tight_below(5)
					       : tight_below(300)), d, n;
	uint32_t most = 1 + tight_below(tight_below(3) ? 60 : 4000 / domains + 1);
	uint32_t pieces = h->dense ? (5000 + tight_below(7000)) / domains : most;
	uint64_t mfn = 2 * MIB >> 12;
	uint64_t spread = 1 + tight_below(tight_below(2) ? 9 : 700);
	uint64_t end = (h->ram_end - 16 * MIB) >> 12;
	struct stream_text s;
	char name[16];

	stream_text_begin(&s);
	for (d = 1; d <= domains; d++) {
		uint64_t *words = malloc(pieces * sizeof(*words)), frames = 0;

		assert_non_null(words);
		for (n = 0; n < pieces; n++) {
			uint32_t pages = 1 + (h->dense || tight_below(4)
				? tight_below(4) : tight_below(600)), i;
			uint32_t type = tight_below(3) ? HO_TYPE_NORMAL
						       : HO_TYPE_L1;

			mfn += h->dense ? 1 + tight_below(80) : tight_below(spread);
			for (i = 0; i < h->range_count; i++)
				if (mfn << 12 < h->region[i].end &&
				    (mfn + pages) << 12 > h->region[i].start)
					mfn = h->region[i].end >> 12;
			if (mfn + pages > end)
				break;
			words[n] = frame_word(mfn, pages, type);
			mfn += pages;
			frames += pages;
		}
		snprintf(name, sizeof(name), "d%u", d);
		stream_text_pv(&s, d, name);
		if (n)
			stream_text_frames(&s, d, words, n);
		stream_text_domain_end(&s, d, frames, n);
		free(words);
	}
	stream_text_end(&s);
	tight_put("lu", s.bytes, s.length, s.length);
	stream_text_free(&s);
}

static void set_place(void *fdt, int node, uint64_t at)
{
	fdt64_t cell = cpu_to_fdt64(at);

	assert_int_equal(fdt_setprop_inplace_namelen_partial(fdt, node, "reg",
			 3, 0, &cell, 8), 0);
}

static void set_landing(const struct tight_host *h, void *fdt)
{
	int node = fdt_first_subnode(fdt, fdt_path_offset(fdt,
						"/" HO_FDT_RESERVED));
	fdt64_t cell = cpu_to_fdt64(range_bytes(h->region[0]));

	assert_int_equal(fdt_setprop_inplace_namelen_partial(fdt, node, "reg",
			 3, 8, &cell, 8), 0);
}

/* The kernel into the room tight_below the stub, the initrd to where it was. */
static void move_files(const struct tight_host *h, void *fdt)
{
	uint64_t base = h->region[0].start;
	int target = fdt_path_offset(fdt, "/" HO_FDT_TARGET), node;

	fdt_for_each_subnode(node, fdt, target)
		set_place(fdt, node, strncmp(fdt_get_name(fdt, node, NULL),
					     HO_FDT_IMAGE, 5)
			  ? base + HO_IMAGES_OFFSET : base + HO_PAGE_BYTES);
}

/* The stream stays where it is: pages at the end of low RAM. */
static void refer(const struct tight_host *h, void *fdt)
{
	struct mapped lu;
	struct diag_log diag;
	uint64_t pages, at;
	fdt64_t reg[2];
	uint8_t digest[HO_DIGEST_BYTES];
	int node;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&lu, tight_path("lu"), HO_EFILE, &diag), 0);
	pages = align_up(lu.length, HO_PAGE_BYTES);
	at = h->ram_end - pages;
	reg[0] = cpu_to_fdt64(at);
	reg[1] = cpu_to_fdt64(pages);
	assert_int_equal(digest_of(HO_DIGEST_XXH64, lu.bytes, lu.length,
				   digest), 0);
	node = fdt_path_offset(fdt, "/" HO_FDT_STREAM);
	assert_true(node > 0);
	assert_int_equal(fdt_delprop(fdt, node, HO_FDT_DATA), 0);
	assert_int_equal(fdt_setprop(fdt, node, "reg", reg, 16), 0);
	assert_int_equal(fdt_setprop_string(fdt, node, HO_FDT_FILE,
					    tight_path("lu")), 0);
	assert_int_equal(fdt_setprop_u32(fdt, node, HO_FDT_DIGEST_ALG,
					 HO_DIGEST_XXH64), 0);
	assert_int_equal(fdt_setprop(fdt, node, HO_FDT_DIGEST, digest,
				     sizeof(digest)), 0);
	mapped_close(&lu);
}

/* What pack does not do by itself. */
static void change_blob(const struct tight_host *h)
{
	struct mapped m;
	struct diag_log diag;
	size_t room;
	void *fdt;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, tight_path("blob"), HO_EFILE, &diag), 0);
	room = m.length + 65536;
	fdt = malloc(room);
	assert_int_equal(fdt_open_into(m.bytes, fdt, room), 0);
	mapped_close(&m);
	if (h->fill) {
		set_landing(h, fdt);
		move_files(h, fdt);
	}
	if (h->reference)
		refer(h, fdt);
	assert_int_equal(fdt_pack(fdt), 0);
	tight_put("blob", fdt, fdt_totalsize(fdt), fdt_totalsize(fdt));
	free(fdt);
}

/* The blob with an initrd of so many pages; false: it is refused. */
bool tight_make_blob(const struct tight_host *h, uint64_t initrd_pages,
		      struct mapped *m, struct diag_log *diag)
{
	struct pack p = PACK_DEFAULTS;

	tight_put("initrd", "initrd", 6, initrd_pages * HO_PAGE_BYTES);
	p.stream_count = 1;
	p.streams[0] = tight_path("lu");
	p.kernel = tight_path("kernel");
	p.initrd = tight_path("initrd");
	p.cmdline = "quiet";
	p.policy = h->fallback ? "fallback" : "halt";
	p.fallback_kernel = p.kernel;
	p.fallback_initrd = "none";
	p.fallback_cmdline = "quiet";
	p.region = h->region_text;
	p.memory_map = tight_path("map");
	p.stub = tight_path("stub");
	p.digest_alg = HO_DIGEST_XXH64;
	p.chosen.e820_budget = h->budget;
	if (pack_run(&p, NULL, tight_path("blob"), diag))
		return false;
	change_blob(h);
	assert_int_equal(mapped_open(m, tight_path("blob"), HO_EFILE, diag), 0);
	return true;
}
