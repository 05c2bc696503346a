// SPDX-License-Identifier: MIT
/*
 * cxlwords.c - see cxlwords.h.
 */
#include "cxlwords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cedt.h"
#include "checked.h"
#include "cmdline.h"

#define CEDT	"/sys/firmware/acpi/tables/CEDT"
#define BYTES_MAX 65536
#define MODULE	"cxl_acpi"
#define MODULES	"module_blacklist="
/* In 6.1 a platform driver's own, later written out. */
#define BUILT_IN "initcall_blacklist=cxl_acpi_init,cxl_acpi_driver_init"

static bool is_ram(const struct hostmap *map, struct range window)
{
	uint32_t i;

	for (i = 0; i < map->memory_count; i++)
		if (range_overlaps(map->memory[i], window))
			return true;
	return false;
}

static bool cxl_has_ram(const struct hostmap *map)
{
	FILE *f = fopen(CEDT, "re");
	struct range window;
	uint64_t at = 0;
	uint8_t *table;
	bool found = false;
	size_t bytes;

	if (!f)
		return false;
	table = malloc(BYTES_MAX);
	bytes = table ? fread(table, 1, BYTES_MAX, f) : 0;
	fclose(f);
	while (!found && cedt_next(table, bytes, &at, &window))
		found = is_ram(map, window);
	free(table);
	return found;
}

static bool names(const char *list, size_t length, const char *one)
{
	const char *end = list + length;

	while (list < end) {
		size_t n = strcspn(list, ", \n");

		if (n == strlen(one) && !strncmp(list, one, n))
			return true;
		list += n + 1;
	}
	return false;
}

/* *out: with what keeps cxl_acpi from being started, as a module and built in. What
 * is there already is not there twice. */
static int cxl_words(char **out, const char *cmdline, struct diag_log *diag)
{
	const char *old = cmdline ? cmdline : "";
	const char *built_in = strstr(old, BUILT_IN) ? "" : " " BUILT_IN;
	size_t length;
	const char *list = cmdline_value(old, MODULES, &length);
	int rc;

	if (list && names(list, length, MODULE))
		rc = asprintf(out, "%s%s", old, built_in);
	else
		rc = asprintf(out, "%s%s" MODULES "%.*s%s" MODULE "%s", old,
			      *old ? " " : "", (int)length, list ? list : "",
			      length ? "," : "", built_in);
	if (rc >= 0)
		return 0;
	*out = NULL;
	return diag_add(diag, HO_ENOMEM, "command line");
}

int cxl_add_words(struct packing *k)
{
	const char *was = k->fallback.cmdline;
	char *line;
	int rc = 0;

	if (k->options->memory_map || !cxl_has_ram(&k->machine.map))
		return 0;
	if (k->target.kind == TARGET_LINUX) {
		rc = cxl_words(&k->own_cmdline, k->target.cmdline, k->diag);
		k->target.cmdline = k->own_cmdline;
	}
	if (rc || !k->has_fallback)
		return rc;
	rc = cxl_words(&line, was, k->diag);
	k->fallback.cmdline = line;
	free((char *)was);
	return rc;
}
