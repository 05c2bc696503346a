// SPDX-License-Identifier: MIT
/*
 * adopt.c - what `baton adopt` does with a domain of libvirt, on a host that no update
 * has started: STREAM is what `baton collect` wrote, and /dev/baton has a file with
 * each of the domain's memories already. For tests/libvirt/run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guestmem.h"
#include "libvirt_adopt.h"
#include "util.h"

#define SECONDS	100

int __wrap_guestmem_create(const struct handover *h, const struct ho_domain *d,
			   const struct guest_conf *c, const char *prefix,
			   struct diag_log *diag);

/* In place of the kernel module. */
int __wrap_guestmem_create(const struct handover *h, const struct ho_domain *d,
			   const struct guest_conf *c, const char *prefix,
			   struct diag_log *diag)
{
	struct stat file;
	char path[256];
	int i;

	(void)h;
	(void)d;
	for (i = 0; i < c->backend_count; i++) {
		snprintf(path, sizeof(path), "/dev/baton/%s.%s", prefix,
			 c->backends[i].id);
		if (stat(path, &file) ||
		    (uint64_t)file.st_size != c->backends[i].bytes ||
		    chown(path, c->process.uid, c->process.gid) ||
		    chmod(path, 0600))
			return diag_add(diag, HO_EGUESTMEM, "%.90s", path);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct handover *h = calloc(1, sizeof(*h));
	struct diag_log diag;
	struct kept_list list;
	const struct guest_adopt how = { .seconds = SECONDS };
	struct mapped m;
	uint32_t i;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = argc == 2 && h ? mapped_open(&m, argv[1], HO_EFILE, &diag) : -1;
	if (rc)
		return 2;
	h->stream = m.bytes;
	h->blob.stream_bytes = m.length;
	rc = kept_read(&list, m.bytes, m.length, true, &diag);
	for (i = 0; i < list.count && !rc; i++)
		rc = libvirt_adopt(h, &list.domains[i].domain, &how, &diag);
	if (rc)
		fprintf(stderr, "adopt: %s [%s]\n", diag.items[0].where,
			error_name(diag.items[0].code));
	kept_free(&list);
	mapped_close(&m);
	free(h);
	return rc ? 1 : !i;
}
