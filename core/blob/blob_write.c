// SPDX-License-Identifier: MIT
/*
 * blob_write.c - see blob_write.h.
 */
#include "blob_write.h"

#include <libfdt.h>
#include <string.h>

#include "blob_efi.h"

/* What a reader of version 1 would refuse, or take for something else. */
uint32_t blob_compat(const struct blob *b)
{
	return b->stream_range_count || b->target.kind == TARGET_XEN
	     ? 2 : HO_ABI_COMPAT;
}

static void write_root(struct fdtwrite *w, const struct blob *b)
{
	fdtwrite_string(w, "compatible", HO_FDT_COMPATIBLE);
	fdtwrite_string(w, "model", "baton " BATON_VERSION);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_u32(w, HO_FDT_VERSION, HO_ABI_VERSION);
	fdtwrite_u32(w, HO_FDT_COMPAT, blob_compat(b));
	fdtwrite_u32(w, HO_FDT_GENERATION, b->generation);
	fdtwrite_bytes(w, HO_FDT_ID, b->id, HO_ID_BYTES);
	fdtwrite_bytes(w, HO_FDT_PARENT_ID, b->parent_id, HO_ID_BYTES);
}

void blob_put_range(uint8_t *at, struct range r)
{
	fdt64_t cells[2] = { cpu_to_fdt64(r.start),
			     cpu_to_fdt64(range_bytes(r)) };

	memcpy(at, cells, sizeof(cells));
}

static void write_memory(struct fdtwrite *w, const struct blob *b)
{
	uint8_t *at;
	uint32_t i;

	fdtwrite_begin_at(w, HO_FDT_MEMORY, b->memory[0].start, 0);
	fdtwrite_string(w, "device_type", "memory");
	at = fdtwrite_room(w, "reg", 16 * b->memory_count);
	for (i = 0; at && i < b->memory_count; i++)
		blob_put_range(at + 16 * i, b->memory[i]);
	fdtwrite_end(w);
}

static void write_region(struct fdtwrite *w, const struct blob *b)
{
	uint32_t i;

	fdtwrite_begin(w, HO_FDT_RESERVED);
	fdtwrite_cells(w, 2, 2);
	fdtwrite_flag(w, "ranges");
	if (range_bytes(b->next_region)) {
		uint8_t *at = fdtwrite_room(w, HO_FDT_NEXT_REGION, 16);

		if (at)
			blob_put_range(at, b->next_region);
	}
	for (i = 0; i < b->region_count; i++) {
		fdtwrite_begin_at(w, HO_FDT_REGION, b->region[i].start,
				  range_bytes(b->region[i]));
		fdtwrite_string(w, "compatible", HO_FDT_REGION_COMPAT);
		fdtwrite_flag(w, "no-map");
		fdtwrite_end(w);
	}
	fdtwrite_end(w);
}

static void write_firmware(struct fdtwrite *w, const struct blob *b)
{
	uint8_t *at;
	uint32_t i;

	fdtwrite_begin(w, HO_FDT_FIRMWARE);
	fdtwrite_string(w, "compatible", HO_FDT_FIRMWARE_COMPAT);
	at = fdtwrite_room(w, HO_FDT_MEMORY_MAP, 20 * b->firmware_count);
	for (i = 0; at && i < b->firmware_count; i++) {
		fdt32_t type = cpu_to_fdt32(b->firmware[i].type);

		memcpy(at + 20 * i, &type, 4);
		blob_put_range(at + 20 * i + 4, b->firmware[i].place);
	}
	if (b->acpi_rsdp)
		fdtwrite_u64(w, HO_FDT_ACPI_RSDP, b->acpi_rsdp);
	if (b->wdat_bytes)
		fdtwrite_bytes(w, HO_FDT_ACPI_WDAT, b->wdat_table,
			       b->wdat_bytes);
	blob_write_efi(w, b);
	fdtwrite_u32(w, HO_FDT_TSC_KHZ, b->tsc_khz);
	if (b->chosen.uart_port) {
		fdtwrite_u32(w, HO_FDT_UART_PORT, b->chosen.uart_port);
		fdtwrite_u32(w, HO_FDT_UART_BAUD, b->chosen.uart_baud);
	}
	fdtwrite_end(w);
}

static void write_digest(struct fdtwrite *w, const struct blob_image *i)
{
	fdtwrite_u32(w, HO_FDT_DIGEST_ALG, i->digest_alg);
	fdtwrite_bytes(w, HO_FDT_DIGEST, i->digest, HO_DIGEST_BYTES);
}

static void write_image(struct fdtwrite *w, const char *node,
			const char *compatible, const struct blob_image *i)
{
	fdtwrite_begin_at(w, node, i->place.start, range_bytes(i->place));
	if (compatible)
		fdtwrite_string(w, "compatible", compatible);
	fdtwrite_string(w, HO_FDT_FILE, i->file);
	if (*i->bootargs)
		fdtwrite_string(w, HO_FDT_BOOTARGS, i->bootargs);
	write_digest(w, i);
	if (i->placed)
		fdtwrite_u64(w, HO_FDT_PLACED, i->placed);
	fdtwrite_end(w);
}

const char *blob_compatible(enum target_kind kind)
{
	static const char *const names[] = {
		[TARGET_LINUX] = HO_FDT_TARGET_LINUX,
		[TARGET_MULTIBOOT2] = HO_FDT_TARGET_MB2,
		[TARGET_XEN] = HO_FDT_TARGET_XEN,
	};

	return names[kind];
}

/* What /target and /fallback have in common; the node stays open. */
static void begin_target(struct fdtwrite *w, const char *node,
			 const struct blob_target *t)
{
	uint32_t i;

	fdtwrite_begin(w, node);
	fdtwrite_string(w, "compatible", blob_compatible(t->kind));
	fdtwrite_cells(w, 2, 2);
	fdtwrite_string(w, HO_FDT_BOOTARGS, t->bootargs);
	write_image(w, HO_FDT_IMAGE, NULL, &t->image);
	for (i = 0; i < t->module_count; i++)
		write_image(w, HO_FDT_MODULE, NULL, &t->modules[i]);
}

static void write_fallback(struct fdtwrite *w, const struct blob *b)
{
	const struct range place = b->fallback_tree.place;

	begin_target(w, HO_FDT_FALLBACK, &b->fallback);
	fdtwrite_begin_at(w, HO_FDT_TREE, place.start, range_bytes(place));
	write_digest(w, &b->fallback_tree);
	fdtwrite_bytes(w, HO_FDT_DATA, b->fallback_data, range_bytes(place));
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

static void write_previous(struct fdtwrite *w, const struct blob_previous *p)
{
	fdtwrite_begin(w, HO_FDT_PREVIOUS);
	fdtwrite_u64(w, HO_FDT_PREVIOUS_REGION, p->region);
	fdtwrite_u32(w, HO_FDT_PREVIOUS_GENERATION, p->generation);
	fdtwrite_bytes(w, HO_FDT_PREVIOUS_ID, p->id, HO_ID_BYTES);
	fdtwrite_u32(w, HO_FDT_PREVIOUS_STATE, p->state);
	fdtwrite_u32(w, HO_FDT_PREVIOUS_STAGE, p->stage);
	fdtwrite_u32(w, HO_FDT_PREVIOUS_ERROR, p->error);
	fdtwrite_end(w);
}

static void write_trust(struct fdtwrite *w, const struct blob_trust *t)
{
	fdtwrite_begin(w, HO_FDT_TRUST);
	fdtwrite_string(w, "compatible", HO_FDT_TRUST_COMPAT);
	fdtwrite_bytes(w, HO_FDT_MANIFEST, t->manifest, t->manifest_bytes);
	fdtwrite_bytes(w, HO_FDT_SIGNATURE, t->signature, t->signature_bytes);
	fdtwrite_end(w);
}

static void write_policy(struct fdtwrite *w, const struct blob *b)
{
	static const struct { const char *words; uint32_t bytes; } policy[] = {
		[HO_ON_FAILURE_HALT] = { "halt", 5 },
		[HO_ON_FAILURE_RESET] = { "reset", 6 },
		[HO_ON_FAILURE_FALLBACK] = { "fallback", 9 },
		[HO_ON_FAILURE_FALLBACK_RESET] = { "fallback\0reset", 15 },
	};

	fdtwrite_begin(w, HO_FDT_POLICY);
	fdtwrite_bytes(w, HO_FDT_ON_FAILURE, policy[b->on_failure].words,
		       policy[b->on_failure].bytes);
	fdtwrite_string(w, HO_FDT_PLUG,
			b->region_only ? "region-only" : "precise");
	fdtwrite_u32(w, HO_FDT_E820_BUDGET, b->chosen.e820_budget);
	fdtwrite_end(w);
}

void blob_write(struct fdtwrite *w, const struct blob *b)
{
	write_root(w, b);
	write_memory(w, b);
	write_region(w, b);
	write_firmware(w, b);
	write_image(w, HO_FDT_STUB, HO_FDT_STUB_COMPAT, &b->stub);
	begin_target(w, HO_FDT_TARGET, &b->target);
	fdtwrite_end(w);
	if (b->fallback.kind != TARGET_NONE)
		write_fallback(w, b);
	if (b->failed.region)
		write_failed(w, &b->failed);
	if (b->previous.region)
		write_previous(w, &b->previous);
	if (b->trust.manifest_bytes)
		write_trust(w, &b->trust);
	write_policy(w, b);
}
