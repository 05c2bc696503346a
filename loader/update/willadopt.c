// SPDX-License-Identifier: MIT
/*
 * willadopt.c - see willadopt.h.
 */
#include "willadopt.h"

#include <stdio.h>

static const struct guest *first_that_needs(const struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (c->domains[i].kind->needs_module)
			return &c->domains[i];
	return NULL;
}

int will_adopt_look(struct will_adopt_answer *a, const struct collect *c,
		    const struct pack *p, struct diag_log *diag)
{
	const struct guest *g = first_that_needs(c);
	struct target_module m;

	*a = (struct will_adopt_answer){ .module = TARGET_MODULE_NOT_ASKED };
	if (!g)
		return 0;
	target_module_look(&m, p);
	a->module = m.found;
	if (m.found == TARGET_MODULE_MISSING)
		return diag_add(diag, HO_ETARGETMODULE,
				"%.60s: not in %.100s", g->name ? g->name : "?",
				m.list);
	if (m.found == TARGET_MODULE_UNKNOWN)
		snprintf(a->note, sizeof(a->note),
			 "not known: has the target%s%.250s baton_mem? without it guests stay kept there, and do not go on",
			 *m.release ? ", " : "", m.release);
	return 0;
}
