// SPDX-License-Identifier: MIT
/*
 * diag.c - the record of errors, and the columns of the contract's list.
 */
#include "diag.h"

#include <stddef.h>
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

/* All texts in one piece. A row has their places in it, and no pointers, each of
 * which the stub would have to relocate. */
struct error_texts {
#define FIELDS(code, name, class, exit, text, remedy) \
	char name_##code[sizeof("HO_E" #name)]; \
	char text_##code[sizeof(text)]; \
	char remedy_##code[sizeof(remedy)];
	HO_ERROR_LIST(FIELDS)
#undef FIELDS
};

static const struct error_texts texts = {
#define TEXTS(code, name, class, exit, text, remedy) \
	"HO_E" #name, text, remedy,
	HO_ERROR_LIST(TEXTS)
#undef TEXTS
};

struct error_row {
	uint16_t code;
	uint8_t exit;
	char class;
	uint16_t name, text, remedy;	/* offsets into texts */
};

static const struct error_row errors[] = {
#define ROW(code, name, class, exit, text, remedy) \
	{ code, exit, #class[0], \
	  offsetof(struct error_texts, name_##code), \
	  offsetof(struct error_texts, text_##code), \
	  offsetof(struct error_texts, remedy_##code) },
	HO_ERROR_LIST(ROW)
#undef ROW
};

/* NULL: not in the list. */
static const struct error_row *find(int code)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return NULL;
}

const char *error_name(int code)
{
	const struct error_row *row = find(code);

	return row ? (const char *)&texts + row->name : "HO_E?";
}

const char *error_text(int code)
{
	const struct error_row *row = find(code);

	return row ? (const char *)&texts + row->text : "unknown error";
}

const char *error_remedy(int code)
{
	const struct error_row *row = find(code);

	return row ? (const char *)&texts + row->remedy : "";
}

int error_exit(int code)
{
	const struct error_row *row = find(code);

	return row ? row->exit : HO_EXIT_FAILURE;
}

char error_class(int code)
{
	const struct error_row *row = find(code);

	return row ? row->class : 0;
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
