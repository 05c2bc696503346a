// SPDX-License-Identifier: MIT
/*
 * fuzz_text.c - any bytes as a file of the kernel or of the user that the
 * loader reads; the first says which: /proc/iomem, a memory map, a kernel
 * command line or log, a pagemap, EFI's systab and /proc/fb, past pauses; all of them
 * as --region, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crashkernel.h"
#include "handover.h"
#include "machine.h"
#include "memmap.h"
#include "pauses.h"
#include "process.h"
#include "regionfind.h"
#include "util.h"

#define PAUSES	255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_pages(void *context, uint64_t mfn, uint64_t pages,
			uint64_t vpn)
{
	(void)vpn;
	if (!mfn || mfn >> HO_FRAME_MFN_BITS)
		abort();
	*(uint64_t *)context += pages;
}

static void read_pagemap(int fd, size_t size, struct diag_log *diag)
{
	struct vrange range = { 0, size / 8 * HO_PAGE_BYTES };
	uint64_t pages = 0, hash = 0, moved;
	int rc = pagemap_extents(fd, 1, range, count_pages, &pages, &hash,
				 diag);

	if ((!rc && pages != size / 8) || (rc && !diag->total))
		abort();
	process_holds(fd, 0, size / 8, 0x1000, &moved);
}

/* In 2 GiB: sorted, apart, and inside. */
static void read_left_out(const char *path, struct diag_log *diag)
{
	static const struct hostmap given = {
		.memory_count = 1, .memory[0] = { 0, 0x80000000 } };
	static const struct taken none;
	static struct hostmap map;
	struct taken out = { 0 };
	uint64_t at = 0x100000;
	size_t i;

	memmap_left_out(&out, &given, path, "", &none, diag);
	for (i = 0; i < out.count; i++) {
		if (out.ranges[i].start < at ||
		    out.ranges[i].end <= out.ranges[i].start ||
		    out.ranges[i].end > 0x80000000)
			abort();
		at = out.ranges[i].end;
	}
	map.raw_count = 0;
	memmap_add_left_out(&map, &out, path, diag);
	taken_free(&out);
}

static void read_pauses(const char *path)
{
	struct pauses p;
	int i, part;

	pauses_read(&p, path);
	if (p.count < 0 || p.count > PAUSES_MAX)
		abort();
	for (i = 0; i < p.count; i++)
		for (part = 0; part < TIMELINE_PARTS; part++)
			if (!(p.list[i].s[part] >= 0 && p.list[i].s[part] <= 86400))
				abort();
}

static void read_as(uint8_t kind, const char *path, int fd, size_t size)
{
	static struct diag_log diag;
	static struct machine machine;
	struct blob_failed failed;
	struct range range;
	char text[1024], said[HO_WHERE_BYTES];
	uint64_t base;
	uint32_t i;

	diag_init(&diag, HO_STAGE_LOADER);
	switch (kind == PAUSES ? 5 : kind % 5) {
	case 0:
		if (!crashkernel_region_of(&range, path, "", "", &diag) &&
		    range.start >= range.end)
			abort();
		read_left_out(path, &diag);
		break;
	case 1:
		if (machine_read_map(&machine, path, &diag))
			break;
		for (i = 0; i < machine.map.memory_count; i++)
			if (machine.map.memory[i].start >= machine.map.memory[i].end ||
			    (i && machine.map.memory[i].start <
			     machine.map.memory[i - 1].end))
				abort();
		break;
	case 2:
		if (text_read(path, text, sizeof(text)) &&
		    !crashkernel_asked(text, said, sizeof(said)))
			crashkernel_complaint(text, said, sizeof(said));
		handover_base(path, &base);
		if (handover_failed(path, &failed) &&
		    failed.stage >= HO_STAGE_COUNT)
			abort();
		break;
	case 3:
		read_pagemap(fd, size, &diag);
		break;
	case 4:
		if (text_read(path, text, sizeof(text)) &&
		    !efisys_table(text, "SMBIOS"))
			efisys_fb_is_firmwares(text);
		break;
	case 5:
		read_pauses(path);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	struct region_found found;
	char path[64], *option;
	int fd;

	if (!size)
		return 0;
	fd = memfd_create("text", 0);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_as(data[0], path, fd, size - 1);
	close(fd);
	option = calloc(1, size);
	if (!option)
		abort();
	memcpy(option, data + 1, size - 1);
	diag_init(&diag, HO_STAGE_LOADER);
	region_find(&found, option, NULL, &diag);
	free(option);
	return 0;
}
