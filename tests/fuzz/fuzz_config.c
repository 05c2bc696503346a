// SPDX-License-Identifier: MIT
/*
 * fuzz_config.c - any bytes as baton.conf: what is taken can be written as lines, and
 * is the same again, and all of it is set, or refused with file and line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(struct config *c, const char *text, size_t size)
{
	struct diag_log diag;
	int rc;

	*c = (struct config){ .file_count = 1 };
	c->files[0] = strdup("fuzz.conf");
	diag_init(&diag, HO_STAGE_LOADER);
	rc = config_parse(c, 0, text, size, &diag);
	if (!rc != !diag.total || c->count > CONFIG_MAX)
		abort();
	return !rc;
}

static char *write_lines(const struct config *c, size_t *bytes)
{
	FILE *out;
	char *text;
	int i;

	out = open_memstream(&text, bytes);
	for (i = 0; i < c->count; i++)
		fprintf(out, "%s=%s\n", c->lines[i].row->name,
			c->lines[i].value);
	fclose(out);
	return text;
}

static void same_again(const struct config *c)
{
	struct config again;
	size_t bytes;
	char *text = write_lines(c, &bytes);
	int i;

	if (!take(&again, text, bytes) || again.count != c->count)
		abort();
	for (i = 0; i < c->count; i++)
		if (again.lines[i].row != c->lines[i].row ||
		    strcmp(again.lines[i].value, c->lines[i].value))
			abort();
	config_free(&again);
	free(text);
}

/* What a line is refused for names the line. */
static void apply(const struct config *c, enum command_id command)
{
	static struct arguments a;
	static struct diag_log diag;
	int rc;

	memset(&a, 0, sizeof(a));
	diag_init(&diag, HO_STAGE_LOADER);
	rc = config_apply(c, &a, command, &diag);
	if (rc && (rc != -HO_ECONFIG ||
		   strncmp(diag.items[0].where, "fuzz.conf:", 10)))
		abort();
	collect_free(&a.collect);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c;

	if (take(&c, (const char *)data, size)) {
		same_again(&c);
		apply(&c, COMMAND_UPGRADE);
		apply(&c, COMMAND_PRECHECK);
	}
	config_free(&c);
	return 0;
}
