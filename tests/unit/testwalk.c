// SPDX-License-Identifier: MIT
/*
 * testwalk.c - see testwalk.h.
 */
#include "cmocka_all.h"
#include "testwalk.h"

struct machine m;
struct stream_text s;
struct pass pass;
const uint64_t word_2m = 0x20000ull | 511ull << HO_FRAME_COUNT_SHIFT;

int walk_setup(void **state)
{
	(void)state;
	machine_setup(&m, 2 * GIB, 16 * MIB);
	stream_text_begin(&s);
	return 0;
}

int walk_teardown(void **state)
{
	(void)state;
	stream_text_free(&s);
	machine_teardown(&m);
	return 0;
}

void walk_two_domains(const uint64_t *words, uint32_t count, uint64_t frames)
{
	uint64_t other = frame_word(0x1000, 2, HO_TYPE_L1);

	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, words, count);
	stream_text_domain_end(&s, 1, frames, count);
	stream_text_domain(&s, 9, "nine");
	stream_text_frames(&s, 9, &other, 1);
	stream_text_domain_end(&s, 9, 2, 1);
}

void walk_expect(int code)
{
	assert_int_equal(machine_pass(&m, &s, &pass), -code);
	assert_int_equal(machine_error(&m), code);
}
