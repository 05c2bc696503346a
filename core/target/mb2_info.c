// SPDX-License-Identifier: MIT
/*
 * mb2_info.c - the boot information of a multiboot2 target. Source: Multiboot2
 * Specification version 2.0, section 3.6.
 */
#include "mb2.h"

#include <string.h>

/* The boot information: tags of {u32 type, u32 bytes, ...} at multiples of
 * 8, behind {u32 total, u32 0}. Counting and writing are one walk. */
struct info {
	uint8_t *out;			/* NULL: only count */
	uint64_t at;
};

static void put(struct info *info, const void *bytes, uint64_t length)
{
	if (info->out)
		memcpy(info->out + info->at, bytes, length);
	info->at += length;
}

static void put32(struct info *info, uint32_t v)
{
	put(info, &v, sizeof(v));
}

static void put_head(struct info *info, uint32_t type, uint32_t body)
{
	put32(info, type);
	put32(info, 8 + body);
}

static void pad(struct info *info)
{
	static const uint8_t zeroes[8];

	put(info, zeroes, -info->at % 8);
}

static void put_string(struct info *info, uint32_t type, const char *text)
{
	uint32_t bytes = strlen(text) + 1;

	put_head(info, type, bytes);
	put(info, text, bytes);
	pad(info);
}

static void put_module(struct info *info, const struct mb2_module *m)
{
	uint32_t bytes = strlen(m->cmdline) + 1;

	put_head(info, MB2_INFO_MODULE, 8 + bytes);
	put32(info, m->start);
	put32(info, m->end);
	put(info, m->cmdline, bytes);
	pad(info);
}

/* KiB of RAM from 0, and from 1 MiB on. */
static void put_memory(struct info *info, const struct e820_map *map)
{
	uint64_t lower = 0, upper = 0;
	uint32_t i;

	for (i = 0; i < map->count; i++) {
		struct range r = map->entries[i].place;

		if (map->entries[i].type != E820_RAM)
			continue;
		if (r.start == 0)
			lower = r.end / 1024;
		if (r.start <= 0x100000 && r.end > 0x100000)
			upper = (r.end - 0x100000) / 1024;
	}
	put_head(info, MB2_INFO_MEMORY, 8);
	put32(info, lower > 640 ? 640 : lower);
	put32(info, upper > UINT32_MAX ? UINT32_MAX : upper);
}

static void put_map_entry(struct info *info, uint64_t start, uint64_t end,
			  uint32_t type)
{
	uint64_t bytes = end - start;

	put(info, &start, 8);
	put(info, &bytes, 8);
	put32(info, type);
	put32(info, 0);
}

static bool crosses_4g(const struct e820_entry *e)
{
	return e->place.start < LIMIT_4G && e->place.end > LIMIT_4G;
}

static void put_map(struct info *info, const struct e820_map *map)
{
	uint32_t i, count = map->count;

	for (i = 0; i < map->count; i++)
		count += crosses_4g(&map->entries[i]);
	put_head(info, MB2_INFO_MAP, 8 + 24 * count);
	put32(info, 24);
	put32(info, 0);
	for (i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entries[i];
		uint64_t start = e->place.start;

		if (crosses_4g(e)) {
			put_map_entry(info, start, LIMIT_4G, e->type);
			start = LIMIT_4G;
		}
		put_map_entry(info, start, e->place.end, e->type);
	}
}

static uint64_t walk_info(uint8_t *out, const struct mb2_info_input *in)
{
	struct info info = { .out = out };
	uint32_t i;

	put32(&info, 0);
	put32(&info, 0);
	put_string(&info, MB2_INFO_CMDLINE, in->cmdline);
	put_string(&info, MB2_INFO_LOADER, in->loader_name);
	for (i = 0; i < in->module_count; i++)
		put_module(&info, &in->modules[i]);
	put_memory(&info, in->map);
	put_map(&info, in->map);
	if (in->relocatable) {
		put_head(&info, MB2_INFO_LOAD_BASE, 4);
		put32(&info, in->load_base);
		pad(&info);
	}
	put_head(&info, MB2_INFO_END, 0);
	return info.at;
}

uint64_t mb2_info_bytes(const struct mb2_info_input *in)
{
	return walk_info(NULL, in);
}

void mb2_info_fill(void *out, const struct mb2_info_input *in)
{
	uint32_t total = walk_info(out, in);

	memcpy(out, &total, sizeof(total));
}
