// SPDX-License-Identifier: MIT
/*
 * prove_guestconf.c - what is kept of a QEMU guest, whatever its record says: names end in
 * their buffers, a bridge's leads to no other file, backends are whole pages; there are as
 * many of each as is counted.
 *
 * proof:
 * bound: lists of 2, texts of 5 characters, names of interfaces of 3; json-c as its header says,
 *	and words of any characters
 * flags: --unwind 7
 */
#include "proof.h"

#include <json-c/json.h>
#include <net/if.h>
#include <string.h>

/* so that a text can be too long */
#undef IFNAMSIZ
#define IFNAMSIZ	4
#define TEXT_BYTES	6
#define LIST		2

/* ISO C: CBMC has none. Of which characters is not looked at. */
size_t strspn(const char *in, const char *of)
{
	(void)of;
	return any_below(strlen(in) + 1);
}

/* json-c: objects are what nobody looks into. */
static char object;
static struct json_object *const any_object = (struct json_object *)&object;

json_bool json_object_object_get_ex(const struct json_object *o,
				    const char *key,
				    struct json_object **value)
{
	(void)o, (void)key;
	*value = any_bool() ? any_object : NULL;
	return any_bool();
}
int json_object_is_type(const struct json_object *o, enum json_type type)
{
	(void)o, (void)type;
	return any_bool();
}
const char *json_object_get_string(struct json_object *o)
{
	char *text = any_bytes(TEXT_BYTES);

	(void)o;
	text[TEXT_BYTES - 1] = '\0';
	return text;
}
int64_t json_object_get_int64(const struct json_object *o)
{
	(void)o;
	return any_u64();
}
uint64_t json_object_get_uint64(const struct json_object *o)
{
	(void)o;
	return any_u64();
}
size_t json_object_array_length(const struct json_object *o)
{
	(void)o;
	return any_bool() ? any_below(LIST + 1) : ~0ull;
}
struct json_object *json_object_array_get_idx(const struct json_object *o,
					      size_t i)
{
	(void)o;
	check(i < LIST);
	return any_object;
}

#include "loader/guest/qemu/guestconf.c"

const char *qmp_text(struct json_object *o, const char *key)
{
	(void)key;
	return any_bool() ? json_object_get_string(o) : NULL;
}

static bool ends(const char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		if (!text[i])
			return true;
	return false;
}

static void word(void)
{
	char out[4];

	if (take_word(any_object, "machine", out, sizeof(out)))
		check(out[0] && ends(out, sizeof(out)));
}

static void backends(struct guest_conf *c)
{
	int i;

	if (take_backends(c, any_object, NULL))
		return;
	check(c->backend_count > 0 && c->backend_count <= LIST);
	for (i = 0; i < c->backend_count; i++) {
		const struct guest_backend *b = &c->backends[i];

		check(b->bytes && !(b->bytes & 4095) && !(b->address & 4095));
		check(b->address + b->bytes > b->address);
		check(b->id[0] && ends(b->id, TEXT_BYTES));
	}
}

static void bridges(struct guest_conf *c)
{
	uint32_t i, at;

	if (take_bridges(c, any_object, NULL))
		return;
	check(c->bridge_count >= 0 && c->bridge_count <= LIST);
	for (i = 0; i < (uint32_t)c->bridge_count; i++) {
		const char *name = c->bridges[i];

		check(name[0] && name[0] != '.' && ends(name, IFNAMSIZ));
		for (at = 0; name[at]; at++)
			check(name[at] != '/');
	}
}

static void args(struct guest_conf *c)
{
	int rc = take_args(c, any_object, NULL), i;

	if (c->args) {
		for (i = 0; i < c->arg_count; i++)
			check(c->args[i]);
		/* for strings_free(), also after an error */
		check(c->arg_count <= LIST && !c->args[c->arg_count]);
	}
	check(rc || (c->args && c->arg_count > 0));
}

int main(void)
{
	struct guest_conf c = { 0 };

	switch (any_below(4)) {
	case 0:
		word();
		break;
	case 1:
		backends(&c);
		break;
	case 2:
		bridges(&c);
		break;
	default:
		args(&c);
	}
	return 0;
}
