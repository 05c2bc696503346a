// SPDX-License-Identifier: MIT
/*
 * collect_find.c - the guests of Xen that are collected: found, and let run
 * again. See collect.h.
 */
#include "collect.h"

#include <stdlib.h>
#include <unistd.h>

int collect_find(struct collect *c, struct diag_log *diag)
{
	struct xen *x;
	int i, rc;

	if (!c->xen_count && !c->xen_all)
		return 0;
	c->xen_domains = calloc(XEN_DOMAINS_MAX, sizeof(*c->xen_domains));
	if (!c->xen_domains)
		return diag_add(diag, HO_ENOMEM, "guests");
	rc = xen_open(&x, diag);
	if (!rc && c->xen_all)
		rc = xen_domain_all(x, c->xen_domains, &c->xen_domain_count, diag);
	for (i = 0; i < c->xen_count && !c->xen_all && !rc; i++)
		rc = xen_domain_find(x, c->xen[i],
				     &c->xen_domains[c->xen_domain_count++], diag);
	xen_close(x);
	return rc;
}

/* Is it paused? Where xl save is about to end, and the reader is gone, xl
 * either resumes the guest or pauses it. */
static bool wait_for_xl(struct xen *x, struct xen_domain *d,
			struct diag_log *diag)
{
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (xen_domain_refresh(x, d, diag))
			return false;
		if (!d->suspended)
			break;
		usleep(100000);
	}
	return d->paused;
}

void collect_resume(const struct collect *c)
{
	struct diag_log scratch;
	struct xen *x;
	int i;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!c->xen_domain_count || xen_open(&x, &scratch))
		return;
	for (i = 0; i < c->xen_domain_count; i++)
		if (wait_for_xl(x, &c->xen_domains[i], &scratch))
			xen_domain_unpause(&c->xen_domains[i]);
	xen_close(x);
}

void collect_free(struct collect *c)
{
	free(c->domains);
	free(c->xen_domains);
}
