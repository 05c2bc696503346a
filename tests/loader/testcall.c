// SPDX-License-Identifier: MIT
/*
 * testcall.c - see testcall.h.
 */
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "testcall.h"

#define WORDS_MAX	24

struct diag_log diag;
struct arguments args;

static void forget(void)
{
	collect_free(&args.collect);
	memset(&args, 0, sizeof(args));
}

int call_parse(const char *call, const char *more)
{
	static char text[1024];
	char *argv[WORDS_MAX + 2], *word, *rest = text;
	int argc = 0;

	forget();
	assert_true(strlen(call) < sizeof(text));
	strcpy(text, call);
	while ((word = strsep(&rest, " ")))
		if (*word && argc < WORDS_MAX)
			argv[argc++] = word;
	if (more)
		argv[argc++] = (char *)more;
	argv[argc] = NULL;
	diag_init(&diag, HO_STAGE_LOADER);
	return options_parse(&args, command_find(argv[0]), argc, argv, &diag);
}

void call_refused(const char *call, const char *what)
{
	int rc = call_parse(call, NULL);

	if (rc != -HO_EUSAGE || diag.total != 1 ||
	    !strstr(diag.items[0].where, what))
		fail_msg("%s: %d, %s (want %s)", call, rc,
			 diag.total ? diag.items[0].where : "", what);
	assert_null(args.collect.domains);	/* no command frees it */
}

void call_good(const char *call)
{
	if (call_parse(call, NULL) != OPTIONS_RUN || diag.total)
		fail_msg("%s: %s", call, diag.items[0].where);
}

int call_last(void **state)
{
	(void)state;
	forget();
	return 0;
}
