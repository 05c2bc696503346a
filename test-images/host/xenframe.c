// SPDX-License-Identifier: MIT
/*
 * xenframe.c - in a dom0: one frame that this Xen keeps for a guest (xen/baton.h).
 *	xenframe hold MFN		have it mapped until killed
 *	xenframe set MFN ENTRY VALUE	its 8 bytes number ENTRY; prints what they were
 * Numbers are hexadecimal, but ENTRY.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xenforeignmemory.h>

#define DOMID_KEPT	0x7ff6
#define ENTRIES		512

static uint64_t *map(const char *mfn, int prot)
{
	xenforeignmemory_handle *h = xenforeignmemory_open(NULL, 0);
	xen_pfn_t frame = strtoull(mfn, NULL, 16);
	void *at = h ? xenforeignmemory_map(h, DOMID_KEPT, prot, 1, &frame, NULL)
		     : NULL;

	if (at)
		return at;
	perror("xenframe");
	exit(1);
}

static _Noreturn void hold(const char *mfn)
{
	map(mfn, PROT_READ);
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}

static int set(const char *mfn, const char *entry, const char *value)
{
	unsigned long i = strtoul(entry, NULL, 10);
	uint64_t *at = map(mfn, PROT_READ | PROT_WRITE);

	if (i >= ENTRIES)
		return 2;
	printf("%" PRIx64 "\n", at[i]);
	at[i] = strtoull(value, NULL, 16);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "hold"))
		hold(argv[2]);
	if (argc == 5 && !strcmp(argv[1], "set"))
		return set(argv[2], argv[3], argv[4]);
	fprintf(stderr, "usage: xenframe hold MFN | set MFN ENTRY VALUE\n");
	return 2;
}
