// SPDX-License-Identifier: MIT
/*
 * pack_tree.c - writes the handover blob. The tree is handover/fdt.h's.
 * Called by pack.c.
 */
#include "pack_tree.h"

#include <libfdt.h>
#include <string.h>

#include "fdtwrite.h"
#include "process.h"
#include "stream.h"

static void write_root(struct fdtwrite *w, const struct packing *k)
{
	static const uint8_t none[HO_ID_BYTES];
	const struct handover *h = k->parent;

	fdtwrite_string(w, "compatible", HO_FDT_COMPATIBLE);
	fdtwrite_string(w, "model", "baton " BATON_VERSION);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_u32(w, HO_FDT_VERSION, HO_ABI_VERSION);
	fdtwrite_u32(w, HO_FDT_COMPAT, HO_ABI_COMPAT);
	fdtwrite_u32(w, HO_FDT_GENERATION, h ? h->crumb.generation + 1 : 1);
	fdtwrite_bytes(w, HO_FDT_ID, k->id, HO_ID_BYTES);
	fdtwrite_bytes(w, HO_FDT_PARENT_ID, h ? h->crumb.id : none,
		       HO_ID_BYTES);
}

static void put_range(uint8_t *at, struct range r)
{
	fdt64_t cells[2] = { cpu_to_fdt64(r.start),
			     cpu_to_fdt64(range_bytes(r)) };

	memcpy(at, cells, sizeof(cells));
}

static void write_machine(struct fdtwrite *w, const struct packing *k)
{
	const struct machine *m = &k->machine;
	uint8_t *at;
	uint32_t i;

	fdtwrite_begin_at(w, HO_FDT_MEMORY, m->memory[0].start, 0);
	fdtwrite_string(w, "device_type", "memory");
	at = fdtwrite_room(w, "reg", 16 * m->memory_count);
	for (i = 0; at && i < m->memory_count; i++)
		put_range(at + 16 * i, m->memory[i]);
	fdtwrite_end(w);

	fdtwrite_begin(w, HO_FDT_RESERVED);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_flag(w, "ranges");
	for (i = 0; i < k->region.count; i++) {
		fdtwrite_begin_at(w, HO_FDT_REGION,
				  k->region.ranges[i].start,
				  range_bytes(k->region.ranges[i]));
		fdtwrite_string(w, "compatible", HO_FDT_REGION_COMPAT);
		fdtwrite_flag(w, "no-map");
		fdtwrite_end(w);
	}
	fdtwrite_end(w);

	fdtwrite_begin(w, HO_FDT_FIRMWARE);
	fdtwrite_string(w, "compatible", HO_FDT_FIRMWARE_COMPAT);
	at = fdtwrite_room(w, HO_FDT_MEMORY_MAP, 20 * m->firmware_count);
	for (i = 0; at && i < m->firmware_count; i++) {
		fdt32_t type = cpu_to_fdt32(m->firmware[i].type);

		memcpy(at + 20 * i, &type, 4);
		put_range(at + 20 * i + 4, m->firmware[i].place);
	}
	if (m->acpi_rsdp)
		fdtwrite_u64(w, HO_FDT_ACPI_RSDP, m->acpi_rsdp);
	if (m->wdat_bytes)
		fdtwrite_bytes(w, HO_FDT_ACPI_WDAT, m->wdat, m->wdat_bytes);
	fdtwrite_u32(w, HO_FDT_TSC_KHZ, m->tsc_khz);
	if (k->options->uart_port) {
		fdtwrite_u32(w, HO_FDT_UART_PORT, k->options->uart_port);
		fdtwrite_u32(w, HO_FDT_UART_BAUD, k->options->uart_baud);
	}
	fdtwrite_end(w);
}

static void write_digest(struct fdtwrite *w, const struct piece *p)
{
	fdtwrite_u32(w, HO_FDT_DIGEST_ALG, HO_DIGEST_SHA256);
	fdtwrite_bytes(w, HO_FDT_DIGEST, p->digest, HO_DIGEST_BYTES);
}

static void write_piece(struct fdtwrite *w, const char *node,
			const char *compatible, const struct piece *p)
{
	fdtwrite_begin_at(w, node, p->at, p->bytes);
	if (compatible)
		fdtwrite_string(w, "compatible", compatible);
	fdtwrite_string(w, HO_FDT_FILE, p->path);
	if (p->args)
		fdtwrite_string(w, HO_FDT_BOOTARGS, p->args);
	write_digest(w, p);
	fdtwrite_end(w);
}

/* What /target and /fallback have in common; the node stays open. */
static void begin_target(struct fdtwrite *w, const char *node,
			 const struct packed_target *t)
{
	const char *kind = t->kind == TARGET_LINUX ? HO_FDT_TARGET_LINUX
			 : t->kind == TARGET_XEN ? HO_FDT_TARGET_XEN
						 : HO_FDT_TARGET_MB2;
	int i;

	fdtwrite_begin(w, node);
	fdtwrite_string(w, "compatible", kind);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_string(w, HO_FDT_BOOTARGS, t->cmdline);
	write_piece(w, HO_FDT_IMAGE, NULL, &t->image);
	for (i = 0; i < t->module_count; i++)
		write_piece(w, HO_FDT_MODULE, NULL, &t->modules[i]);
}

static void write_target(struct fdtwrite *w, const struct packed_target *t)
{
	begin_target(w, HO_FDT_TARGET, t);
	fdtwrite_end(w);
}

static void write_fallback(struct fdtwrite *w, const struct packing *k)
{
	begin_target(w, HO_FDT_FALLBACK, &k->fallback);
	fdtwrite_begin_at(w, HO_FDT_TREE, k->tree.at, k->tree.bytes);
	write_digest(w, &k->tree);
	fdtwrite_bytes(w, HO_FDT_DATA, k->tree_bytes, k->tree.bytes);
	fdtwrite_end(w);
	fdtwrite_end(w);
}

static void write_failed(struct fdtwrite *w, const struct blob_failed *f)
{
	fdtwrite_begin(w, HO_FDT_FAILED);
	fdtwrite_u64(w, HO_FDT_FAILED_REGION, f->region);
	fdtwrite_u32(w, HO_FDT_FAILED_STAGE, f->stage);
	fdtwrite_u32(w, HO_FDT_FAILED_ERROR, f->error);
	fdtwrite_end(w);
}

/* "fallback,reset" as a list of strings. A fallback has no fallback: of its
 * own policy only the last word is left. */
static void write_policy(struct fdtwrite *w, const struct packing *k,
			 bool region_only)
{
	const char *comma = strchr(k->policy, ',');
	char words[32];
	size_t bytes = strlen(k->policy) + 1, i;

	memcpy(words, k->policy, bytes);
	for (i = 0; i < bytes; i++)
		if (words[i] == ',')
			words[i] = '\0';
	fdtwrite_begin(w, HO_FDT_POLICY);
	if (!region_only)
		fdtwrite_bytes(w, HO_FDT_ON_FAILURE, words, bytes);
	else if (comma || strcmp(k->policy, "fallback"))
		fdtwrite_string(w, HO_FDT_ON_FAILURE,
				comma ? comma + 1 : k->policy);
	else
		fdtwrite_string(w, HO_FDT_ON_FAILURE, "halt");
	fdtwrite_string(w, HO_FDT_PLUG,
			region_only ? "region-only" : "precise");
	fdtwrite_u32(w, HO_FDT_E820_BUDGET,
		     k->options->e820_budget ? k->options->e820_budget
					     : HO_E820_BUDGET_DEFAULT);
	fdtwrite_end(w);
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
		put_range(at + 16 * i, k->ref.ranges[i]);
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

	fdtwrite_start(&w, buffer, bytes);
	write_root(&w, k);
	write_machine(&w, k);
	write_piece(&w, HO_FDT_STUB, HO_FDT_STUB_COMPAT, &k->stub);
	write_target(&w, target);
	if (k->options->failed.region)
		write_failed(&w, &k->options->failed);
	write_policy(&w, k, true);
	return finish(&w, total, k->diag);
}

int pack_write_tree(struct packing *k, void *buffer, uint64_t bytes,
		    uint32_t *total)
{
	struct fdtwrite w;
	int rc;

	fdtwrite_start(&w, buffer, bytes);
	write_root(&w, k);
	write_machine(&w, k);
	write_piece(&w, HO_FDT_STUB, HO_FDT_STUB_COMPAT, &k->stub);
	rc = write_domains(&w, k);
	write_target(&w, &k->target);
	if (k->has_fallback)
		write_fallback(&w, k);
	write_policy(&w, k, false);
	write_stream(&w, k);
	return rc ? rc : finish(&w, total, k->diag);
}
