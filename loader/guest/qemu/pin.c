// SPDX-License-Identifier: MIT
/*
 * pin.c - see pin.h.
 */
#include "pin.h"

#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "process.h"
#include "util.h"

/*
 * The kernel compares each huge page with all that its ring has (6.1,
 * headpage_already_acct()): so many rings of so few.
 */
#define BUFFERS_A_RING	1024
#define PIECE_BYTES	4096		/* pins all of its huge page */
#define FILES_OTHER	64

/* The ring stays open: its end is that of the pins. */
static bool pin_some(const struct iovec *list, unsigned int count)
{
	struct io_uring_params params = { 0 };
	long ring = syscall(SYS_io_uring_setup, 1ul, &params, 0ul, 0ul);

	return ring >= 0 && !syscall(SYS_io_uring_register, ring,
				     (unsigned long)IORING_REGISTER_BUFFERS,
				     list, (unsigned long)count);
}

bool pin_pages(uint64_t address, uint64_t bytes, uint64_t page_bytes)
{
	static uint64_t rings;		/* that are open */
	uint64_t at = 0;
	struct iovec list[BUFFERS_A_RING];
	struct diag_log scratch;
	unsigned int count;
	bool good;

	diag_init(&scratch, HO_STAGE_LOADER);
	rings += bytes / page_bytes / BUFFERS_A_RING + 1;
	good = !process_files(FILES_OTHER + rings, &scratch);
	while (good && at < bytes) {
		for (count = 0; count < BUFFERS_A_RING && at < bytes; count++) {
			list[count] = (struct iovec){ (void *)(address + at),
						      PIECE_BYTES };
			at += page_bytes;
		}
		good = pin_some(list, count);
	}
	return good;
}
