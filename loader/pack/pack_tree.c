// SPDX-License-Identifier: MIT
/*
 * pack_tree.c - writes the handover blob. The tree is handover/fdt.h's.
 */
#include "pack_tree.h"

#include <libfdt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "blob_write.h"
#include "fallback.h"
#include "process.h"
#include "stream.h"
#include "unpacked.h"

static struct blob_image image_of(const struct piece *p)
{
	struct blob_image i = {
		.place = { p->at, p->at + p->bytes }, .file = p->path,
		.bootargs = p->args ? p->args : "",
		.digest_alg = p->digest_alg, .placed = p->placed,
	};

	memcpy(i.digest, p->digest, sizeof(i.digest));
	return i;
}

static struct blob_target target_of(const struct packed_target *t)
{
	struct blob_target out = {
		.kind = t->kind, .bootargs = t->cmdline,
		.image = image_of(&t->image), .module_count = t->module_count,
	};
	int i;

	for (i = 0; i < t->module_count; i++)
		out.modules[i] = image_of(&t->modules[i]);
	return out;
}

/* "fallback,reset" and the like. A fallback has no fallback: of its own
 * policy only the last word is left. */
static uint32_t on_failure(const char *policy, bool region_only)
{
	bool reset = strstr(policy, "reset");

	if (region_only || !fallback_policy(policy))
		return reset ? HO_ON_FAILURE_RESET : HO_ON_FAILURE_HALT;
	return reset ? HO_ON_FAILURE_FALLBACK_RESET : HO_ON_FAILURE_FALLBACK;
}

/*
 * Linux lists its RAM in a table of 128 ranges at first. From 6.17 on it walks that
 * list once more at the end of its boot (drivers/base/node.c), when a longer table
 * has been freed already (memblock_discard()): with what is there then, it may hang.
 * Every other entry is RAM, and each node may split one.
 */
#define WALKED_BUDGET	200

static bool walks_again(const struct packed_target *t)
{
	return t->kind == TARGET_LINUX &&
	       t->image.release >= KERNEL_RELEASE(6, 17);
}

/* What both kinds of tree say. */
static void describe(struct blob *b, const struct packing *k,
		     const struct packed_target *target, bool region_only)
{
	const struct machine *m = &k->machine;
	const struct handover *h = k->parent;

	memset(b, 0, sizeof(*b));
	b->generation = h ? h->crumb.generation + 1 : 1;
	memcpy(b->id, k->id, sizeof(b->id));
	if (h)
		memcpy(b->parent_id, h->crumb.id, sizeof(b->parent_id));
	b->memory_count = m->map.memory_count;
	memcpy(b->memory, m->map.memory, sizeof(b->memory));
	b->firmware_count = m->map.firmware_count;
	memcpy(b->firmware, m->map.firmware, sizeof(b->firmware));
	b->region_count = k->region.count;
	memcpy(b->region, k->region.ranges, sizeof(b->region));
	b->next_region = k->region.next;
	b->acpi_rsdp = m->acpi_rsdp;
	b->efi = m->efi.efi;
	b->screen_info = m->efi.has_screen ? m->efi.screen : NULL;
	b->vga_text = m->efi.text;
	b->wdat_table = m->wdat;
	b->wdat_bytes = m->wdat_bytes;
	b->tsc_khz = m->tsc_khz;
	b->stub = image_of(&k->stub);
	b->region_only = region_only;
	b->stream_range_count = region_only ? 0 : k->ref.count;
	b->on_failure = on_failure(k->policy, region_only);
	b->trust = (struct blob_trust){
		.manifest = k->manifest.bytes,
		.manifest_bytes = k->manifest.bytes ? k->manifest.length : 0,
		.signature = k->signature.bytes,
		.signature_bytes = k->signature.bytes ? k->signature.length : 0,
	};
	b->target = target_of(target);
	b->chosen = k->options->chosen;
	if (!b->chosen.e820_budget)
		b->chosen.e820_budget = walks_again(target) ?
			WALKED_BUDGET : HO_E820_BUDGET_DEFAULT;
}

static void write_domain(struct fdtwrite *w, const struct ho_rec_domain *d,
			 uint64_t frames)
{
	char node[32];

	snprintf(node, sizeof(node), HO_FDT_DOMAIN "@%x", d->domid);
	fdtwrite_begin(w, node);
	fdtwrite_u32(w, "reg", d->domid);
	fdtwrite_string(w, HO_FDT_LABEL, d->name);
	fdtwrite_bytes(w, HO_FDT_UUID, d->uuid, HO_ID_BYTES);
	fdtwrite_u32(w, HO_FDT_KIND, d->kind);
	fdtwrite_u64(w, HO_FDT_FRAME_COUNT, frames);
	fdtwrite_end(w);
}

/* The index, from one walk over the heads of the records. */
static int write_domains(struct fdtwrite *w, const struct packing *k)
{
	struct ho_rec_domain d = { 0 };
	struct ho_rec_domain_end e;
	struct stream s;
	struct record rec;
	int rc = stream_open(&s, k->stream.bytes, k->stream.length, k->diag);

	fdtwrite_begin(w, HO_FDT_DOMAINS);
	fdtwrite_cells(w, 1, 0);
	while (!rc && (rc = stream_next(&s, &rec, k->diag)) > 0) {
		rc = 0;
		if (rec.type == HO_REC_DOMAIN)
			rc = record_domain(&rec, &d, k->diag);
		if (rec.type != HO_REC_DOMAIN_END)
			continue;
		rc = record_domain_end(&rec, &e, k->diag);
		if (!rc)
			write_domain(w, &d, e.frame_count);
	}
	fdtwrite_end(w);
	return rc;
}

static void write_reference(struct fdtwrite *w, const struct packing *k)
{
	uint8_t *at = fdtwrite_room(w, "reg", 16 * k->ref.count);
	uint32_t i;

	for (i = 0; at && i < k->ref.count; i++)
		blob_put_range(at + 16 * i, k->ref.ranges[i]);
	fdtwrite_string(w, HO_FDT_FILE, k->stream_path);
	fdtwrite_u32(w, HO_FDT_DIGEST_ALG, HO_DIGEST_XXH64);
	fdtwrite_bytes(w, HO_FDT_DIGEST, k->stream_digest, HO_DIGEST_BYTES);
}

static void write_data(struct fdtwrite *w, const struct packing *k)
{
	uint8_t *room = fdtwrite_room(w, HO_FDT_DATA, k->stream.length);

	if (room)
		memcpy(room, k->stream.bytes, k->stream.length);
}

static void write_stream(struct fdtwrite *w, const struct packing *k)
{
	if (k->ref.count)
		fdtwrite_begin_at(w, HO_FDT_STREAM, k->ref.ranges[0].start, 0);
	else
		fdtwrite_begin(w, HO_FDT_STREAM);
	fdtwrite_string(w, "compatible", HO_FDT_STREAM_COMPAT);
	fdtwrite_u64(w, HO_FDT_SIZE, k->stream.length);
	if (k->ref.count)
		write_reference(w, k);
	else
		write_data(w, k);
	fdtwrite_end(w);
}

static int finish(struct fdtwrite *w, uint32_t *total, struct diag_log *diag)
{
	*total = fdtwrite_finish(w);
	if (!*total)
		return diag_add(diag, w->rc == -FDT_ERR_NOSPACE
				? HO_ENOMEM : HO_EINTERNAL,
				"writing the tree: %s", fdt_strerror(w->rc));
	return 0;
}

int pack_write_region_only(struct packing *k,
			   const struct packed_target *target, void *buffer,
			   uint64_t bytes, uint32_t *total)
{
	struct fdtwrite w;

	describe(&k->blob, k, target, true);
	k->blob.failed = k->options->failed;
	fdtwrite_start(&w, buffer, bytes);
	blob_write(&w, &k->blob);
	return finish(&w, total, k->diag);
}

int pack_write_tree(struct packing *k, void *buffer, uint64_t bytes,
		    uint32_t *total)
{
	struct fdtwrite w;
	int rc;

	describe(&k->blob, k, &k->target, false);
	if (k->has_fallback) {
		k->blob.fallback = target_of(&k->fallback);
		k->blob.fallback_tree = image_of(&k->tree);
		k->blob.fallback_data = k->tree_bytes;
	}
	fdtwrite_start(&w, buffer, bytes);
	blob_write(&w, &k->blob);
	rc = write_domains(&w, k);
	write_stream(&w, k);
	return rc ? rc : finish(&w, total, k->diag);
}
