// SPDX-License-Identifier: MIT
/*
 * diag.c - the record of errors, and the columns of the contract's list.
 */
#include "diag.h"

#include <string.h>

#include "fmt.h"

void diag_init(struct diag_log *log, int stage)
{
	memset(log, 0, sizeof(*log));
	log->stage = stage;
}

int diag_add(struct diag_log *log, int code, const char *format, ...)
{
	struct ho_diag *d;
	va_list args;

	log->total++;
	if (log->kept == DIAG_KEPT)
		return -code;
	d = &log->items[log->kept++];
	d->code = code;
	d->stage = log->stage;
	va_start(args, format);
	fmt_vprint(d->where, sizeof(d->where), format, args);
	va_end(args);
	return -code;
}

int diag_version(struct diag_log *log, const char *what, uint32_t version,
		 uint32_t compat)
{
	return diag_add(log, HO_EBLOBVERSION,
			"%s version %u wants reader %u, not %u",
			what, version, compat, HO_ABI_VERSION);
}

void diag_merge(struct diag_log *log, const struct diag_log *other)
{
	uint32_t i;

	log->total += other->total;
	for (i = 0; i < other->kept && log->kept < DIAG_KEPT; i++)
		log->items[log->kept++] = other->items[i];
}

struct error_row {
	int code;
	int exit;
	char class;
	const char *name;
	const char *text;
	const char *remedy;
};

static const struct error_row errors[] = {
#define ROW(code, name, class, exit, text, remedy) \
	{ code, exit, #class[0], "HO_E" #name, text, remedy },
	HO_ERROR_LIST(ROW)
#undef ROW
};

static const struct error_row *find(int code)
{
	static const struct error_row unknown = {
		.exit = HO_EXIT_FAILURE, .name = "HO_E?",
		.text = "unknown error", .remedy = "",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return &unknown;
}

const char *error_name(int code)
{
	return find(code)->name;
}

const char *error_text(int code)
{
	return find(code)->text;
}

const char *error_remedy(int code)
{
	return find(code)->remedy;
}

int error_exit(int code)
{
	return find(code)->exit;
}

char error_class(int code)
{
	return find(code)->class;
}

const char *stage_name(int stage)
{
	switch (stage) {
#define STAGE(code, name, text, what) case code: return text;
	HO_STAGE_LIST(STAGE)
#undef STAGE
	}
	return "?";
}
