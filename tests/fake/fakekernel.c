// SPDX-License-Identifier: MIT
/*
 * fakekernel.c - see fakekernel.h: what the loader calls in place of the kernel.
 */
#include "fakekernel.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/kexec.h>
#include <linux/magic.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "baton_mem.h"
#include "fakeroot.h"
#include "real.h"
#include "testbzimage.h"
#include "util.h"

#define IMAGE		0xffffffff82000000ull	/* kexec_image, and the crash one */
#define CORE_BYTES	4096

struct fake_machine *fake_machine;

long __wrap_syscall(long number, ...);
uid_t __wrap_geteuid(void);
void __wrap_sync(void);
int __wrap_kill(pid_t pid, int sig);
int __real_kill(pid_t pid, int sig);
int __wrap_pidfd_send_signal(int fd, int sig, siginfo_t *info,
			     unsigned int flags);
int __real_pidfd_send_signal(int fd, int sig, siginfo_t *info,
			     unsigned int flags);
int __wrap_fstatfs(int fd, struct statfs *s);
int __real_fstatfs(int fd, struct statfs *s);
int __wrap_fstat(int fd, struct stat *st);
int __real_fstat(int fd, struct stat *st);
int __wrap_reboot(int what);
pid_t __wrap_fork(void);
pid_t __real_fork(void);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
int __wrap_pause(void);
int __real_pause(void);
unsigned int __wrap_sleep(unsigned int seconds);
void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd,
		  off_t offset);
void *__real_mmap(void *at, size_t bytes, int prot, int flags, int fd,
		  off_t offset);
int __wrap_setgroups(size_t count, const gid_t *groups);
void __wrap__exit(int status) __attribute__((noreturn));
void __real__exit(int status) __attribute__((noreturn));
int __llvm_profile_write_file(void) __attribute__((weak));

/* What the loader reads to see whose image is loaded: a word for each slot that
 * points at its image, whose fourth word is the entry. */
void fake_show_loaded(void)
{
	struct fake_machine *m = fake_machine;
	Elf64_Ehdr e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64 },
			 .e_phoff = sizeof(e), .e_phnum = 1,
			 .e_phentsize = sizeof(Elf64_Phdr) };
	Elf64_Phdr p = { .p_type = PT_LOAD, .p_offset = CORE_BYTES,
			 .p_vaddr = IMAGE, .p_memsz = CORE_BYTES,
			 .p_filesz = CORE_BYTES };
	int i;

	fake_put("/sys/kernel/kexec_loaded", "%d\n", m->loaded[0]);
	fake_put("/sys/kernel/kexec_crash_loaded", "%d\n", m->loaded[1]);
	fake_put_at("/proc/kcore", 0, &e, sizeof(e));
	fake_put_at("/proc/kcore", sizeof(e), &p, sizeof(p));
	for (i = 0; i < 2; i++) {
		uint64_t image = IMAGE + 0x100 * (i + 1) + m->image % 4 * 0x300;

		fake_put_at("/proc/kcore", CORE_BYTES + 8 * i, &image, 8);
		fake_put_at("/proc/kcore", CORE_BYTES + image - IMAGE + 24,
			    &m->entry[i], 8);
	}
	fake_put("/proc/kallsyms", "%s", m->hidden ? "" :
		 "ffffffff82000000 d kexec_image\n"
		 "ffffffff82000008 d kexec_crash_image\n");
}

static long fails(int error)
{
	errno = error;
	return -1;
}

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

/* They are copied to their places by the jump, not before. */
void fake_segment(int i, uint64_t at, const void *bytes, size_t length)
{
	char path[32];

	snprintf(path, sizeof(path), "/segments/%d", i);
	fake_put_at(path, 0, &at, sizeof(at));
	fake_put_at(path, sizeof(at), bytes, length);
	if (!i)
		fake_machine->stub = at;
}

void fake_place_segments(void)
{
	char path[32];
	struct mapped m;
	struct diag_log diag;
	uint64_t at;
	int i;

	diag_init(&diag, HO_STAGE_LOADER);
	for (i = 0;; i++) {
		snprintf(path, sizeof(path), "/segments/%d", i);
		if (!fake_has(path) ||
		    mapped_open(&m, fake_path(path), HO_EFILE, &diag))
			break;
		memcpy(&at, m.bytes, sizeof(at));
		fake_put_at("/dev/mem", at, (const char *)m.bytes + sizeof(at),
			    m.length - sizeof(at));
		mapped_close(&m);
	}
}

static void take_segments(unsigned long count,
			  const struct kexec_segment *s)
{
	unsigned long i;

	fake_remove("/segments");
	fake_machine->loaded_bytes = 0;
	for (i = 0; i < count; i++)
		fake_machine->loaded_bytes += s[i].bufsz;
	for (i = 0; i < count; i++)
		fake_segment(i, (uintptr_t)s[i].mem, s[i].buf, s[i].bufsz);
}

/* Those for a panic are copied at once: nobody has memory there. */
static void place_at_once(unsigned long count, const struct kexec_segment *s)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		fake_put_at("/dev/mem", (uintptr_t)s[i].mem, s[i].buf,
			    s[i].bufsz);
}

static long load(unsigned long entry, unsigned long count,
		 const struct kexec_segment *segments, unsigned long flags)
{
	struct fake_machine *m = fake_machine;
	bool crash = flags & KEXEC_ON_CRASH;

	if (m->no_kexec)
		return fails(ENOSYS);
	if (count > KEXEC_SEGMENT_MAX)
		return fails(EINVAL);
	if (m->busy && m->busy--)
		return fails(EBUSY);
	if (!count) {
		*(crash ? &m->crash_unloads : &m->unloads) += 1;
		m->loaded[crash] = false;
		m->entry[crash] = 0;
		fake_show_loaded();
		return 0;
	}
	*(crash ? &m->crash_loads : &m->loads) += 1;
	if (m->load_errno && m->loads + m->crash_loads >= m->fail_from)
		return fails(m->load_errno);
	if (crash)
		place_at_once(count, segments);
	else
		take_segments(count, segments);
	m->loaded[crash] = true;
	m->entry[crash] = m->foreign ? 0x1000 : entry;
	if (m->punch)
		fake_huge_pages(0);
	if (!crash && m->crash_foreign)
		m->entry[1] = 0x1000;
	fake_show_loaded();
	return 0;
}

/* Commands, and those that they have started. */
static bool counting;

static void add_child(pid_t pid)
{
	struct fake_machine *m = fake_machine;
	int at = __atomic_fetch_add(&m->child_count, 1, __ATOMIC_SEQ_CST);

	if (at < FAKE_CHILDREN_MAX)
		m->children[at] = pid;
	else
		abort();
}

static void end_children(void)
{
	int i;

	for (i = 0; i < fake_machine->child_count; i++)
		if (fake_machine->children[i] != getpid())
			__real_kill(fake_machine->children[i], SIGKILL);
}

void fake_count_forks(void)
{
	counting = true;
	add_child(getpid());
}

void fake_step(void)
{
	struct fake_machine *m = fake_machine;
	int step;

	if (!counting || !m)
		return;
	step = __atomic_add_fetch(&m->steps, 1, __ATOMIC_SEQ_CST);
	if (step != m->kill_at[0] && step != m->kill_at[1])
		return;
	if (m->kill_all)
		end_children();
	__real_kill(getpid(), SIGKILL);
}

pid_t __wrap_fork(void)
{
	pid_t pid;

	fake_step();
	pid = __real_fork();
	if (counting && pid > 0)
		add_child(pid);
	return pid;
}

/* All that is said to a QEMU. */
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	fake_step();
	return __real_sendmsg(fd, message, flags);
}

static long jump(void)
{
	if (fake_machine->jump_errno)
		return fails(fake_machine->jump_errno);
	/* nobody does anything any more, a guard above all */
	end_children();
	fake_machine->jumps++;
	fake_place_segments();
	fflush(NULL);
	exit(FAKE_JUMPED);	/* not _exit(): who counts lines counts these */
}

/* A ring is a descriptor, and a buffer a pin. */
static long pin(long number, unsigned long ring, unsigned long count)
{
	struct fake_machine *m = fake_machine;

	if (m->no_uring)
		return fails(EPERM);
	if (number == SYS_io_uring_setup) {
		m->rings++;
		return __real_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
	}
	m->pins += count;
	return fcntl(ring, F_GETFD) < 0 ? fails(EBADF) : 0;
}

int __wrap_fstatfs(int fd, struct statfs *s)
{
	int rc = __real_fstatfs(fd, s);

	if (!rc && fake_machine && fake_machine->huge) {
		s->f_type = HUGETLBFS_MAGIC;
		s->f_bsize = 2 << 20;
	}
	if (!rc && fake_machine && fake_machine->device)
		s->f_type = BATON_MEM_MAGIC;
	return rc;
}

long __wrap_syscall(long number, ...)
{
	unsigned long a[5];
	va_list list;
	int i;

	fake_step();
	va_start(list, number);
	for (i = 0; i < 5; i++)
		a[i] = va_arg(list, unsigned long);
	va_end(list);
	switch (fake_machine ? number : -1) {
	case SYS_capget:
		memset((void *)a[1], 0xff,
		       2 * sizeof(struct __user_cap_data_struct));
		return 0;
	case SYS_capset:
		return 0;
	case SYS_kexec_load:
		return load(a[0], a[1], (void *)a[2], a[3]);
	case SYS_io_uring_setup:
	case SYS_io_uring_register:
		return pin(number, a[0], a[3]);
	case SYS_kexec_file_load:
		return fake_load_file(a[0], a[1], a[4]);
	case SYS_reboot:
		if (a[2] == LINUX_REBOOT_CMD_KEXEC)
			return jump();
		/* fall through */
	default:
		fprintf(stderr, "system call %ld: not in a test\n", number);
		abort();
	}
}

int __wrap_reboot(int what)
{
	fprintf(stderr, "reboot(0x%x): not in a test\n", what);
	abort();
}

uid_t __wrap_geteuid(void)
{
	return fake_machine ? fake_machine->uid : 0;
}

/* Lines of a guard and of a keeper count as well, where lines are counted. */
void __wrap__exit(int status)
{
	if (__llvm_profile_write_file)
		__llvm_profile_write_file();
	__real__exit(status);
}

/* Guests are kept where the address sanitizer has its shadow: elsewhere, then. */
void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd,
		  off_t offset)
{
	if ((uintptr_t)at >> 40 == 0x10)
		at = (char *)at + (1ull << 40);
	return __real_mmap(at, bytes, prot, flags, fd, offset);
}

/* A tester who is not root keeps its groups. */
int __wrap_setgroups(size_t count, const gid_t *groups)
{
	(void)count;
	(void)groups;
	return 0;
}

/* A keeper's end is SIGKILL. */
int __wrap_pause(void)
{
	if (__llvm_profile_write_file)
		__llvm_profile_write_file();
	return __real_pause();
}

/* A tester does not wait as long as a keeper. */
unsigned int __wrap_sleep(unsigned int seconds)
{
	usleep(seconds * 50000);
	return 0;
}

/* There is nothing to save. */
void __wrap_sync(void)
{
}

/* A process that a test made, and no group of others. */
int __wrap_kill(pid_t pid, int sig)
{
	if (pid == -1 || pid == 0 || pid == 1) {
		fprintf(stderr, "kill(%d): not in a test\n", (int)pid);
		abort();
	}
	if (fake_machine && sig)
		fake_machine->kills++;
	return __real_kill(pid, sig);
}

int __wrap_pidfd_send_signal(int fd, int sig, siginfo_t *info,
			     unsigned int flags)
{
	fake_step();
	if (fake_machine && sig)
		fake_machine->kills++;
	return __real_pidfd_send_signal(fd, sig, info, flags);
}

/* Files of the tester are root's, whoever that is. */
int __wrap_fstat(int fd, struct stat *st)
{
	int rc = __real_fstat(fd, st);

	if (!rc && fake_machine && st->st_uid == getuid())
		st->st_uid = 0;
	return rc;
}

void fake_crash_range(void)
{
	fake_put("/proc/cmdline", "root=/dev/sda1 baton=0x10000000 crashkernel=128M\n");
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

static void put_host(void)
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

void fake_kernel_begin(void)
{
	fake_machine = mmap(NULL, sizeof(*fake_machine),
			    PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_machine == MAP_FAILED)
		abort();
	put_host();
}

void fake_kernel_end(void)
{
	munmap(fake_machine, sizeof(*fake_machine));
	fake_machine = NULL;
}
