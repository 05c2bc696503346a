// SPDX-License-Identifier: MIT
/*
 * relay.c - a target that is the old instance of the next update, without
 * end: looks at everything the stub left, word by word at the memory that was
 * kept, then stages the stub, itself and its modules in the region, writes the
 * next blob as a loader does, and enters the stub again.
 *
 * Modules: the stub's image, and this file itself, both as they were built.
 * Command line: baton=BASE baton.case=NAME, and
 *
 *	relay=N		the generation to end at
 *	populate=N	new domains in the first generation
 *	churn=SEED	domains come, go, shrink, grow and move at each update
 *	relay.*		written by the instance before this one
 *
 * One line an update: `relay: update G: ...`, see report().
 */
#include "relay.h"

#include "blob_write.h"
#include "checked.h"
#include "cpu.h"
#include "crypto.h"
#include "digest.h"
#include "fmt.h"
#include "libc.h"
#include "uuid.h"

#define STREAM_BYTES	(512u << 10)
#define TREE_BYTES	(1u << 20)

void payload_main(const uint8_t *information) __attribute__((noreturn));

extern uint8_t payload_image[], payload_end[];

static struct domains domains;
static uint8_t stream[STREAM_BYTES];
static uint64_t tree[TREE_BYTES / 8];	/* the result tree, out of the region */
static struct blob next;
static char bootargs[512];

static uint64_t value(const char *name, uint64_t otherwise)
{
	const char *p = option(name);

	return p ? number(p) : otherwise;
}

/* A generator's state for this update: never 0. */
static uint64_t seed_of(uint64_t seed, uint64_t generation)
{
	uint64_t words[2] = { seed, generation };

	return digest_xxh64(words, sizeof(words)) | 1;
}

static uint64_t pages(const struct range *ranges, uint32_t count)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < count; i++)
		n += range_bytes(ranges[i]) >> 12;
	return n;
}

/* Every frame of RAM is plugged, or left out, or somebody's, or the region's;
 * and the map has as much RAM as the result says. */
static void check_accounts(void)
{
	uint64_t all = pages(seen.blob.memory, seen.blob.memory_count);
	uint64_t region = pages(seen.blob.region, seen.blob.region_count);
	uint64_t in_map = 0;
	uint32_t i;

	for (i = 0; i < seen.result.map_count; i++)
		if (seen.result.map[i].type == E820_RAM)
			in_map += range_bytes(seen.result.map[i].place) >> 12;
	require(in_map == seen.result.frames_plugged,
		"%llu frames of RAM in the map, plugged %llu",
		(unsigned long long)in_map,
		(unsigned long long)seen.result.frames_plugged);
	require(all == seen.result.frames_plugged +
		seen.result.frames_unplugged + seen.result.frames_owned +
		region, "accounts: RAM %llu, plugged %llu, left out %llu, owned %llu, region %llu",
		(unsigned long long)all,
		(unsigned long long)seen.result.frames_plugged,
		(unsigned long long)seen.result.frames_unplugged,
		(unsigned long long)seen.result.frames_owned,
		(unsigned long long)region);
}

/* Nothing leaks: where the domains stay the same, so do the RAM that is
 * plugged and the bytes of the region in use. */
static void check_growth(void)
{
	uint64_t plugged = value("relay.plugged=", 0);
	uint64_t used = value("relay.used=", 0);

	if (!plugged || option("churn="))
		return;
	require(seen.result.frames_plugged == plugged,
		"plugged %llu frames, at the first update %llu",
		(unsigned long long)seen.result.frames_plugged,
		(unsigned long long)plugged);
	require(seen.result.region_used == used,
		"region: %llu bytes used, at the first update %llu",
		(unsigned long long)seen.result.region_used,
		(unsigned long long)used);
}

/* Generation by generation, and each the child of the one before. */
static void check_chain(void)
{
	uint64_t parent = value("relay.parent=", 0);

	require(seen.blob.generation == value("relay.generation=",
					      seen.blob.generation),
		"generation %u", seen.blob.generation);
	require(seen.crumb->generation == seen.blob.generation &&
		!memcmp(seen.crumb->id, seen.blob.id, HO_ID_BYTES),
		"breadcrumb and result disagree");
	require(!parent || load_le64(seen.blob.parent_id) == parent, "parent");
}

static void report(uint64_t frames)
{
	say("relay: update %u of %llu: %u domains, %llu frames same, plugged %llu, region %llu, tsc %llu\n",
	    seen.blob.generation, (unsigned long long)value("relay=", 0),
	    seen.result.domain_count, (unsigned long long)frames,
	    (unsigned long long)seen.result.frames_plugged,
	    (unsigned long long)seen.result.region_used,
	    (unsigned long long)cpu_tsc());
}

/* The next stream: as it came, or of what has become of the domains. */
static uint64_t make_stream(void)
{
	uint64_t seed = value("churn=", 0), fresh = 0;
	uint32_t i;

	if (!seen.blob.generation)
		fresh = value("populate=", 0);
	if (!seed && !fresh) {
		require(seen.blob.stream_bytes <= sizeof(stream), "stream");
		memcpy(stream, stream_bytes(), seen.blob.stream_bytes);
		return seen.blob.stream_bytes;
	}
	domains.random = seed_of(seed, seen.blob.generation);
	domains.taken[domains.taken_count++] = (struct range){
		(uintptr_t)payload_image, (uintptr_t)payload_end };
	domains.taken[domains.taken_count++] = seen.info;
	for (i = 0; i < seen.module_count; i++)
		domains.taken[domains.taken_count++] = seen.modules[i];
	domains_read(&domains);
	domains_change(&domains, fresh);
	return domains_write(&domains, stream, sizeof(stream));
}

/* The options that people gave, and what the next instance is to find; of
 * one length at every update, or the region's use would not be the same. */
static void make_bootargs(void)
{
	/* the first one was not started by a relay, and is not like them */
	bool first = !option("relay.generation=");
	uint64_t plugged = value("relay.plugged=", 0);
	uint64_t used = value("relay.used=", 0);
	size_t length = 0;

	if (!first && !plugged) {
		plugged = seen.result.frames_plugged;
		used = seen.result.region_used;
	}
	while (next.target.bootargs[length] &&
	       !starts_with(next.target.bootargs + length, " relay."))
		length++;
	require(length < 256, "command line");
	memcpy(bootargs, next.target.bootargs, length);
	fmt_print(bootargs + length, sizeof(bootargs) - length,
		  " relay.generation=0x%08x relay.parent=0x%016llx relay.plugged=0x%016llx relay.used=0x%016llx",
		  next.generation, (unsigned long long)load_le64(next.parent_id),
		  (unsigned long long)plugged, (unsigned long long)used);
	next.target.bootargs = bootargs;
}

/* Not secret, only unlike the last one. */
static void make_id(void)
{
	uint64_t seed[3] = { cpu_tsc(), load_le64(seen.blob.id),
			     seen.blob.generation };
	uint8_t digest[HO_DIGEST_BYTES];

	digest_of(HO_DIGEST_SHA256, seed, sizeof(seed), digest);
	memcpy(next.id, digest, sizeof(next.id));
	uuid_make_random(next.id);
}

/* Digests of the files are kept from one update to the next, so that a byte
 * that changes on the way is seen; the quick kind, from the first on. */
static void digest_quickly(struct blob_image *image, struct range module)
{
	if (image->digest_alg == HO_DIGEST_XXH64)
		return;
	image->digest_alg = HO_DIGEST_XXH64;
	digest_of(image->digest_alg, at(module.start, range_bytes(module)),
		  range_bytes(module), image->digest);
}

/* The tree is read a second time, outside the region, which is written over
 * from here on. */
static void describe(void)
{
	require(seen.crumb->result_bytes <= sizeof(tree), "result tree");
	memcpy(tree, at(seen.crumb->result_paddr, seen.crumb->result_bytes),
	       seen.crumb->result_bytes);
	require(!blob_parse(&next, tree, sizeof(tree), BLOB_RESULT,
			    &seen.diag), "result tree, second time");
	next.generation++;
	memcpy(next.parent_id, seen.blob.id, HO_ID_BYTES);
	make_id();
	make_bootargs();
	digest_quickly(&next.target.image, seen.modules[1]);
	digest_quickly(&next.target.modules[0], seen.modules[0]);
	digest_quickly(&next.target.modules[1], seen.modules[1]);
}

static void stage(const struct blob_image *image, struct range module)
{
	require(range_bytes(image->place) == range_bytes(module),
		"%s: %llu bytes, the module has %llu", image->file,
		(unsigned long long)range_bytes(image->place),
		(unsigned long long)range_bytes(module));
	memcpy((void *)(uintptr_t)image->place.start,
	       at(module.start, range_bytes(module)), range_bytes(module));
}

static uint32_t write_blob(uint64_t place, uint64_t stream_length)
{
	struct fdtwrite w;

	fdtwrite_start(&w, (void *)(uintptr_t)place,
		       next.region[0].end - place);
	blob_write(&w, &next);
	fdtwrite_begin(&w, HO_FDT_DOMAINS);	/* for people: there are none */
	fdtwrite_cells(&w, 1, 0);
	fdtwrite_end(&w);
	fdtwrite_begin(&w, HO_FDT_STREAM);
	fdtwrite_string(&w, "compatible", HO_FDT_STREAM_COMPAT);
	fdtwrite_u64(&w, HO_FDT_SIZE, stream_length);
	fdtwrite_bytes(&w, HO_FDT_DATA, stream, stream_length);
	fdtwrite_end(&w);
	return fdtwrite_finish(&w);
}

static void write_entry(const struct ho_stub_header *header, uint64_t blob,
			uint32_t blob_bytes)
{
	struct ho_entry entry = {
		.magic = HO_ENTRY_MAGIC, .bytes = sizeof(entry), .on_failure = next.on_failure,
		.region_base = next.region[0].start,
		.region_bytes = range_bytes(next.region[0]),
		.blob_paddr = blob, .blob_bytes = blob_bytes,
		.blob_digest_alg = HO_DIGEST_SHA256,
		.uart_port = next.chosen.uart_port,
		.uart_baud = next.chosen.uart_baud,
	};

	digest_of(HO_DIGEST_SHA256, (const void *)(uintptr_t)blob, blob_bytes,
		  entry.blob_digest);
	entry_seal_for(&entry, header->version);
	memcpy((uint8_t *)(uintptr_t)next.stub.place.start +
	       header->entry_block_offset, &entry, sizeof(entry));
}

/* Everything to its place, as kexec would put it there; the stub's entry. */
static uint64_t fill_region(uint64_t stream_length)
{
	uint64_t stub = next.stub.place.start, blob;
	const struct ho_stub_header *header = (const void *)(uintptr_t)stub;
	uint32_t blob_bytes;

	stage(&next.stub, seen.modules[0]);
	require(header->magic == HO_STUB_MAGIC, "first module is no stub");
	memset((uint8_t *)(uintptr_t)stub + range_bytes(next.stub.place), 0,
	       header->memory_bytes - range_bytes(next.stub.place));
	stage(&next.target.image, seen.modules[1]);
	stage(&next.target.modules[0], seen.modules[0]);
	stage(&next.target.modules[1], seen.modules[1]);
	blob = align_up(next.target.modules[1].place.end, HO_PAGE_BYTES);
	blob_bytes = write_blob(blob, stream_length);
	require(blob_bytes, "blob does not fit");
	write_entry(header, blob, blob_bytes);
	return stub + header->entry_offset;
}

void payload_main(const uint8_t *information)
{
	void (*enter)(void);
	uint64_t frames, stream_length;

	see(information);
	crypto_init();
	frames = check_stream(domains_check_frame);
	check_totals(frames);
	check_map();
	check_plugged();
	check_accounts();
	check_growth();
	check_chain();
	report(frames);
	if (seen.blob.generation >= value("relay=", 0)) {
		say("verdict: %s success %u updates\n", seen.case_name,
		    seen.blob.generation);
		finish(true);
	}
	require(seen.module_count == 2, "want two modules: stub, relay");
	stream_length = make_stream();
	describe();
	enter = (void (*)(void))(uintptr_t)fill_region(stream_length);
	enter();
	__builtin_unreachable();
}
