// SPDX-License-Identifier: MIT
/*
 * pack_option.c - the options of pack, see pack.h.
 */
#include "pack.h"

#include <stdio.h>
#include <string.h>

#include "util.h"

static int usage(struct diag_log *diag, const char *what, const char *value)
{
	return diag_add(diag, HO_EUSAGE, "%s %.60s", what, value);
}

static int parse_uart(struct pack *p, const char *value,
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
	p->uart_port = port;
	p->uart_baud = baud;
	return 0;
}

static int parse_policy(struct pack *p, const char *value,
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

static int parse_digest(struct pack *p, const char *value,
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

int pack_option(struct pack *p, int option, const char *value,
		struct diag_log *diag)
{
	uint64_t budget;

	switch (option) {
	case 'S':
		if (p->stream_count == PACK_STREAMS_MAX)
			return usage(diag, "too many --stream", value);
		p->streams[p->stream_count++] = value;
		return 0;
	case 'M':
		if (p->module_count == HO_TARGET_MODULES_MAX)
			return usage(diag, "too many --module", value);
		p->modules[p->module_count++] = value;
		return 0;
	case 't': p->target = value; return 0;
	case PACK_KERNEL: p->kernel = value; return 0;
	case 'i': p->initrd = value; return 0;
	case 'c': p->cmdline = value; return 0;
	case 'P': return parse_policy(p, value, diag);
	case PACK_FALLBACK_KERNEL: p->fallback_kernel = value; return 0;
	case PACK_FALLBACK_INITRD: p->fallback_initrd = value; return 0;
	case PACK_FALLBACK_CMDLINE: p->fallback_cmdline = value; return 0;
	case PACK_DIGEST: return parse_digest(p, value, diag);
	case 'R': p->region = value; return 0;
	case PACK_NEXT_REGION: p->next_region = value; return 0;
	case 'y': p->memory_map = value; return 0;
	case 'x': p->stub = value; return 0;
	case 'u': return parse_uart(p, value, diag);
	case PACK_INLINE_MAX:
		if (parse_bytes(value, &p->inline_max))
			return 0;
		return usage(diag, "--inline-max BYTES:", value);
	case 'b':
		if (!number_parse(value, HO_E820_BUDGET_MIN,
				  HO_E820_BUDGET_MAX, &budget))
			return usage(diag, "--e820-budget 16..3200:", value);
		p->e820_budget = budget;
		return 0;
	}
	return usage(diag, "option", value);
}
