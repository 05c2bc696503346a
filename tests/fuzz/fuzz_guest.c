// SPDX-License-Identifier: MIT
/*
 * fuzz_guest.c - any bytes as the kept configuration of a QEMU guest, as what a
 * QEMU's monitor says and as the status of its process. What is read can be written and read again, and
 * made a command line.
 */
#include <stdlib.h>
#include <string.h>

#include "guestconf.h"
#include "qmp.h"
#include "util.h"

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
	    again.backend_count != c.backend_count ||
	    again.process.env_count != c.process.env_count ||
	    again.process.uid != c.process.uid)
		abort();
	args = guest_args(&c, "/dev/baton/x", &diag);
	if (!args && !diag.total)
		abort();
	strings_free(args);
	diag_init(&diag, HO_STAGE_LOADER);
	if (guest_args_check(&c, &diag) != -(int)(diag.total
						  ? diag.items[0].code : 0))
		abort();
	guest_conf_free(&again);
	guest_conf_free(&c);
	free(text);
}

static void as_status(const uint8_t *data, size_t size)
{
	FILE *f = size ? fmemopen((void *)data, size, "r") : NULL;
	struct guest_process p = { 0 };

	if (f && guest_process_status(&p, f) && p.umask > 0777)
		abort();
	if (f)
		fclose(f);
	guest_process_free(&p);
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
	as_status(data, size);
	return 0;
}
