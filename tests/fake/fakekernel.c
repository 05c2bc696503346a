// SPDX-License-Identifier: MIT
/*
 * fakekernel.c - see fakekernel.h: what the loader calls in place of the
 * kernel.
 */
#include "fakekernel.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "baton_mem.h"
#include "fakelibs.h"
#include "fakeroot.h"
#include "real.h"
#include "util.h"
#include "window.h"

#define IMAGE		0xffffffff82000000ull	/* kexec_image, and
						 * the crash one */
#define CORE_BYTES	4096

struct fake_machine *fake_machine;

long __wrap_syscall(long number, ...);
uid_t __wrap_geteuid(void);
void __wrap_sync(void);
int __wrap_fstatfs(int fd, struct statfs *s);
int __real_fstatfs(int fd, struct statfs *s);
int __wrap_fstat(int fd, struct stat *st);
int __real_fstat(int fd, struct stat *st);
int __wrap_reboot(int what);
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

long fake_fails(int error)
{
	errno = error;
	return -1;
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
		return fake_fails(ENOSYS);
	if (count > KEXEC_SEGMENT_MAX)
		return fake_fails(EINVAL);
	if (m->busy && m->busy--)
		return fake_fails(EBUSY);
	if (!count) {
		*(crash ? &m->crash_unloads : &m->unloads) += 1;
		m->loaded[crash] = false;
		m->entry[crash] = 0;
		fake_show_loaded();
		return 0;
	}
	*(crash ? &m->crash_loads : &m->loads) += 1;
	if (m->load_errno && m->loads + m->crash_loads >= m->fail_from)
		return fake_fails(m->load_errno);
	if (crash)
		place_at_once(count, segments);
	else
		take_segments(count, segments);
	m->loaded[crash] = true;
	m->entry[crash] = m->foreign ? 0x1000 : entry;
	if (m->punch)
		fake_huge_pages(0);
	if (!crash && m->continued)
		kill(m->continued, SIGCONT);
	if (!crash && m->crash_foreign)
		m->entry[1] = 0x1000;
	fake_show_loaded();
	return 0;
}

static long jump(void)
{
	if (fake_machine->jump_errno)
		return fake_fails(fake_machine->jump_errno);
	/* nobody does anything any more, a guard above all */
	fake_end_children();
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
		return fake_fails(EPERM);
	if (number == SYS_io_uring_setup) {
		m->rings++;
		return __real_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
	}
	m->pins += count;
	return fcntl(ring, F_GETFD) < 0 ? fake_fails(EBADF) : 0;
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

/* Linux counts who has a function of PCI on, and the last one who takes that back
 * switches it off. */
void fake_opens(const char *path, int flags)
{
	static const char name[] = "/enable";
	size_t length = strlen(path);
	char config[128];

	if (!fake_machine || !fake_machine->enables || flags != (O_WRONLY | O_CLOEXEC) ||
	    length < sizeof(name) || strcmp(path + length - 7, name) ||
	    --fake_machine->enables)
		return;
	snprintf(config, sizeof(config), "%.*s/config", (int)length - 7, path);
	fake_put_at(config, 4, "\3", 1);
}

void fake_replaces(const char *path)
{
	struct fake_machine *m = fake_machine;

	if (!m || !m->when || strcmp(path, m->when))
		return;
	m->when = NULL;
	m->then();
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

static bool is_window(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = fake_machine && fd >= 0
	       ? __real_readlink(link, path, sizeof(path) - 1) : -1;
	if (length < 0)
		return false;
	path[length] = '\0';
	return !strcmp(path, fake_path(BATON_MEM_FOLDER "/" WINDOW_DEVICE));
}

static off_t window_start(void)
{
	char text[32] = "";

	text_read(fake_path(FAKE_WINDOW_START), text, sizeof(text));
	return strtoull(text, NULL, 16);
}

/* Guests are kept where the address sanitizer has its shadow: elsewhere, then.
 */
void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd,
		  off_t offset)
{
	if ((uintptr_t)at >> 40 == 0x10)
		at = (char *)at + (1ull << 40);
	if (is_window(fd))
		offset += window_start();
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
	struct fake_machine *m = fake_machine;

	if (!m)
		return;
	m->syncs++;
	while (m->sync_hangs && m->syncs >= m->sync_hangs)
		usleep(1000);
}

/* Files of the tester are root's, whoever that is. */
int __wrap_fstat(int fd, struct stat *st)
{
	int rc = __real_fstat(fd, st);

	if (!rc && fake_machine && st->st_uid == getuid())
		st->st_uid = 0;
	return rc;
}

void fake_kernel_begin(void)
{
	fake_machine = mmap(NULL, sizeof(*fake_machine),
			    PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_machine == MAP_FAILED)
		abort();
	fake_put_host();
}

void fake_kernel_end(void)
{
	munmap(fake_machine, sizeof(*fake_machine));
	fake_machine = NULL;
}
