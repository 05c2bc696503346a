// SPDX-License-Identifier: MIT
/*
 * machine.c - see machine.h.
 */
#include "machine.h"

#include <cpuid.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "checked.h"
#include "cmdline.h"
#include "e820.h"
#include "memmap.h"
#include "number.h"
#include "util.h"
#include "xen.h"

#define MEMMAP "/sys/firmware/memmap"
#define IOMEM "/proc/iomem"
#define COMMAND_LINE_BYTES 4096
#define CPU_BYTES 8192			/* of /proc/cpuinfo: one CPU's lines */
#define ENCRYPT_WORD "mem_encrypt="
#define WDAT "/sys/firmware/acpi/tables/WDAT"

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

/* This kernel's own, *given to be freed. */
static int read_given(struct hostmap **given, struct diag_log *diag)
{
	int rc;

	*given = calloc(1, sizeof(**given));
	if (!*given)
		return diag_add(diag, HO_ENOMEM, "memory map");
	rc = memmap_read(*given, MEMMAP, diag);
	if (!rc)
		rc = hostmap_settle(*given, diag);
	return rc;
}

/*
 * Memory devices that have come since the handover, or that a door's boot loader
 * did not name: what the stub gave as RAM is RAM of the blob already. Before
 * init the kernel has not made its list yet (late_initcall), and none has
 * come.
 */
static int add_hotplugged(struct machine *m, struct diag_log *diag)
{
	struct hostmap *given;
	uint32_t i;
	int rc;

	if (access(MEMMAP, F_OK))
		return 0;
	rc = read_given(&given, diag);
	for (i = 0; !rc && i < given->memory_count; i++)
		rc = hostmap_add(&m->map, given->memory[i].start,
				 given->memory[i].end, E820_RAM, diag);
	free(given);
	return rc;
}

static int read_raw_map(struct machine *m, const struct handover *h,
			struct diag_log *diag)
{
	int rc;

	if (!h)
		return xen_is_dom0() ? read_xen_map(m, diag)
				     : memmap_read(&m->map, MEMMAP, diag);
	rc = hostmap_add_settled(&m->map, &h->blob, diag);
	return !rc && h->chained && !xen_is_dom0() ? add_hotplugged(m, diag)
						   : rc;
}

bool machine_cpu_has(const char *flag)
{
	char cpu[CPU_BYTES] = "", word[32];
	const char *at = cpu;
	int length = snprintf(word, sizeof(word), " %s", flag);

	text_read("/proc/cpuinfo", cpu, sizeof(cpu));
	while ((at = strstr(at, word))) {
		at += length;
		if (*at == ' ' || *at == '\n')
			return true;
	}
	return false;
}

/* AMD's SME: by a bit in a kernel's page tables, which the stub's have not, and with
 * which kept memory would be read as something else. */
static bool encrypts(const char *cmdline)
{
	size_t length;
	const char *value = cmdline_value(cmdline, ENCRYPT_WORD, &length);

	return value && !strncmp(value, "on", 2) && machine_cpu_has("sme");
}

static int check_encryption(struct diag_log *diag)
{
	char line[COMMAND_LINE_BYTES] = "";

	text_read("/proc/cmdline", line, sizeof(line));
	return encrypts(line) ? diag_add(diag, HO_EMEMENCRYPT, ENCRYPT_WORD "on")
			      : 0;
}

int machine_check_next(const char *cmdline, struct diag_log *diag)
{
	return cmdline && encrypts(cmdline)
		? diag_add(diag, HO_EMEMENCRYPT, "--cmdline: " ENCRYPT_WORD "on")
		: 0;
}

int machine_read(struct machine *m, const struct handover *h,
		 bool placed_by_kernel, struct diag_log *diag)
{
	int rc;

	memset(m, 0, sizeof(*m));
	m->tsc_khz = machine_tsc_khz();
	rc = check_encryption(diag);
	if (!rc)
		rc = efisys_read(&m->efi, "", diag);
	if (rc)
		return rc;
	m->acpi_rsdp = h ? h->blob.acpi_rsdp : m->efi.acpi_rsdp;
	if (h && !m->efi.efi.system_table)
		efisys_inherit(&m->efi, &h->blob.efi);
	if (placed_by_kernel)
		efi_drop_boot(&m->efi.efi, m->efi.map);
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

int machine_left_out(struct taken *out, const struct taken *also,
		     struct diag_log *diag)
{
	char line[COMMAND_LINE_BYTES] = "";
	struct hostmap *given;
	int rc;

	if (xen_is_dom0())
		return 0;
	rc = read_given(&given, diag);
	text_read("/proc/cmdline", line, sizeof(line));
	if (!rc)
		rc = memmap_left_out(out, given, IOMEM, line, also, diag);
	free(given);
	return rc;
}

static void say_left_out(const struct taken *t)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < t->count; i++)
		bytes += range_bytes(t->ranges[i]);
	if (bytes)
		progress("%s of RAM, from 0x%llx on, is not System RAM to this kernel (memmap=, mem=): left out of the map; --memory-map FILE gives another",
			 human_bytes(bytes),
			 (unsigned long long)t->ranges[0].start);
}

int machine_leave_out(struct machine *m, const struct range *region,
		      uint32_t count, struct diag_log *diag)
{
	struct taken out = { 0 }, also = { 0 };
	uint32_t i;
	int rc = 0;

	for (i = 0; i < count && !rc; i++)
		rc = taken_add(&also, region[i], diag);
	if (!rc)
		rc = machine_left_out(&out, &also, diag);
	if (!rc && out.count)
		rc = memmap_add_left_out(&m->map, &out, IOMEM, diag);
	if (!rc && out.count)
		rc = hostmap_settle(&m->map, diag);
	if (!rc)
		say_left_out(&out);
	taken_free(&out);
	taken_free(&also);
	return rc;
}

