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
#include "testmachine.h"
#include "testbzimage.h"
#include "tighthost.h"

#define TRIALS		60
#define LOG_BYTES	32768

static uint64_t trials = TRIALS;

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
static bool both(struct tight_host *h, uint64_t initrd_pages,
		 struct verdict *v, struct diag_log *diag)
{
	struct mapped blob = { 0 };
	struct fake *f = calloc(1, sizeof(*f));
	bool yes, jumped;

	assert_non_null(f);
	diag_init(diag, HO_STAGE_LOADER);
	if (!tight_make_blob(h, initrd_pages, &blob, diag)) {
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
static void heal(struct tight_host *h, uint64_t pages, struct verdict *v,
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
		uint64_t from = tight.seed, pages;
		struct tight_host h;

		tight_make(&h);
		tight_put_stream(&h);
		if (!both(&h, 1, v, &diag))
			continue;
		pages = pages_free(v);
		if (pages > h.room)
			pages = h.room;	/* the others have room enough */
		pages += 4 - tight_below(7);
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
static int on_cpu(uint64_t gib, int levels, bool gib_pages, uint8_t xloadflags)
{
	static uint8_t kernel[TEST_BZIMAGE_BYTES];
	const struct tables_cpu cpu = { levels, gib_pages, levels };
	struct tight_host h = { .range_count = 1, .ram_end = (gib + 4) << 30,
			  .budget = 500 };
	struct verdict *v = calloc(1, sizeof(*v));
	FILE *map = fopen(tight_path("map"), "w");
	struct mapped blob = { 0 };
	struct diag_log diag;
	int rc;

	assert_true(v && map);
	fprintf(map, "0-9fbff RAM\n100000-%llx RAM\n",
		(unsigned long long)h.ram_end - 1);
	fclose(map);
	h.region[0] = (struct range){ 1ull << 30, (gib + 1) << 30 };
	sprintf(h.region_text, "1G+%lluG", (unsigned long long)gib);
	test_bzimage(kernel);
	kernel[0x236] = xloadflags;
	tight_put("kernel", kernel, sizeof(kernel), 8192);
	tight_put_stream(&h);
	diag_init(&diag, HO_STAGE_LOADER);
	assert_true(tight_make_blob(&h, 1, &blob, &diag));
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
	assert_int_equal(on_cpu(150, 5, false, 0x7f), 0);
	assert_int_equal(on_cpu(200, 4, false, 0x7f), -HO_EPAGETABLE);
	assert_int_equal(on_cpu(200, 4, true, 0x7f), 0);
}

/* Before 4.17 a kernel finds its own tables a level too low; from 5.3 on it says that
 * it does not. */
static void five_levels(void **state)
{
	(void)state;
	assert_int_equal(on_cpu(1, 5, true, 0x5f), -HO_EBZOLD);
	assert_int_equal(on_cpu(1, 4, true, 0x5f), 0);
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
	strcpy(tight.dir, "/dev/shm/test_verdict.XXXXXX");
	if (!mkdtemp(tight.dir))
		strcpy(tight.dir, "/tmp/test_verdict.XXXXXX");
	if (!strncmp(tight.dir, "/tmp", 4) && !mkdtemp(tight.dir))
		return -1;
	tight_put("stub", stub.bytes, sizeof(stub), sizeof(stub));
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
	return nftw(tight.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_tight_regions),
		cmocka_unit_test(page_tables),
		cmocka_unit_test(five_levels),
	};

	if (argc > 1)
		tight.seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		trials = strtoull(argv[2], NULL, 10);
	tight.real = argc > 3 ? argv[3] : NULL;
	return cmocka_run_group_tests(tests, setup, teardown);
}
