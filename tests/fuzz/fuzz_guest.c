// SPDX-License-Identifier: MIT
/*
 * fuzz_guest.c - any bytes as the kept configuration of a QEMU guest, and as
 * what a QEMU's monitor says. What is read can be written and read again, and
 * made a command line.
 */
#include <stdlib.h>
#include <string.h>

#include "guestconf.h"
#include "qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_conf(const uint8_t *data, size_t size)
{
	struct guest_conf c, again;
	struct diag_log diag;
	char *text, **args;

	diag_init(&diag, HO_STAGE_LOADER);
	if (guest_conf_read(&c, (const char *)data, size, &diag)) {
		if (!diag.total)
			abort();
		return;
	}
	text = guest_conf_write(&c, &diag);
	if (!text || guest_conf_read(&again, text, strlen(text), &diag) ||
	    again.arg_count != c.arg_count ||
	    again.backend_count != c.backend_count)
		abort();
	args = guest_args(&c, "/dev/baton/x", &diag);
	if (!args && !diag.total)
		abort();
	guest_args_free(args);
	guest_conf_free(&again);
	guest_conf_free(&c);
	free(text);
}

/* In pieces, as a socket gives them. */
static void as_answers(const uint8_t *data, size_t size)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o;
	size_t at = 0, used;

	while (t && at < size) {
		size_t piece = size - at < 7 ? size - at : 7;

		if (qmp_parse(t, (const char *)data + at, piece, &used, &o) <
		    0)
			break;
		if (used > piece)
			abort();
		qmp_text(o, "status");
		json_object_put(o);
		at += used;
		if (!used)
			break;
	}
	json_tokener_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_conf(data, size);
	as_answers(data, size);
	return 0;
}
