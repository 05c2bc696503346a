// SPDX-License-Identifier: MIT
/*
 * test_verdict.c - a yes of `baton check` is a yes of the stub: random hosts
 * whose region is just large enough, or a page or two too small. What check
 * says is compared with a run over memory that poses as the machine's: blob
 * and files where they are loaded, nothing around the region that could be
 * written to.
 *
 *	test_verdict [SEED [TRIALS [KERNEL]]]
 *
 * `make campaign` has 2,000 trials, each tenth with a real kernel's image.
 */
#include "verdict.h"

#include <ftw.h>
#include <libfdt.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "checked.h"
#include "cmocka_all.h"
#include "digest.h"
#include "handover/entry.h"
#include "pack.h"
#include "testbzimage.h"
#include "testmachine.h"

#define TRIALS		60
/* behind the first range, while it is packed */
#define TO_PACK_IN	(4 * MIB)
#define LOG_BYTES	32768

static char dir[64];
static uint64_t seed = 1, trials = TRIALS;
static const char *real;		/* a kernel's image, NULL: none */

static uint64_t below(uint64_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 20) % n;
}

static char *in_dir(const char *name)
{
	static char paths[8][96];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, 96, "%s/%s", dir, name);
	return path;
}

static void put_file(const char *name, const void *bytes, size_t length,
		     size_t total)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_true(!length || fwrite(bytes, length, 1, f) == 1);
	assert_int_equal(ftruncate(fileno(f), total), 0);
	assert_int_equal(fclose(f), 0);
}

static void put_kernel(uint64_t total)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];

	test_bzimage(k);
	put_file("kernel", k, sizeof(k), total);
}

static void put_real(void)
{
	struct diag_log diag;
	struct mapped m;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, real, HO_EFILE, &diag), 0);
	put_file("kernel", m.bytes, m.length, m.length);
	mapped_close(&m);
}

/* A host that is made up. */
struct host {
	uint32_t range_count;
	struct range region[3];
	uint64_t ram_end;
	uint32_t budget;
	bool fallback, reference, dense, fill, real;
	char region_text[128];
	uint64_t room;			/* pages behind the blob */
};

static void make_host(struct host *h)
{
	static const uint64_t far[] = { 1ull << 30, 1ull << 40, 1ull << 48 };
	uint64_t at = (64 + 2 * below(60)) * MIB;
	FILE *map = fopen(in_dir("map"), "w");
	char *text = h->region_text;
	uint32_t i;

	put_kernel(8192);
	*h = (struct host){ .range_count = 1,
			    .ram_end = (2 + below(2)) << 30,
			    .budget = below(2) ? 16 + below(3185) : 500,
			    .fallback = !below(20), .reference = !below(4),
			    .dense = !below(3) };
	h->real = real && !below(10);
	h->fill = !h->fallback && !h->real;
	h->dense |= h->fallback;
	if (h->dense)
		h->range_count = 1 + below(3);
	assert_non_null(map);
	fprintf(map, "0-9fbff RAM\n9fc00-9ffff 2\n100000-%llx RAM\n",
		(unsigned long long)h->ram_end - 1);
	for (i = 0; i < h->range_count; i++) {
		uint64_t bytes = i ? 2 * MIB
				   : 2 * MIB * (3 + below(6));

		if (!i && h->fallback)
			bytes += 48 * MIB;
		if (!i && h->real)
			bytes += 48 * MIB;
		if (i == 2) {	/* RAM of its own, far away */
			at = h->ram_end + far[below(3)];
			fprintf(map, "%llx-%llx RAM\n",
				(unsigned long long)at,
				(unsigned long long)at + bytes - 1);
		}
		h->region[i] = (struct range){ at, at + bytes };
		text += sprintf(text, "%s0x%llx+0x%llx", i ? "," : "",
				(unsigned long long)at, (unsigned long long)
				bytes + (i || !h->fill ? 0 : TO_PACK_IN));
		at += bytes + TO_PACK_IN + 2 * MIB * below(8);
	}
	fclose(map);
	/* What lies between breadcrumb and stub is room for 2 MiB of tables:
	 * the kernel fills it, or there are more of them. */
	if (h->fill)
		put_kernel((511 - below(40)) * HO_PAGE_BYTES);
	if (h->real)
		put_real();
}

/* Domains in what is RAM and no region, in pieces. */
static void put_stream(const struct host *h)
{
	uint32_t domains = below(4) ? 1 + below(5) : 1 + below(300), d, n;
	uint32_t most = 1 + below(below(3) ? 60 : 4000 / domains + 1);
	uint32_t pieces = h->dense ? (5000 + below(7000)) / domains : most;
	uint64_t mfn = 2 * MIB >> 12, spread = 1 + below(below(2) ? 9 : 700);
	uint64_t end = (h->ram_end - 16 * MIB) >> 12;
	struct stream_text s;
	char name[16];

	stream_text_begin(&s);
	for (d = 1; d <= domains; d++) {
		uint64_t *words = malloc(pieces * sizeof(*words)), frames = 0;

		assert_non_null(words);
		for (n = 0; n < pieces; n++) {
			uint32_t pages = h->dense || below(4) ? 1 + below(4)
						: 1 + below(600), i;
			uint32_t type = below(3) ? HO_TYPE_NORMAL : HO_TYPE_L1;

			mfn += h->dense ? 1 + below(80) : below(spread);
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
	put_file("lu", s.bytes, s.length, s.length);
	stream_text_free(&s);
}

static void set_place(void *fdt, int node, uint64_t at)
{
	fdt64_t cell = cpu_to_fdt64(at);

	assert_int_equal(fdt_setprop_inplace_namelen_partial(fdt, node, "reg",
			 3, 0, &cell, 8), 0);
}

static void set_landing(const struct host *h, void *fdt)
{
	int node = fdt_first_subnode(fdt, fdt_path_offset(fdt,
						"/" HO_FDT_RESERVED));
	fdt64_t cell = cpu_to_fdt64(range_bytes(h->region[0]));

	assert_int_equal(fdt_setprop_inplace_namelen_partial(fdt, node, "reg",
			 3, 8, &cell, 8), 0);
}

/* The kernel into the room below the stub, the initrd to where it was. */
static void move_files(const struct host *h, void *fdt)
{
	uint64_t base = h->region[0].start;
	int target = fdt_path_offset(fdt, "/" HO_FDT_TARGET), node;

	fdt_for_each_subnode(node, fdt, target)
		set_place(fdt, node, strncmp(fdt_get_name(fdt, node, NULL),
					     HO_FDT_IMAGE, 5)
			  ? base + HO_IMAGES_OFFSET : base + HO_PAGE_BYTES);
}

/* The stream stays where it is: pages at the end of low RAM. */
static void refer(const struct host *h, void *fdt)
{
	struct mapped lu;
	struct diag_log diag;
	uint64_t pages, at;
	fdt64_t reg[2];
	uint8_t digest[HO_DIGEST_BYTES];
	int node;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&lu, in_dir("lu"), HO_EFILE, &diag), 0);
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
					    in_dir("lu")), 0);
	assert_int_equal(fdt_setprop_u32(fdt, node, HO_FDT_DIGEST_ALG,
					 HO_DIGEST_XXH64), 0);
	assert_int_equal(fdt_setprop(fdt, node, HO_FDT_DIGEST, digest,
				     sizeof(digest)), 0);
	mapped_close(&lu);
}

/* What pack does not do by itself. */
static void change_blob(const struct host *h)
{
	struct mapped m;
	struct diag_log diag;
	size_t room;
	void *fdt;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, in_dir("blob"), HO_EFILE, &diag), 0);
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
	put_file("blob", fdt, fdt_totalsize(fdt), fdt_totalsize(fdt));
	free(fdt);
}

/* The blob with an initrd of so many pages; false: it is refused. */
static bool make_blob(const struct host *h, uint64_t initrd_pages,
		      struct mapped *m, struct diag_log *diag)
{
	struct pack p = PACK_DEFAULTS;

	put_file("initrd", "initrd", 6, initrd_pages * HO_PAGE_BYTES);
	p.stream_count = 1;
	p.streams[0] = in_dir("lu");
	p.kernel = in_dir("kernel");
	p.initrd = in_dir("initrd");
	p.cmdline = "quiet";
	p.policy = h->fallback ? "fallback" : "halt";
	p.fallback_kernel = p.kernel;
	p.fallback_initrd = "none";
	p.fallback_cmdline = "quiet";
	p.region = h->region_text;
	p.memory_map = in_dir("map");
	p.stub = in_dir("stub");
	p.digest_alg = HO_DIGEST_XXH64;
	p.chosen.e820_budget = h->budget;
	if (pack_run(&p, NULL, in_dir("blob"), diag))
		return false;
	change_blob(h);
	assert_int_equal(mapped_open(m, in_dir("blob"), HO_EFILE, diag), 0);
	return true;
}

/* The stub's machine: the region in pieces with nothing around them. */
struct fake {
	struct course run;
	struct blob blob;
	struct diag_log diag;
	struct range given;		/* the tree of this run */
	uint8_t *memory[HO_REGION_RANGES_MAX];
	struct range places[HO_REGION_RANGES_MAX];
	uint32_t count;
	const struct mapped *lu;
	uint64_t rsdp_seen;
	bool jumped;
};

static uint8_t *fake_va(const struct fake *f, uint64_t pa)
{
	uint32_t i;

	for (i = 0; i < f->count; i++)
		if (pa >= f->places[i].start && pa < f->places[i].end)
			return f->memory[i] + (pa - f->places[i].start);
	fail_msg("0x%llx is not in the region", (unsigned long long)pa);
	return NULL;
}

static void fake_memory(struct fake *f, const struct blob *b)
{
	uint32_t i;

	f->count = b->region_count;
	for (i = 0; i < f->count; i++) {
		uint64_t bytes = range_bytes(b->region[i]);
		uint8_t *at = mmap(NULL, bytes + 2 * HO_PAGE_BYTES, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		assert_ptr_not_equal(at, MAP_FAILED);
		at += HO_PAGE_BYTES;
		assert_int_equal(mprotect(at, bytes, PROT_READ | PROT_WRITE),
				 0);
		f->memory[i] = at;
		f->places[i] = b->region[i];
	}
}

static void fake_unmap(struct fake *f)
{
	uint32_t i;

	for (i = 0; i < f->count; i++)
		munmap(f->memory[i] - HO_PAGE_BYTES,
		       range_bytes(f->places[i]) + 2 * HO_PAGE_BYTES);
}

static void stage(struct fake *f, const struct blob_image *image,
		  const struct mapped *m)
{
	memcpy(fake_va(f, image->place.start), m->bytes, m->length);
}

/* As baton load puts it there. */
static void fake_load(struct fake *f, const struct verdict *v,
		      const struct mapped *blob)
{
	const struct blob *b = &v->blob;

	fake_memory(f, b);
	stage(f, &b->target.image, &v->target.image);
	stage(f, &b->target.modules[0], &v->target.modules[0]);
	if (b->fallback.kind != TARGET_NONE) {
		stage(f, &b->fallback.image, &v->fallback.image);
		memcpy(fake_va(f, b->fallback_tree.place.start),
		       b->fallback_data, range_bytes(b->fallback_tree.place));
	}
	f->given.start = blob_place(b).start;
	f->given.end = f->given.start + blob->length;
	f->run.self = f->given;
	memcpy(fake_va(f, f->given.start), blob->bytes, blob->length);
	f->lu = &v->stream;
}

static int fake_verify(struct fake *f)
{
	int rc = blob_parse(&f->blob, fake_va(f, f->given.start),
			    range_bytes(f->given), BLOB_HANDOVER, &f->diag);

	if (rc)
		return rc;
	f->run.blob = &f->blob;
	f->run.blob_paddr = f->given.start;
	f->run.image = fake_va(f, f->blob.target.image.place.start);
	if (f->blob.target.module_count)
		f->run.modules[0] = fake_va(f,
			f->blob.target.modules[0].place.start);
	return 0;
}

static int fake_at(void *context, enum course_point point)
{
	struct fake *f = context;
	struct region *r = &f->run.region;
	uint32_t i;

	switch (point) {
	case COURSE_VERIFY:
		return fake_verify(f);
	case COURSE_REGION:
		r->bias = (uintptr_t)f->memory[0] - f->places[0].start;
		for (i = 1; i < f->count; i++) {
			r->far.places[i - 1] = f->places[i];
			r->far.bias[i - 1] = (uintptr_t)f->memory[i] -
					     f->places[i].start;
		}
		r->far.count = f->count - 1;
		return 0;
	case COURSE_STREAM:
		if (!f->blob.stream_range_count)
			return 0;
		memset(region_va(r, r->stream_tables), 0xff,
		       r->stream_table_pages * HO_PAGE_BYTES);
		f->blob.stream = f->lu->bytes;
		return 0;
	case COURSE_CHAIN:
		f->run.log_paddr = f->blob.stub.place.start + HO_PAGE_BYTES;
		f->run.log_bytes = LOG_BYTES;
		memset(f->run.stage_tsc, 0xff, sizeof(f->run.stage_tsc));
		return 0;
	case COURSE_JUMP:
		f->jumped = true;
		return 0;
	default:
		return 0;
	}
}

static bool fake_run(struct fake *f)
{
	f->jumped = false;
	diag_init(&f->diag, HO_STAGE_ENTRY);
	course_run(&f->run, fake_at, f, &f->diag);
	return f->jumped;
}

static void same_bytes(const struct fake *f, const struct blob_image *image)
{
	assert_int_equal(digest_check(image->digest_alg, image->digest,
				      fake_va(f, image->place.start),
				      range_bytes(image->place)), 0);
}

/* What a run has left: nothing that was loaded is another, and the result is
 * one that the new instance reads. */
static void check_left(const struct fake *f)
{
	const struct blob *b = &f->blob;
	const uint8_t *tree = fake_va(f, f->run.result.start);
	struct blob *again = calloc(1, sizeof(*again));
	struct result *result = calloc(1, sizeof(*result));
	struct account account;
	struct diag_log diag;

	assert_true(again && result);
	diag_init(&diag, HO_STAGE_LOADER);
	same_bytes(f, &b->target.image);
	same_bytes(f, &b->target.modules[0]);
	if (b->fallback.kind != TARGET_NONE) {
		same_bytes(f, &b->fallback.image);
		same_bytes(f, &b->fallback_tree);
	}
	assert_int_equal(blob_parse(again, tree, range_bytes(f->run.result),
				    BLOB_RESULT, &diag), 0);
	assert_int_equal(result_parse(result, again, &diag), 0);
	assert_int_equal(account_region(&account, again, result,
					range_bytes(f->run.result), &diag), 0);
	free(result);
	free(again);
}

/* The run of the fallback, after one that failed. */
static void fall_back(struct fake *f)
{
	struct range tree = f->blob.fallback_tree.place;

	f->run.failed = (struct blob_failed){ f->places[0].start,
					      HO_STAGE_VERIFY, HO_ECPUS };
	f->run.self.start = tree.start;
	f->given = tree;
	assert_true(fake_run(f));
}

/* Check and the stub, over the same blob. */
static bool both(struct host *h, uint64_t initrd_pages,
		 struct verdict *v, struct diag_log *diag)
{
	struct mapped blob = { 0 };
	struct fake *f = calloc(1, sizeof(*f));
	bool yes, jumped;

	assert_non_null(f);
	diag_init(diag, HO_STAGE_LOADER);
	if (!make_blob(h, initrd_pages, &blob, diag)) {
		free(f);
		return false;
	}
	yes = !verdict_run(v, blob.bytes, blob.length, diag);
	assert_int_equal(yes, !diag->total);
	if (diag->total)
		print_message("  %s: %s\n", error_name(diag->items[0].code),
			      diag->items[diag->kept - 1].where);
	h->room = (v->blob.region[0].end - v->run.self.end) / HO_PAGE_BYTES;
	if (v->run.blob && initrd_pages > 1) {
		fake_load(f, v, &blob);
		jumped = fake_run(f);
		/* a refusal of check for the fallback's sake is its own */
		if (yes || diag->items[0].code == HO_EFULL)
			assert_int_equal(jumped, yes);
		if (jumped)
			check_left(f);
		if (yes && v->blob.fallback.kind != TARGET_NONE)
			fall_back(f);
		fake_unmap(f);
	}
	verdict_close(v);
	mapped_close(&blob);
	free(f);
	return yes;
}

static uint64_t pages_free(const struct verdict *v)
{
	return (v->region_bytes - v->need_bytes) / HO_PAGE_BYTES;
}

static uint64_t pages_missing(const struct diag_log *diag)
{
	const char *last = diag->items[diag->kept - 1].where;
	const char *least = strstr(last, "at least ");

	return least ? strtoull(least + 9, NULL, 10) / HO_PAGE_BYTES : 0;
}

/* "at least N more": with so much less of an initrd it is a yes, and with a
 * page more than that it is not. */
static void heal(struct host *h, uint64_t pages, struct verdict *v,
		 struct diag_log *diag)
{
	uint64_t missing = pages_missing(diag);

	assert_true(missing && missing < pages);
	assert_true(both(h, pages - missing, v, diag));
	assert_false(both(h, pages - missing + 1, v, diag));
}

static void random_tight_regions(void **state)
{
	struct verdict *v = calloc(1, sizeof(*v));
	uint32_t i, yes = 0, no = 0;
	struct diag_log diag;

	(void)state;
	assert_non_null(v);
	for (i = 0; i < trials; i++) {
		uint64_t from = seed, pages;
		struct host h;

		make_host(&h);
		put_stream(&h);
		if (!both(&h, 1, v, &diag))
			continue;
		pages = pages_free(v);
		if (pages > h.room)
			pages = h.room;	/* the others have room enough */
		pages += 4 - below(7);
		print_message("trial %u of seed %llu: %u ranges, %llu pages%s\n",
			      i, (unsigned long long)from, h.range_count,
			      (unsigned long long)pages,
			      h.real ? ", a real kernel" : "");
		if (both(&h, pages, v, &diag)) {
			yes++;
		} else if (diag.items[0].code == HO_EFULL) {
			if (no++ % 4 == 0)
				heal(&h, pages, v, &diag);
		}
	}
	print_message("%u yes, %u no\n", yes, no);
	assert_true(yes >= trials / 5 && no >= trials / 5);
	free(v);
}

/* A verdict on a host with a region of so many GiB. */
static int on_cpu(uint64_t gib, int levels, bool gib_pages)
{
	const struct tables_cpu cpu = { levels, gib_pages };
	struct host h = { .range_count = 1, .ram_end = (gib + 4) << 30,
			  .budget = 500 };
	struct verdict *v = calloc(1, sizeof(*v));
	FILE *map = fopen(in_dir("map"), "w");
	struct mapped blob = { 0 };
	struct diag_log diag;
	int rc;

	assert_true(v && map);
	fprintf(map, "0-9fbff RAM\n100000-%llx RAM\n",
		(unsigned long long)h.ram_end - 1);
	fclose(map);
	h.region[0] = (struct range){ 1ull << 30, (gib + 1) << 30 };
	sprintf(h.region_text, "1G+%lluG", (unsigned long long)gib);
	put_kernel(8192);
	put_stream(&h);
	diag_init(&diag, HO_STAGE_LOADER);
	assert_true(make_blob(&h, 1, &blob, &diag));
	rc = verdict_run_on(v, &cpu, blob.bytes, blob.length, &diag);
	verdict_close(v);
	mapped_close(&blob);
	free(v);
	return rc;
}

/* Without 1 GiB pages the stub's pool holds a region of so much, and no more. */
static void page_tables(void **state)
{
	(void)state;
	assert_int_equal(on_cpu(150, 5, false), 0);
	assert_int_equal(on_cpu(200, 4, false), -HO_EPAGETABLE);
	assert_int_equal(on_cpu(200, 4, true), 0);
}

static int setup(void **state)
{
	static union {
		struct ho_stub_header header;
		uint8_t bytes[100000];
	} stub = { .header = {
		.magic = HO_STUB_MAGIC, .version = HO_ABI_VERSION,
		.header_bytes = sizeof(struct ho_stub_header),
		.image_bytes = sizeof(stub), .memory_bytes = sizeof(stub),
		.abi_min = HO_ABI_OLDEST, .abi_max = HO_ABI_VERSION,
	} };

	(void)state;
	/* without a disk: each file is synced */
	strcpy(dir, "/dev/shm/test_verdict.XXXXXX");
	if (!mkdtemp(dir))
		strcpy(dir, "/tmp/test_verdict.XXXXXX");
	if (!strncmp(dir, "/tmp", 4) && !mkdtemp(dir))
		return -1;
	put_file("stub", stub.bytes, sizeof(stub), sizeof(stub));
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_tight_regions),
		cmocka_unit_test(page_tables),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		trials = strtoull(argv[2], NULL, 10);
	real = argc > 3 ? argv[3] : NULL;
	return cmocka_run_group_tests(tests, setup, teardown);
}
