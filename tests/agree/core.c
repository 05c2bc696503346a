// SPDX-License-Identifier: MIT
/*
 * core.c - what core/ makes of blobs, for tests/agree/agree to compare with a
 * reader that was written from handover-abi/ alone:
 *
 *   core <LIST          a path a line; a stream by reference is PATH.lu
 *   core --cold <LIST   the same of cold blobs, which are refused or accepted
 *
 * For each: "blob PATH", then "refused CODE..." with all codes recorded, or
 * "accepted" and who owns what ("own MFN FRAMES DOMID TYPE"), the domains, the
 * totals, and the map. Then "end". What no invariant of core's own allows ends
 * the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cold.h"
#include "digest.h"
#include "e820.h"
#include "pass.h"
#include "plan_part.h"
#include "plan_xen.h"

static struct blob blob, tree;
static struct diag_log diag;
static struct region region;
static struct pass pass;
static struct frametable_view view;
/* two more for Xen's EBDA */
static struct e820_entry entries[HO_E820_BUDGET_MAX + 2];

struct file {
	uint8_t *bytes;
	long length;
};

static bool read_file(struct file *f, const char *path)
{
	FILE *in = fopen(path, "rb");

	*f = (struct file){ 0 };
	if (!in || fseek(in, 0, SEEK_END) || (f->length = ftell(in)) < 0)
		return false;
	rewind(in);
	f->bytes = aligned_alloc(8, (f->length + 8) & ~7l);
	if (!f->bytes || (f->length &&
			  fread(f->bytes, f->length, 1, in) != 1))
		return false;
	fclose(in);
	return true;
}

static void impossible(const char *what)
{
	printf("impossible: %s\n", what);
	exit(1);
}

/* The tree in it, from a copy, as the loader does it. */
static int check_fallback(void)
{
	uint64_t bytes = range_bytes(blob.fallback_tree.place);
	void *copy;
	int rc;

	if (blob.fallback.kind == TARGET_NONE)
		return 0;
	copy = aligned_alloc(8, (bytes + 8) & ~7ull);
	if (!copy)
		impossible("no memory");
	memcpy(copy, blob.fallback_data, bytes);
	rc = blob_parse_fallback(&tree, &blob, copy, &diag);
	free(copy);
	return rc;
}

/* Memory for each range of the region, wherever that is. */
static bool lend(void)
{
	uint32_t i;

	for (i = 0; i < blob.region_count; i++) {
		struct range r = blob.region[i];
		void *at = mmap(NULL, range_bytes(r), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				-1, 0);

		if (at == MAP_FAILED)
			return false;
		region.far.places[i] = r;
		region.far.bias[i] = (uintptr_t)at - r.start;
		region.far.count++;
	}
	return true;
}

static void give_back(void)
{
	uint32_t i;

	for (i = 0; i < region.far.count; i++)
		munmap((void *)(region.far.places[i].start +
				region.far.bias[i]),
		       range_bytes(region.far.places[i]));
	region.far.count = 0;
}

static int take_stream(const char *path, struct file *f)
{
	char name[4096];
	int rc;

	if (!blob.stream_range_count)
		return 0;
	snprintf(name, sizeof(name), "%s.lu", path);
	if (!read_file(f, name))
		return diag_add(&diag, HO_EFILE, "%s", name);
	if ((uint64_t)f->length != blob.stream_bytes)
		return diag_add(&diag, HO_EDIGEST, "%s", name);
	rc = digest_check(blob.stream_digest_alg, blob.stream_digest,
			  f->bytes, f->length);
	blob.stream = f->bytes;
	return rc ? diag_add(&diag, -rc, "%s", name) : 0;
}

static void print_owners(void)
{
	struct frametable_walk w = frametable_walk(&view);
	struct frametable_span s;
	uint32_t i, t;
	int rc;

	while ((rc = frametable_next(&w, &s)) > 0)
		printf("own %llx %llx %u %u\n", (unsigned long long)s.mfn,
		       (unsigned long long)s.count, s.domid, s.type);
	if (rc)
		impossible("a bad frametable");
	for (i = 0; i < pass.domains.count; i++) {
		const struct ho_domain *d = &pass.domains.domains[i];

		printf("domain %u %u %llu %llu %llu", d->domid, d->kind,
		       (unsigned long long)d->frame_count,
		       (unsigned long long)d->extent_count,
		       (unsigned long long)d->state_bytes);
		for (t = 0; t < HO_TYPE_COUNT; t++)
			printf(" %llu", (unsigned long long)d->type_frames[t]);
		printf("\n");
	}
	printf("totals %llu %llu %llu\n", (unsigned long long)pass.frame_count,
	       (unsigned long long)pass.extent_count,
	       (unsigned long long)pass.record_count);
}

static void print_map(const struct e820_map *map, const struct e820_report *r)
{
	uint32_t i;

	for (i = 0; i < map->count; i++)
		printf("map %u %llx %llx\n", map->entries[i].type,
		       (unsigned long long)map->entries[i].place.start,
		       (unsigned long long)map->entries[i].place.end);
	printf("plugged %llu %llu\n", (unsigned long long)r->plugged_frames,
	       (unsigned long long)r->unplugged_frames);
	for (i = 0; i < r->listed; i++)
		printf("left %llx %llx\n", (unsigned long long)r->list[i].start,
		       (unsigned long long)r->list[i].end);
}

/* What follows a good tree, and its stream: 0, or the first error. */
static int run(struct e820_map *map, struct e820_report *report)
{
	int rc = pass_run(&pass, &blob, &region, &diag);

	if (rc)
		return rc;
	frametable_view(&pass.ft, &blob, &view);
	*map = (struct e820_map){ .entries = entries,
				  .capacity = blob.chosen.e820_budget };
	if (blob.target.kind == TARGET_XEN)
		map->ram_max = PLAN_XEN_RAM_MAX - plan_xen_plants_rsdp(&blob);
	rc = e820_build(map, &blob, &view, &region, blob.chosen.e820_budget, report,
			&diag);
	if (!rc && (!e820_check(map, &blob, &view) ||
		    e820_owned_frames(&blob, report) != pass.frame_count))
		impossible("a map that covers owned frames");
	if (!rc && plan_xen_plants_rsdp(&blob))
		plan_xen_reserve_ebda(map);
	return rc;
}

/* Are the words of a Linux, or of Xen and its dom0, such that ours behind them count? */
static int check_words(void)
{
	static struct plan plan;
	const struct blob_target *t = &blob.target;
	uint64_t pa;
	int rc;

	plan.region = &region;
	rc = plan_write_line(&plan, &pa, "", t->bootargs, "",
			     PLAN_CMDLINE_BYTES, &diag);
	if (!rc && t->kind == TARGET_XEN && t->module_count)
		rc = plan_write_line(&plan, &pa, "", t->modules[0].bootargs,
				     "", PLAN_CMDLINE_BYTES, &diag);
	return rc;
}

static void print_refused(void)
{
	uint32_t i;

	printf("refused");
	for (i = 0; i < diag.kept; i++)
		printf(" %s", error_name(diag.items[i].code));
	printf("\n");
}

static int one(const char *path, const struct file *f, struct file *stream)
{
	struct e820_report report;
	struct e820_map map;
	int rc = blob_parse(&blob, f->bytes, f->length, BLOB_HANDOVER, &diag);

	if (!rc)
		rc = check_fallback();
	if (!rc)
		rc = take_stream(path, stream);
	if (rc)
		return rc;
	if (blob.region_only) {		/* its map is the allocator's affair */
		printf("accepted\n");
		return 0;
	}
	rc = region_init(&region, &blob, (struct range){ 0, 0 }, 0, &diag);
	if (!rc && !lend())
		rc = diag_add(&diag, HO_ENOMEM, "arena");
	if (!rc)
		rc = run(&map, &report);
	if (!rc)
		rc = check_words();
	if (!rc) {
		printf("accepted\n");
		print_owners();
		print_map(&map, &report);
	}
	give_back();
	return rc;
}

static int one_cold(const struct file *f)
{
	static struct cold cold;
	int rc = cold_parse(&cold, f->bytes, f->length, &diag);

	if (!rc)
		printf("accepted\n");
	return rc;
}

int main(int argc, char **argv)
{
	bool is_cold = argc > 1 && !strcmp(argv[1], "--cold");
	char path[4000];

	while (fgets(path, sizeof(path), stdin)) {
		struct file f, stream = { 0 };

		path[strcspn(path, "\n")] = '\0';
		printf("blob %s\n", path);
		diag_init(&diag, HO_STAGE_VERIFY);
		memset(&region, 0, sizeof(region));
		if (!read_file(&f, path)) {
			perror(path);
			return 1;
		}
		if (is_cold ? one_cold(&f) : one(path, &f, &stream)) {
			if (!diag.total)
				impossible("refused without a code");
			print_refused();
		}
		printf("end\n");
		free(f.bytes);
		free(stream.bytes);
	}
	return 0;
}
