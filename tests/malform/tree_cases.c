// SPDX-License-Identifier: MIT
/*
 * tree_cases.c - blobs spoiled in their tree, or in the files they name.
 */
#include "malform.h"

#include <libfdt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "handover/fdt.h"
#include "testmachine.h"

static int node(struct spoil *s, const char *path)
{
	int at = fdt_path_offset(s->fdt, path);

	if (at < 0)
		malform_die(path);
	return at;
}

static void set(struct spoil *s, const char *path, const char *name,
		const void *bytes, int length)
{
	if (fdt_setprop(s->fdt, node(s, path), name, bytes, length))
		malform_die(name);
}

static void set_string(struct spoil *s, const char *path, const char *name,
		       const char *text)
{
	set(s, path, name, text, strlen(text) + 1);
}

static void set_u32(struct spoil *s, const char *path, const char *name,
		    uint32_t v)
{
	fdt32_t cell = cpu_to_fdt32(v);

	set(s, path, name, &cell, 4);
}

static void set_range(struct spoil *s, const char *path, const char *name,
		      uint64_t start, uint64_t bytes)
{
	fdt64_t cells[2] = { cpu_to_fdt64(start), cpu_to_fdt64(bytes) };

	set(s, path, name, cells, sizeof(cells));
}

static struct range get_range(struct spoil *s, const char *path)
{
	const fdt64_t *reg = fdt_getprop(s->fdt, node(s, path), "reg", NULL);
	fdt64_t cells[2];

	if (!reg)
		malform_die(path);
	memcpy(cells, reg, sizeof(cells));	/* only 4-byte aligned */
	return (struct range){ fdt64_to_cpu(cells[0]),
			       fdt64_to_cpu(cells[0]) +
			       fdt64_to_cpu(cells[1]) };
}

#define REGION "/reserved-memory/region"
#define IMAGE "/target/image"

static void no_region(struct spoil *s)
{
	set_string(s, REGION, "compatible", "other,region");
}

static void region_small(struct spoil *s)
{
	set_range(s, REGION, "reg", get_range(s, REGION).start, 2 * MIB);
}

static void region_align(struct spoil *s)
{
	set_range(s, REGION, "reg", get_range(s, REGION).start + 4096,
		  64 * MIB);
}

static void region_ram(struct spoil *s)
{
	set_range(s, REGION, "reg", 1ull << 40, 64 * MIB);
}

static void region_ranges(struct spoil *s)
{
	struct range r = get_range(s, REGION);

	if (fdt_add_subnode(s->fdt, node(s, "/reserved-memory"),
			    "region@1000") < 0)
		malform_die("region@1000");
	set_string(s, "/reserved-memory/region@1000", "compatible",
		   HO_FDT_REGION_COMPAT);
	set_range(s, "/reserved-memory/region@1000", "reg",
		  r.start + 2 * MIB, 4 * MIB);
}

static void staging(struct spoil *s)
{
	struct range stub = get_range(s, "/stub"), i = get_range(s, IMAGE);

	set_range(s, IMAGE, "reg", stub.start + 4096, range_bytes(i));
}

/* The image becomes a file of ours, with its right size and digest. */
static void replace_image(struct spoil *s, const void *bytes, size_t length)
{
	char path[PATH_MAX], full[PATH_MAX];
	uint8_t digest[HO_DIGEST_BYTES];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.image", s->dir, s->name);
	f = fopen(path, "wb");
	if (!f || fwrite(bytes, length, 1, f) != 1 || fclose(f) ||
	    !realpath(path, full))
		malform_die(path);
	digest_of(HO_DIGEST_SHA256, bytes, length, digest);
	set_range(s, IMAGE, "reg", get_range(s, IMAGE).start, length);
	set(s, IMAGE, HO_FDT_DIGEST, digest, sizeof(digest));
	set_string(s, IMAGE, HO_FDT_FILE, full);
}

static uint8_t *read_image(struct spoil *s, size_t *length)
{
	const char *path = fdt_getprop(s->fdt, node(s, IMAGE), HO_FDT_FILE,
				       NULL);
	FILE *f = path ? fopen(path, "rb") : NULL;
	uint8_t *bytes;

	*length = range_bytes(get_range(s, IMAGE));
	bytes = malloc(*length);
	if (!f || !bytes || fread(bytes, *length, 1, f) != 1)
		malform_die("the good blob's image");
	fclose(f);
	return bytes;
}

static void not_bzimage(struct spoil *s)
{
	static const uint8_t zeroes[8192];

	replace_image(s, zeroes, sizeof(zeroes));
}

static void bz_old(struct spoil *s)
{
	size_t length;
	uint8_t *bytes = read_image(s, &length);

	bytes[0x206] = 0x0b;	/* boot protocol 2.11 */
	replace_image(s, bytes, length);
	free(bytes);
}

static void not_mb2(struct spoil *s)
{
	set_string(s, "/target", "compatible", HO_FDT_TARGET_MB2);
}

static void cmdline(struct spoil *s)
{
	char *text = malloc(5001);

	memset(text, 'x', 5000);
	text[5000] = '\0';
	set_string(s, "/target", HO_FDT_BOOTARGS, text);
	free(text);
}

static void wrong_digest(struct spoil *s)
{
	uint8_t digest[HO_DIGEST_BYTES] = { 1 };

	set(s, IMAGE, HO_FDT_DIGEST, digest, sizeof(digest));
}

static void target(struct spoil *s)
{
	set_string(s, "/target", "compatible", "baton,target-plan9-v1");
}

/* RAM is the region and low memory: nowhere to start a kernel. */
static void no_room(struct spoil *s)
{
	struct range r = get_range(s, REGION);
	fdt64_t reg[4] = { 0, cpu_to_fdt64(0x9f000), cpu_to_fdt64(r.start),
			   cpu_to_fdt64(range_bytes(r)) };
	struct stream_text empty;
	fdt64_t size;

	set(s, "/memory", "reg", reg, sizeof(reg));
	set(s, "/firmware", HO_FDT_MEMORY_MAP, NULL, 0);
	stream_text_begin(&empty);
	stream_text_end(&empty);
	set(s, "/lu-stream", HO_FDT_DATA, empty.bytes, empty.length);
	size = cpu_to_fdt64(empty.length);
	set(s, "/lu-stream", HO_FDT_SIZE, &size, sizeof(size));
	stream_text_free(&empty);
}

/* More entries of the firmware alone than the budget has. */
static void too_many_ranges(struct spoil *s)
{
	uint8_t map[40 * 20];
	uint32_t i;

	for (i = 0; i < 40; i++) {
		fdt32_t type = cpu_to_fdt32(2);
		fdt64_t reg[2] = { cpu_to_fdt64((1ull << 40) + i * 8192),
				   cpu_to_fdt64(4096) };

		memcpy(map + 20 * i, &type, 4);
		memcpy(map + 20 * i + 4, reg, 16);
	}
	set(s, "/firmware", HO_FDT_MEMORY_MAP, map, sizeof(map));
	set_u32(s, "/policy", HO_FDT_E820_BUDGET, HO_E820_BUDGET_MIN);
}

static void add_fallback_piece(struct spoil *s, const char *name,
			       uint64_t start, uint64_t end)
{
	static const uint8_t no_digest[HO_DIGEST_BYTES];
	char path[64];

	snprintf(path, sizeof(path), "/fallback/%s", name);
	if (fdt_add_subnode(s->fdt, node(s, "/fallback"), name) < 0)
		malform_die(path);
	set_range(s, path, "reg", start, end - start);
	set_string(s, path, HO_FDT_FILE, "/none");
	set_u32(s, path, HO_FDT_DIGEST_ALG, HO_DIGEST_NONE);
	set(s, path, HO_FDT_DIGEST, no_digest, sizeof(no_digest));
}

/* A staged fallback takes all of the region: the hole before the stub, and
 * all behind the images but a few pages more than the blob itself needs. */
static void full(struct spoil *s)
{
	struct range r = get_range(s, REGION);
	struct range last = get_range(s, "/target/module");
	uint64_t blob = (fdt_totalsize(s->fdt) - (1 << 20) + 8191) & ~4095ull;
	uint64_t start = ((last.end + 4095) & ~4095ull) + blob;

	if (fdt_add_subnode(s->fdt, 0, "fallback") < 0)
		malform_die("fallback");
	set_string(s, "/fallback", "compatible", HO_FDT_TARGET_LINUX);
	set_string(s, "/fallback", HO_FDT_BOOTARGS, "");
	add_fallback_piece(s, "image", start, r.end - blob - 3 * 4096);
	add_fallback_piece(s, "module", r.start + 4096, r.start + 2 * MIB);
}

static void truncated(struct spoil *s)
{
	fdt_pack(s->fdt);
	s->length = fdt_totalsize(s->fdt) - 100;
}

static void magic(struct spoil *s)
{
	fdt_pack(s->fdt);
	s->length = fdt_totalsize(s->fdt);
	s->fdt[0] ^= 0xff;
}

static void version(struct spoil *s)
{
	set_u32(s, "/", HO_FDT_VERSION, HO_ABI_VERSION + 1);
	set_u32(s, "/", HO_FDT_COMPAT, HO_ABI_VERSION + 1);
}

static void compatible(struct spoil *s)
{
	set_string(s, "/", "compatible", "baton,handover-v0");
}

static void broken_tree(struct spoil *s)
{
	fdt_pack(s->fdt);
	s->length = fdt_totalsize(s->fdt);
	/* an unknown token where the first node begins */
	s->fdt[fdt_off_dt_struct(s->fdt) + 3] = 0x77;
}

static void no_node(struct spoil *s)
{
	fdt_del_node(s->fdt, node(s, "/policy"));
}

static void no_property(struct spoil *s)
{
	fdt_delprop(s->fdt, node(s, "/policy"), HO_FDT_PLUG);
}

static void value(struct spoil *s)
{
	set_string(s, "/policy", HO_FDT_ON_FAILURE, "hope");
}

static void memory(struct spoil *s)
{
	fdt64_t reg[4] = { cpu_to_fdt64(MIB), cpu_to_fdt64(512 * MIB),
			   cpu_to_fdt64(MIB), cpu_to_fdt64(512 * MIB) };

	set(s, "/memory", "reg", reg, sizeof(reg));
}

const struct malform_case malform_tree_cases[] = {
	{ "ENOREGION", no_region }, { "EREGIONSMALL", region_small },
	{ "EREGIONALIGN", region_align }, { "EREGIONRAM", region_ram },
	{ "EREGIONRANGES", region_ranges }, { "ESTAGING", staging },
	{ "ENOTBZIMAGE", not_bzimage }, { "EBZOLD", bz_old },
	{ "ENOTMB2", not_mb2 }, { "ECMDLINE", cmdline },
	{ "EDIGEST", wrong_digest }, { "ETARGET", target },
	{ "ENOROOM", no_room }, { "ETOOMANYRANGES", too_many_ranges },
	{ "EFULL", full }, { "EBLOBTRUNC", truncated },
	{ "EBLOBMAGIC", magic }, { "EBLOBVERSION", version },
	{ "EBLOBCOMPAT", compatible }, { "EBLOBTREE", broken_tree },
	{ "ENODE", no_node }, { "EPROP", no_property }, { "EVALUE", value },
	{ "EMEMORY", memory }, { NULL, NULL },
};
