// SPDX-License-Identifier: MIT
/*
 * fuzz_image.c - any bytes as a file in /boot; the first says which: a Xen, which may
 * be packed, a stub or a door with one inside, GRUB's configuration.
 */
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grub.h"
#include "stubfile.h"
#include "util.h"
#include "xen_image.h"

#define WORD	"baton-current"
#define LARGEST		16384		/* of an input: more is slow */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A Xen that is not packed is the build that its first note says. */
static void as_xen(const char *path, const uint8_t *data, size_t size)
{
	static const uint32_t head[] = { 4, XEN_BUILD_ID_BYTES,
					 NT_GNU_BUILD_ID };
	uint8_t note[sizeof(head) + 4], *at;
	struct xen_facts facts = { 0 };
	bool packed = size > 1 && data[0] == 0x1f && data[1] == 0x8b, is;

	memcpy(note, head, sizeof(head));
	memcpy(note + sizeof(head), "GNU", 4);
	at = memmem(data, size, note, sizeof(note));
	if (at && data + size - at >=
		  (ptrdiff_t)(sizeof(note) + XEN_BUILD_ID_BYTES))
		memcpy(facts.build_id, at + sizeof(note), XEN_BUILD_ID_BYTES);
	else
		at = NULL;
	is = xen_image_is(path, &facts);
	if (!packed && is != !!at)
		abort();
	xen_image_adopts(path);
	if (xen_image_is_patched(path) && !packed && !at)
		abort();
}

static void as_stub(const char *path)
{
	static struct diag_log diag;
	struct ho_stub_header h;
	struct mapped m;

	diag_init(&diag, HO_STAGE_LOADER);
	if (stubfile_open(&m, path, &diag)) {
		if (!diag.total)
			abort();
		return;
	}
	if (!stubfile_read(&h, "fuzz", m.bytes, m.length, &diag) &&
	    (h.entry_offset >= m.length ||
	     h.entry_block_offset + sizeof(struct ho_entry) > m.length))
		abort();
	mapped_close(&m);
}

/* A root whose grub.cfg is the file of this name. */
static const char *grub_root(const char *file)
{
	static char root[] = "/tmp/fuzz-grub-XXXXXX";
	char path[PATH_MAX];

	if (!mkdtemp(root))
		abort();
	snprintf(path, sizeof(path), "%s/boot", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/boot/grub", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/boot/grub/grub.cfg", root);
	if (symlink(file, path))
		abort();
	return root;
}

static void as_grub(const char *root, const uint8_t *data, size_t size)
{
	static const char is_default[] = "set default=\"" WORD "\"";

	if (grub_may_name(root, WORD) != !!memmem(data, size, WORD,
						  strlen(WORD)) ||
	    grub_default_is(root, WORD) != !!memmem(data, size, is_default,
						    strlen(is_default)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *root;
	static char path[64];
	static int fd;

	if (!size || size > LARGEST)
		return 0;
	if (!root) {
		fd = memfd_create("image", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		root = grub_root(path);
	}
	if (ftruncate(fd, 0) ||
	    pwrite(fd, data + 1, size - 1, 0) != (ssize_t)size - 1)
		abort();
	switch (data[0] % 3) {
	case 0:
		as_xen(path, data + 1, size - 1);
		break;
	case 1:
		as_stub(path);
		break;
	case 2:
		as_grub(root, data + 1, size - 1);
		break;
	}
	return 0;
}
