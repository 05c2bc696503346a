// SPDX-License-Identifier: MIT
/*
 * machine.c - see machine.h.
 */
#include "machine.h"

#include <cpuid.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "checked.h"
#include "e820.h"
#include "util.h"
#include "xen.h"

#define MEMMAP "/sys/firmware/memmap"
#define WDAT "/sys/firmware/acpi/tables/WDAT"

/* The names that /sys/firmware/memmap uses, e820_type_to_string() in Linux.
 * What is unknown is reserved. */
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
		{ "Unusable memory", 5 },
		{ "Persistent Memory", 7 },
		{ "Persistent Memory (legacy)", 12 },
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

static int read_sysfs_map(struct machine *m, struct diag_log *diag)
{
	DIR *dir = opendir(MEMMAP);
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return io_error(diag, MEMMAP);
	while (!rc && (d = readdir(dir))) {
		char path[512], type[64];
		uint64_t start, last;

		if (*d->d_name == '.')
			continue;
		snprintf(path, sizeof(path), MEMMAP "/%s/type", d->d_name);
		if (!read_hex(MEMMAP, d->d_name, "start", &start) ||
		    !read_hex(MEMMAP, d->d_name, "end", &last) ||
		    !text_read(path, type, sizeof(type)))
			rc = io_error(diag, MEMMAP);
		else
			rc = hostmap_add(&m->map, start, last + 1, type_of(type),
					 diag);
	}
	closedir(dir);
	return rc;
}

/* What dom0 has in sysfs is its own map; Xen has the machine's. */
static int read_xen_map(struct machine *m, struct diag_log *diag)
{
	static struct e820entry entries[HO_MEMORY_RANGES_MAX];
	struct xen *x;
	int rc = xen_open(&x, diag), count, i;

	if (rc)
		return rc;
	count = x->xc_get_machine_memory_map(x->xc, entries,
					     HO_MEMORY_RANGES_MAX);
	if (count <= 0)
		rc = io_error(diag, "memory map of Xen");
	for (i = 0; i < count && !rc; i++)
		if (entries[i].size)
			rc = hostmap_add(&m->map, entries[i].addr, entries[i].addr +
					 entries[i].size, entries[i].type,
					 diag);
	xen_close(x);
	return rc;
}

int machine_read_map(struct machine *m, const char *path,
		     struct diag_log *diag)
{
	FILE *f = fopen(path, "re");
	char line[256], type[64];
	uint64_t start, last, kind;
	int rc = 0;

	m->map.raw_count = m->wdat_bytes = 0;
	m->efi.efi.system_table = m->efi.has_screen = 0;
	m->efi.text.columns = 0;
	if (!f)
		return diag_add(diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	while (!rc && fgets(line, sizeof(line), f)) {
		if (*line == '#' || *line == '\n')
			continue;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %63s", &start,
			   &last, type) != 3 ||
		    (strcmp(type, "RAM") &&
		     !number_parse(type, 1, UINT32_MAX, &kind)))
			rc = diag_add(diag, HO_EMEMORY, "%s: %s", path, line);
		else
			rc = hostmap_add(&m->map, start, last + 1,
					 !strcmp(type, "RAM") ? E820_RAM
					 : kind, diag);
	}
	fclose(f);
	return rc ? rc : hostmap_settle(&m->map, diag);
}

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Against the raw clock, 20 ms; CPUID leaves for it are often empty. */
uint32_t machine_tsc_khz(void)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	uint64_t t0 = nanoseconds(), c0 = __rdtsc();
	uint64_t t1, c1;

	nanosleep(&nap, NULL);
	t1 = nanoseconds();
	c1 = __rdtsc();
	return t1 > t0 ? (c1 - c0) * 1000000 / (t1 - t0) : 0;
}

/* A table that the stub could not use is left out, and that is said. */
static void read_wdat(struct machine *m)
{
	FILE *f = fopen(WDAT, "re");
	struct wdat w;
	size_t got;

	if (!f)
		return;
	got = fread(m->wdat, 1, sizeof(m->wdat), f);
	fclose(f);
	if (got < sizeof(m->wdat) && wdat_parse(&w, m->wdat, got) &&
	    blob_wdat_is_sane(&w, m->map.memory, m->map.memory_count))
		m->wdat_bytes = got;
	else
		progress("the firmware's watchdog (WDAT) is not one the stub can use");
}

/* Where guests may be the framebuffer is not; a driver would draw on them. */
static void check_screen(struct machine *m)
{
	if (m->efi.has_screen &&
	    !efi_screen_is_sane(m->efi.screen, m->map.memory,
				m->map.memory_count)) {
		progress("the firmware's framebuffer is in RAM: not passed on");
		m->efi.has_screen = false;
	}
	if (!vgatext_is_sane(&m->efi.text, m->map.memory, m->map.memory_count))
		m->efi.text.columns = 0;
}

static int read_raw_map(struct machine *m, const struct handover *h,
			struct diag_log *diag)
{
	if (h)
		return hostmap_add_settled(&m->map, &h->blob, diag);
	return xen_is_dom0() ? read_xen_map(m, diag)
			     : read_sysfs_map(m, diag);
}

int machine_read(struct machine *m, const struct handover *h,
		 struct diag_log *diag)
{
	int rc;

	memset(m, 0, sizeof(*m));
	m->tsc_khz = machine_tsc_khz();
	rc = efisys_read(&m->efi, "", diag);
	if (rc)
		return rc;
	m->acpi_rsdp = h ? h->blob.acpi_rsdp : m->efi.acpi_rsdp;
	if (h && !m->efi.efi.system_table)
		efisys_inherit(&m->efi, &h->blob.efi);
	rc = read_raw_map(m, h, diag);
	if (!rc)
		rc = hostmap_reserve_efi(&m->map, &m->efi.efi, diag);
	if (!rc)
		rc = hostmap_settle(&m->map, diag);
	if (rc)
		return rc;
	check_screen(m);
	read_wdat(m);
	return 0;
}
