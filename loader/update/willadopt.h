/* SPDX-License-Identifier: MIT */
/*
 * willadopt.h - will the new instance be able to let the guests go on? What can be
 * known of it while they run.
 */
#ifndef LOADER_WILLADOPT_H
#define LOADER_WILLADOPT_H

#include "collect.h"
#include "targetmodule.h"

enum will_adopt {
	WILL_ADOPT_NOT_ASKED,		/* no guest needs more than its frames */
	WILL_ADOPT,
	WILL_ADOPT_UNKNOWN,
	WILL_ADOPT_NOT,
};

struct will_adopt_answer {
	enum will_adopt is;
	char note[400];			/* what is to be told; "": nothing */
};

/* Those of *c, which are found by now, with this target. Returns 0, or
 * -HO_ETARGETMODULE: they would stay kept there. */
int will_adopt_look(struct will_adopt_answer *a, const struct collect *c,
		    const struct pack *p, struct diag_log *diag);

#endif /* LOADER_WILLADOPT_H */
