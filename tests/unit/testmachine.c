// SPDX-License-Identifier: MIT
/*
 * testmachine.c - see testmachine.h.
 */
#include "testmachine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "digest.h"

void machine_setup(struct machine *m, uint64_t ram_end, uint64_t region_bytes)
{
	struct blob *b = &m->blob;

	memset(m, 0, sizeof(*m));
	diag_init(&m->diag, HO_STAGE_PASS);
	b->memory_count = 2;
	b->memory[0] = (struct range){ 0, 0x9f000 };
	b->memory[1] = (struct range){ MIB, ram_end };
	b->region_count = 1;
	b->region[0] = (struct range){ REGION_BASE,
				       REGION_BASE + region_bytes };
	b->stub.place = (struct range){ REGION_BASE + 2 * MIB,
					REGION_BASE + 2 * MIB + 4096 };
	b->chosen.e820_budget = HO_E820_BUDGET_DEFAULT;
	m->arena_bytes = region_bytes;
	m->arena = mmap(NULL, region_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert(m->arena != MAP_FAILED);
	assert(!region_init(&m->region, b, (struct range){ 0, 0 },
			    (uintptr_t)m->arena - REGION_BASE, &m->diag));
}

void machine_teardown(struct machine *m)
{
	munmap(m->arena, m->arena_bytes);
}

void stream_text_raw(struct stream_text *s, const void *bytes, size_t length)
{
	s->bytes = realloc(s->bytes, s->length + length + 1);
	assert(s->bytes);
	if (length)
		memcpy(s->bytes + s->length, bytes, length);
	s->length += length;
}

void stream_text_begin(struct stream_text *s)
{
	struct ho_stream_header h = {
		.marker = HO_STREAM_MARKER,
		.id = __builtin_bswap32(HO_STREAM_ID),
		.version = __builtin_bswap32(HO_STREAM_VERSION),
	};
	struct ho_rec_version v = { .version = HO_ABI_VERSION,
				    .writer = "unit test" };

	*s = (struct stream_text){ 0 };
	stream_text_raw(s, &h, sizeof(h));
	stream_text_record(s, HO_REC_VERSION, &v, sizeof(v));
}

void stream_text_record(struct stream_text *s, uint32_t type,
			const void *body, uint32_t length)
{
	static const uint8_t zeroes[8];
	struct ho_rec rec = { type, length };

	stream_text_raw(s, &rec, sizeof(rec));
	stream_text_raw(s, body, length);
	stream_text_raw(s, zeroes, -length % 8);
	s->records++;
}

static void put_domain(struct stream_text *s, uint32_t domid,
		       const char *name, uint32_t kind)
{
	struct ho_rec_domain d = { .domid = domid, .kind = kind };

	strncpy(d.name, name, sizeof(d.name) - 1);
	stream_text_record(s, HO_REC_DOMAIN, &d, sizeof(d));
}

void stream_text_domain(struct stream_text *s, uint32_t domid,
			const char *name)
{
	put_domain(s, domid, name, HO_KIND_PROCESS);
}

void stream_text_pv(struct stream_text *s, uint32_t domid, const char *name)
{
	put_domain(s, domid, name, HO_KIND_XEN_PV);
}

void stream_text_frames(struct stream_text *s, uint32_t domid,
			const uint64_t *words, uint32_t count)
{
	uint32_t length = 8 + 16 * count, i;
	uint8_t *body = malloc(length);

	assert(body);
	memcpy(body, &domid, 4);
	memcpy(body + 4, &count, 4);
	memcpy(body + 8, words, 8ull * count);
	for (i = 0; i < count; i++) {
		uint64_t gfn = i;

		memcpy(body + 8 + 8ull * (count + i), &gfn, 8);
	}
	stream_text_record(s, HO_REC_FRAMES, body, length);
	free(body);
}

void stream_text_domain_end(struct stream_text *s, uint32_t domid,
			    uint64_t frames, uint64_t extents)
{
	struct ho_rec_domain_end e = { .domid = domid,
				       .frame_count = frames,
				       .extent_count = extents };

	stream_text_record(s, HO_REC_DOMAIN_END, &e, sizeof(e));
}

void stream_text_digest(struct stream_text *s, size_t from)
{
	struct ho_rec_digest d = { .digest_alg = HO_DIGEST_XXH64 };

	assert(!digest_of(HO_DIGEST_XXH64, s->bytes + from, s->length - from,
			  d.digest));
	stream_text_record(s, HO_REC_DIGEST, &d, sizeof(d));
}

void stream_text_end(struct stream_text *s)
{
	struct ho_rec_end e = { .record_count = s->records,
				.digest_alg = HO_DIGEST_XXH64 };

	assert(!digest_of(HO_DIGEST_XXH64, s->bytes, s->length, e.digest));
	stream_text_record(s, HO_REC_END, &e, sizeof(e));
}

void stream_text_free(struct stream_text *s)
{
	free(s->bytes);
}

int machine_pass(struct machine *m, const struct stream_text *s,
		 struct pass *pass)
{
	m->blob.stream = s->bytes;
	m->blob.stream_bytes = s->length;
	return pass_run(pass, &m->blob, &m->region, &m->diag);
}

int machine_error(const struct machine *m)
{
	return m->diag.total ? m->diag.items[0].code : 0;
}
