// SPDX-License-Identifier: MIT
/*
 * unpacked.c - see unpacked.h. Offsets: Documentation/arch/x86/boot.rst, "Details of
 * Header Fields". What the kernel does of it: arch/x86/boot/compressed/misc.c and
 * kaslr.c.
 */
#include "unpacked.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "bzimage.h"
#include "checked.h"
#include "cmdline.h"
#include "kernelpayload.h"
#include "vmlinux.h"

#define BODY_BYTES		(2ull << 20)	/* before the kernel */
#define LOADFLAGS_OFFSET	0x211
#define LOADFLAGS_KASLR		0x02	/* to the kernel: it was moved */
#define SYSSIZE_OFFSET		0x1f4	/* of 16 bytes each */
#define XLOADFLAGS_OFFSET	0x236
#define XLF_EFI			0x000c	/* EFI handover, 32 and 64 bits */
#define XLF_5LEVEL		0x0020	/* it knows five levels of page tables */
#define PAYLOAD_OFFSET		0x248	/* and its length */
#define VERSION_OFFSET		0x20e	/* of its text, from 0x200 on */
#define VERSION_BYTES		16	/* of it, that are looked at */
#define INIT_SIZE_OFFSET	0x260
#define HANDOVER_OFFSET		0x264

/* How Linux is entered when it is unpacked is nobody's promise: these have been
 * started so (boot cases handover-unpacked*). */
static const struct { unsigned int major, minor; } oldest = { 6, 1 },
						    newest = { 7, 3 };

/* At 0, where 32-bit mode would start. */
static const uint8_t no_entry[] = {
	0xfa,				/* cli */
	0xf4,				/* 1: hlt */
	0xeb, 0xfd,			/* jmp 1b */
};

/* At 0x200, in 64-bit mode: to so many bytes behind its end. */
static const uint8_t entry[] = {
	0xe9, 0, 0, 0, 0,		/* jmp */
};

struct unpacking {
	struct mapped in, vmlinux, out;
	struct bzimage bz;
	struct vmlinux v;
	uint64_t shift;
};

bool kernel_stays(const char *cmdline)
{
	size_t length;

	return cmdline && cmdline_value(cmdline, "nokaslr", &length) && !length;
}

static uint32_t read32(const struct unpacking *u, uint64_t offset)
{
	uint32_t word;

	memcpy(&word, (const uint8_t *)u->in.bytes + offset, sizeof(word));
	return word;
}

/* Release and version, as `file` prints them. */
static bool is_known(const struct unpacking *u)
{
	const uint8_t *bytes = u->in.bytes;
	char text[VERSION_BYTES + 1] = "";
	unsigned int major, minor;
	uint16_t at;

	memcpy(&at, bytes + VERSION_OFFSET, sizeof(at));
	if (0x200ull + at + VERSION_BYTES > u->bz.setup_bytes)
		return false;
	memcpy(text, bytes + 0x200 + at, VERSION_BYTES);
	if (sscanf(text, "%2u.%3u", &major, &minor) != 2)
		return false;
	return (major > oldest.major ||
		(major == oldest.major && minor >= oldest.minor)) &&
	       (major < newest.major ||
		(major == newest.major && minor <= newest.minor));
}

static int look(struct unpacking *u, const char *path, struct diag_log *diag)
{
	const uint8_t *bytes = u->in.bytes;
	uint64_t offset, length;
	int rc = bzimage_parse(&u->bz, bytes, u->in.length, diag);

	if (rc)
		return rc;
	offset = read32(u, PAYLOAD_OFFSET);
	length = read32(u, PAYLOAD_OFFSET + 4);
	if (!length)
		return diag_add(diag, HO_EUNPACK, "%s: nothing in it is packed",
				path);
	if (offset > u->bz.pm_bytes || length > u->bz.pm_bytes - offset)
		return diag_add(diag, HO_EUNPACK,
				"%s: what is packed ends beyond the file", path);
	if (!is_known(u))
		return diag_add(diag, HO_EUNPACK,
				"%s: not tried so; Linux %u.%u to %u.%u were",
				path, oldest.major, oldest.minor, newest.major,
				newest.minor);
	if (!(bytes[XLOADFLAGS_OFFSET] & XLF_5LEVEL))
		return diag_add(diag, HO_EUNPACK,
				"%s: it knows no five levels of page tables",
				path);
	rc = payload_unpack(&u->vmlinux, bytes + u->bz.setup_bytes + offset,
			    length, diag);
	if (!rc)
		rc = vmlinux_parse(&u->v, u->vmlinux.bytes, u->vmlinux.length,
				   diag);
	return rc;
}

/* As find_random_virt_addr() does: it ends below 1 GiB. */
static int choose(struct unpacking *u, struct diag_log *diag)
{
	uint64_t room = u->v.base + u->v.memory, random;
	uint64_t step = u->bz.alignment > BODY_BYTES ? u->bz.alignment
						    : BODY_BYTES;

	if (room > VMLINUX_BYTES_MAX)
		return diag_add(diag, HO_EUNPACK, "vmlinux: it takes %s",
				human_bytes(room));
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return io_error(diag, "getrandom");
	u->shift = random % ((VMLINUX_BYTES_MAX - room) / step + 1) * step;
	return 0;
}

static void put32(uint8_t *at, uint32_t word)
{
	memcpy(at, &word, sizeof(word));
}

static void write_setup(const struct unpacking *u, uint8_t *out, bool moved)
{
	uint64_t body = BODY_BYTES + u->v.bytes;

	memcpy(out, u->in.bytes, u->bz.setup_bytes);
	memset(out, 0, 2);		/* "MZ": EFI's */
	put32(out + SYSSIZE_OFFSET, align_up(body, 16) / 16);
	if (moved)
		out[LOADFLAGS_OFFSET] |= LOADFLAGS_KASLR;
	out[XLOADFLAGS_OFFSET] &= ~XLF_EFI;
	put32(out + PAYLOAD_OFFSET, 0);
	put32(out + PAYLOAD_OFFSET + 4, 0);
	put32(out + INIT_SIZE_OFFSET,
	      align_up(BODY_BYTES + u->v.memory, HO_PAGE_BYTES));
	put32(out + HANDOVER_OFFSET, 0);
}

static int write_all(struct unpacking *u, bool moved, struct diag_log *diag)
{
	uint64_t length = u->bz.setup_bytes + BODY_BYTES + u->v.bytes;
	uint8_t *out = mmap(NULL, length, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *body;

	if (out == MAP_FAILED)
		return diag_add(diag, HO_ENOMEM, "%s of a kernel",
				human_bytes(length));
	u->out = (struct mapped){ out, length };
	write_setup(u, out, moved);
	body = out + u->bz.setup_bytes;
	memcpy(body, no_entry, sizeof(no_entry));
	body += BZIMAGE_ENTRY64_OFFSET;
	memcpy(body, entry, sizeof(entry));
	put32(body + 1, BODY_BYTES + u->v.entry - BZIMAGE_ENTRY64_OFFSET -
	      sizeof(entry));
	return vmlinux_lay_out(&u->v, out + u->bz.setup_bytes + BODY_BYTES,
			       u->shift, diag);
}

static int run(struct unpacking *u, const char *in, bool stay,
	       struct diag_log *diag)
{
	int rc = mapped_open(&u->in, in, HO_EFILE, diag);
	bool moved;

	if (!rc)
		rc = look(u, in, diag);
	if (rc)
		return rc;
	moved = u->v.movable && !stay;
	if (moved)
		rc = choose(u, diag);
	return rc ? rc : write_all(u, moved, diag);
}

int kernel_unpack(struct kernel_unpacked *k, const char *in, const char *out,
		  bool stay, struct diag_log *diag)
{
	struct unpacking u = { 0 };
	int rc = run(&u, in, stay, diag);

	if (!rc && out)
		rc = file_write(out, u.out.bytes, u.out.length, diag);
	if (!rc)
		*k = (struct kernel_unpacked){ u.in.length, u.out.length,
					       u.v.movable && !stay };
	mapped_close(&u.in);
	mapped_close(&u.vmlinux);
	mapped_close(&u.out);
	return rc;
}
