// SPDX-License-Identifier: MIT
/*
 * memmap.c - see memmap.h.
 */
#include "memmap.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "e820.h"
#include "iomem.h"
#include "util.h"

#define NAME_BYTES 64

/* e820_type_to_string() in Linux: the names of both files. What is unknown is
 * reserved. */
static uint32_t type_of(const char *name)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {
		{ "System RAM", E820_RAM },
		{ "Reserved", E820_RESERVED },
		{ "ACPI Tables", E820_ACPI },
		{ "ACPI Non-volatile Storage", E820_NVS },
		{ "Unusable memory", E820_UNUSABLE },
		{ "Persistent Memory", E820_PMEM },
		{ "Persistent Memory (legacy)", E820_PRAM },
		{ "Soft Reserved", E820_SOFT_RESERVED },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(types); i++)
		if (!strcasecmp(name, types[i].name))
			return types[i].type;
	return E820_RESERVED;
}

static bool read_hex(const char *dir, const char *entry, const char *name,
		     uint64_t *out)
{
	char path[512], text[64];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, entry, name);
	return text_read(path, text, sizeof(text)) &&
	       sscanf(text, "%" SCNx64, out) == 1;
}

int memmap_read(struct hostmap *map, const char *folder,
		struct diag_log *diag)
{
	DIR *dir = opendir(folder);
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return io_error(diag, folder);
	while (!rc && (d = readdir(dir))) {
		char path[512], type[NAME_BYTES];
		uint64_t start, last;

		if (*d->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/type", folder, d->d_name);
		if (!read_hex(folder, d->d_name, "start", &start) ||
		    !read_hex(folder, d->d_name, "end", &last) ||
		    !text_read(path, type, sizeof(type)))
			rc = io_error(diag, folder);
		else
			rc = hostmap_add(map, start, last + 1, type_of(type),
					 diag);
	}
	closedir(dir);
	return rc;
}

static bool places_tables(const char *command_line)
{
	const char *at = command_line;

	while ((at = strstr(at, "memmap="))) {
		size_t length = strcspn(at, " \n");

		if (memchr(at, '#', length))
			return true;
		at += length;
	}
	return false;
}

struct ram_seen {
	struct taken *ram;
	bool tables;			/* ACPI's count as RAM */
};

static int add_ram(void *context, struct range place, const char *name,
		   struct diag_log *diag)
{
	const struct ram_seen *s = context;
	uint32_t type = type_of(name);

	/* "System RAM (kmem)" inside of persistent memory is no RAM to it */
	if (type != E820_RAM && !(s->tables && type == E820_ACPI))
		return 0;
	return taken_add(s->ram, place, diag);
}

/* What is RAM to this kernel, sorted. */
static int read_ram(struct taken *ram, const char *path, bool tables,
		    struct diag_log *diag)
{
	struct ram_seen seen = { ram, tables };
	size_t before = ram->count;
	int rc = iomem_walk(path, add_ram, &seen, diag);

	if (!rc && ram->count == before)
		rc = diag_add(diag, HO_EPERM, "%s shows no RAM", path);
	taken_sort(ram);
	return rc;
}

/* What of `memory` no range of `ram`, which is sorted, covers. */
static int add_rest(struct taken *out, struct range memory,
		    const struct taken *ram, struct diag_log *diag)
{
	uint64_t at = memory.start < E820_LOW_END ? E820_LOW_END
						  : memory.start;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < ram->count && at < memory.end &&
	     ram->ranges[i].start < memory.end; i++) {
		if (ram->ranges[i].start > at)
			rc = taken_add(out, (struct range){
				at, ram->ranges[i].start }, diag);
		if (ram->ranges[i].end > at)
			at = ram->ranges[i].end;
	}
	if (!rc && at < memory.end)
		rc = taken_add(out, (struct range){ at, memory.end }, diag);
	return rc;
}

int memmap_left_out(struct taken *out, const struct hostmap *given,
		    const char *iomem, const char *command_line,
		    const struct taken *also, struct diag_log *diag)
{
	struct taken ram = { 0 };
	uint32_t m;
	size_t i;
	int rc = 0;

	for (i = 0; i < also->count && !rc; i++)
		rc = taken_add(&ram, also->ranges[i], diag);
	if (!rc)
		rc = read_ram(&ram, iomem, !places_tables(command_line), diag);
	for (m = 0; m < given->memory_count && !rc; m++)
		rc = add_rest(out, given->memory[m], &ram, diag);
	taken_free(&ram);
	return rc;
}

/* What of `r` is left out gets its type; what is plainly reserved has it. */
static int add_typed(struct hostmap *map, const struct taken *left_out,
		     struct range r, uint32_t type, struct diag_log *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < left_out->count && !rc; i++) {
		struct range part = left_out->ranges[i];

		if (!range_overlaps(part, r))
			continue;
		if (part.start < r.start)
			part.start = r.start;
		if (part.end > r.end)
			part.end = r.end;
		rc = hostmap_add(map, part.start, part.end, type, diag);
	}
	return rc;
}

struct retyping {
	struct hostmap *map;
	const struct taken *left_out;
};

static int retype(void *context, struct range place, const char *name,
		  struct diag_log *diag)
{
	const struct retyping *r = context;
	uint32_t type = type_of(name);

	return type > E820_RESERVED ? add_typed(r->map, r->left_out, place,
						type, diag) : 0;
}

int memmap_add_left_out(struct hostmap *map, const struct taken *left_out,
			const char *iomem, struct diag_log *diag)
{
	struct retyping typed = { map, left_out };
	size_t i;
	int rc = 0;

	for (i = 0; i < left_out->count && !rc; i++)
		rc = hostmap_add(map, left_out->ranges[i].start,
				 left_out->ranges[i].end, E820_RESERVED, diag);
	return rc ? rc : iomem_walk(iomem, retype, &typed, diag);
}
