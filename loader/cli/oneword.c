// SPDX-License-Identifier: MIT
/*
 * oneword.c - see oneword.h. Named after `baton upgrade` without options.
 */
#include "oneword.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guests.h"
#include "tell.h"
#include "util.h"

int one_word_target(struct one_word *p, struct arguments *a,
		    struct diag_log *diag)
{
	int rc;

	if (a->find_target)
		rc = newest_fill(&p->newest, &a->pack, diag);
	else
		rc = newest_check_instance(&a->pack, diag);
	return rc ? rc : pack_check_target(&a->pack, diag);
}

char *one_word_names(const struct collect *c)
{
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);
	int i;

	for (i = 0; f && i < c->domain_count; i++)
		fprintf(f, "%s%s", i ? " " : "", c->domains[i].name ?: "?");
	if (f)
		fclose(f);
	return f ? text : NULL;
}

static int find_terminal(const struct arguments *a, struct diag_log *diag)
{
	if (a->yes || (!a->json && isatty(STDIN_FILENO)))
		return 0;
	return diag_add(diag, HO_ENOTERMINAL,
			a->json ? "--json" : "standard input");
}

/* A line of the terminal's that begins with y; its end is no. */
int agree(const struct arguments *a, const char *what, struct diag_log *diag)
{
	char line[64] = "";
	int rc = find_terminal(a, diag);

	if (rc || a->yes)
		return rc;
	printf("\ngo on? [y/N] ");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) &&
	    (!strcasecmp(line, "y\n") || !strcasecmp(line, "yes\n")))
		return 0;
	return diag_add(diag, HO_EDECLINED, "%s", what);
}

static int show_and_ask(struct one_word *p, struct arguments *a,
			struct diag_log *diag)
{
	int rc = find_terminal(a, diag);

	if (rc)
		return rc;
	tell_stage("look", "looking at the host and its guests", 0, 0);
	rc = one_word_show(a, &p->guests, diag);
	tell_stage("", NULL, 0, 0);
	if (!rc)
		rc = agree(a, "upgrade", diag);
	fflush(stdout);
	guests_name_all(&a->collect);
	return rc;
}

int one_word_begin(struct one_word *p, struct arguments *a,
		   struct diag_log *diag)
{
	int rc = one_word_target(p, a, diag);

	if (rc || !a->one_word)
		return rc;
	p->done = !a->asked && newest_runs(&a->pack);
	if (!p->done)
		return show_and_ask(p, a, diag);
	if (!a->json && !a->quiet)
		printf("nothing to do: %s runs here; --again starts it anew\n",
		       a->pack.kernel);
	return 0;
}

int one_word_holds(const struct one_word *p, const struct collect *c,
	       struct diag_log *diag)
{
	char *now = p->guests ? one_word_names(c) : NULL;
	int rc = 0;

	if (p->guests && !now)
		rc = diag_add(diag, HO_ENOMEM, "guests");
	else if (p->guests && strcmp(now, p->guests))
		rc = diag_add(diag, HO_EPLAN, "now: %.100s", now);
	free(now);
	return rc;
}

void one_word_free(struct one_word *p)
{
	free(p->guests);
	p->guests = NULL;
}
