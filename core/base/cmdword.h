/* SPDX-License-Identifier: MIT */
/*
 * cmdword.h - a kernel's command line, word by word, as Linux splits it: next_arg()
 * and isspace() of its lib/cmdline.c and lib/ctype.c.
 */
#ifndef CORE_CMDWORD_H
#define CORE_CMDWORD_H

#include "types.h"

struct cmdword {
	const char *at;			/* without quotation marks around it */
	uint64_t length;
	bool open;			/* a quotation mark has no second one */
};

/* The next word of *line, behind which *line stands then. False: there is none. */
bool cmdword_next(const char **line, struct cmdword *word);

#endif /* CORE_CMDWORD_H */
