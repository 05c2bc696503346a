// SPDX-License-Identifier: MIT
/*
 * pack_option.c - the options of pack, see pack.h.
 */
#include "pack.h"

#include <stdio.h>
#include <string.h>

#include "number.h"
#include "util.h"

static int usage(struct diag_log *diag, const char *what, const char *value)
{
	return diag_add(diag, HO_EUSAGE, "%s %.60s", what, value);
}

int pack_option_uart(struct pack *p, const char *value,
		     struct diag_log *diag)
{
	size_t length = strcspn(value, ",");
	uint64_t port = 0, baud = 0;
	char text[16];

	snprintf(text, sizeof(text), "%.*s", (int)length, value);
	if (strcmp(value, "none") &&
	    (length >= sizeof(text) ||
	     !number_parse(text, 0, 0xfff8, &port) ||
	     (value[length] && !number_parse(value + length + 1, 0, UINT32_MAX,
					     &baud))))
		return usage(diag, "--uart PORT[,BAUD] or none:", value);
	p->chosen.uart_port = port;
	p->chosen.uart_baud = baud;
	return 0;
}

int pack_option_policy(struct pack *p, const char *value,
		       struct diag_log *diag)
{
	static const char *const words[] = {
		"halt", "reset", "fallback", "fallback,halt",
		"fallback,reset",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(words); i++)
		if (!strcmp(value, words[i])) {
			p->policy = words[i];
			return 0;
		}
	return usage(diag, "--policy halt, reset or fallback[,reset]:", value);
}

int pack_option_digest(struct pack *p, const char *value,
		       struct diag_log *diag)
{
	if (!strcmp(value, "sha256"))
		p->digest_alg = HO_DIGEST_SHA256;
	else if (!strcmp(value, "xxh64"))
		p->digest_alg = HO_DIGEST_XXH64;
	else
		return usage(diag, "--digest sha256 or xxh64:", value);
	return 0;
}

int pack_option_stream(struct pack *p, const char *value,
		       struct diag_log *diag)
{
	if (p->stream_count == PACK_STREAMS_MAX)
		return usage(diag, "too many --stream", value);
	p->streams[p->stream_count++] = value;
	return 0;
}

int pack_option_module(struct pack *p, const char *value,
		       struct diag_log *diag)
{
	if (p->module_count == HO_TARGET_MODULES_MAX)
		return usage(diag, "too many --module", value);
	p->modules[p->module_count++] = value;
	return 0;
}

int pack_option_inline_max(struct pack *p, const char *value,
			   struct diag_log *diag)
{
	return parse_bytes(value, &p->inline_max)
		? 0 : usage(diag, "--inline-max BYTES:", value);
}
