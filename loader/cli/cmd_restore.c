// SPDX-License-Identifier: MIT
/*
 * cmd_restore.c - in the new instance: kept guests run on.
 */
#include "commands.h"

#include "command.h"
#include "kinds.h"
#include "lock.h"
#include "note.h"

int cmd_restore(int argc, char **argv, struct diag_log *diag)
{
	static const struct option options[] = {
		{ "xen", no_argument, NULL, 'x' },
		{ "paused", no_argument, NULL, 'p' },
		{ "keep", no_argument, NULL, 'k' },
		{ "output", required_argument, NULL, 'o' }, { 0 } };
	struct guest_restore o = { 0 };
	struct handover *h;
	struct note note;
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
	rc = lock_shared("restore", diag);
	if (rc)
		return rc;
	h = handover_new(true, diag);
	if (!h)
		return -diag->items[0].code;
	note_settle(NOTE_PATH, &h->crumb, &note);
	rc = h->chained ? guest_kind_named("xen")->restore(&o, h, diag)
			: diag_add(diag, HO_EBREADCRUMB,
				   "the update failed: nothing is restored here");
	handover_free(h);
	return rc;
}
