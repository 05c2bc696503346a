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
#include "efi.h"
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

static void set_u64(struct spoil *s, const char *path, const char *name,
		    uint64_t v)
{
	fdt64_t cell = cpu_to_fdt64(v);

	set(s, path, name, &cell, 8);
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
	fdt_del_node(s->fdt, node(s, REGION));
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

/* One range of the region less than the next update's needs. */
static void next_region(struct spoil *s)
{
	struct range r = get_range(s, REGION);

	set_range(s, "/reserved-memory", HO_FDT_NEXT_REGION, r.start,
		  range_bytes(r) + 2 * MIB);
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
	set_u64(s, IMAGE, HO_FDT_PLACED, digest_xxh64(bytes, length));
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

/* Its name is all that it needs for that. */
static void door_target(struct spoil *s)
{
	size_t length;
	uint8_t *bytes = read_image(s, &length);
	uint32_t name = bytes[0x20e] | bytes[0x20f] << 8;

	memcpy(bytes + 0x200 + name, HO_DOOR_NAME, strlen(HO_DOOR_NAME));
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
	set_u64(s, IMAGE, HO_FDT_PLACED, 1);
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

	set(s, "/memory", "reg", reg, sizeof(reg));
	set(s, "/firmware", HO_FDT_MEMORY_MAP, NULL, 0);
	stream_text_begin(&empty);
	stream_text_end(&empty);
	malform_put_stream(s, &empty);
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

/* More domains than the table has room for, in the smallest region that holds
 * what is staged: the table doubles, and 8200 entries want 4 MiB in a piece. */
static void full(struct spoil *s)
{
	struct range r = get_range(s, REGION);
	uint64_t end = get_range(s, "/target/module").end;
	struct stream_text t;
	uint32_t i;

	stream_text_begin(&t);
	for (i = 1; i <= 8200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%u", i);
		stream_text_domain(&t, i, name);
		stream_text_domain_end(&t, i, 0, 0);
	}
	stream_text_end(&t);
	malform_put_stream(s, &t);
	end += fdt_totalsize(s->fdt) + 64 * 1024;
	set_range(s, REGION, "reg", r.start,
		  ((end + 2 * MIB - 1) & ~(2 * MIB - 1)) - r.start);
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

/* Whose frames are kept would depend on which of the two is read. */
static void twice(struct spoil *s)
{
	if (fdt_add_subnode(s->fdt, 0, "lu-stream@1000") < 0)
		malform_die("lu-stream@1000");
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

/* EFI, and one descriptor too many: free memory, which a kernel that looks for
 * a place of its own would take, whoever's it is. */
static void efi(struct spoil *s)
{
	struct efi e = { .desc_size = 48 };
	struct efi_descriptor d = { .type = EFI_CONVENTIONAL,
		.place = { 0x8000000, 0xa000000 }, .attribute = 0xf };
	fdt64_t table = cpu_to_fdt64(0x3f5eb018);
	uint8_t map[48];

	efi_put_descriptor(&e, map, &d);
	set(s, "/firmware", HO_FDT_EFI_SYSTEM_TABLE, &table, 8);
	set(s, "/firmware", HO_FDT_EFI_MEMORY_MAP, map, sizeof(map));
	set_u32(s, "/firmware", HO_FDT_EFI_DESC_SIZE, 48);
	set_u32(s, "/firmware", HO_FDT_EFI_DESC_VERSION, 1);
}

/* An EFI host whose page below 640 KiB is not RAM. */
static void xen_acpi(struct spoil *s)
{
	fdt64_t rsdp = cpu_to_fdt64(0x3ffe0014);

	set(s, "/firmware", HO_FDT_ACPI_RSDP, &rsdp, 8);
	set_string(s, "/target", "compatible", HO_FDT_TARGET_XEN);
}

const struct malform_case malform_tree_cases[] = {
	{ "ENOREGION", no_region }, { "EREGIONSMALL", region_small },
	{ "EREGIONALIGN", region_align }, { "EREGIONRAM", region_ram },
	{ "EREGIONRANGES", region_ranges }, { "ENEXTREGION", next_region },
	{ "ESTAGING", staging },
	{ "ENOTBZIMAGE", not_bzimage }, { "EBZOLD", bz_old },
	{ "EDOORTARGET", door_target },
	{ "ENOTMB2", not_mb2 }, { "ECMDLINE", cmdline },
	{ "EDIGEST", wrong_digest }, { "ETARGET", target },
	{ "ENOROOM", no_room }, { "ETOOMANYRANGES", too_many_ranges },
	{ "EFULL", full }, { "EBLOBTRUNC", truncated },
	{ "EBLOBMAGIC", magic }, { "EBLOBVERSION", version },
	{ "EBLOBCOMPAT", compatible }, { "EBLOBTREE", broken_tree },
	{ "ENODE", no_node }, { "EPROP", no_property }, { "EVALUE", value },
	{ "EMEMORY", memory }, { "EEFI", efi },
	{ "EXENACPI", xen_acpi }, { "EBLOBDUP", twice }, { NULL, NULL },
};
