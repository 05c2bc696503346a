// SPDX-License-Identifier: MIT
/*
 * note.c - see note.h.
 */
#include "note.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"
#include "child.h"
#include "resumed.h"
#include "util.h"

#define NOTE_SECONDS	5		/* guests stand still, or others wait */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int write_note(const char *path, const struct blob *b,
		      struct diag_log *diag)
{
	char text[320], boot[40] = "";
	int length, rc;

	text_read(BOOT_ID, boot, sizeof(boot));
	length = snprintf(text, sizeof(text),
			  "{ \"generation\": %u, \"id\": \"%s\", \"when\": %lld, \"boot\": \"%s\", \"tsc\": %llu }\n",
			  b->generation, human_id(b->id),
			  (long long)time(NULL), boot,
			  (unsigned long long)resumed_now());
	folder_make(path);
	leftovers_remove(path);
	rc = file_write(path, text, length, diag);
	if (!rc)
		folder_sync(path);
	return rc;
}

static void begin(const char *path, const char *blob_path)
{
	struct blob *b = calloc(1, sizeof(*b));
	struct mapped m = { 0 };
	struct diag_log diag;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = b ? mapped_open(&m, blob_path, HO_EFILE, &diag) : -HO_ENOMEM;
	if (!rc)
		rc = blob_parse(b, m.bytes, m.length, BLOB_HANDOVER, &diag);
	if (!rc)
		rc = write_note(path, b, &diag);
	if (rc)
		progress("no note of this update is left in %s: %s", path,
			 diag.total ? diag.items[0].where : error_text(-rc));
	mapped_close(&m);
	free(b);
}

/* A disk that does not answer holds a process for ever, but not this one. -> why it
 * is not done; NULL: it is. */
static const char *in_time(void (*work)(const char *path,
					const char *blob_path),
			   const char *path, const char *blob_path)
{
	pid_t child = child_fork();

	if (!child) {
		work(path, blob_path);
		_exit(0);
	}
	if (child < 0)
		return strerror(errno);
	return child_take(child, NOTE_SECONDS, NULL) ? NULL
		: "its disk does not answer";
}

void note_begin(const char *path, const char *blob_path)
{
	const char *why = in_time(begin, path, blob_path);

	if (why)
		progress("no note of this update is left in %s: %s", path, why);
}

static void take_text(struct json_object *o, const char *name, char *out,
		      size_t bytes)
{
	struct json_object *v;

	if (json_object_object_get_ex(o, name, &v) &&
	    json_object_is_type(v, json_type_string))
		snprintf(out, bytes, "%s", json_object_get_string(v));
}

/* False: there is none. *here: this instance wrote it. */
static bool take_note(const char *path, struct note *out, bool *here)
{
	struct json_object *o = json_object_from_file(path), *v;
	char boot[40] = "";

	*out = (struct note){ 0 };
	if (!o)
		return false;
	if (json_object_object_get_ex(o, "generation", &v))
		out->generation = json_object_get_int64(v);
	if (json_object_object_get_ex(o, "when", &v))
		out->when = json_object_get_int64(v);
	if (json_object_object_get_ex(o, "tsc", &v))
		out->tsc = json_object_get_int64(v);
	take_text(o, "id", out->id, sizeof(out->id));
	take_text(o, "boot", out->boot, sizeof(out->boot));
	json_object_put(o);
	text_read(BOOT_ID, boot, sizeof(boot));
	*here = !strcmp(out->boot, boot);
	return *out->id;
}

static void remove_note(const char *path)
{
	if (!unlink(path))
		folder_sync(path);
}

static void withdraw(const char *path, const char *blob_path)
{
	struct note note;
	bool here;

	(void)blob_path;
	if (take_note(path, &note, &here) && here)
		remove_note(path);
}

void note_withdraw(const char *path)
{
	const char *why = in_time(withdraw, path, NULL);

	if (why)
		progress("the note of this update stays in %s: %s", path, why);
}

bool note_read(const char *path, struct note *out)
{
	bool here;

	return take_note(path, out, &here) && !here;
}

bool note_settle(const char *path, const struct ho_breadcrumb *crumb,
		 struct note *out)
{
	if (!note_read(path, out))
		return false;
	if (strcmp(out->id, human_id(crumb->id)))
		return true;
	if (crumb->state != HO_STATE_CHAINED)
		return false;
	if (out->tsc)
		resumed_set_jump(out->generation, out->tsc);
	remove_note(path);
	return false;
}

const char *note_when(const struct note *n)
{
	static char text[64];
	struct tm tm;

	if (!gmtime_r(&n->when, &tm) ||
	    !strftime(text, sizeof(text), "%F %T UTC", &tm))
		return "an unknown time";
	return text;
}
