/* SPDX-License-Identifier: MIT */
/*
 * testmachine.h - a machine for unit tests: RAM, a region backed by an arena,
 * and a writer of LU streams.
 */
#ifndef TESTS_UNIT_TESTMACHINE_H
#define TESTS_UNIT_TESTMACHINE_H

#include "pass.h"

#ifndef REGION_BASE
#define REGION_BASE (256 * MIB)
#endif

struct machine {
	struct blob blob;
	struct diag_log diag;
	struct region region;
	uint8_t *arena;
	uint64_t arena_bytes;
};

/* RAM [0, 0x9f000) and [1 MiB, ram_end), one region range at REGION_BASE;
 * its staged pieces are the breadcrumb page and the stub. */
void machine_setup(struct machine *m, uint64_t ram_end,
		   uint64_t region_bytes);
void machine_teardown(struct machine *m);

/* A growing stream. */
struct stream_text {
	uint8_t *bytes;
	size_t length;
	uint64_t records;
};

void stream_text_begin(struct stream_text *s);
void stream_text_raw(struct stream_text *s, const void *bytes, size_t length);
void stream_text_record(struct stream_text *s, uint32_t type,
			const void *body, uint32_t length);
void stream_text_domain(struct stream_text *s, uint32_t domid,
			const char *name);
/* The same for a guest that has page tables of types L1..L4. */
void stream_text_pv(struct stream_text *s, uint32_t domid, const char *name);
/* gfn words are 0, 1, ... */
void stream_text_frames(struct stream_text *s, uint32_t domid,
			const uint64_t *words, uint32_t count);
void stream_text_domain_end(struct stream_text *s, uint32_t domid,
			    uint64_t frames, uint64_t extents);
/* Over the bytes from `from` on. */
void stream_text_digest(struct stream_text *s, size_t from);
void stream_text_end(struct stream_text *s);
void stream_text_free(struct stream_text *s);

/* Give the stream to the machine and run the pass over it. */
int machine_pass(struct machine *m, const struct stream_text *s,
		 struct pass *pass);

/* The code of the first recorded error, 0: none. */
int machine_error(const struct machine *m);

#endif /* TESTS_UNIT_TESTMACHINE_H */
