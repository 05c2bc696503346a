// SPDX-License-Identifier: MIT
/*
 * hvwords.c - see hvwords.h.
 */
#include "hvwords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUS	"/sys/bus/vmbus"
/* Linux takes the last one of the name. */
#define WORD	"hv_balloon.hot_add=0"

static int with_word(char **out, const char *cmdline, struct diag_log *diag)
{
	const char *old = cmdline ? cmdline : "";

	if (asprintf(out, "%s%s" WORD, old, *old ? " " : "") >= 0)
		return 0;
	*out = NULL;
	return diag_add(diag, HO_ENOMEM, "command line");
}

int hv_add_words(struct packing *k)
{
	char *line;
	int rc = 0;

	if (k->options->memory_map || access(BUS, F_OK))
		return 0;
	if (k->target.kind == TARGET_LINUX) {
		rc = with_word(&line, k->target.cmdline, k->diag);
		free(k->own_cmdline);
		k->target.cmdline = k->own_cmdline = line;
	}
	if (rc || !k->has_fallback)
		return rc;
	rc = with_word(&line, k->fallback.cmdline, k->diag);
	free((char *)k->fallback.cmdline);
	k->fallback.cmdline = line;
	return rc;
}
