// SPDX-License-Identifier: MIT
/*
 * flips.c - changes of one bit, or of one byte to 0x00 or 0xff, one at a time,
 * under ASan and UBSan.
 *
 *   flips blob FILE               every one of them
 *   flips stream FILE SEED COUNT  so many, anywhere
 *   flips image FILE SEED COUNT
 *
 * A digest must refuse each change. Without it the reader may refuse with a
 * code, or accept and keep its invariants: fuzz_blob.c aborts when it does not.
 * A stream carries its digests itself: the pass must refuse it, or find
 * exactly what it found before.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bzimage.h"
#include "digest.h"
#include "testmachine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct subject {
	uint8_t *bytes;
	size_t size;
	uint8_t digest[HO_DIGEST_BYTES];
	uint64_t changes, refused;
};

/* One changed subject: true when it was refused by more than the digest. */
typedef bool (*try_fn)(const struct subject *s);

static void die(const char *what)
{
	fprintf(stderr, "flips: %s\n", what);
	exit(1);
}

static void read_file(struct subject *s, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f || fseek(f, 0, SEEK_END) || (long)(s->size = ftell(f)) <= 0)
		die(path);
	rewind(f);
	s->bytes = malloc(s->size);
	if (!s->bytes || fread(s->bytes, s->size, 1, f) != 1)
		die(path);
	fclose(f);
	digest_of(HO_DIGEST_SHA256, s->bytes, s->size, s->digest);
}

static void change(struct subject *s, size_t at, uint8_t to, try_fn try)
{
	uint8_t was = s->bytes[at];

	if (to == was)
		return;
	s->bytes[at] = to;
	if (digest_check(HO_DIGEST_SHA256, s->digest, s->bytes, s->size) !=
	    -HO_EDIGEST)
		die("a change that the digest does not see");
	s->changes++;
	s->refused += try(s);
	s->bytes[at] = was;
}

static void change_all(struct subject *s, try_fn try)
{
	size_t i;
	int bit;

	for (i = 0; i < s->size; i++) {
		for (bit = 0; bit < 8; bit++)
			change(s, i, s->bytes[i] ^ 1 << bit, try);
		change(s, i, 0x00, try);
		change(s, i, 0xff, try);
	}
}

static void change_some(struct subject *s, unsigned int seed, long count,
			try_fn try)
{
	srandom(seed);
	printf("seed %u\n", seed);
	while (count-- > 0) {
		size_t at = random() % s->size;
		int how = random() % 10;

		change(s, at, how == 8 ? 0x00 : how == 9 ? 0xff
		       : s->bytes[at] ^ 1 << how, try);
	}
}

static bool try_blob(const struct subject *s)
{
	static struct blob blob;
	static struct diag_log diag;

	diag_init(&diag, HO_STAGE_VERIFY);
	if (blob_parse(&blob, s->bytes, s->size, BLOB_HANDOVER, &diag)) {
		if (!diag.total)
			die("refused without a code");
		return true;
	}
	LLVMFuzzerTestOneInput(s->bytes, s->size);
	return false;
}

static bool try_image(const struct subject *s)
{
	struct diag_log diag;
	struct bzimage bz;

	diag_init(&diag, HO_STAGE_PLUG);
	return bzimage_parse(&bz, s->bytes, s->size, &diag);
}

static struct pass first;

static int run_pass(const struct subject *s, struct pass *pass)
{
	static struct machine m;
	struct stream_text t = { .bytes = s->bytes, .length = s->size };
	int rc;

	machine_setup(&m, 4 * GIB, 16 * MIB);
	rc = machine_pass(&m, &t, pass);
	machine_teardown(&m);
	return rc;
}

static bool try_stream(const struct subject *s)
{
	struct pass pass;

	if (run_pass(s, &pass))
		return true;
	if (pass.frame_count != first.frame_count ||
	    pass.extent_count != first.extent_count ||
	    pass.domains.count != first.domains.count ||
	    memcmp(&pass.ft.work, &first.ft.work, sizeof(first.ft.work)))
		die("a changed stream was accepted");
	return false;
}

int main(int argc, char **argv)
{
	struct subject s = { 0 };
	try_fn try = try_blob;

	if (argc < 3)
		die("blob FILE, or stream|image FILE SEED COUNT");
	read_file(&s, argv[2]);
	if (!strcmp(argv[1], "blob")) {
		change_all(&s, try);
	} else if (argc == 5) {
		if (!strcmp(argv[1], "stream") && run_pass(&s, &first))
			die("the stream is not good to begin with");
		try = !strcmp(argv[1], "stream") ? try_stream : try_image;
		change_some(&s, strtoul(argv[3], NULL, 0), atol(argv[4]), try);
	} else {
		die("want SEED and COUNT");
	}
	printf("%s: %zu bytes, %llu changes, each seen by the digest; the reader refused %llu, %llu were harmless\n",
	       argv[2], s.size, (unsigned long long)s.changes,
	       (unsigned long long)s.refused,
	       (unsigned long long)(s.changes - s.refused));
	free(s.bytes);
	return s.changes ? 0 : 1;
}
