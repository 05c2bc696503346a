// SPDX-License-Identifier: MIT
/*
 * handover_option.c - what the kernel's command line says of a handover. See
 * handover.h.
 */
#include "handover.h"

#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "number.h"
#include "util.h"

static bool find_option(const char *path, const char *option, char *out,
			size_t bytes)
{
	char line[8192];
	const char *value;
	size_t length;

	if (!text_read(path, line, sizeof(line)))
		return false;
	value = cmdline_value(line, option, &length);
	if (value)
		snprintf(out, bytes, "%.*s", (int)length, value);
	return value;
}

bool handover_base(const char *cmdline_path, uint64_t *base)
{
	char text[64];

	return find_option(cmdline_path, HO_CMDLINE_OPTION, text,
			   sizeof(text)) && parse_bytes(text, base);
}

/* baton.failed=STAGE:CODE */
bool handover_failed(const char *cmdline_path, struct blob_failed *out)
{
	char text[64], *colon;
	uint64_t error;
	int stage;

	*out = (struct blob_failed){ 0 };
	if (!find_option(cmdline_path, HO_CMDLINE_FAILED, text, sizeof(text)))
		return false;
	colon = strchr(text, ':');
	if (!colon)
		return true;
	*colon = '\0';
	if (number_parse(colon + 1, 0, UINT32_MAX, &error))
		out->error = error;
	for (stage = 0; stage < HO_STAGE_COUNT; stage++)
		if (!strcmp(text, stage_name(stage)))
			out->stage = stage;
	return true;
}
