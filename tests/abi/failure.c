// SPDX-License-Identifier: MIT
/*
 * failure.c - docs/errors.md, printed from handover/errors.h and
 * handover/stage.h. tests/abi/failure.sh writes it and compares.
 */
#include <stdio.h>

#include "handover/errors.h"
#include "handover/stage.h"

static const char *who(char class)
{
	return class == 'B' ? "check, stub" : class == 'L' ? "baton" : "stub";
}

int main(void)
{
	puts("# Stages and errors\n\n"
	     "`make docs` makes this page from\n"
	     "`handover-abi/include/handover/stage.h` and `errors.h` there.\n"
	     "[failure.md](failure.md) says what happens when something fails.\n\n"
	     "`baton` in the column *said by* is the loader alone; *stub* is the\n"
	     "stub and the door; *check, stub* is both, since `baton check` runs\n"
	     "the same code. What stub and door say of a manifest, and of the\n"
	     "door's place, `baton` says as well, before the jump.\n\n"
	     "| stage | code | does |\n| --- | --- | --- |");
#define STAGE(code, name, text, what) \
	printf("| %s | %d | %s |\n", text, code, what);
	HO_STAGE_LIST(STAGE)
	puts("\n| code | name | said by | exit | what is wrong | what to do |\n"
	     "| --- | --- | --- | --- | --- | --- |");
#define ERROR(code, name, class, exit, text, remedy) \
	printf("| %d | `HO_E" #name "` | %s | %d | %s | %s |\n", code, \
	       who(*#class), exit, text, remedy);
	HO_ERROR_LIST(ERROR)
	return 0;
}
