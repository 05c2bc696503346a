// SPDX-License-Identifier: MIT
/*
 * khoinit.c - /init of bench/kho's machines: Linux hands pages of a memory file
 * over by itself (KHO, LUO), as many ranges as the command line says.
 *
 *   peer=keep peer.ranges=N  the first kernel: makes N pages that are no
 *                            neighbours of each other, preserves them, starts
 *                            /vmlinuz with /next.cpio by kexec
 *   peer=found               the next one: takes the file back, and looks
 *                            whether each page says which one it is
 *   peer=up                  any kernel: only says that it is here
 *
 * Speaks on the console, in lines that begin with "peer:"; ends by powering off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/falloc.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGE 4096ull
#define TOKEN 1ull
#define MOST 1000000ul	/* ranges */

/* linux/liveupdate.h of Linux 7.3; the size comes first */
struct luo_session {
	uint32_t size;
	int32_t fd;
	char name[64];
};
struct luo_file {
	uint32_t size;
	int32_t fd;
	uint64_t token;
};
#define LUO_CREATE_SESSION _IO(0xBA, 0)
#define LUO_RETRIEVE_SESSION _IO(0xBA, 1)
#define LUO_PRESERVE_FD _IO(0xBA, 0x40)
#define LUO_RETRIEVE_FD _IO(0xBA, 0x41)

static char cmdline[2048];

static void say(const char *format, ...)
{
	va_list args;

	printf("peer: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void power_off(void)
{
	usleep(200000);		/* the console's last line */
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void die(const char *what)
{
	say("bad: %s: %s", what, strerror(errno));
	power_off();
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* WORD=VALUE of the command line: VALUE; "": it is not there */
static const char *option(const char *word)
{
	static char value[64];
	char copy[sizeof(cmdline)], *rest = copy, *one;
	size_t n = strlen(word);

	strcpy(copy, cmdline);
	value[0] = '\0';
	while ((one = strsep(&rest, " \n")))
		if (!strncmp(one, word, n) && one[n] == '=')
			snprintf(value, sizeof(value), "%s", one + n + 1);
	return value;
}

static void read_cmdline(void)
{
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, cmdline, sizeof(cmdline) - 1);

	if (n <= 0)
		die("/proc/cmdline");
	close(fd);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many ranges of frames the first `count` even pages of `map` are */
static size_t count_ranges(const char *map, size_t count)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t *frames = calloc(count, sizeof(*frames));
	size_t i, ranges = 1;

	if (fd < 0 || !frames)
		die("pagemap");
	for (i = 0; i < count; i++) {
		off_t at = ((uintptr_t)map / PAGE + 2 * i) * sizeof(*frames);

		if (pread(fd, &frames[i], sizeof(*frames), at) !=
		    sizeof(*frames))
			die("pagemap");
		frames[i] &= (1ull << 55) - 1;
	}
	qsort(frames, count, sizeof(*frames), by_number);
	for (i = 1; i < count; i++)
		ranges += frames[i] != frames[i - 1] + 1;
	free(frames);
	close(fd);
	return ranges;
}

/* A memory file of twice as many pages; every other one is a hole again */
static int make_file(size_t count)
{
	int fd = memfd_create("peer", 0);
	char *map;
	size_t i;

	if (fd < 0 || ftruncate(fd, 2 * count * PAGE) < 0)
		die("memfd");
	map = mmap(NULL, 2 * count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	for (i = 0; i < 2 * count; i++)
		*(uint64_t *)(map + i * PAGE) = i + 1;
	for (i = 0; i < count; i++)
		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (2 * i + 1) * PAGE, PAGE) < 0)
			die("fallocate");
	say("%zu pages in %zu ranges", count, count_ranges(map, count));
	munmap(map, 2 * count * PAGE);
	return fd;
}

static int luo(int device, unsigned long request)
{
	struct luo_session session = { sizeof(session), -1, "peer" };

	if (ioctl(device, request, &session) < 0)
		die("session");
	return session.fd;
}

static int open_luo(void)
{
	int device = open("/dev/liveupdate", O_RDWR);

	if (device < 0)
		die("/dev/liveupdate");
	return device;
}

static void load_next(void)
{
	int kernel = open("/vmlinuz", O_RDONLY);
	int initrd = open("/next.cpio", O_RDONLY);
	char words[sizeof(cmdline) + 16];

	cmdline[strcspn(cmdline, "\n")] = '\0';
	snprintf(words, sizeof(words), "%s peer=found", cmdline);
	if (kernel < 0 || initrd < 0 ||
	    syscall(SYS_kexec_file_load, kernel, initrd, strlen(words) + 1,
		    words, 0ul) < 0)
		die("kexec_file_load");
}

static void keep(size_t count)
{
	struct luo_file file = { sizeof(file), make_file(count), TOKEN };
	int session = luo(open_luo(), LUO_CREATE_SESSION);
	double start = now();

	if (ioctl(session, LUO_PRESERVE_FD, &file) < 0)
		die("PRESERVE_FD");
	say("preserved in %.6f s", now() - start);
	load_next();
	say("jump");
	usleep(200000);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	die("kexec");
}

static void found(size_t count)
{
	struct luo_file file = { sizeof(file), -1, TOKEN };
	double start = now();
	const char *map;
	size_t i, wrong = 0;

	if (ioctl(luo(open_luo(), LUO_RETRIEVE_SESSION), LUO_RETRIEVE_FD,
		  &file) < 0)
		die("RETRIEVE_FD");
	say("retrieved in %.6f s", now() - start);
	map = mmap(NULL, 2 * count * PAGE, PROT_READ, MAP_SHARED, file.fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	for (i = 0; i < count; i++)
		wrong += *(const uint64_t *)(map + 2 * i * PAGE) != 2 * i + 1;
	say("%zu pages, %zu wrong", count, wrong);
}

int main(void)
{
	const char *way;
	char copy[64];
	size_t count;

	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	dup2(dup2(open("/dev/console", O_RDWR), 0), 1);
	say("up");
	read_cmdline();
	strcpy(copy, option("peer.ranges"));
	count = strtoul(copy, NULL, 10);
	way = option("peer");
	if (!strcmp(way, "up"))
		power_off();
	if (!count || count > MOST)
		die("peer.ranges");
	if (!strcmp(way, "keep"))
		keep(count);
	if (!strcmp(way, "found"))
		found(count);
	power_off();
}
