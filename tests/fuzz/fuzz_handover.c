// SPDX-License-Identifier: MIT
/*
 * fuzz_handover.c - any bytes as what an update left in memory: breadcrumb,
 * then tree, log and tables, read as the new instance reads them. The first
 * byte repairs what would stop the fuzzer at the door: magic, checksum, the
 * places of tree and log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "digest.h"
#include "handover.h"

#define BASE		0x10000000ull
#define REGION_BYTES	(16ull << 20)
#define REST		(BASE + 0x1000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory_path[64], cmdline_path[64];

static int open_files(void)
{
	static const char line[] = "quiet baton=0x10000000 baton.failed=pass:61";
	int text = memfd_create("cmdline", 0), fd = memfd_create("memory", 0);

	if (text < 0 || fd < 0 ||
	    write(text, line, sizeof(line) - 1) != sizeof(line) - 1)
		abort();
	snprintf(memory_path, sizeof(memory_path), "/proc/self/fd/%d", fd);
	snprintf(cmdline_path, sizeof(cmdline_path), "/proc/self/fd/%d", text);
	return fd;
}

static void repair(struct ho_breadcrumb *c, uint8_t how, size_t rest)
{
	c->magic = HO_BREADCRUMB_MAGIC;
	c->compat = HO_CRUMB_COMPAT;
	c->version = how & 8 ? 0 : HO_ABI_VERSION;
	c->reserved0 = 0;
	c->bytes = sizeof(*c);
	c->region_base = BASE;
	c->region_bytes = REGION_BYTES;
	c->where[HO_WHERE_BYTES - 1] = '\0';
	memset(c->reserved, 0, sizeof(c->reserved));
	c->state = how & 2 ? HO_STATE_CHAINED : HO_STATE_FAILED;
	if (how & 4) {
		c->result_paddr = c->blob_paddr = REST;
		c->result_bytes = c->blob_bytes = rest;
	}
	breadcrumb_seal(c);
}

/* Whatever a command looks at. */
static void look(const struct handover *h)
{
	struct frametable_walk walk = frametable_walk(&h->view);
	struct frametable_span span;
	uint32_t i, steps = 0;

	for (i = 0; i < h->result.domain_count; i++)
		handover_find(h, h->kept.count ? h->kept.domains[i].domain.name
					       : "x");
	while (h->chained && steps++ < 4096 &&
	       frametable_next(&walk, &span) > 0)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	static struct handover h;
	static int fd = -1;
	struct ho_breadcrumb crumb;
	size_t rest;

	if (size < 1 + sizeof(crumb))
		return 0;
	if (fd < 0)
		fd = open_files();
	memcpy(&crumb, data + 1, sizeof(crumb));
	rest = size - 1 - sizeof(crumb);
	if (data[0] & 1)
		repair(&crumb, data[0], rest);
	if (ftruncate(fd, 0) || ftruncate(fd, BASE + REGION_BYTES) ||
	    pwrite(fd, &crumb, sizeof(crumb), BASE) != sizeof(crumb) ||
	    pwrite(fd, data + 1 + sizeof(crumb), rest, REST) != (ssize_t)rest)
		abort();
	diag_init(&diag, HO_STAGE_LOADER);
	if (!handover_open_at(&h, memory_path, cmdline_path, false, &diag)) {
		look(&h);
		handover_close(&h);
	} else if (!diag.total) {
		abort();
	}
	return 0;
}
