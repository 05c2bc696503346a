/* SPDX-License-Identifier: MIT */
/*
 * qmp.h - a QEMU's monitor, by its QMP socket: one command, one answer.
 * Source: docs/interop/qmp-spec.txt of QEMU.
 */
#ifndef LOADER_QMP_H
#define LOADER_QMP_H

#include <json-c/json.h>
#include <sys/types.h>

#include "diag.h"

#define QMP_ANSWER_MAX	(16u << 20)	/* bytes of one answer */
#define QMP_CALL_SECONDS	30	/* for a call, unless told otherwise */
/* The same by a manager: libvirt's own lock of a domain waits for 30, and says why. */
#define QMP_ASK_SECONDS		60

/*
 * A monitor that a manager holds, and hands commands on to: one command, which
 * is JSON without an id, with a descriptor or -1. *answer is the whole answer, to be
 * freed. HO_EQMP, HO_ELIBVIRT: not within so many seconds.
 */
typedef int (*qmp_ask_fn)(void *own, const char *command, int fd, int seconds,
			  char **answer, struct diag_log *diag);

struct qmp {
	int fd;				/* -1: not open, or a manager's */
	qmp_ask_fn ask;			/* NULL: by the socket */
	void *own;			/* ask()'s */
	const char *path;		/* the caller's, must live */
	pid_t pid;			/* of the QEMU that listens */
	bool gone;			/* open failed: nobody listens there */
	int64_t deadline_ns;		/* CLOCK_MONOTONIC; 0: each call's own */
	unsigned long call_count;	/* makes each command's id */
	struct json_tokener *tokener;
	size_t at, filled;
	char buffer[4096];
};

/* Connect and negotiate, within QMP_CALL_SECONDS. HO_EQMP, HO_ENOMEM. */
int qmp_open(struct qmp *q, const char *path, struct diag_log *diag);
/* The same within `seconds`, which is then the deadline of all that follows
 * (qmp_set_deadline()). The same codes. */
int qmp_open_within(struct qmp *q, const char *path, int seconds,
		    struct diag_log *diag);
/* The same over a socket that is connected, and becomes the monitor's also when
 * it fails. `name` is that of messages, and must live. The same codes. */
int qmp_open_fd(struct qmp *q, int fd, const char *name, int seconds,
		struct diag_log *diag);
/* The same by a manager, called so in errors; nothing is asked yet. */
void qmp_open_by(struct qmp *q, const char *name, pid_t pid, qmp_ask_fn ask,
		 void *own);
/*
 * All calls from here on have to be over after so many seconds, together: those
 * behind it fail at once with HO_EQMP. 0: each call has QMP_CALL_SECONDS of
 * its own, as after qmp_open(), or QMP_ASK_SECONDS. Nothing that QEMU sends makes
 * it longer.
 */
void qmp_set_deadline(struct qmp *q, int seconds);
/* Disconnect, and free what it holds. One that is not open is fine. */
void qmp_close(struct qmp *q);

/*
 * Send a command; `arguments` may be NULL and is used up. *answer (may be
 * NULL) is what stands under "return", to be put. -HO_EQMP, or `code`
 * instead when QEMU answers with an error: its text is recorded. Code 0: its
 * error is not recorded. Only what has the command's id is an answer to it.
 */
int qmp_call(struct qmp *q, const char *command,
	     struct json_object *arguments, struct json_object **answer,
	     int code, struct diag_log *diag);

/* After another process may have left off in the middle of a command or of its
 * answer: from here on answers are ours. HO_EQMP. */
int qmp_resync(struct qmp *q, struct diag_log *diag);

/* One argument, a string. */
struct json_object *qmp_argument(const char *name, const char *value);
/* Those of query-named-block-nodes: each node without what is behind it. */
struct json_object *qmp_flat(void);

/* The text a human would see, to be freed; NULL on error (recorded).
 * HO_EQMP. */
char *qmp_human(struct qmp *q, const char *line, struct diag_log *diag);

/* Give it a descriptor under a name ("fd:NAME" of migrate). HO_EQMP. */
int qmp_give_fd(struct qmp *q, const char *name, int fd,
		struct diag_log *diag);

#define QMP_STATUS_BYTES 32

/* How its guest stands, a word of QEMU's; empty: it says nothing. HO_EQMP. */
int qmp_status(struct qmp *q, char out[QMP_STATUS_BYTES],
	       struct diag_log *diag);

/* QEMU's own version: major, minor, micro. HO_EQMP. */
int qmp_version(struct qmp *q, int version[3], struct diag_log *diag);

/* A word of the answer's object; NULL: not there, or no string. */
const char *qmp_text(struct json_object *o, const char *key);
/* Any member of it as JSON, without blanks; "": not there, or null. */
const char *qmp_plain(struct json_object *o, const char *key);

/* A member of an object, as it is; NULL: not there, or null. */
static inline struct json_object *qmp_member(struct json_object *o,
					     const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, key, &value);
	return value;
}

/* An item of a list; NULL: it is not so long. */
static inline struct json_object *qmp_item(struct json_object *list, size_t i)
{
	return json_object_array_get_idx(list, i);
}

/* One JSON value after the other out of a buffer that fills up; for the
 * fuzzer, too. 1 and *out, 0: more bytes are needed, -1: not JSON. */
int qmp_parse(struct json_tokener *t, const char *bytes, size_t length,
	      size_t *used, struct json_object **out);

#endif /* LOADER_QMP_H */
