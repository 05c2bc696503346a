// SPDX-License-Identifier: MIT
/*
 * fuzz_vmlinux.c - any bytes as what a bzImage has packed, and, behind a first byte of
 * 1, as the kernel that came out of it. What is taken is laid out.
 */
#include <stdlib.h>

#include "kernelpayload.h"
#include "vmlinux.h"

#define LARGEST	(8ull << 20)		/* that is laid out here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lay_out(const uint8_t *data, size_t size, struct diag_log *diag)
{
	struct vmlinux v;
	uint8_t *out;

	if (vmlinux_parse(&v, data, size, diag))
		return;
	if (v.bytes > v.memory || v.entry >= v.bytes)
		abort();
	if (v.bytes > LARGEST)
		return;
	out = calloc(1, v.bytes);
	vmlinux_lay_out(&v, out, 2ull << 20, diag);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	struct mapped out;

	diag_init(&diag, HO_STAGE_LOADER);
	if (size && data[0] == 1)
		lay_out(data + 1, size - 1, &diag);
	else if (!payload_unpack(&out, data, size, &diag))
		mapped_close(&out);
	return 0;
}
