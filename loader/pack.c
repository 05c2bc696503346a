// SPDX-License-Identifier: MIT
/*
 * pack.c - see pack.h. The tree is handover/fdt.h's.
 */
#include "pack.h"

#include <errno.h>
#include <libfdt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "digest.h"
#include "fdtwrite.h"
#include "machine.h"
#include "process.h"
#include "regionfind.h"
#include "staging.h"
#include "stream.h"
#include "stream_writer.h"
#include "util.h"

/* A file to be staged, as it is known when the tree is written. */
struct piece {
	char path[PATH_MAX];
	const char *args;		/* NULL: none */
	uint64_t at;
	uint64_t bytes;
	uint8_t digest[HO_DIGEST_BYTES];
};

struct packing {
	const struct pack *options;
	const struct handover *parent;	/* NULL: none */
	struct diag_log *diag;
	struct machine machine;
	struct region_found region;
	uint64_t next;			/* free address for the next piece */
	struct piece stub, image;
	int module_count;
	struct piece modules[HO_TARGET_MODULES_MAX];
	struct mapped stream;
};

static int usage(struct diag_log *diag, const char *what, const char *value)
{
	return diag_add(diag, HO_EUSAGE, "%s %.60s", what, value ? value : "");
}

static int parse_uart(struct pack *p, const char *value,
		      struct diag_log *diag)
{
	unsigned int port = 0, baud = 0;

	if (strcmp(value, "none") &&
	    (sscanf(value, "%i,%u", (int *)&port, &baud) < 1 || port > 0xfff8))
		return usage(diag, "--uart PORT[,BAUD] or none:", value);
	p->uart_port = port;
	p->uart_baud = baud;
	return 0;
}

int pack_option(struct pack *p, int option, const char *value,
		struct diag_log *diag)
{
	switch (option) {
	case 'S':
		if (p->stream_count == PACK_STREAMS_MAX)
			return usage(diag, "too many --stream", value);
		p->streams[p->stream_count++] = value;
		return 0;
	case 'M':
		if (p->module_count == HO_TARGET_MODULES_MAX)
			return usage(diag, "too many --module", value);
		p->modules[p->module_count++] = value;
		return 0;
	case 't': p->target = value; return 0;
	case PACK_KERNEL: p->kernel = value; return 0;
	case 'i': p->initrd = value; return 0;
	case 'c': p->cmdline = value; return 0;
	case 'P': p->policy = value; return 0;
	case 'R': p->region = value; return 0;
	case 'y': p->memory_map = value; return 0;
	case 'x': p->stub = value; return 0;
	case 'u': return parse_uart(p, value, diag);
	case 'b':
		p->e820_budget = strtoul(value, NULL, 0);
		if (p->e820_budget >= HO_E820_BUDGET_MIN &&
		    p->e820_budget <= HO_E820_BUDGET_MAX)
			return 0;
		return usage(diag, "--e820-budget 16..3200:", value);
	}
	return usage(diag, "option", value);
}

/* Size and digest of a file; `place` it at the next free page. */
static int add_piece(struct packing *k, struct piece *p, const char *path,
		     int code)
{
	struct mapped m;
	int rc;

	if (!realpath(path, p->path))
		return diag_add(k->diag, code, "%s: %s", path,
				strerror(errno));
	rc = mapped_open(&m, p->path, code, k->diag);
	if (rc)
		return rc;
	p->bytes = m.length;
	p->at = k->next;
	k->next = align_up(k->next + m.length, HO_PAGE_BYTES);
	rc = digest_of(HO_DIGEST_XXH64, m.bytes, m.length, p->digest);
	mapped_close(&m);
	return rc;
}

/* "FILE ARGUMENTS" */
static int add_module(struct packing *k, const char *text)
{
	struct piece *p = &k->modules[k->module_count++];
	char file[PATH_MAX];
	size_t length = strcspn(text, " ");

	if (length >= sizeof(file))
		return usage(k->diag, "--module", text);
	memcpy(file, text, length);
	file[length] = '\0';
	p->args = text[length] ? text + length + 1 : "";
	return add_piece(k, p, file, HO_EFILE);
}

static int place_pieces(struct packing *k)
{
	const struct pack *o = k->options;
	const char *stub = o->stub ? o->stub : staging_stub_path();
	int i, rc;

	if (!stub)
		return diag_add(k->diag, HO_ESTUB, "no stub.bin installed");
	k->next = k->region.range.start + STAGING_STUB_OFFSET;
	rc = add_piece(k, &k->stub, stub, HO_ESTUB);
	k->next = k->region.range.start + STAGING_IMAGES_OFFSET;
	if (!rc)
		rc = add_piece(k, &k->image, o->kernel, HO_EFILE);
	if (!rc && o->initrd)
		rc = add_piece(k, &k->modules[k->module_count++], o->initrd,
			       HO_EINITRD);
	for (i = 0; i < o->module_count && !rc; i++)
		rc = add_module(k, o->modules[i]);
	return rc;
}

static void write_root(struct fdtwrite *w, const struct packing *k,
		       const uint8_t id[HO_ID_BYTES])
{
	static const uint8_t none[HO_ID_BYTES];
	const struct handover *h = k->parent;

	fdtwrite_string(w, "compatible", HO_FDT_COMPATIBLE);
	fdtwrite_string(w, "model", "baton " BATON_VERSION);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_u32(w, HO_FDT_VERSION, HO_ABI_VERSION);
	fdtwrite_u32(w, HO_FDT_COMPAT, HO_ABI_COMPAT);
	fdtwrite_u32(w, HO_FDT_GENERATION, h ? h->crumb.generation + 1 : 1);
	fdtwrite_bytes(w, HO_FDT_ID, id, HO_ID_BYTES);
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
	fdtwrite_begin_at(w, HO_FDT_REGION, k->region.range.start,
			  range_bytes(k->region.range));
	fdtwrite_string(w, "compatible", HO_FDT_REGION_COMPAT);
	fdtwrite_flag(w, "no-map");
	fdtwrite_end(w);
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
	fdtwrite_u32(w, HO_FDT_TSC_KHZ, m->tsc_khz);
	if (k->options->uart_port) {
		fdtwrite_u32(w, HO_FDT_UART_PORT, k->options->uart_port);
		fdtwrite_u32(w, HO_FDT_UART_BAUD, k->options->uart_baud);
	}
	fdtwrite_end(w);
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
	fdtwrite_u32(w, HO_FDT_DIGEST_ALG, HO_DIGEST_XXH64);
	fdtwrite_bytes(w, HO_FDT_DIGEST, p->digest, HO_DIGEST_BYTES);
	fdtwrite_end(w);
}

static void write_target(struct fdtwrite *w, const struct packing *k)
{
	bool linux_target = !strcmp(k->options->target, "linux");
	int i;

	fdtwrite_begin(w, HO_FDT_TARGET);
	fdtwrite_string(w, "compatible", linux_target ? HO_FDT_TARGET_LINUX
						      : HO_FDT_TARGET_MB2);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_string(w, HO_FDT_BOOTARGS, k->options->cmdline);
	write_piece(w, HO_FDT_IMAGE, NULL, &k->image);
	for (i = 0; i < k->module_count; i++)
		write_piece(w, HO_FDT_MODULE, NULL, &k->modules[i]);
	fdtwrite_end(w);

	fdtwrite_begin(w, HO_FDT_POLICY);
	fdtwrite_string(w, HO_FDT_ON_FAILURE, k->options->policy);
	fdtwrite_string(w, HO_FDT_PLUG, "precise");
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

static int write_stream(struct fdtwrite *w, const struct packing *k)
{
	uint8_t *room;

	fdtwrite_begin(w, HO_FDT_STREAM);
	fdtwrite_string(w, "compatible", HO_FDT_STREAM_COMPAT);
	fdtwrite_u64(w, HO_FDT_SIZE, k->stream.length);
	room = fdtwrite_room(w, HO_FDT_DATA, k->stream.length);
	if (room)
		memcpy(room, k->stream.bytes, k->stream.length);
	fdtwrite_end(w);
	return 0;
}

static int write_tree(struct packing *k, void *buffer, uint64_t bytes,
		      uint32_t *total)
{
	uint8_t id[HO_ID_BYTES];
	struct fdtwrite w;
	int rc = random_id(id, k->diag);

	if (rc)
		return rc;
	fdtwrite_start(&w, buffer, bytes);
	write_root(&w, k, id);
	write_machine(&w, k);
	write_piece(&w, HO_FDT_STUB, HO_FDT_STUB_COMPAT, &k->stub);
	rc = write_domains(&w, k);
	write_target(&w, k);
	write_stream(&w, k);
	if (rc)
		return rc;
	*total = fdtwrite_finish(&w);
	if (!*total)
		return diag_add(k->diag, w.rc == -FDT_ERR_NOSPACE
				? HO_ENOMEM : HO_EINTERNAL,
				"writing the tree: %s", fdt_strerror(w.rc));
	return 0;
}

static int write_blob(struct packing *k, const char *path)
{
	uint64_t bytes = k->stream.length + k->stream.length / 2 + (1 << 20);
	void *buffer = malloc(bytes);
	struct outfile out;
	uint32_t total;
	int rc;

	if (!buffer)
		return diag_add(k->diag, HO_ENOMEM, "blob");
	rc = write_tree(k, buffer, bytes, &total);
	if (!rc && k->next + total > k->region.range.end)
		rc = diag_add(k->diag, HO_EREGIONSMALL,
			      "region of %s: %s more for what is staged",
			      human_bytes(range_bytes(k->region.range)),
			      human_bytes(k->next + total -
					  k->region.range.end));
	if (!rc)
		rc = outfile_open(&out, path, k->diag);
	if (!rc) {
		rc = outfile_write(&out, buffer, total, k->diag);
		if (rc)
			outfile_abandon(&out);
		else
			rc = outfile_commit(&out, k->diag);
	}
	free(buffer);
	return rc;
}

/* One stream is taken as it is; several become one beside the output. */
static int open_stream(struct packing *k, const char *path)
{
	char joined[PATH_MAX];
	struct stream_writer *w;
	int i, rc;

	if (k->options->stream_count == 1)
		return mapped_open(&k->stream, k->options->streams[0],
				   HO_EFILE, k->diag);
	w = calloc(1, sizeof(*w));
	if (!w)
		return diag_add(k->diag, HO_ENOMEM, "stream");
	snprintf(joined, sizeof(joined), "%s.joined", path);
	rc = stream_writer_begin(w, joined, k->diag);
	for (i = 0; i < k->options->stream_count && !rc; i++) {
		struct mapped m;

		rc = mapped_open(&m, k->options->streams[i], HO_EFILE,
				 k->diag);
		if (!rc) {
			stream_writer_join(w, m.bytes, m.length);
			rc = w->rc;
			mapped_close(&m);
		}
	}
	if (rc)
		stream_writer_abandon(w);
	else
		rc = stream_writer_end(w);
	free(w);
	if (!rc)
		rc = mapped_open(&k->stream, joined, HO_EFILE, k->diag);
	remove(joined);		/* the mapping lives on */
	return rc;
}

static int check_options(const struct pack *p, struct diag_log *diag)
{
	bool linux_target = !strcmp(p->target, "linux");

	if (!linux_target && strcmp(p->target, "multiboot2"))
		return diag_add(diag, HO_ETARGET, "--target %s", p->target);
	if (!p->stream_count)
		return usage(diag, "--stream is missing", NULL);
	if (!p->kernel)
		return usage(diag, "--kernel is missing", NULL);
	if (linux_target ? p->module_count > 0 : p->initrd != NULL)
		return usage(diag, "--initrd is for linux, --module for multiboot2",
			     NULL);
	if (strcmp(p->policy, "halt") && strcmp(p->policy, "reset"))
		return usage(diag, "--policy halt or reset:", p->policy);
	return 0;
}

int pack_run(const struct pack *p, const struct handover *h,
	     const char *path, struct diag_log *diag)
{
	struct packing *k = calloc(1, sizeof(*k));
	int rc;

	if (!k)
		return diag_add(diag, HO_ENOMEM, "pack");
	k->options = p;
	k->parent = h;
	k->diag = diag;
	rc = check_options(p, diag);
	if (!rc)
		rc = region_find(&k->region, p->region, h, diag);
	if (!rc)
		rc = machine_read(&k->machine, h, diag);
	if (!rc && p->memory_map)
		rc = machine_read_map(&k->machine, p->memory_map, diag);
	if (!rc)
		rc = place_pieces(k);
	if (!rc)
		rc = open_stream(k, path);
	if (!rc)
		rc = write_blob(k, path);
	mapped_close(&k->stream);
	free(k);
	return rc;
}
