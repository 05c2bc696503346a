/* SPDX-License-Identifier: MIT */
/*
 * oneword.h - an upgrade that nobody had to describe: its target, its guests, the
 * plan that is shown, and the question.
 */
#ifndef LOADER_ONEWORD_H
#define LOADER_ONEWORD_H

#include "newest.h"
#include "options.h"

struct one_word {
	struct newest newest;		/* texts of the target */
	char *guests;			/* their names; NULL: nobody was shown */
	bool done;			/* there is nothing to do */
};

/* Where no kernel is named, the newest one. Codes of newest_fill() and
 * pack_check_target(). */
int one_word_target(struct one_word *p, struct arguments *a,
		    struct diag_log *diag);
/* The same; where guests are not named either, the plan is shown, and a terminal is
 * asked. HO_ENOTERMINAL, HO_EDECLINED, codes of one_word_show(). */
int one_word_begin(struct one_word *p, struct arguments *a,
		   struct diag_log *diag);
/* Look as precheck does and print it. *names, to be freed: of all guests, in
 * order. HO_EREFUSED, HO_ENOMEM, codes of precheck_run(). */
int one_word_show(struct arguments *a, char **names, struct diag_log *diag);
/* Returns 0 while the guests of `c` are those of the plan. HO_EPLAN, HO_ENOMEM. */
int one_word_holds(const struct one_word *p, const struct collect *c,
	       struct diag_log *diag);
/* A terminal is asked, unless a->yes. HO_ENOTERMINAL: there is none; HO_EDECLINED,
 * in which `what` was declined. */
int agree(const struct arguments *a, const char *what, struct diag_log *diag);
/* Free the names. */
void one_word_free(struct one_word *p);
/* Names of guests behind blanks, to be freed; NULL: no memory. */
char *one_word_names(const struct collect *c);

#endif /* LOADER_ONEWORD_H */
