// SPDX-License-Identifier: MIT
/*
 * xen_image.c - see xen_image.h.
 */
#include "xen_image.h"

#include <elf.h>
#include <glob.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "installed.h"
#include "unpack.h"
#include "xen.h"

#define IMAGES "/boot/xen*.gz"
#define ID_SHOWN 6			/* bytes of a build ID */

/* An ELF note as it lies in the file. */
struct build_note {
	Elf32_Nhdr head;
	char name[sizeof(ELF_NOTE_GNU)];
	uint8_t id[XEN_BUILD_ID_BYTES];
};

static int read_facts(struct xen *x, struct xen_facts *facts,
		      struct diag_log *diag)
{
	union {
		xen_build_id_t id;
		uint8_t bytes[sizeof(xen_build_id_t) + XEN_BUILD_ID_BYTES];
	} u = { .id.len = XEN_BUILD_ID_BYTES };

	*facts = (struct xen_facts){ 0 };
	if (x->xc_version(x->xc, XENVER_build_id, &u) == XEN_BUILD_ID_BYTES)
		memcpy(facts->build_id, u.id.buf, XEN_BUILD_ID_BYTES);
	if (x->xc_version(x->xc, XENVER_commandline, facts->cmdline) < 0)
		return io_error(diag, "Xen's command line");
	facts->cmdline[XEN_CMDLINE_BYTES - 1] = '\0';
	return 0;
}

int xen_facts_read(struct xen_facts *facts, struct diag_log *diag)
{
	struct xen *x;
	int rc = xen_open(&x, diag);

	if (!rc)
		rc = read_facts(x, facts, diag);
	xen_close(x);
	return rc;
}

/* Is it in the file, once that is unpacked? */
static bool has(const char *path, const void *bytes, size_t length)
{
	struct diag_log ignored = { 0 };
	struct mapped m;
	bool found;

	if (mapped_open(&m, path, HO_EFILE, &ignored))
		return false;
	found = !mapped_unpack(&m, path, &ignored) &&
		memmem(m.bytes, m.length, bytes, length);
	mapped_close(&m);
	return found;
}

static struct build_note build_note(const uint8_t *id)
{
	struct build_note note = {
		.head = { .n_namesz = sizeof(note.name),
			  .n_descsz = XEN_BUILD_ID_BYTES,
			  .n_type = NT_GNU_BUILD_ID },
		.name = ELF_NOTE_GNU,
	};

	if (id)
		memcpy(note.id, id, sizeof(note.id));
	return note;
}

bool xen_image_is(const char *path, const struct xen_facts *facts)
{
	const struct build_note note = build_note(facts->build_id);

	return has(path, &note, sizeof(note));
}

/* The first GNU build ID in the file, once that is unpacked. */
static bool find_id(const char *path, uint8_t id[XEN_BUILD_ID_BYTES])
{
	const struct build_note note = build_note(NULL);
	const size_t head = offsetof(struct build_note, id);
	struct diag_log ignored = { 0 };
	const uint8_t *at = NULL;
	struct mapped m;

	if (mapped_open(&m, path, HO_EFILE, &ignored))
		return false;
	if (!mapped_unpack(&m, path, &ignored))
		at = memmem(m.bytes, m.length, &note, head);
	if (at && (const uint8_t *)m.bytes + m.length - at >=
		  (ptrdiff_t)sizeof(note))
		memcpy(id, at + head, XEN_BUILD_ID_BYTES);
	else
		at = NULL;
	mapped_close(&m);
	return at;
}

bool xen_image_is_patched(const char *path)
{
	uint8_t id[XEN_BUILD_ID_BYTES];

	return find_id(path, id) &&
	       installed_xen_livepatch_path(id, sizeof(id));
}

bool xen_image_adopts(const char *path)
{
	return has(path, XEN_ADOPTS_PV, sizeof(XEN_ADOPTS_PV) - 1);
}

int xen_image_find(char *path, const struct xen_facts *facts,
		   struct diag_log *diag)
{
	char id[2 * ID_SHOWN + 1];
	bool is_it = false;
	glob_t found;
	size_t i;

	if (!glob(IMAGES, 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc && !is_it; i++) {
			is_it = xen_image_is(found.gl_pathv[i], facts);
			snprintf(path, PATH_MAX, "%s", found.gl_pathv[i]);
		}
		globfree(&found);
	}
	if (is_it)
		return 0;
	for (i = 0; i < ID_SHOWN; i++)
		sprintf(id + 2 * i, "%02x", facts->build_id[i]);
	return diag_add(diag, HO_EFILE,
			"no " IMAGES " is the Xen that runs (%s...): give --kernel",
			id);
}
