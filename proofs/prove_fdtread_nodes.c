// SPDX-License-Identifier: MIT
/*
 * prove_fdtread_nodes.c - a node is found by its name when there is one of it, two are
 * refused, and so are two properties of one name.
 *
 * proof:
 * bound: a tree of 2 children, with names of at most 3 characters or none, and of 3
 *	properties, where 2 are the most (64 in core). Stand-ins for libfdt's walk over
 *	it do what libfdt.h says
 * quick:
 * flags: --unwind 6
 */
#include "proof.h"
#include "fdtread.h"

#undef FDTREAD_PROPERTIES_MAX
#define FDTREAD_PROPERTIES_MAX	2
#include "core/base/fdtread.c"

#define CHILDREN	2
#define PROPERTIES	3
#define CHARACTERS	3
#define PARENT		0
#define CHILD		8	/* offset of the first, the others follow */
#define PROPERTY	64

/* A name ends where its array does: one byte more is seen. */
struct name {
	char bytes[CHARACTERS + 1];
	uint32_t length;
	bool is_there;
};

static struct name children[CHILDREN], properties[PROPERTIES];
static int child_count, property_count;
static const struct fdt_reader r;

static struct name any_name(void)
{
	struct name n = { .length = any_below(CHARACTERS + 1),
			  .is_there = any_bool() };
	uint32_t i;

	for (i = 0; i < CHARACTERS; i++) {
		n.bytes[i] = any_u8();
		assume(n.bytes[i]);
	}
	return n;
}

static const char *text(const struct name *n)
{
	return n->is_there ? n->bytes + CHARACTERS - n->length : NULL;
}

static bool is_same(const struct name *a, const struct name *b)
{
	bool same = a->length == b->length && a->is_there && b->is_there;
	uint32_t i;

	for (i = 0; i < CHARACTERS; i++)
		if (i >= CHARACTERS - a->length)
			same &= a->bytes[i] == b->bytes[i];
	return same;
}

/* "a", or "a@" and more. */
static bool is_called_a(const struct name *n)
{
	const char *s = text(n);

	return s && s[0] == 'a' && (!s[1] || s[1] == '@');
}

static int negative(void)
{
	int v = any_int();

	assume(v < 0);
	return v;
}

static int after(int at, int first, int count)
{
	check(at >= first && at < first + count);
	return at + 1 < first + count ? at + 1 : negative();
}

int fdt_first_subnode(const void *fdt, int node)
{
	(void)fdt;
	check(node == PARENT);
	return child_count ? CHILD : negative();
}

int fdt_next_subnode(const void *fdt, int node)
{
	(void)fdt;
	return after(node, CHILD, child_count);
}

int fdt_first_property_offset(const void *fdt, int node)
{
	(void)fdt;
	check(node >= CHILD && node < CHILD + child_count);
	return property_count ? PROPERTY : negative();
}

int fdt_next_property_offset(const void *fdt, int at)
{
	(void)fdt;
	return after(at, PROPERTY, property_count);
}

const void *fdt_getprop_by_offset(const void *fdt, int at, const char **name,
				  int *length)
{
	const struct name *n = &properties[at - PROPERTY];

	(void)fdt;
	check(at >= PROPERTY && at < PROPERTY + property_count && !length);
	if (n->is_there)
		*name = text(n);
	return NULL;			/* what nobody may look at */
}

const char *fdt_get_name(const void *fdt, int node, int *length)
{
	const struct name *n = &children[node - CHILD];

	(void)fdt;
	check(node >= CHILD && node < CHILD + child_count);
	if (length)
		*length = n->is_there ? (int)n->length : negative();
	return text(n);
}

/* "/", or more, with its NUL. */
int fdt_get_path(const void *fdt, int node, char *buf, int bytes)
{
	uint32_t at = any_below(CHARACTERS) + 1, i;

	(void)fdt;
	(void)node;
	check(bytes > CHARACTERS);
	if (any_bool())
		return negative();
	buf[0] = '/';
	for (i = 1; i <= CHARACTERS; i++)
		buf[i] = i == at ? 0 : (char)any_u8();
	return 0;
}

const void *fdt_getprop(const void *fdt, int node, const char *name, int *length)
{
	(void)fdt;
	(void)node;
	(void)name;
	never();			/* no value is asked for here */
	return *length = -1, NULL;
}

static bool are_properties_good(void)
{
	bool good = property_count <= FDTREAD_PROPERTIES_MAX;
	int i, j;

	for (i = 0; i < property_count; i++) {
		good &= properties[i].is_there;
		for (j = 0; j < i; j++)
			good &= !is_same(&properties[i], &properties[j]);
	}
	return good;
}

static void look(void)
{
	int called = 0, which = 0, i, rc;

	for (i = 0; i < child_count; i++) {
		bool is = is_called_a(&children[i]);

		check(fdtread_is_called(&r, CHILD + i, "a") == is);
		called += is;
		which = is ? CHILD + i : which;
	}
	rc = any_bool() ? fdtread_node(&r, PARENT, "a")
			: fdtread_optional_node(&r, PARENT, "a");
	if (!called)
		check(rc == -HO_ENODE);
	else if (called > 1 || !are_properties_good())
		check(rc == -HO_EBLOBDUP);
	else
		check(rc == which);
}

static void one(void)
{
	int at = any_int(), rc;
	bool twice = false;

	assume(at >= 0 && at < child_count);
	twice = child_count == 2 && is_same(&children[0], &children[1]);
	rc = fdtread_one(&r, PARENT, CHILD + at);
	check(rc == (twice || !are_properties_good() ? -HO_EBLOBDUP : 0));
}

int main(void)
{
	int i;

	child_count = any_below(CHILDREN + 1);
	property_count = any_below(PROPERTIES + 1);
	for (i = 0; i < CHILDREN; i++)
		children[i] = any_name();
	for (i = 0; i < PROPERTIES; i++)
		properties[i] = any_name();
	if (any_bool())
		look();
	else
		one();
	return 0;
}
