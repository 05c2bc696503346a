// SPDX-License-Identifier: MIT
/*
 * fuzz_wdat.c - any bytes as a Watchdog Action Table; what is accepted must
 * reach only registers of the sizes and places that there are.
 */
#include "cedt.h"
#include "wdat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct wdat_register r)
{
	uint64_t end = r.address + r.bytes;

	if ((r.bytes != 1 && r.bytes != 2 && r.bytes != 4) ||
	    r.address % r.bytes || end > (r.memory ? 1ull << 46 : 0x10000))
		__builtin_trap();
}

static uint32_t see_read(void *context, struct wdat_register r)
{
	(void)context;
	check(r);
	return 0x5a5a5a5a;
}

static void see_write(void *context, struct wdat_register r, uint32_t v)
{
	(void)context, (void)v;
	check(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wdat_io io = { see_read, see_write, NULL };
	struct range window;
	uint64_t at = 0;
	struct wdat w;
	int action;

	while (cedt_next(data, size, &at, &window))
		if (window.end <= window.start || at > size)
			__builtin_trap();
	if (size > UINT32_MAX || !wdat_parse(&w, data, size))
		return 0;
	for (action = 0; action < 32; action++)
		wdat_run(&w, action, w.max_count, &io);
	return 0;
}
