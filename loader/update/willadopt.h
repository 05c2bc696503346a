/* SPDX-License-Identifier: MIT */
/*
 * willadopt.h - will the new instance be able to let the guests go on? What can be
 * known of it while they run.
 */
#ifndef LOADER_WILLADOPT_H
#define LOADER_WILLADOPT_H

#include "collect.h"
#include "targetmodule.h"

struct will_adopt_answer {
	/* NOT_ASKED: no guest needs more than its frames */
	enum target_module_found module;
	char note[400];			/* what is to be told; "": nothing */
};

/* Those of *c, which are found by now, with this target. Returns 0, or
 * -HO_ETARGETMODULE: they would stay kept there. */
int will_adopt_look(struct will_adopt_answer *a, const struct collect *c,
		    const struct pack *p, struct diag_log *diag);

#endif /* LOADER_WILLADOPT_H */
