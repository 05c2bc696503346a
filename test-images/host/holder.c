// SPDX-License-Identifier: MIT
/*
 * holder.c - a program that owns memory as a guest would: 2 MiB and 1 GiB hugetlb
 * pages, scattered 4 KiB memfd pages, a state file; all filled with
 * pattern.h. With --check it is the proof in the new instance: every word of
 * every kept frame is what it was.
 *
 *   holder --name N [--huge COUNT] [--scatter-huge COUNT] [--giant COUNT]
 *          [--small BYTES] [--anon BYTES] [--state-file PATH]
 *          [--tables LIST | --spoiled-tables LIST] --ready FILE
 *          (FILE then has the range of the anonymous memory)
 *   holder --check FILE|-      lines DOMID NAME MFN COUNT TYPE
 *                              (baton status --extents)
 *   holder --check-core FILE   of baton salvage
 *   holder --check-raw FILE    lines MFN COUNT DUMP (scripts/boot_frames.py)
 *   holder --write-raw FILE    the same lines: make the dumps
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/memfd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "baton_mem.h"
#include "pattern.h"

#define PAGE		4096ul
#define HUGE_PAGE	(2ul << 20)
#define GIANT_PAGE	(1ul << 30)
#define SPREAD		8	/* small pages: one of so many is kept */
#define FILL_TRIES	5

static void die(const char *what)
{
	fprintf(stderr, "holder: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t frame_of(int pagemap, const void *at)
{
	uint64_t entry;

	if (pread(pagemap, &entry, 8, (uintptr_t)at / PAGE * 8) != 8)
		die("pagemap");
	if (!(entry >> 63))
		return 0;
	return entry & ((1ull << 55) - 1);
}

/* Pages are filled by their frame numbers; true if all are still there. */
static bool fill(int pagemap, uint8_t *memory, size_t bytes)
{
	size_t at, i;
	bool same = true;

	for (at = 0; at < bytes; at += PAGE) {
		uint64_t pa = frame_of(pagemap, memory + at) * PAGE;
		uint64_t *word = (uint64_t *)(memory + at);

		if (!pa)
			die("a page is not present (not root?)");
		for (i = 0; i < PAGE / 8; i++)
			word[i] = pattern(pa + 8 * i);
	}
	for (at = 0; at < bytes; at += PAGE)
		same &= *(uint64_t *)(memory + at) ==
			pattern(frame_of(pagemap, memory + at) * PAGE);
	return same;
}

static void fill_until_still(uint8_t *memory, size_t bytes)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	int i;

	if (pagemap < 0)
		die("/proc/self/pagemap");
	for (i = 0; i < FILL_TRIES; i++)
		if (fill(pagemap, memory, bytes)) {
			close(pagemap);
			return;
		}
	errno = EAGAIN;
	die("pages keep moving");
}

/* A memfd called NAME-SUFFIX, mapped shared and present. */
static uint8_t *map_memfd(const char *name, const char *suffix, size_t bytes,
			  unsigned int flags, int *fd)
{
	char full[128];
	uint8_t *memory;

	snprintf(full, sizeof(full), "%s-%s", name, suffix);
	*fd = memfd_create(full, flags);
	if (*fd < 0 || ftruncate(*fd, bytes))
		die("memfd_create");
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, *fd, 0);
	if (memory == MAP_FAILED)
		die(flags & MFD_HUGETLB ? "hugetlb pages: raise vm.nr_hugepages"
					: "mmap");
	return memory;
}

static void hold_huge(const char *name, size_t count)
{
	int fd;
	uint8_t *memory = map_memfd(name, "huge", count * HUGE_PAGE,
				    MFD_HUGETLB, &fd);

	fill_until_still(memory, count * HUGE_PAGE);
}

static void hold_giant(const char *name, size_t count)
{
	int fd;
	uint8_t *memory = map_memfd(name, "giant", count * GIANT_PAGE,
				    MFD_HUGETLB | MFD_HUGE_1GB, &fd);

	fill_until_still(memory, count * GIANT_PAGE);
}

static int by_frame(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Twice as many, every second one in the order of frames given back: what is
 * kept does not join. Each has a mapping of its own afterwards. */
static void hold_scattered_huge(const char *name, size_t count)
{
	int fd, pagemap = open("/proc/self/pagemap", O_RDONLY);
	uint8_t *memory = map_memfd(name, "huge", 2 * count * HUGE_PAGE,
				    MFD_HUGETLB, &fd);
	uint64_t (*pages)[2] = calloc(2 * count, sizeof(*pages));
	size_t i;

	if (pagemap < 0 || !pages)
		die("scatter");
	for (i = 0; i < 2 * count; i++) {
		*(volatile uint8_t *)(memory + i * HUGE_PAGE) = 1;
		pages[i][0] = frame_of(pagemap, memory + i * HUGE_PAGE);
		pages[i][1] = i;
	}
	qsort(pages, 2 * count, sizeof(*pages), by_frame);
	for (i = 0; i < 2 * count; i++) {
		uint8_t *at = memory + pages[i][1] * HUGE_PAGE;

		if (i % 2 == 0) {
			fill_until_still(at, HUGE_PAGE);
			continue;
		}
		if (munmap(at, HUGE_PAGE) ||
		    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      pages[i][1] * HUGE_PAGE, HUGE_PAGE))
			die("give back");
	}
	free(pages);
	close(pagemap);
}

/* One page of every SPREAD is kept, at a place within the eight that varies;
 * its virtual neighbours are unmapped and freed. */
static void hold_small(const char *name, size_t bytes)
{
	size_t keep = bytes / PAGE, i, j;
	uint8_t *memory;
	int fd;

	memory = map_memfd(name, "small", keep * SPREAD * PAGE, 0, &fd);
	for (i = 0; i < keep; i++) {
		size_t chosen = pattern(i) % SPREAD;

		for (j = 0; j < SPREAD; j++) {
			size_t at = (i * SPREAD + j) * PAGE;

			if (j == chosen) {
				if (mlock(memory + at, PAGE))
					die("mlock");
				fill_until_still(memory + at, PAGE);
			} else if (munmap(memory + at, PAGE) ||
				   fallocate(fd, FALLOC_FL_PUNCH_HOLE |
					     FALLOC_FL_KEEP_SIZE, at, PAGE)) {
				die("give back");
			}
		}
	}
}

/* Private, anonymous, locked; its range goes to text. */
static void hold_anon(size_t bytes, char *text, size_t length)
{
	uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, bytes, MADV_NOHUGEPAGE) ||
	    mlock(memory, bytes))
		die("anonymous memory");
	memset(memory, 1, bytes);
	fill_until_still(memory, bytes);
	snprintf(text, length, "%" PRIxPTR "-%" PRIxPTR "\n",
		 (uintptr_t)memory, (uintptr_t)memory + bytes);
}

/*
 * One 2 MiB page as a PV guest would use it: its first 7 frames are page
 * tables (L4, L3, L2, four L1), which map the others. Writes lines MFN PAGES
 * TYPE. Spoiled: one L1 entry maps a frame that is not the guest's.
 */
static void hold_tables(const char *path, bool spoil)
{
	uint64_t (*t)[512] = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
				  MAP_POPULATE, -1, 0);
	int pagemap = open("/proc/self/pagemap", O_RDONLY), i;
	uint64_t mfn;
	FILE *f = fopen(path, "w");

	if (t == MAP_FAILED || pagemap < 0 || !f)
		die("page tables");
	memset(t, 0, HUGE_PAGE);
	mfn = frame_of(pagemap, t);
	t[0][0] = (mfn + 1) * PAGE | 7;
	t[0][256] = 0xfffffffff000ull | 7;	/* the hypervisor's own */
	t[1][0] = (mfn + 2) * PAGE | 7;
	for (i = 0; i < 4; i++)
		t[2][i] = (mfn + 3 + i) * PAGE | 7;
	for (i = 7; i < 512; i++)
		t[3][i] = (mfn + i) * PAGE | 7;
	for (i = 0; i < 7; i++)			/* itself, read-only */
		t[4][i] = (mfn + i) * PAGE | 5;
	if (spoil)
		t[5][5] = (mfn - 1) * PAGE | 5;
	fprintf(f, "%" PRIx64 " 1 12\n%" PRIx64 " 1 3\n%" PRIx64 " 1 2\n%"
		PRIx64 " 4 1\n%" PRIx64 " 505 0\n", mfn, mfn + 1, mfn + 2,
		mfn + 3, mfn + 7);
	if (fclose(f))
		die(path);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		die(path);
}

/* Check mode. */

struct checker {
	char name[80];			/* of the domain so far */
	uint64_t frames;
	int mem;
};

static void check_extent(struct checker *c, uint64_t mfn, uint64_t count)
{
	uint64_t *memory = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED,
				c->mem, mfn * PAGE);
	uint64_t i;

	if (memory == MAP_FAILED)
		die("/dev/mem");
	for (i = 0; i < count * PAGE / 8; i++)
		if (memory[i] != pattern(mfn * PAGE + 8 * i)) {
			printf("%s: CHANGED at 0x%" PRIx64 ": 0x%" PRIx64
			       " is not 0x%" PRIx64 "\n", c->name,
			       mfn * PAGE + 8 * i, memory[i],
			       pattern(mfn * PAGE + 8 * i));
			exit(1);
		}
	munmap(memory, count * PAGE);
	c->frames += count;
}

/* Totals per domain: the list is in the order of addresses. */
#define DOMAINS_MAX 256

/* Or the window of baton_mem, where a kernel that is locked down closes it. */
static int open_memory(void)
{
	int fd = open("/dev/mem", O_RDONLY);

	return fd < 0 ? open(BATON_MEM_CONTROL, O_RDONLY) : fd;
}

static int check(const char *path)
{
	FILE *list = strcmp(path, "-") ? fopen(path, "r") : stdin;
	static struct checker domains[DOMAINS_MAX];
	int count = 0, mem = open_memory(), i;
	uint64_t mfn, pages;
	unsigned int domid;
	char name[80];

	if (!list || mem < 0)
		die(list ? "/dev/mem" : path);
	while (fscanf(list, "%u %79s %" SCNx64 " %" SCNu64 " %*u", &domid,
		      name, &mfn, &pages) == 4) {
		for (i = 0; i < count && strcmp(domains[i].name, name); i++)
			;
		if (i == DOMAINS_MAX)
			die("too many domains");
		if (i == count) {
			strcpy(domains[count].name, name);
			domains[count++].mem = mem;
		}
		check_extent(&domains[i], mfn, pages);
	}
	for (i = 0; i < count; i++)
		printf("%" PRIu64 " frames of %s byte-identical\n",
		       domains[i].frames, domains[i].name);
	return count ? 0 : 1;
}

/* What baton salvage wrote: the pattern tells from p_paddr. */
static int check_core(const char *path)
{
	FILE *f = fopen(path, "r");
	Elf64_Ehdr e;
	Elf64_Phdr p;
	uint64_t word, at, frames = 0;
	int i;

	if (!f || fread(&e, sizeof(e), 1, f) != 1 ||
	    memcmp(e.e_ident, ELFMAG, SELFMAG))
		die(path);
	for (i = 0; i < e.e_phnum; i++) {
		fseek(f, e.e_phoff + i * sizeof(p), SEEK_SET);
		if (fread(&p, sizeof(p), 1, f) != 1 || p.p_type != PT_LOAD)
			die("program header");
		fseek(f, p.p_offset, SEEK_SET);
		for (at = 0; at < p.p_filesz; at += 8)
			if (fread(&word, 8, 1, f) != 1 ||
			    word != pattern(p.p_paddr + at)) {
				printf("%s: wrong at 0x%" PRIx64 "\n", path,
				       p.p_paddr + at);
				return 1;
			}
		frames += p.p_filesz / PAGE;
	}
	fclose(f);
	printf("core of %" PRIu64 " frames\n", frames);
	return frames ? 0 : 1;
}

/* One extent's file: write it, or compare it. */
static bool raw_extent(FILE *f, uint64_t start, uint64_t bytes, bool write)
{
	uint64_t at, word;

	for (at = start; at < start + bytes; at += 8) {
		if (write) {
			word = pattern(at);
			if (fwrite(&word, 8, 1, f) != 1)
				die("fwrite");
		} else if (fread(&word, 8, 1, f) != 1 || word != pattern(at)) {
			printf("CHANGED at 0x%" PRIx64 "\n", at);
			return false;
		}
	}
	return true;
}

/* What was taken out of a machine from outside, or is put into one: a file an
 * extent. */
static int raw(const char *path, bool write)
{
	FILE *list = fopen(path, "r");
	uint64_t mfn, count, frames = 0;
	bool same = true;
	char name[512];

	if (!list)
		die(path);
	while (same && fscanf(list, "%" SCNx64 " %" SCNu64 " %511s", &mfn,
			      &count, name) == 3) {
		FILE *f = fopen(name, write ? "w" : "r");

		if (!f)
			die(name);
		same = raw_extent(f, mfn * PAGE, count * PAGE, write);
		if (fclose(f))
			die(name);
		frames += count;
	}
	return same && frames ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "huge", required_argument, NULL, 'h' },
		{ "scatter-huge", required_argument, NULL, 's' },
		{ "giant", required_argument, NULL, 'g' },
		{ "small", required_argument, NULL, 'm' },
		{ "anon", required_argument, NULL, 'a' },
		{ "state-file", required_argument, NULL, 'f' },
		{ "ready", required_argument, NULL, 'r' },
		{ "tables", required_argument, NULL, 't' },
		{ "spoiled-tables", required_argument, NULL, 'T' },
		{ "check", required_argument, NULL, 'c' },
		{ "check-core", required_argument, NULL, 'C' },
		{ "check-raw", required_argument, NULL, 'R' },
		{ "write-raw", required_argument, NULL, 'W' }, { 0 } };
	const char *name = NULL, *state = NULL, *ready = NULL;
	size_t huge = 0, scatter = 0, giant = 0, small = 1 << 20, anon = 0;
	char range[64] = "ready\n";
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (option) {
		case 'n': name = optarg; break;
		case 'h': huge = strtoul(optarg, NULL, 0); break;
		case 's': scatter = strtoul(optarg, NULL, 0); break;
		case 'g': giant = strtoul(optarg, NULL, 0); break;
		case 'm': small = strtoul(optarg, NULL, 0); break;
		case 'a': anon = strtoul(optarg, NULL, 0); break;
		case 'f': state = optarg; break;
		case 'r': ready = optarg; break;
		case 't': hold_tables(optarg, false); break;
		case 'T': hold_tables(optarg, true); break;
		case 'c': return check(optarg);
		case 'C': return check_core(optarg);
		case 'R': return raw(optarg, false);
		case 'W': return raw(optarg, true);
		default: return 2;
		}
	if (!name || !ready) {
		fprintf(stderr, "holder: --name and --ready are needed\n");
		return 2;
	}
	if (huge)
		hold_huge(name, huge);
	if (scatter)
		hold_scattered_huge(name, scatter);
	if (giant)
		hold_giant(name, giant);
	if (small)
		hold_small(name, small);
	if (anon)
		hold_anon(anon, range, sizeof(range));
	if (state)
		write_file(state, "the state of a holder, as it was\n");
	write_file(ready, range);
	for (;;)
		pause();
}
