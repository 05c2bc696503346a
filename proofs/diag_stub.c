// SPDX-License-Identifier: MIT
/*
 * diag_stub.c - the log, for proofs: it takes any code of errors.h. (Its own text
 * is a matter for the sanitisers: variadic formats are beyond a model.)
 */
#include "proof.h"

void diag_init(struct diag_log *log, int stage)
{
	log->total = log->kept = 0;
	log->stage = stage;
}

int diag_add(struct diag_log *log, int code, const char *format, ...)
{
	check(code > 0 && code < 1000);
	check(format != NULL);
	if (log)
		log->total++;
	return -code;
}

int diag_version(struct diag_log *log, const char *what, uint32_t version,
		 uint32_t compat)
{
	(void)version;
	(void)compat;
	return diag_add(log, HO_EBLOBVERSION, what);
}
