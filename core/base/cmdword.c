// SPDX-License-Identifier: MIT
/*
 * cmdword.c - see cmdword.h.
 */
#include "cmdword.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

bool cmdword_next(const char **line, struct cmdword *word)
{
	const char *at = *line;
	bool quoted, open = false;

	while (is_blank(*at))
		at++;
	quoted = *at == '"';
	word->at = at + quoted;
	for (; *at && (open || !is_blank(*at)); at++)
		open ^= *at == '"';
	word->length = at - word->at;
	if (quoted && word->length && at[-1] == '"')
		word->length--;
	word->open = open;
	*line = at;
	return quoted || word->length;
}
