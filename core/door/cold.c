// SPDX-License-Identifier: MIT
/*
 * cold.c - see cold.h.
 */
#include "cold.h"

#include <libfdt.h>
#include <string.h>

#include "blob_head.h"
#include "blob_target.h"
#include "blob_write.h"
#include "checked.h"
#include "digest.h"
#include "stream.h"

/* One file of the target, whose bytes are here. */
static int read_file(const struct fdt_reader *r, int node,
		     struct blob_image *image, const void **data)
{
	uint32_t bytes;
	int rc = blob_read_words(r, node, image);

	if (!rc)
		rc = blob_read_digest(r, node, image);
	if (rc)
		return rc;
	*data = fdtread_find(r, node, HO_FDT_DATA, &bytes);
	if (!*data || !bytes)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_DATA);
	image->place = (struct range){ 0, bytes };
	return 0;
}

/* module-INDEX: it has no address that could stand behind an '@'. */
static bool is_module(const struct fdt_reader *r, int node)
{
	int length, want = sizeof(HO_FDT_MODULE);
	const char *name = fdt_get_name(r->fdt, node, &length);

	return fdtread_is_called(r, node, HO_FDT_MODULE) ||
	       (name && length >= want &&
		!memcmp(name, HO_FDT_MODULE "-", want));
}

static int read_target(const struct fdt_reader *r, struct cold *c)
{
	int node = fdtread_node(r, 0, HO_FDT_TARGET), image, module, rc;
	struct blob_target *t = &c->target;

	if (node < 0)
		return node;
	rc = blob_read_target_kind(r, node, t);
	if (rc)
		return rc;
	image = fdtread_node(r, node, HO_FDT_IMAGE);
	rc = image < 0 ? image : read_file(r, image, &t->image, &c->data[0]);
	fdt_for_each_subnode(module, r->fdt, node) {
		uint32_t i = t->module_count;

		if (rc)
			break;
		if (!is_module(r, module))
			continue;
		if (i == (t->kind == TARGET_LINUX ? 1
						  : HO_TARGET_MODULES_MAX))
			return fdtread_error(r, HO_EVALUE, module, NULL);
		rc = fdtread_one(r, node, module);
		if (!rc)
			rc = read_file(r, module, &t->modules[i],
				       &c->data[1 + i]);
		t->module_count++;
	}
	return rc;
}

static int read_policy(const struct fdt_reader *r, struct cold *c)
{
	int node = fdtread_node(r, 0, HO_FDT_POLICY), rc;
	const char *word;

	if (node < 0)
		return node;
	rc = fdtread_string(r, node, HO_FDT_ON_FAILURE, &word);
	if (!rc)
		rc = fdtread_optional_u32(r, node, HO_FDT_E820_BUDGET,
					  &c->e820_budget);
	if (rc)
		return rc;
	if (c->e820_budget < HO_E820_BUDGET_MIN ||
	    c->e820_budget > HO_E820_BUDGET_MAX)
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_E820_BUDGET);
	if (strcmp(word, "halt") && strcmp(word, "reset"))
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_ON_FAILURE);
	c->on_failure = strcmp(word, "reset") ? HO_ON_FAILURE_HALT
					      : HO_ON_FAILURE_RESET;
	return 0;
}

static int read_region(const struct fdt_reader *r, struct cold *c)
{
	int node = fdtread_optional_node(r, 0, HO_FDT_REGION), rc;

	if (node < 0)
		return node == -FDTREAD_NONE ? 0 : node;
	rc = fdtread_optional_u64(r, node, HO_FDT_SIZE, &c->region_bytes);
	if (!rc)
		rc = fdtread_optional_u64(r, node, HO_FDT_BASE,
					  &c->region_base);
	if (!rc && !is_aligned(c->region_bytes | c->region_base,
			       HO_PAGE_2M_BYTES))
		rc = fdtread_error(r, HO_EREGIONALIGN, node, NULL);
	return rc;
}

int cold_parse(struct cold *c, const void *bytes, uint64_t available,
	       struct diag_log *diag)
{
	struct fdt_reader r = { .fdt = bytes, .diag = diag };
	uint32_t total, version, compat;
	int rc;

	memset(c, 0, sizeof(*c));
	c->e820_budget = HO_E820_BUDGET_DEFAULT;
	if (!is_aligned((uintptr_t)bytes, 8))
		return diag_add(diag, HO_EDOOR, "blob not at a multiple of 8");
	rc = blob_check_header(&r, available, &total);
	if (rc)
		return rc;
	if (!fdtread_is(&r, 0, HO_FDT_COLD_COMPAT))
		return diag_add(diag, HO_EDOOR, "%s",
				fdtread_is(&r, 0, HO_FDT_COMPATIBLE)
				? "a handover's blob, by a door that may have been loaded over guests"
				: "some other tree");
	rc = fdtread_properties(&r, 0);
	if (!rc)
		rc = blob_check_version(&r, 0, &version, &compat);
	if (!rc)
		rc = fdtread_optional_u32(&r, 0, HO_FDT_UART_PORT,
					  &c->uart_port);
	if (!rc)
		rc = fdtread_optional_u32(&r, 0, HO_FDT_UART_BAUD,
					  &c->uart_baud);
	if (!rc && c->uart_port > 0xfff8)
		rc = fdtread_error(&r, HO_EVALUE, 0, HO_FDT_UART_PORT);
	if (!rc)
		rc = read_region(&r, c);
	if (!rc)
		rc = read_policy(&r, c);
	if (!rc)
		rc = blob_read_trust(&r, &c->trust);
	return rc ? rc : read_target(&r, c);
}

uint64_t cold_region_bytes(uint64_t ram_bytes)
{
	uint64_t images = ram_bytes / 8;

	if (images < 128 * MIB)
		images = 128 * MIB;
	if (images > 512 * MIB)
		images = 512 * MIB;
	return align_down(images + ram_bytes / 1024, HO_PAGE_2M_BYTES);
}

/* Images, one behind the other, each on pages of its own. */
static uint64_t images_end(const struct cold *c, uint64_t at)
{
	uint32_t i;

	at = align_up(at + c->target.image.place.end, HO_PAGE_BYTES);
	for (i = 0; i < c->target.module_count; i++)
		at = align_up(at + c->target.modules[i].place.end,
			      HO_PAGE_BYTES);
	return at;
}

int cold_check_room(const struct cold *c, uint64_t region_bytes,
		    struct diag_log *diag)
{
	uint64_t need = images_end(c, HO_IMAGES_OFFSET) + MIB;

	if (region_bytes >= need)
		return 0;
	return diag_add(diag, HO_ECOLDSMALL, "%llu MiB, the files need %llu",
			(unsigned long long)(region_bytes / MIB),
			(unsigned long long)(need / MIB + 1));
}

int cold_place(const struct cold *c, const struct hostmap *map,
	       const struct range *taken, uint32_t taken_count,
	       uint64_t limit, struct range *region, struct diag_log *diag)
{
	uint64_t ram = 0, bytes = c->region_bytes, at = c->region_base;
	const struct room_list list = { taken, taken_count };
	struct range ignored;
	uint32_t i;

	for (i = 0; i < map->memory_count; i++)
		ram += range_bytes(map->memory[i]);
	if (!bytes)
		bytes = cold_region_bytes(ram);
	if (cold_check_room(c, bytes, diag))
		return -HO_ECOLDSMALL;
	if (!at)
		at = hostmap_region_place(map, bytes, limit, room_listed,
					  &list);
	*region = (struct range){ at, at + bytes };
	if (at >= MIB && region->end > at && region->end <= limit &&
	    hostmap_is_ram(map, *region) &&
	    !room_listed(&list, *region, &ignored))
		return 0;
	return diag_add(diag, HO_ECOLDROOM,
			"%llu MiB at 0x%llx (0: anywhere), of %llu MiB",
			(unsigned long long)(bytes / MIB),
			(unsigned long long)c->region_base,
			(unsigned long long)(ram / MIB));
}

static void place_image(struct blob_image *image, uint64_t *at)
{
	image->place.end += *at;
	image->place.start = *at;
	*at = align_up(image->place.end, HO_PAGE_BYTES);
}

uint64_t cold_describe(struct blob *b, const struct cold *c,
		       const struct hostmap *map, struct range region,
		       uint64_t stub_bytes)
{
	uint64_t at = region.start + HO_IMAGES_OFFSET;
	uint32_t i;

	memset(b, 0, sizeof(*b));
	b->memory_count = map->memory_count;
	memcpy(b->memory, map->memory, sizeof(b->memory));
	b->firmware_count = map->firmware_count;
	memcpy(b->firmware, map->firmware, sizeof(b->firmware));
	b->region_count = 1;
	b->region[0] = region;
	b->chosen.uart_port = c->uart_port;
	b->chosen.uart_baud = c->uart_baud;
	b->on_failure = c->on_failure;
	b->chosen.e820_budget = c->e820_budget;
	b->stub = (struct blob_image){
		.place = { region.start + HO_STUB_OFFSET,
			   region.start + HO_STUB_OFFSET + stub_bytes },
		.file = "", .bootargs = "",
	};
	b->target = c->target;
	b->trust = c->trust;
	place_image(&b->target.image, &at);
	for (i = 0; i < b->target.module_count; i++)
		place_image(&b->target.modules[i], &at);
	return at;
}

/* One that chained is of an update, or a first boot, that went well: every
 * reboot finds one, and it says nothing. */
void cold_look_back(struct blob *b, const void *page)
{
	struct ho_breadcrumb crumb;
	struct blob_previous previous;

	memcpy(&crumb, page, sizeof(crumb));
	if (!breadcrumb_check(&crumb) ||
	    crumb.region_base != b->region[0].start)
		return;
	previous = (struct blob_previous){
		.region = crumb.region_base, .generation = crumb.generation,
		.state = crumb.state, .stage = crumb.stage,
		.error = crumb.error,
	};
	memcpy(previous.id, crumb.id, sizeof(crumb.id));
	if (blob_previous_is_sane(&previous) &&
	    previous.state != HO_STATE_CHAINED)
		b->previous = previous;
}

/* Header, VERSION, END. */
static void write_stream(struct fdtwrite *w)
{
	struct {
		struct ho_stream_header header;
		struct ho_rec version_head;
		struct ho_rec_version version;
		struct ho_rec end_head;
		struct ho_rec_end end;
	} s = {
		.header = { .marker = HO_STREAM_MARKER,
			    .id = cpu_to_fdt32(HO_STREAM_ID),
			    .version = cpu_to_fdt32(HO_STREAM_VERSION) },
		.version_head = { HO_REC_VERSION, sizeof(s.version) },
		.version = { .version = HO_ABI_VERSION,
			     .writer = "baton " BATON_VERSION ", a door" },
		.end_head = { HO_REC_END, sizeof(s.end) },
		.end = { .record_count = 1 },
	};

	_Static_assert(sizeof(s) == 24 + 8 + 72 + 8 + 48, "nothing between");
	fdtwrite_begin(w, HO_FDT_STREAM);
	fdtwrite_string(w, "compatible", HO_FDT_STREAM_COMPAT);
	fdtwrite_u64(w, HO_FDT_SIZE, sizeof(s));
	fdtwrite_bytes(w, HO_FDT_DATA, &s, sizeof(s));
	fdtwrite_end(w);
}

uint32_t cold_write(const struct blob *b, void *buffer, uint64_t bytes)
{
	struct fdtwrite w;

	fdtwrite_start(&w, buffer, bytes);
	blob_write(&w, b);
	fdtwrite_begin(&w, HO_FDT_DOMAINS);
	fdtwrite_cells(&w, 1, 0);
	fdtwrite_end(&w);
	write_stream(&w);
	return fdtwrite_finish(&w);
}
