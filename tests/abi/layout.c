// SPDX-License-Identifier: MIT
/*
 * layout.c - prints the layout of the contract: every struct and field that
 * the headers assert, every stage. tests/abi/contract compares the output with
 * golden/layout-v<version>.txt, which is kept for ever.
 *
 *   layout --signed   instead: what is of Secure Boot, and has a version of its
 *                     own: golden/layout-signed-v1.txt
 *   layout --errors   instead: every error code and its name
 */
#include <stdio.h>
#include <string.h>

struct row {
	const char *type;
	const char *field;		/* NULL: the struct itself */
	unsigned long offset;
	unsigned long bytes;
};

/* The assertions of the headers become rows of a table, in their order. */
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define ROW(...) \
	static const struct row JOIN(row_, __COUNTER__) \
	__attribute__((section(TABLE), used, aligned(8))) = { __VA_ARGS__ }
#define TABLE "layout"
#define HO_ASSERT_FIELD(type, field, at) \
	ROW(#type, #field, at, sizeof(((type *)0)->field)); \
	_Static_assert(__builtin_offsetof(type, field) == (at), #field)
#define HO_ASSERT_SIZE(type, size) \
	ROW(#type, NULL, 0, size); \
	_Static_assert(sizeof(type) == (size), #type)

#include "handover/breadcrumb.h"
#include "handover/entry.h"
#include "handover/errors.h"
#include "handover/frametable.h"
#include "handover/stage.h"
#include "handover/stream.h"

#undef TABLE
#define TABLE "layout_signed"
#include "handover/package.h"
#include "handover/trust.h"

extern const struct row __start_layout[], __stop_layout[];
extern const struct row __start_layout_signed[], __stop_layout_signed[];

static void print_rows(const struct row *r, const struct row *stop)
{
	for (; r < stop; r++) {
		if (r->field)
			printf("%s.%s %lu %lu\n", r->type, r->field,
			       r->offset, r->bytes);
		else
			printf("%s %lu\n", r->type, r->bytes);
	}
}

static int print_signed(void)
{
	printf("version %d trust %d manifest %d\n", HO_PACKAGE_VERSION,
	       HO_TRUST_VERSION, HO_MANIFEST_VERSION);
	print_rows(__start_layout_signed, __stop_layout_signed);
	return 0;
}

static int print_errors(void)
{
#define ERROR(code, name, class, exit, text, remedy) \
	printf("%d HO_E" #name "\n", code);
	HO_ERROR_LIST(ERROR)
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--signed"))
		return print_signed();
	if (argc > 1)
		return strcmp(argv[1], "--errors") ? 2 : print_errors();
	printf("version %d compat %d\n", HO_ABI_VERSION, HO_ABI_COMPAT);
	print_rows(__start_layout, __stop_layout);
#define STAGE(code, name, text, what) printf("stage %d %s\n", code, text);
	HO_STAGE_LIST(STAGE)
	return 0;
}
