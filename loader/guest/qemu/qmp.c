// SPDX-License-Identifier: MIT
/*
 * qmp.c - see qmp.h.
 */
#include "qmp.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS	1000000ll
#define NS_PER_S	1000000000ll

static int fail(const struct qmp *q, const char *what, struct diag_log *diag)
{
	return diag_add(diag, HO_EQMP, "%.80s: %.100s", q->path, what);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void qmp_set_deadline(struct qmp *q, int seconds)
{
	q->deadline_ns = seconds ? now_ns() + seconds * NS_PER_S : 0;
}

/* What a call has that begins now. */
static int64_t call_deadline(const struct qmp *q)
{
	int seconds = q->ask ? QMP_ASK_SECONDS : QMP_CALL_SECONDS;

	return q->deadline_ns ? q->deadline_ns : now_ns() + seconds * NS_PER_S;
}

/* Until the socket is ready for it; false with errno ETIMEDOUT, or poll()'s. */
static bool wait_for(const struct qmp *q, short events, int64_t deadline)
{
	struct pollfd p = { .fd = q->fd, .events = events };
	int64_t left;
	int rc;

	do {
		left = (deadline - now_ns() + NS_PER_MS - 1) / NS_PER_MS;
		errno = ETIMEDOUT;
		if (left <= 0)
			return false;
		rc = poll(&p, 1, left < INT_MAX ? left : INT_MAX);
	} while (!rc || (rc < 0 && errno == EINTR));
	return rc > 0;
}

/* recv() that ends by the deadline. */
static ssize_t take(const struct qmp *q, void *out, size_t bytes,
		    int64_t deadline)
{
	ssize_t got;

	do {
		if (!wait_for(q, POLLIN, deadline))
			return -1;
		got = recv(q->fd, out, bytes, MSG_DONTWAIT);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	return got;
}

int qmp_parse(struct json_tokener *t, const char *bytes, size_t length,
	      size_t *used, struct json_object **out)
{
	*out = json_tokener_parse_ex(t, bytes, length);
	*used = json_tokener_get_parse_end(t);
	if (*out)
		return 1;
	return json_tokener_get_error(t) == json_tokener_continue ? 0 : -1;
}

/* The next message, whatever it is; NULL on error (recorded). */
static struct json_object *next_message(struct qmp *q, int64_t deadline,
					struct diag_log *diag)
{
	struct json_object *o;
	size_t total = 0, used;
	ssize_t got = 0;
	int rc;

	json_tokener_reset(q->tokener);
	for (;;) {
		if (q->at == q->filled) {
			got = take(q, q->buffer, sizeof(q->buffer), deadline);
			if (got <= 0 || total > QMP_ANSWER_MAX)
				break;
			q->at = 0;
			q->filled = got;
			total += got;
		}
		rc = qmp_parse(q->tokener, q->buffer + q->at,
			       q->filled - q->at, &used, &o);
		q->at += used;
		if (rc > 0)
			return o;
		if (rc < 0) {
			fail(q, "answer is not JSON", diag);
			return NULL;
		}
	}
	fail(q, got < 0 ? strerror(errno) : got ? "answer without end"
						: "connection closed", diag);
	return NULL;
}

static int send_all(struct qmp *q, const char *text, int fd,
		    int64_t deadline, struct diag_log *diag)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { (char *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *head;
	ssize_t sent;

	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	while (part.iov_len) {
		if (!wait_for(q, POLLOUT, deadline))
			return fail(q, strerror(errno), diag);
		sent = sendmsg(q->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (sent < 0)
			return fail(q, strerror(errno), diag);
		message.msg_controllen = 0;
		part.iov_base = (char *)part.iov_base + sent;
		part.iov_len -= sent;
	}
	return 0;
}

/* 0xff is no JSON in any place: QEMU's parser says so once and begins anew
 * (qmp-spec, "Resynchronization"). What stands before that is dropped. */
int qmp_resync(struct qmp *q, struct diag_log *diag)
{
	static const char wanted[] = "JSON parse error";
	int64_t deadline = call_deadline(q);
	char line[512] = "", byte;
	size_t length = 0;
	int rc = q->ask ? 0 : send_all(q, "\xff\n", -1, deadline, diag);

	if (q->ask)
		return 0;	/* the manager's answers are its own */
	q->at = q->filled = 0;
	while (!rc) {
		if (take(q, &byte, 1, deadline) <= 0)
			return fail(q, "not in step", diag);
		if (byte == '\n') {
			if (strstr(line, wanted))
				return 0;
			length = 0;
		} else if (length + 1 < sizeof(line)) {
			line[length++] = byte;
		}
		line[length] = '\0';
	}
	return rc;
}

static int refused(struct qmp *q, const char *command,
		   struct json_object *error, int code, struct diag_log *diag)
{
	const char *text = qmp_text(error, "desc");

	return code ? diag_add(diag, code, "%.60s: %.40s: %.120s", q->path,
			       command, text ? text : "") : -HO_EQMP;
}

/* Events may come in between, and what is meant for a process that had this
 * socket before (qmp_resync()). None of them makes the deadline later. */
static int take_answer(struct qmp *q, const char *command, const char *id,
		       int64_t deadline, struct json_object **answer,
		       int code, struct diag_log *diag)
{
	struct json_object *o, *value;
	const char *text;
	int rc;

	for (;;) {
		o = next_message(q, deadline, diag);
		if (!o)
			return -HO_EQMP;
		text = qmp_text(o, "id");
		if (text && !strcmp(text, id)) {
			if (json_object_object_get_ex(o, "error", &value))
				break;
			if (json_object_object_get_ex(o, "return", &value)) {
				if (answer)
					*answer = json_object_get(value);
				json_object_put(o);
				return 0;
			}
		}
		json_object_put(o);
	}
	rc = refused(q, command, value, code, diag);
	json_object_put(o);
	return rc;
}

/* Whole seconds until then, at least one: the last question is asked. */
static int seconds_until(int64_t deadline)
{
	int64_t left = (deadline - now_ns()) / NS_PER_S;

	return left < 1 ? 1 : left > INT_MAX ? INT_MAX : left;
}

/* By the manager. */
static int call_by(struct qmp *q, const char *command, struct json_object *o,
		   int fd, struct json_object **answer, int code,
		   struct diag_log *diag)
{
	struct json_object *reply, *value;
	char *text;
	int rc;

	if (call_deadline(q) <= now_ns())
		return fail(q, strerror(ETIMEDOUT), diag);
	rc = q->ask(q->own, json_object_to_json_string_ext(o,
		    JSON_C_TO_STRING_PLAIN), fd,
		    seconds_until(call_deadline(q)), &text, diag);
	if (rc)
		return rc;
	reply = json_tokener_parse(text);
	free(text);
	if (json_object_object_get_ex(reply, "error", &value))
		rc = refused(q, command, value, code, diag);
	else if (!json_object_object_get_ex(reply, "return", &value))
		rc = fail(q, "answer is not one of QEMU's", diag);
	else if (answer)
		*answer = json_object_get(value);
	json_object_put(reply);
	return rc;
}

static int call(struct qmp *q, const char *command,
		struct json_object *arguments, int fd,
		struct json_object **answer, int code, struct diag_log *diag)
{
	struct json_object *o = qmp_argument("execute", command);
	int64_t deadline = call_deadline(q);
	char id[64];
	int rc;

	/* a forked process goes on counting where this one is */
	snprintf(id, sizeof(id), "baton-%d-%lu", (int)getpid(),
		 ++q->call_count);
	if (answer)
		*answer = NULL;
	if (arguments)
		json_object_object_add(o, "arguments", arguments);
	if (q->ask) {
		rc = call_by(q, command, o, fd, answer, code, diag);
		json_object_put(o);
		return rc;
	}
	json_object_object_add(o, "id", json_object_new_string(id));
	rc = send_all(q, json_object_to_json_string_ext(o,
		      JSON_C_TO_STRING_PLAIN), fd, deadline, diag);
	json_object_put(o);
	return rc ? rc : take_answer(q, command, id, deadline, answer, code,
				     diag);
}

int qmp_call(struct qmp *q, const char *command,
	     struct json_object *arguments, struct json_object **answer,
	     int code, struct diag_log *diag)
{
	return call(q, command, arguments, -1, answer, code, diag);
}

int qmp_give_fd(struct qmp *q, const char *name, int fd,
		struct diag_log *diag)
{
	return call(q, "getfd", qmp_argument("fdname", name), fd, NULL,
		    HO_EQMP, diag);
}

static int greet(struct qmp *q, struct diag_log *diag)
{
	struct json_object *o = next_message(q, call_deadline(q), diag);
	bool right = o && json_object_object_get_ex(o, "QMP", NULL);

	if (!o)
		return -HO_EQMP;
	json_object_put(o);
	if (!right)
		return fail(q, "no greeting: not a QMP socket", diag);
	return qmp_call(q, "qmp_capabilities", NULL, NULL, HO_EQMP, diag);
}

int qmp_open_within(struct qmp *q, const char *path, int seconds,
		    struct diag_log *diag)
{
	struct timeval wait = { .tv_sec = seconds };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t bytes = sizeof(peer);
	int rc;

	*q = (struct qmp){ .fd = -1, .path = path };
	qmp_set_deadline(q, seconds);
	if (strlen(path) >= sizeof(to.sun_path))
		return fail(q, "path too long", diag);
	strcpy(to.sun_path, path);
	q->tokener = json_tokener_new();
	if (!q->tokener)
		return diag_add(diag, HO_ENOMEM, "%s", path);
	q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* connect() waits where many are in line, by the time to send */
	if (q->fd < 0 ||
	    setsockopt(q->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) ||
	    connect(q->fd, (struct sockaddr *)&to, sizeof(to)) ||
	    getsockopt(q->fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes)) {
		q->gone = errno == ECONNREFUSED || errno == ENOENT;
		rc = fail(q, strerror(errno), diag);
	} else {
		q->pid = peer.pid;
		rc = greet(q, diag);
	}
	if (rc)
		qmp_close(q);
	return rc;
}

int qmp_open_fd(struct qmp *q, int fd, const char *name, int seconds,
		struct diag_log *diag)
{
	int rc;

	*q = (struct qmp){ .fd = fd, .path = name };
	qmp_set_deadline(q, seconds);
	q->tokener = json_tokener_new();
	rc = q->tokener ? greet(q, diag) : diag_add(diag, HO_ENOMEM, "%s",
						   name);
	if (rc)
		qmp_close(q);
	return rc;
}

int qmp_open(struct qmp *q, const char *path, struct diag_log *diag)
{
	int rc = qmp_open_within(q, path, QMP_CALL_SECONDS, diag);

	qmp_set_deadline(q, 0);
	return rc;
}

void qmp_open_by(struct qmp *q, const char *name, pid_t pid, qmp_ask_fn ask,
		 void *own)
{
	*q = (struct qmp){ .fd = -1, .path = name, .pid = pid, .ask = ask,
			   .own = own };
}

void qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	if (q->tokener)
		json_tokener_free(q->tokener);
	q->fd = -1;
	q->tokener = NULL;
}
