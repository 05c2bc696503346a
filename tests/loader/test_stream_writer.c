// SPDX-License-Identifier: MIT
/*
 * test_stream_writer.c - what the writer writes, core's pass accepts; joined
 * and carried on it is the same.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "stream_writer.h"
#include "testmachine.h"

static struct machine m;
static struct stream_writer w;
static struct pass pass;
static struct mapped written;
static char path[2][64];

static int setup(void **state)
{
	int i;

	(void)state;
	machine_setup(&m, 4 * GIB, 16 * MIB);
	for (i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "/tmp/test_stream.%d.%d",
			 (int)getpid(), i);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mapped_close(&written);
	unlink(path[0]);
	unlink(path[1]);
	machine_teardown(&m);
	return 0;
}

static void write_domain(uint32_t domid, const char *name, uint64_t mfn)
{
	struct ho_rec_domain d = { .domid = domid, .kind = HO_KIND_KVM };
	struct ho_rec_owner o = { .domid = domid, .pid = 7 };

	strcpy(d.name, name);
	stream_writer_domain(&w, &d);
	stream_writer_owner(&w, &o);
	stream_writer_extent(&w, mfn, 10, HO_TYPE_NORMAL, 100);
	stream_writer_extent(&w, mfn + 10, 6, HO_TYPE_NORMAL, 110);
	stream_writer_extent(&w, mfn + 16, 1, HO_TYPE_NORMAL, 300);
	stream_writer_state(&w, "note", "abc", 3);
	stream_writer_domain_end(&w);
}

static int run(const char *from)
{
	struct stream_text t;

	mapped_close(&written);
	assert_int_equal(mapped_open(&written, from, HO_EFILE, &m.diag), 0);
	t = (struct stream_text){ .bytes = (uint8_t *)written.bytes,
				  .length = written.length };
	return machine_pass(&m, &t, &pass);
}

static void write_two(void)
{
	assert_int_equal(stream_writer_begin(&w, path[0], &m.diag), 0);
	write_domain(3, "three", 0x8000);
	write_domain(4, "four", 0x9000);
	assert_int_equal(stream_writer_end(&w), 0);
}

static void round_trip(void **state)
{
	const struct ho_domain *d;

	(void)state;
	write_two();
	assert_int_equal(run(path[0]), 0);
	d = domtab_find(&pass.domains, 3);
	assert_int_equal(d->frame_count, 17);
	assert_int_equal(d->extent_count, 2);	/* joined, but for the gfn */
	assert_int_equal(d->state_bytes, 3);
	assert_int_equal(d->kind, HO_KIND_KVM);
}

/* Many batches, and an extent longer than a word can say. */
static void batches(void **state)
{
	struct ho_rec_domain d = { .domid = 1, .kind = HO_KIND_PROCESS,
				   .name = "one" };
	uint32_t i;

	(void)state;
	m.blob.memory[1].end = 1ull << 44;
	assert_int_equal(stream_writer_begin(&w, path[0], &m.diag), 0);
	stream_writer_domain(&w, &d);
	for (i = 0; i < 3 * STREAM_WRITER_BATCH + 5; i++)
		stream_writer_extent(&w, 0x20000 + 2 * i, 1, HO_TYPE_NORMAL,
				     i);
	stream_writer_extent(&w, 1ull << 28, (1 << 20) + 7, HO_TYPE_NORMAL,
			     0);
	stream_writer_domain_end(&w);
	assert_int_equal(stream_writer_end(&w), 0);
	assert_int_equal(run(path[0]), 0);
	assert_int_equal(pass.frame_count, 3 * STREAM_WRITER_BATCH + 5 +
			 (1 << 20) + 7);
	assert_int_equal(pass.extent_count, 3 * STREAM_WRITER_BATCH + 7);
}

/* Longer than a record can be: several, and their sum. */
static void long_state(void **state)
{
	const uint64_t length = HO_REC_MAX_BYTES + 5;
	struct ho_rec_domain d = { .domid = 1, .kind = HO_KIND_KVM,
				   .name = "one" };
	void *bytes = mmap(NULL, length, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)state;
	assert_int_equal(stream_writer_begin(&w, path[0], &m.diag), 0);
	stream_writer_domain(&w, &d);
	stream_writer_state(&w, "long", bytes, length);
	stream_writer_state(&w, "empty", bytes, 0);
	stream_writer_domain_end(&w);
	assert_int_equal(stream_writer_end(&w), 0);
	assert_int_equal(run(path[0]), 0);
	assert_int_equal(domtab_find(&pass.domains, 1)->state_bytes, length);
	/* VERSION, DOMAIN, STATE, STATE, STATE, DOMAIN_END, DIGEST, END */
	assert_int_equal(pass.record_count, 8);
	munmap(bytes, length);
}

static void carried_on(void **state)
{
	struct mapped first;
	const struct ho_domain *d;

	(void)state;
	write_two();
	assert_int_equal(run(path[0]), 0);
	assert_int_equal(mapped_open(&first, path[0], HO_EFILE, &m.diag), 0);
	assert_int_equal(stream_writer_begin(&w, path[1], &m.diag), 0);
	stream_writer_carry(&w, first.bytes, first.length,
			    domtab_find(&pass.domains, 4)->stream_offset);
	assert_int_equal(stream_writer_end(&w), 0);
	mapped_close(&first);
	region_init(&m.region, &m.blob, (struct range){ 0, 0 },
		    m.region.bias, &m.diag);
	assert_int_equal(run(path[1]), 0);
	assert_int_equal(pass.domains.count, 1);
	d = domtab_find(&pass.domains, 4);
	assert_non_null(d);
	assert_int_equal(d->frame_count, 17);
	assert_int_equal(d->state_bytes, 3);
	/* the owner's record is gone: VERSION, DOMAIN, FRAMES, STATE,
	 * DOMAIN_END, DIGEST, END */
	assert_int_equal(pass.record_count, 7);
}

static void joined(void **state)
{
	struct mapped first;

	(void)state;
	write_two();
	assert_int_equal(mapped_open(&first, path[0], HO_EFILE, &m.diag), 0);
	assert_int_equal(stream_writer_begin(&w, path[1], &m.diag), 0);
	stream_writer_join(&w, first.bytes, first.length);
	write_domain(5, "five", 0xa000);
	assert_int_equal(stream_writer_end(&w), 0);
	mapped_close(&first);
	assert_int_equal(run(path[1]), 0);
	assert_int_equal(pass.domains.count, 3);
}

/* A full disk leaves nothing behind. */
static void full_disk(void **state)
{
	(void)state;
	assert_int_equal(stream_writer_begin(&w, "/dev/null/x", &m.diag),
			 -HO_EFILE);
	stream_writer_abandon(&w);
	assert_int_equal(m.diag.items[0].code, HO_EFILE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(round_trip), T(batches), T(long_state), T(carried_on), T(joined),
		T(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
