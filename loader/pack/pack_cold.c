// SPDX-License-Identifier: MIT
/*
 * pack_cold.c - writes cold blobs: a target with its files inside, and where
 * the region shall be. What a door (stub/door) starts with.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "blob_write.h"
#include "bzimage.h"
#include "checked.h"
#include "cold.h"
#include "fallback.h"
#include "mb2.h"
#include "pack_tree.h"
#include "placetext.h"
#include "unpack.h"

#define TREE_BYTES 65536		/* all but the files */
#define BATON_WORD_BYTES 32		/* " baton=0x<region>" */

/* "SIZE" or "BASE+SIZE"; neither: the door decides. */
static int write_region(struct fdtwrite *w, const char *text,
			struct diag_log *diag)
{
	struct placetext place;

	if (!text)
		return 0;
	if (!placetext_parse(&place, text, strlen(text)))
		return diag_add(diag, HO_EUSAGE,
				"--region %.40s: want SIZE or BASE+SIZE", text);
	if (!is_aligned(place.base | place.bytes, HO_PAGE_2M_BYTES))
		return diag_add(diag, HO_EREGIONALIGN, "--region %.40s", text);
	fdtwrite_begin(w, HO_FDT_REGION);
	fdtwrite_u64(w, HO_FDT_SIZE, place.bytes);
	if (place.has_base)
		fdtwrite_u64(w, HO_FDT_BASE, place.base);
	fdtwrite_end(w);
	return 0;
}

static int write_file(struct fdtwrite *w, const char *node,
		      const struct piece *p, bool unpack,
		      struct diag_log *diag)
{
	struct mapped m;
	int rc = mapped_open(&m, p->path, HO_EFILE, diag);

	if (!rc && unpack)
		rc = mapped_unpack(&m, p->path, diag);
	if (rc)
		return rc;
	fdtwrite_begin(w, node);
	fdtwrite_string(w, HO_FDT_FILE, p->path);
	if (p->args && *p->args)
		fdtwrite_string(w, HO_FDT_BOOTARGS, p->args);
	fdtwrite_u32(w, HO_FDT_DIGEST_ALG, p->digest_alg);
	fdtwrite_bytes(w, HO_FDT_DIGEST, p->digest, HO_DIGEST_BYTES);
	fdtwrite_bytes(w, HO_FDT_DATA, m.bytes, m.length);
	fdtwrite_end(w);
	mapped_close(&m);
	return 0;
}

static int write_target(struct fdtwrite *w, const struct packing *k)
{
	const struct packed_target *t = &k->target;
	int rc, i;

	fdtwrite_begin(w, HO_FDT_TARGET);
	fdtwrite_string(w, "compatible", blob_compatible(t->kind));
	fdtwrite_string(w, HO_FDT_BOOTARGS, t->cmdline);
	rc = write_file(w, HO_FDT_IMAGE, &t->image, t->kind == TARGET_XEN,
			k->diag);
	for (i = 0; i < t->module_count && !rc; i++) {
		char node[32];

		snprintf(node, sizeof(node), HO_FDT_MODULE "-%d", i);
		rc = write_file(w, node, &t->modules[i], false, k->diag);
	}
	fdtwrite_end(w);
	return rc;
}

static int write_tree(struct fdtwrite *w, const struct packing *k)
{
	const struct pack *p = k->options;
	int rc;

	fdtwrite_string(w, "compatible", HO_FDT_COLD_COMPAT);
	fdtwrite_string(w, "model", "baton " BATON_VERSION);
	fdtwrite_cells(w, 2, 2);	/* for stock tools: no door asks */
	fdtwrite_u32(w, HO_FDT_VERSION, HO_ABI_VERSION);
	fdtwrite_u32(w, HO_FDT_COMPAT, HO_ABI_COMPAT);
	if (p->chosen.uart_port) {
		fdtwrite_u32(w, HO_FDT_UART_PORT, p->chosen.uart_port);
		fdtwrite_u32(w, HO_FDT_UART_BAUD, p->chosen.uart_baud);
	}
	rc = write_region(w, p->region, k->diag);
	if (!rc)
		rc = write_target(w, k);
	fdtwrite_begin(w, HO_FDT_POLICY);
	fdtwrite_string(w, HO_FDT_ON_FAILURE, p->policy ? p->policy : "halt");
	if (p->chosen.e820_budget)
		fdtwrite_u32(w, HO_FDT_E820_BUDGET, p->chosen.e820_budget);
	fdtwrite_end(w);
	return rc;
}

/* What the stub would find out at power-on, with nobody there to read it. */
static int check_image(const struct cold *c, struct diag_log *diag)
{
	const struct blob_target *t = &c->target;
	uint64_t bytes = range_bytes(t->image.place);
	struct mb2_image mb2;
	struct bzimage bz;
	int rc;

	if (t->kind != TARGET_LINUX)
		return mb2_parse(&mb2, c->data[0], bytes, diag);
	rc = bzimage_parse(&bz, c->data[0], bytes, diag);
	if (!rc && strlen(t->bootargs) + BATON_WORD_BYTES > bz.cmdline_max)
		rc = diag_add(diag, HO_ECMDLINE, "%zu bytes, of %u",
			      strlen(t->bootargs), bz.cmdline_max);
	return rc;
}

/* As the door will read it. */
static int write_checked(const struct packing *k, void *buffer,
			 uint64_t bytes, const char *path)
{
	struct cold *cold = malloc(sizeof(*cold));
	struct fdtwrite w;
	uint32_t total;
	int rc;

	if (!cold)
		return diag_add(k->diag, HO_ENOMEM, "cold blob");
	fdtwrite_start(&w, buffer, bytes);
	rc = write_tree(&w, k);
	total = fdtwrite_finish(&w);
	if (!rc && !total)
		rc = diag_add(k->diag, HO_EINTERNAL, "writing the tree: %s",
			      fdt_strerror(w.rc));
	if (!rc)
		rc = cold_parse(cold, buffer, total, k->diag);
	if (!rc && cold->region_bytes)
		rc = cold_check_room(cold, cold->region_bytes, k->diag);
	if (!rc)
		rc = check_image(cold, k->diag);
	if (!rc)
		rc = file_write(path, buffer, total, k->diag);
	free(cold);
	return rc;
}

/* Options that are of an update alone; at power-on nothing runs to fall back
 * to, and the door has map and stub. */
static int check_options(const struct pack *p, struct diag_log *diag)
{
	const char *wrong = p->stream_count ? "--stream"
		: p->fallback_kernel ? "--fallback-kernel"
		: p->fallback_initrd ? "--fallback-initrd"
		: p->fallback_cmdline ? "--fallback-cmdline"
		: p->next_region ? "--next-region"
		: p->memory_map ? "--memory-map"
		: p->stub ? "--stub"
		: p->manifest ? "--manifest"
		: p->inline_max != PACK_INLINE_BYTES ? "--inline-max"
		: fallback_policy(p->policy)
		? "--policy fallback" : NULL;

	return wrong ? diag_add(diag, HO_EUSAGE,
				"a first boot does not take %s", wrong) : 0;
}

int pack_cold(const struct pack *p, const char *path, struct diag_log *diag)
{
	struct packing *k = calloc(1, sizeof(*k));
	void *buffer = NULL;
	int rc;

	if (!k)
		return diag_add(diag, HO_ENOMEM, "pack");
	k->options = p;
	k->diag = diag;
	rc = check_options(p, diag);
	if (!rc)
		rc = pack_place_target(k);
	if (!rc) {
		buffer = malloc(k->next + TREE_BYTES);
		rc = buffer ? write_checked(k, buffer, k->next + TREE_BYTES,
					    path)
			    : diag_add(diag, HO_ENOMEM, "cold blob");
	}
	free(buffer);
	free(k);
	return rc;
}
