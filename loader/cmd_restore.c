// SPDX-License-Identifier: MIT
/*
 * cmd_restore.c - in the new instance: kept guests run on.
 */
#include "commands.h"

#include <string.h>

#include "handover.h"
#include "restore_xen.h"
#include "util.h"

struct restore {
	const char *name;		/* NULL: all guests of this kind */
	const char *output;
	bool paused, keep;
};

static bool is_wanted(const struct restore *o, const struct ho_domain *d)
{
	return d->kind == HO_KIND_XEN_PV && !(d->flags & HO_DOM_RELEASED) &&
	       (!o->name || !strncmp(d->name, o->name, HO_NAME_BYTES));
}

static int restore_one(const struct restore *o, struct xen *x,
		       struct handover *h, struct ho_domain *d,
		       struct diag_log *diag)
{
	int rc;

	if (o->output)
		return restore_xen_to_file(x, h, d, o->output, diag);
	rc = restore_xen(x, h, d, o->paused, diag);
	/* it has new frames now; the kept ones are let go */
	if (!rc && !o->keep)
		d->flags |= HO_DOM_RELEASED;
	return rc;
}

static int check_any(const struct restore *o, const struct handover *h,
		     struct diag_log *diag)
{
	uint32_t i;

	if (!h->chained)
		return diag_add(diag, HO_EBREADCRUMB,
				"the update failed: nothing is restored here");
	for (i = 0; i < h->result.domain_count; i++)
		if (is_wanted(o, &h->domains[i]))
			return 0;
	return diag_add(diag, HO_ENODOMAIN, "no kept PV guest %s",
			o->name ? o->name : "");
}

/* All that can be restored are, whatever becomes of the others. */
static int restore_all(const struct restore *o, struct handover *h,
		       struct diag_log *diag)
{
	struct xen *x = NULL;
	int rc = check_any(o, h, diag), one;
	uint32_t i;

	if (!rc)
		rc = xen_open(&x, diag);
	for (i = 0; x && i < h->result.domain_count; i++) {
		if (!is_wanted(o, &h->domains[i]))
			continue;
		one = restore_one(o, x, h, &h->domains[i], diag);
		rc = rc ? rc : one;
	}
	xen_close(x);
	return rc;
}

int cmd_restore(int argc, char **argv, struct diag_log *diag)
{
	static const struct option options[] = {
		{ "xen", no_argument, NULL, 'x' },
		{ "paused", no_argument, NULL, 'p' },
		{ "keep", no_argument, NULL, 'k' },
		{ "output", required_argument, NULL, 'o' }, { 0 } };
	struct restore o = { 0 };
	struct handover *h;
	bool xen = false;
	int option, rc;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) >= 0)
		switch (option) {
		case 'x': xen = true; break;
		case 'p': o.paused = true; break;
		case 'k': o.keep = true; break;
		case 'o': o.output = optarg; break;
		default: return command_usage(diag, argv[optind - 1]);
		}
	if (!xen || optind + 1 < argc || (o.output && optind == argc))
		return command_usage(diag, "restore --xen [NAME]; -o FILE wants a NAME");
	o.name = argv[optind];
	h = handover_new(true, diag);
	if (!h)
		return -diag->items[0].code;
	rc = restore_all(&o, h, diag);
	handover_free(h);
	return rc;
}
