// SPDX-License-Identifier: MIT
/*
 * unpacked.c - see unpacked.h. Offsets: Documentation/arch/x86/boot.rst, "Details of
 * Header Fields". What the kernel does of it: arch/x86/boot/compressed/misc.c and
 * kaslr.c.
 */
#include "unpacked.h"

#include <stdio.h>
#include <string.h>
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
#define XLF_5LEVEL_ENABLED	0x0040	/* the kernel itself, not only what unpacks
					 * it, runs with five levels of page tables */
#define PAYLOAD_OFFSET		0x248	/* and its length */
#define VERSION_OFFSET		0x20e	/* where its text is, from there on: */
#define VERSION_BASE		0x200
#define VERSION_BYTES		16	/* of it, that are looked at */
#define INIT_SIZE_OFFSET	0x260
#define HANDOVER_OFFSET		0x264

/* How Linux is entered when it is unpacked is nobody's promise: these have been
 * started so (boot cases handover-unpacked*). */
#define OLDEST	KERNEL_RELEASE(6, 1)
#define NEWEST	KERNEL_RELEASE(7, 3)

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
	bool moved;			/* by `shift`, which may be 0 */
	uint64_t shift;
};

bool kernel_stays(const char *cmdline)
{
	size_t length;

	return cmdline && cmdline_value(cmdline, "nokaslr", &length) && !length;
}

uint64_t kernel_version_at(const void *image)
{
	uint16_t at;

	memcpy(&at, (const uint8_t *)image + VERSION_OFFSET, sizeof(at));
	return VERSION_BASE + at;
}

/* Its text, release and version as `file` prints them, is in the setup code. */
static unsigned int release_of(const void *image, const struct bzimage *bz)
{
	uint64_t at = kernel_version_at(image);
	char text[VERSION_BYTES + 1] = "";
	unsigned int major, minor;

	if (at + VERSION_BYTES > bz->setup_bytes)
		return 0;
	memcpy(text, (const uint8_t *)image + at, VERSION_BYTES);
	if (sscanf(text, "%2u.%3u", &major, &minor) != 2)
		return 0;
	return KERNEL_RELEASE(major, minor);
}

unsigned int kernel_release(const void *image, uint64_t bytes)
{
	struct diag_log scratch;
	struct bzimage bz;

	diag_init(&scratch, HO_STAGE_LOADER);
	return bzimage_parse(&bz, image, bytes, &scratch) ? 0
							  : release_of(image, &bz);
}

static uint32_t read32(const struct unpacking *u, uint64_t offset)
{
	uint32_t word;

	memcpy(&word, (const uint8_t *)u->in.bytes + offset, sizeof(word));
	return word;
}

static int look(struct unpacking *u, const char *path, struct diag_log *diag)
{
	const uint8_t *bytes = u->in.bytes;
	uint64_t offset, length;
	unsigned int release;
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
	release = release_of(bytes, &u->bz);
	if (release < OLDEST || release > NEWEST)
		return diag_add(diag, HO_EUNPACK,
				"%s: not tried so; Linux %u.%u to %u.%u were",
				path, OLDEST / 1000, OLDEST % 1000,
				NEWEST / 1000, NEWEST % 1000);
	if (!(bytes[XLOADFLAGS_OFFSET] & XLF_5LEVEL_ENABLED))
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

static void write_setup(const struct unpacking *u, uint8_t *out)
{
	uint64_t body = BODY_BYTES + u->v.bytes;

	memcpy(out, u->in.bytes, u->bz.setup_bytes);
	memset(out, 0, 2);		/* "MZ": EFI's */
	put32(out + SYSSIZE_OFFSET, align_up(body, 16) / 16);
	if (u->moved)
		out[LOADFLAGS_OFFSET] |= LOADFLAGS_KASLR;
	out[XLOADFLAGS_OFFSET] &= ~XLF_EFI;
	put32(out + PAYLOAD_OFFSET, 0);
	put32(out + PAYLOAD_OFFSET + 4, 0);
	put32(out + INIT_SIZE_OFFSET,
	      align_up(BODY_BYTES + u->v.memory, HO_PAGE_BYTES));
	put32(out + HANDOVER_OFFSET, 0);
}

static int write_all(struct unpacking *u, struct diag_log *diag)
{
	uint64_t length = u->bz.setup_bytes + BODY_BYTES + u->v.bytes;
	uint8_t *out = kernel_zeroes(&u->out, length, diag), *body;

	if (!out)
		return -HO_ENOMEM;
	write_setup(u, out);
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

	if (!rc)
		rc = look(u, in, diag);
	if (rc)
		return rc;
	u->moved = u->v.movable && !stay;
	if (u->moved)
		rc = choose(u, diag);
	return rc ? rc : write_all(u, diag);
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
					       u.moved };
	mapped_close(&u.in);
	mapped_close(&u.vmlinux);
	mapped_close(&u.out);
	return rc;
}
