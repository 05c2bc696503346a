// SPDX-License-Identifier: MIT
/*
 * memdev.c - asks the kernel module baton_mem for things, for the boot tests.
 *
 *   memdev create NAME START+BYTES...   hexadecimal; prints errno's name
 *   memdev remove NAME
 *   memdev look START+BYTES [w|x|p]     map that of the window, for reading, for
 *                                       writing or running as well, or read it
 *                                       and make it writable behind that
 *   memdev view DEVICE                  write to a private view of it, and see it
 *                                       as it was behind that
 *   memdev pin DEVICE                   whether the kernel can take hold of
 *                                       its pages (get_user_pages)
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "baton_mem.h"

#define EXTENTS_MAX	64

static int answer(int rc)
{
	puts(rc ? strerrorname_np(errno) : "done");
	return rc ? 1 : 0;
}

static int create(int fd, int argc, char **argv)
{
	struct baton_mem_extent list[EXTENTS_MAX];
	struct baton_mem_create c = { .extents = (uintptr_t)list };

	snprintf(c.name, sizeof(c.name), "%s", argv[0]);
	for (; c.count + 1 < (unsigned int)argc && c.count < EXTENTS_MAX;
	     c.count++) {
		uint64_t start, bytes;

		if (sscanf(argv[c.count + 1], "%" SCNx64 "+%" SCNx64, &start,
			   &bytes) != 2)
			return 2;
		list[c.count] = (struct baton_mem_extent){ start, bytes };
	}
	return answer(ioctl(fd, BATON_MEM_CREATE, &c));
}

/* vmsplice takes pages as direct I/O does. */
static int pin(const char *device)
{
	int fd = open(device, O_RDWR), ends[2];
	struct iovec part = { .iov_len = 4096 };
	void *map;

	if (fd < 0 || pipe(ends))
		return answer(-1);
	map = mmap(NULL, 1 << 21, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return answer(-1);
	part.iov_base = map;
	return answer(vmsplice(ends[1], &part, 1, 0) == 4096 ? 0 : -1);
}

/* Three pages: read and then written, written at once, and read alone. */
static int view(const char *device)
{
	int fd = open(device, O_RDWR), i, good = 1;
	volatile uint64_t *own, *there;
	uint64_t was[3];

	if (fd < 0)
		return answer(-1);
	own = mmap(NULL, 3 << 21, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	there = mmap(NULL, 3 << 21, PROT_READ, MAP_SHARED, fd, 0);
	if (own == MAP_FAILED || there == MAP_FAILED)
		return answer(-1);
	was[0] = own[0];
	for (i = 0; i < 3; i++) {
		was[i] = there[i << 18];
		if (i < 2)
			own[(i << 18) + 1] = ~there[(i << 18) + 1];
	}
	for (i = 0; i < 3; i++)
		good &= own[i << 18] == was[i] && there[i << 18] == was[i] &&
			(own[(i << 18) + 1] == there[(i << 18) + 1]) == (i == 2);
	errno = EIO;
	return answer(good ? 0 : -1);
}

static int look(int fd, const char *what, char how)
{
	uint64_t start, bytes;
	unsigned char *map;

	if (sscanf(what, "%" SCNx64 "+%" SCNx64, &start, &bytes) != 2)
		return 2;
	map = mmap(NULL, bytes, PROT_READ | (how == 'w' ? PROT_WRITE : 0) |
		   (how == 'x' ? PROT_EXEC : 0), MAP_SHARED, fd, start);
	if (map == MAP_FAILED)
		return answer(-1);
	if (how == 'p')
		return answer(mprotect(map, bytes, PROT_READ | PROT_WRITE));
	fwrite(map, 1, 8, stdout);
	return answer(0);
}

int main(int argc, char **argv)
{
	struct baton_mem_name n = { 0 };
	int fd;

	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "pin"))
		return pin(argv[2]);
	if (!strcmp(argv[1], "view"))
		return view(argv[2]);
	fd = open(BATON_MEM_CONTROL, O_RDWR);
	if (fd < 0)
		return answer(-1);
	if (!strcmp(argv[1], "look"))
		return look(fd, argv[2], argc > 3 ? *argv[3] : 'r');
	if (!strcmp(argv[1], "create"))
		return create(fd, argc - 2, argv + 2);
	snprintf(n.name, sizeof(n.name), "%s", argv[2]);
	return answer(ioctl(fd, BATON_MEM_REMOVE, &n));
}
