// SPDX-License-Identifier: MIT
/*
 * fakehost.c - see fakekernel.h: the files that a host is made of: its memory,
 * its kernels, and what is installed.
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "fakekernel.h"
#include "fakeroot.h"
#include "real.h"
#include "testbzimage.h"
#include "util.h"

/* The rest is as this process has it. */
void fake_huge_pages(unsigned int kib)
{
	static const char name[] = "HugetlbPages:";
	FILE *f = __real_fopen("/proc/self/status", "re");
	char text[8192] = "", line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, sizeof(name) - 1))
			strcat(text, line);
	fclose(f);
	fake_put("/proc/any/status", "%s%s\t%8u kB\n", text, name, kib);
}

void fake_crash_range(void)
{
	fake_put("/proc/cmdline",
		 "root=/dev/sda1 baton=0x10000000 crashkernel=128M\n");
	fake_put("/proc/iomem",
		 "00100000-0fffffff : System RAM\n"
		 "10000000-17ffffff : Reserved\n"
		 "18000000-1fffffff : System RAM\n"
		 "21000000-3fffffff : System RAM\n"
		 "  30000000-37ffffff : Crash kernel\n");
}

void fake_iomem(const char *name)
{
	fake_put("/proc/iomem",
		 "00000000-00000fff : Reserved\n"
		 "00001000-0009fbff : System RAM\n"
		 "00100000-3fffffff : System RAM\n"
		 "  10000000-17ffffff : %s\n", name);
}

static void put_number(int i, const char *name, uint64_t value)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/firmware/memmap/%d/%s", i, name);
	fake_put(path, "0x%llx\n", (unsigned long long)value);
}

void fake_memory(const char *iomem)
{
	const char *at = iomem;
	char path[64];
	int i;

	fake_put("/proc/iomem", "%s", iomem);
	fake_remove("/sys/firmware/memmap");
	for (i = 0; at && *at; i++) {
		unsigned long long start, last;

		if (sscanf(at, "%llx-%llx", &start, &last) != 2)
			abort();
		put_number(i, "start", start);
		put_number(i, "end", last);
		snprintf(path, sizeof(path), "/sys/firmware/memmap/%d/type", i);
		at = strstr(at, " : ") + 3;
		fake_put(path, "%.*s\n", (int)strcspn(at, "\n"), at);
		at = strchr(at, '\n');
		at += at != NULL;
	}
}

static void put_kernel(const char *path)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];

	test_bzimage(k);
	fake_put_bytes(path, k, sizeof(k));
}

/* Of the build that the test is of, as if it were installed. */
static void put_built(const char *name, const char *as)
{
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t length = __real_readlink("/proc/self/exe", self,
					 sizeof(self) - 1);
	struct diag_log diag;
	struct mapped m;

	diag_init(&diag, HO_STAGE_LOADER);
	self[length < 0 ? 0 : length] = '\0';
	snprintf(path, sizeof(path), "%s/../../stub/%s", dirname(self), name);
	if (mapped_open(&m, path, HO_ESTUB, &diag)) {
		fprintf(stderr, "%s: make it first\n", path);
		abort();
	}
	snprintf(path, sizeof(path), "/usr/lib/baton/%s", as);
	fake_put_bytes(path, m.bytes, m.length);
	mapped_close(&m);
}

void fake_put_host(void)
{
	struct utsname u;
	char path[128];

	put_built("stub.bin", "stub.bin");
	put_built("baton.bzImage", "baton.kexec");
	uname(&u);
	snprintf(path, sizeof(path), "/boot/vmlinuz-%s", u.release);
	put_kernel(path);
	put_kernel("/boot/vmlinuz");
	snprintf(path, sizeof(path), "/boot/initrd.img-%s", u.release);
	fake_put(path, "initrd of this host\n");
	fake_put("/boot/initrd.img", "initrd\n");
	fake_put("/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 "
		 "crashkernel=128M\n");
	fake_memory("00000000-0009fbff : System RAM\n"
		    "00100000-3fffffff : System RAM\n");
	fake_iomem("Crash kernel");
	fake_put("/proc/self/oom_score_adj", "0\n");
	/* else those of the machine of the test are found */
	fake_put("/proc/1/cmdline", "init");
	fake_put("/proc/sys/kernel/random/boot_id",
		 "11111111-2222-4333-8444-555555555555\n");
	fake_put("/sys/kernel/kexec_crash_size", "%llu\n", FAKE_REGION_BYTES);
	/* /dev/mem is a file as long as RAM */
	fake_put_at("/dev/mem", FAKE_RAM_END - 1, "", 1);
	fake_show_loaded();
	fake_put("/dev/kmsg", "%s", "");
}
