// SPDX-License-Identifier: MIT
/*
 * fakefile.c - see fakekernel.h: kexec_file_load(2) of a kernel, its log, and what
 * the door does with a package after the jump.
 */
#include "fakekernel.h"

#include <errno.h>
#include <linux/kexec.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doormark.h"
#include "fakeroot.h"
#include "package.h"
#include "real.h"
#include "util.h"

#define DEBUG_FLAG	8ul
#define FLAGS		(KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH | \
			 KEXEC_FILE_NO_INITRAMFS)
#define PADDED		(32ull << 20)
#define CONTROL		"/proc/dynamic_debug/control"

int __real_fstat(int fd, struct stat *st);

/* As one record of /dev/kmsg, behind what is there. */
static void log_line(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static void log_line(const char *format, ...)
{
	FILE *log = __real_fopen(fake_path("/dev/kmsg"), "a");
	va_list list;

	va_start(list, format);
	fprintf(log, "6,512,6966870,-;kexec_file: ");
	vfprintf(log, format, list);
	fprintf(log, "\n SUBSYSTEM=none\n");
	va_end(list);
	fclose(log);
}

/* Where the segments are: [address, bytes, bytes of memory] each. */
struct places {
	int count;
	uint64_t at[5][3];
};

static struct places places_of(uint64_t door_bytes, uint64_t initrd,
			       uint64_t initrd_bytes)
{
	return (struct places){ 4, {
		{ 0x2a000, 0x4000, 0x5000 }, { 0x28000, 0x1150, 0x2000 },
		{ 0x600000, door_bytes - 6144, 0xec000 },
		{ initrd, initrd_bytes,
		  (initrd_bytes + 4095) & ~4095ull },
	} };
}

/* From its end downwards, but for the headers of a core file. */
static struct places crash_places(uint64_t door_bytes, uint64_t initrd_bytes)
{
	const uint64_t *range = fake_machine->crash;
	uint64_t start = range[1] ? range[0] : FAKE_REGION;
	uint64_t end = range[1] ? range[1] : FAKE_REGION + FAKE_REGION_BYTES;
	uint64_t whole = (initrd_bytes + 4095) & ~4095ull;

	return (struct places){ 5, {
		{ start, 0x400, 0x1000 },
		{ end - 0x5000, 0x4000, 0x5000 },
		{ end - 0x7000, 0x1150, 0x2000 },
		{ end - 0x200000, door_bytes - 6144, 0xec000 },
		{ end - 0x200000 - whole, initrd_bytes, whole },
	} };
}

static void log_places(const struct places *p)
{
	const struct fake_machine *m = fake_machine;
	int i;

	if (!m->no_debug_flag)
		log_line("nr_segments = %d", p->count);
	for (i = 0; i < p->count - m->mute; i++)
		log_line(m->no_debug_flag
			 ? "Loading segment %d: buf=0x(____ptrval____) bufsz=0x%llx mem=0x%llx memsz=0x%llx"
			 : "segment[%d]: buf=0x(____ptrval____) bufsz=0x%llx mem=0x%llx memsz=0x%llx",
			 i, (unsigned long long)p->at[i][1],
			 (unsigned long long)p->at[i][0],
			 (unsigned long long)p->at[i][2]);
}

static bool says_places(unsigned long flags)
{
	if (fake_machine->no_debug_flag)
		return fake_has(CONTROL) &&
		       fake_holds(CONTROL, "file kexec_file.c +p");
	return flags & DEBUG_FLAG;
}

static uint64_t length_of(int fd)
{
	struct stat st;

	return __real_fstat(fd, &st) ? 0 : st.st_size;
}

static void *read_all(int fd, uint64_t length)
{
	char *bytes = malloc(length);

	if (!bytes || pread(fd, bytes, length, 0) != (ssize_t)length)
		abort();
	return bytes;
}

/* What the door moves, each as a segment that the jump puts there; the stub is
 * its own, and first. */
static void take_package(const uint8_t *bytes, uint64_t length,
			 const uint8_t *door, uint64_t door_bytes)
{
	struct package_piece pieces[PACKAGE_PIECES_MAX];
	struct blob *b = malloc(sizeof(*b));
	const struct ho_stub_header *h;
	uint64_t stub_bytes, need;
	struct ho_entry entry;
	struct diag_log diag;
	uint32_t i, n;
	uint8_t *stub;

	diag_init(&diag, HO_STAGE_LOADER);
	fake_remove("/segments");
	if (package_open(bytes, length, &entry, b, &diag)) {
		fprintf(stderr, "package: %s\n", diag.items[0].where);
		abort();
	}
	h = doormark_stub(door, door_bytes, &stub_bytes);
	stub = malloc(stub_bytes);
	memcpy(stub, h, stub_bytes);
	h = (const struct ho_stub_header *)stub;
	memcpy(stub + h->entry_block_offset, &entry, sizeof(entry));
	fake_segment(0, entry.region_base + HO_STUB_OFFSET, stub, stub_bytes);
	n = package_pieces(b, entry.blob_paddr, entry.blob_bytes, pieces,
			   &need);
	for (i = 0; i < n; i++)
		fake_segment(i + 1, pieces[i].place.start,
			     bytes + pieces[i].offset,
			     range_bytes(pieces[i].place));
	if (b->fallback.kind != TARGET_NONE)
		fake_segment(i + 1, b->fallback_tree.place.start,
			     b->fallback_data,
			     range_bytes(b->fallback_tree.place));
	free(stub);
	free(b);
}

static void take(int door, int initrd)
{
	uint64_t length = length_of(initrd), door_bytes = length_of(door);
	void *package = read_all(initrd, length);
	void *image = read_all(door, door_bytes);
	struct ho_package head;

	if (package_is(package, length)) {
		/* zeroes behind it are no part of it */
		memcpy(&head, package, sizeof(head));
		if (length > head.package_bytes)
			length = head.package_bytes;
		take_package(package, length, image, door_bytes);
	}
	free(package);
	free(image);
}

static long unload(bool crash)
{
	struct fake_machine *m = fake_machine;

	m->file_unloads++;
	m->loaded[crash] = false;
	m->entry[crash] = 0;
	fake_show_loaded();
	return 0;
}

long fake_load_file(int door, int initrd, unsigned long flags)
{
	struct fake_machine *m = fake_machine;
	unsigned long known = FLAGS | (m->no_debug_flag ? 0 : DEBUG_FLAG);
	bool crash = flags & KEXEC_FILE_ON_CRASH;
	struct places p, other;
	uint64_t at;

	if (m->no_kexec_file)
		return fake_fails(ENOSYS);
	if (flags & ~known)
		return fake_fails(EINVAL);
	if (m->busy && m->busy--)
		return fake_fails(EBUSY);
	if (flags & KEXEC_FILE_UNLOAD)
		return unload(crash);
	if (!length_of(door))
		return fake_fails(EBADF);
	if (m->door_errno)
		return fake_fails(m->door_errno);
	if (!length_of(initrd))
		return fake_fails(EBADF);
	m->file_loads++;
	if (m->load_errno && m->file_loads >= m->fail_from)
		return fake_fails(m->load_errno);
	take(door, initrd);
	at = m->initrd[length_of(initrd) >= PADDED];
	p = crash ? crash_places(length_of(door), length_of(initrd))
		  : places_of(length_of(door), at ? at : 0x3c000000,
			      length_of(initrd));
	if (says_places(flags)) {
		log_places(&p);
		other = places_of(length_of(door), 0x3c000000, 4096);
		if (m->twice)
			log_places(&other);
	}
	m->loaded[crash] = true;
	m->entry[crash] = m->foreign ? 0x1000 : p.at[crash][0] + 0x160;
	m->image++;
	fake_show_loaded();
	return 0;
}
