// SPDX-License-Identifier: MIT
/*
 * report_machine.c - the host as /proc and /sys have it, see report.h.
 */
#include "report.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "efisys.h"
#include "memmap.h"
#include "slot.h"

#define LINE_BYTES	4096		/* of /proc/cpuinfo the flags: 2 KiB */

/* Patterns of files that hold one line, and nothing that tells one machine from
 * another of its kind: no serial number, UUID, host name or address. */
static const char *const files[] = {
	"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name",
	"/sys/class/dmi/id/board_vendor", "/sys/class/dmi/id/board_name",
	"/sys/class/dmi/id/bios_vendor", "/sys/class/dmi/id/bios_version",
	"/sys/class/dmi/id/bios_date",
	"/proc/sys/kernel/osrelease", "/proc/sys/kernel/version",
	"/proc/sys/kernel/kexec_load_disabled",
	"/proc/sys/kernel/kexec_load_limit_*",
	"/proc/sys/kernel/kptr_restrict",
	"/sys/kernel/kexec_loaded", "/sys/kernel/kexec_crash_loaded",
	"/sys/kernel/kexec_crash_size", "/sys/kernel/security/lockdown",
	"/sys/kernel/mm/hugepages/*/nr_hugepages",
	"/sys/kernel/mm/hugepages/*/free_hugepages",
	"/sys/kernel/mm/transparent_hugepage/enabled",
	"/sys/devices/system/cpu/possible", "/sys/devices/system/cpu/present",
	"/sys/devices/system/cpu/online", "/sys/devices/system/cpu/smt/control",
	"/sys/devices/system/node/online",
	"/sys/devices/system/node/node*/cpulist",
	"/sys/devices/system/memory/block_size_bytes",
	"/sys/devices/system/memory/auto_online_blocks",
	"/sys/devices/system/clocksource/clocksource0/current_clocksource",
	"/sys/firmware/efi/fw_platform_size",
	"/sys/hypervisor/type", "/sys/hypervisor/version/*",
	"/sys/module/baton_mem/version", "/sys/module/kvm/parameters/tdp_mmu",
	"/sys/module/kvm_*/parameters/nested",
	"/sys/class/watchdog/*/identity", "/sys/class/watchdog/*/state",
	"/sys/class/tpm/*/tpm_version_major",
	"/sys/class/iommu/*/intel-iommu/version",
	"/sys/class/iommu/*/amd-iommu/features",
};

static void print_file(FILE *to, const struct report *r, const char *path)
{
	char text[256];

	if (!text_read(path, text, sizeof(text)))
		return;
	fprintf(to, "%s: ", path);
	report_text(to, r, text, strcspn(text, "\n"));
	fputc('\n', to);
}

static void print_matching(FILE *to, const struct report *r,
			   const char *pattern,
			   void (*print)(FILE *to, const struct report *r,
					 const char *path))
{
	glob_t found;
	size_t i;

	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		print(to, r, found.gl_pathv[i]);
	globfree(&found);
}

/* Of a file of many lines, those that begin with one of `names`. */
static void print_lines(FILE *to, const struct report *r, const char *path,
			const char *const names[])
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	int i;

	if (!f) {
		fprintf(to, "%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), f))
		for (i = 0; names[i]; i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				report_text(to, r, line, strlen(line));
	fclose(f);
}

void report_machine(FILE *to, const struct report *r)
{
	static const char *const release[] = { "PRETTY_NAME=", NULL };
	static const char *const memory[] = { "MemTotal:", "MemFree:",
		"SwapTotal:", "HugePages_", "Hugepagesize:", "Hugetlb:",
		"DirectMap", NULL };
	static const char *const slots[] = {
		[SLOT_EMPTY] = "empty", [SLOT_OURS] = "baton's",
		[SLOT_FOREIGN] = "another's", [SLOT_UNKNOWN] = "not known",
	};
	size_t i;

	fprintf(to, "baton %s, handover ABI %d\n", BATON_VERSION,
		HO_ABI_VERSION);
	print_lines(to, r, "/etc/os-release", release);
	for (i = 0; i < ARRAY_COUNT(files); i++)
		print_matching(to, r, files[i], print_file);
	fprintf(to, "secure boot: %s\n",
		efisys_secure_boot("") ? "on" : "off, or no EFI");
	fprintf(to, "kexec slots: update %s, panic %s\n",
		slots[slot_state(false)], slots[slot_state(true)]);
	print_lines(to, r, "/proc/meminfo", memory);
}

void report_cpu(FILE *to, const struct report *r)
{
	static const char *const names[] = { "vendor_id", "cpu family",
		"model", "stepping", "microcode", "siblings", "cpu cores",
		"flags", "bugs", "address sizes", NULL };
	static const char path[] = "/proc/cpuinfo";
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	unsigned int cpus = 0;
	int i;

	if (!f) {
		fprintf(to, "%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		cpus += !strncmp(line, "processor", strlen("processor"));
		for (i = 0; names[i] && cpus == 1; i++)
			if (!strncmp(line, names[i], strlen(names[i]))) {
				report_text(to, r, line, strlen(line));
				break;
			}
	}
	fclose(f);
	fprintf(to, "CPUs: %u\n", cpus);
}

void report_iomem(FILE *to, const struct report *r)
{
	static const char path[] = "/proc/iomem";
	FILE *f = fopen(path, "re");
	char line[512], *name;

	if (!f) {
		fprintf(to, "%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		name = strstr(line, " : ");
		if (name && !strncmp(name, " : Kernel ", 10))
			fprintf(to, "  (place left out)%.40s", name);
		else
			report_text(to, r, line, strlen(line));
	}
	fclose(f);
}

static const struct {
	uint32_t type;
	const char *name;
} types[] = {
	{ E820_RAM, "RAM" }, { E820_RESERVED, "reserved" },
	{ E820_ACPI, "ACPI data" }, { E820_NVS, "ACPI NVS" },
	{ E820_UNUSABLE, "unusable" }, { E820_PMEM, "persistent" },
	{ E820_SOFT_RESERVED, "soft-reserved" },
};

static const char *type_name(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(types); i++)
		if (types[i].type == type)
			return types[i].name;
	return "other";
}

void report_memmap(FILE *to, const struct report *r)
{
	struct hostmap *map = calloc(1, sizeof(*map));
	struct diag_log diag;
	uint32_t i;

	(void)r;
	diag_init(&diag, HO_STAGE_LOADER);
	if (!map || memmap_read(map, "/sys/firmware/memmap", &diag))
		fprintf(to, "not read: %s\n",
			diag.total ? diag.items[0].where : "no memory");
	for (i = 0; map && i < map->raw_count; i++)
		fprintf(to, "%012llx-%012llx type %u, %s\n",
			(unsigned long long)map->raw[i].place.start,
			(unsigned long long)map->raw[i].place.end - 1,
			map->raw[i].type, type_name(map->raw[i].type));
	free(map);
}

/* " NAME VALUE" of a file in the device's folder. */
static void print_attribute(FILE *to, const struct report *r,
			    const char *device, const char *name)
{
	char path[PATH_MAX], text[64];

	snprintf(path, sizeof(path), "%s/%s", device, name);
	if (!text_read(path, text, sizeof(text)))
		return;
	fprintf(to, " %s ", name);
	report_text(to, r, text, strcspn(text, "\n"));
}

/* The same of a link: the last part of where it leads. */
static void print_linked(FILE *to, const struct report *r, const char *device,
			 const char *name)
{
	char path[PATH_MAX], text[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", device, name);
	if (!link_read(path, text, sizeof(text)))
		return;
	fprintf(to, " %s ", name);
	report_text(to, r, basename(text), strlen(basename(text)));
}

static void print_device(FILE *to, const struct report *r, const char *path)
{
	static const char *const attributes[] = {
		"class", "vendor", "device", "enable", "numa_node",
	};
	size_t i;

	fputs(strrchr(path, '/') + 1, to);
	for (i = 0; i < ARRAY_COUNT(attributes); i++)
		print_attribute(to, r, path, attributes[i]);
	print_linked(to, r, path, "driver");
	print_linked(to, r, path, "iommu_group");
	fputc('\n', to);
}

void report_devices(FILE *to, const struct report *r)
{
	print_matching(to, r, "/sys/bus/pci/devices/*", print_device);
}

void report_cmdline(FILE *to, const struct report *r)
{
	char text[4096];

	(void)r;
	if (text_read("/proc/cmdline", text, sizeof(text)))
		report_words(to, text);
	else
		fprintf(to, "not read: %s\n", strerror(errno));
}
