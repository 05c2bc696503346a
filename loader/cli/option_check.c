// SPDX-License-Identifier: MIT
/*
 * option_check.c - options that do not go together, or not without another,
 * see options.h.
 */
#include "options.h"

#include <limits.h>
#include <string.h>

#include "kinds.h"
#include "placetext.h"
#include "regionfind.h"
#include "util.h"

enum rule_kind {
	ONE_AT_MOST,			/* of `others` */
	ONE_AT_LEAST,
	NEEDS,				/* `option` needs one of `others` */
	NOT_WITH,			/* `option` and one of `others` */
};

struct rule {
	enum command_id command;
	enum rule_kind kind;
	const char *option;
	const char *others;		/* names behind blanks */
	const char *why;
};

static const struct rule rules[] = {
	{ COMMAND_COLLECT, ONE_AT_LEAST, NULL, "output", NULL },
	{ COMMAND_COLLECT, ONE_AT_LEAST, NULL, "pid qemu xen xen-all libvirt libvirt-all kept",
	  "nothing to collect" },
	{ COMMAND_COLLECT, ONE_AT_MOST, NULL, "kept no-kept", NULL },
	{ COMMAND_UPGRADE, ONE_AT_MOST, NULL, "kept no-kept", NULL },
	{ COMMAND_UPGRADE, ONE_AT_MOST, NULL, "no-exec shutdown", NULL },
	{ COMMAND_UPGRADE, ONE_AT_MOST, NULL, "json quiet", NULL },
	{ COMMAND_PRECHECK, ONE_AT_MOST, NULL, "kept no-kept", NULL },
	{ COMMAND_PRECHECK, ONE_AT_MOST, NULL, "no-exec shutdown", NULL },
	{ COMMAND_UPGRADE, NOT_WITH, "crash-image", "no-exec shutdown by-file",
	  "guests stand still until the panic" },
	{ COMMAND_PRECHECK, NOT_WITH, "crash-image", "no-exec shutdown by-file",
	  "guests stand still until the panic" },
	{ COMMAND_COLLECT, NEEDS, "rehearse", "qemu", NULL },
	{ COMMAND_COLLECT, NEEDS, "new-qemu", "qemu", NULL },
	{ COMMAND_PACK, ONE_AT_LEAST, NULL, "output", NULL },
	{ COMMAND_PACK, ONE_AT_LEAST, NULL, "stream cold", NULL },
	{ COMMAND_PACK, NOT_WITH, "cold",
	  "stream fallback-kernel fallback-initrd fallback-cmdline "
	  "next-region inline-max stub memory-map",
	  "a first boot does not take it" },
	{ COMMAND_INSPECT, ONE_AT_MOST, NULL, "extents json", NULL },
	{ COMMAND_INSPECT, NOT_WITH, "columns", "extents", NULL },
	{ COMMAND_INSPECT, NOT_WITH, "noheadings", "extents json", NULL },
	{ COMMAND_CHECK, ONE_AT_MOST, NULL, "plan json", NULL },
	{ COMMAND_LOAD, ONE_AT_MOST, NULL, "dry-run elf", NULL },
	{ COMMAND_LOAD, NEEDS, "layout", "force", NULL },
	{ COMMAND_STATUS, ONE_AT_MOST, NULL, "json extents log result metrics", NULL },
	{ COMMAND_STATUS, ONE_AT_MOST, NULL, "pause extents log result metrics", NULL },
	{ COMMAND_STATUS, NOT_WITH, "check", "extents log result metrics pause", NULL },
	{ COMMAND_STATUS, NOT_WITH, "columns", "extents log result metrics pause", NULL },
	{ COMMAND_STATUS, NOT_WITH, "noheadings",
	  "json extents log result metrics pause", NULL },
	{ COMMAND_ARM, NOT_WITH, "again",
	  "fallback-kernel fallback-initrd fallback-cmdline policy digest "
	  "uart stub door by-file e820-budget", "it is what was armed before" },
	{ COMMAND_ADOPT, ONE_AT_MOST, NULL, "test timeout", NULL },
	{ COMMAND_ADOPT, ONE_AT_MOST, NULL, "test all", NULL },
	{ COMMAND_ADOPT, NEEDS, "kind", "all", NULL },
	{ COMMAND_ADOPT, NEEDS, "first", "all", NULL },
	{ COMMAND_ADOPT, NEEDS, "early", "all", NULL },
	{ COMMAND_RESTORE, ONE_AT_LEAST, NULL, "xen", NULL },
	{ COMMAND_RESTORE, NOT_WITH, "output", "paused keep",
	  "nothing is restored then" },
	{ COMMAND_SALVAGE, ONE_AT_LEAST, NULL, "output", NULL },
	{ COMMAND_INSTALL, ONE_AT_MOST, NULL, "default no-default", NULL },
	{ COMMAND_REGION, ONE_AT_MOST, NULL, "advise json next", NULL },
	{ COMMAND_CONFIG, ONE_AT_LEAST, NULL, "show", NULL },
	{ COMMAND_SIGN, ONE_AT_LEAST, NULL, "output", NULL },
	{ COMMAND_UNPACK, ONE_AT_LEAST, NULL, "output", NULL },
	{ COMMAND_SIGN, ONE_AT_LEAST, NULL, "key trust", "nothing to do" },
	{ COMMAND_SIGN, NEEDS, "manifest", "key", NULL },
	{ COMMAND_SIGN, NOT_WITH, "manifest", "cert trust", NULL },
	{ COMMAND_SIGN, NEEDS, "cert", "key", NULL },
	{ COMMAND_SIGN, NEEDS, "least", "trust", NULL },
	{ COMMAND_REPORT, ONE_AT_LEAST, NULL, "output", NULL },
	{ COMMAND_CONFIG, NOT_WITH, "noheadings", "json", NULL },
	{ COMMAND_MAP, ONE_AT_MOST, NULL, "svg json", NULL },
	{ COMMAND_REGION, NOT_WITH, "columns", "advise next", NULL },
	{ COMMAND_REGION, NOT_WITH, "noheadings", "json advise next", NULL },
	{ COMMAND_REGION, NOT_WITH, "advise", "region",
	  "it is about this machine" },
};

static bool is_given(const struct arguments *a, enum command_id command,
		     const char *name)
{
	const struct option_row *row = option_find(name, command);

	return row && a->given[row - option_rows];
}

/* How many of the rule's others are given, and the first two of them. */
static int count_given(const struct arguments *a, const struct rule *r,
		       char found[2][32])
{
	const char *at = r->others;
	int count = 0;

	while (*at) {
		size_t length = strcspn(at, " ");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		if (is_given(a, r->command, name) && count++ < 2)
			strcpy(found[count - 1], name);
		at += length + strspn(at + length, " ");
	}
	return count;
}

/* "--pid, --qemu or --kept" */
static const char *any_of(const char *others)
{
	static char text[128];
	size_t used = 0;

	text[0] = '\0';
	while (*others && used < sizeof(text)) {
		size_t length = strcspn(others, " ");
		const char *next = others + length +
				   strspn(others + length, " ");

		used += snprintf(text + used, sizeof(text) - used, "%s--%.*s",
				 !used ? "" : *next ? ", " : " or ",
				 (int)length, others);
		others = next;
	}
	return text;
}

static int refuse_pair(const char *one, const char *other, const char *why,
		       struct diag_log *diag)
{
	return diag_add(diag, HO_EUSAGE, "--%s and --%s do not go together%s%s",
			one, other, why ? ": " : "", why ? why : "");
}

static int check_rule(const struct arguments *a, const struct rule *r,
		      struct diag_log *diag)
{
	char found[2][32];
	int count = count_given(a, r, found);
	bool given = r->option && is_given(a, r->command, r->option);

	switch (r->kind) {
	case ONE_AT_MOST:
		return count > 1 ? refuse_pair(found[0], found[1], r->why, diag)
				 : 0;
	case ONE_AT_LEAST:
		return count ? 0 :
		       diag_add(diag, HO_EUSAGE, "%s%sgive %s",
				r->why ? r->why : "", r->why ? ": " : "",
				any_of(r->others));
	case NEEDS:
		return !given || count ? 0 :
		       diag_add(diag, HO_EUSAGE, "--%s is for %s", r->option,
				any_of(r->others));
	case NOT_WITH:
		return given && count
			? refuse_pair(r->option, found[0], r->why, diag) : 0;
	}
	return 0;
}

/* "none" is one for region --next. */
static int check_place(const char *option, const char *text, bool none,
		       struct diag_log *diag)
{
	struct placetext place;

	if (!text || (none && !strcmp(text, "none")) ||
	    placetext_parse(&place, text, strlen(text)))
		return 0;
	return diag_add(diag, HO_EUSAGE, "%s %.40s: want SIZE or BASE+SIZE%s",
			option, text, none ? ", or none" : "");
}

/* How places are written; whether they are good ones is found later. */
static int check_places(const struct arguments *a, enum command_id command,
			struct diag_log *diag)
{
	struct region_found r;
	int rc = 0;

	if (a->cold || command == COMMAND_INSTALL)
		return check_place("--region", a->pack.region, false, diag);
	if (a->pack.region)
		rc = region_find(&r, a->pack.region, NULL, diag);
	if (!rc)
		rc = check_place("--next-region", a->pack.next_region, false,
				 diag);
	return rc ? rc : check_place("--next", a->next_region, true, diag);
}

static int check_kind(const struct arguments *a, const struct guest_kind *kind,
		      struct diag_log *diag)
{
	if (a->no_exec && kind->not_no_exec)
		return diag_add(diag, HO_EUSAGE, "%s", kind->not_no_exec);
	if (a->shutdown && kind->not_shutdown)
		return diag_add(diag, HO_EUSAGE, "%s", kind->not_shutdown);
	return 0;
}

/* What the kinds of the guests do not go with. */
static int check_kinds(const struct arguments *a, struct diag_log *diag)
{
	const struct collect *c = &a->collect;
	int i, rc = 0;

	for (i = 0; i < c->domain_count && !rc; i++)
		rc = check_kind(a, c->domains[i].kind, diag);
	for (i = 0; i < c->name_count && !rc; i++)
		rc = check_kind(a, c->names[i].kind, diag);
	return rc;
}

static int check_adopter(const char *name, struct diag_log *diag)
{
	const struct guest_kind *kind = name ? guest_kind_named(name) : NULL;

	return !name || (kind && kind->adopt) ? 0 :
	       diag_add(diag, HO_EUSAGE, "--kind %.40s: want qemu or libvirt",
			name);
}

/* What depends on guests, on operands, or on values. */
static int check_rest(struct arguments *a, enum command_id command,
		      struct diag_log *diag)
{
	switch (command) {
	case COMMAND_ADOPT:
		if (a->all == (a->operand_count > 0))
			return diag_add(diag, HO_EUSAGE,
					"adopt wants NAME or --all");
		return check_adopter(a->kind, diag);
	case COMMAND_RESTORE:
		if (a->output && !a->operand_count)
			return diag_add(diag, HO_EUSAGE,
					"restore: --output wants a NAME");
		break;
	case COMMAND_INSTALL:
	case COMMAND_UNINSTALL:
		if (strlen(a->root) > PATH_MAX / 2)
			return diag_add(diag, HO_EUSAGE, "--root: too long");
		break;
	case COMMAND_PACK:
		return pack_check_target(&a->pack, diag);
	case COMMAND_PRECHECK:
	case COMMAND_UPGRADE:
		if (a->collect.leave_count && options_name_guests(a))
			return diag_add(diag, HO_EUSAGE,
					"--leave: the guests are named");
		if (a->left_of_none)
			return diag_add(diag, HO_EUSAGE,
					"--leave: with --kernel no guest is found by itself");
		/* what is taken where none is named is found later */
		return check_kinds(a, diag) ?: a->find_target ? 0 :
		       pack_check_target(&a->pack, diag);
	default:
		break;
	}
	return 0;
}

/* Defaults that are not the same for all commands. */
static void fill(struct arguments *a, enum command_id command)
{
	bool upgrade = command == COMMAND_UPGRADE ||
		       command == COMMAND_PRECHECK;

	a->collect.kept = upgrade ? !a->no_kept : a->kept;
	if (command == COMMAND_INSTALL || command == COMMAND_CONFIG ||
	    (upgrade && a->find_target))
		return;			/* by default what runs now */
	if (!a->pack.target)
		a->pack.target = "linux";
	if (!a->pack.cmdline)
		a->pack.cmdline = "";
}

int options_check(struct arguments *a, enum command_id command,
		  struct diag_log *diag)
{
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_COUNT(rules); i++) {
		if (rules[i].command != command)
			continue;
		rc = check_rule(a, &rules[i], diag);
		if (rc)
			return rc;
	}
	fill(a, command);
	rc = check_places(a, command, diag);
	return rc ? rc : check_rest(a, command, diag);
}
