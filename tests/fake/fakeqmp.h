/* SPDX-License-Identifier: MIT */
/*
 * fakeqmp.h - a monitor of QEMU's that a test scripts: a process of its own on a
 * unix socket. It may be as hostile as it likes: what is sent is bytes.
 */
#ifndef FAKE_FAKEQMP_H
#define FAKE_FAKEQMP_H

#include <stdbool.h>
#include <sys/types.h>

#define FAKE_QMP_GREETING \
	"{\"QMP\":{\"version\":{\"qemu\":{\"major\":7,\"minor\":2," \
	"\"micro\":0}},\"capabilities\":[]}}\r\n"
#define FAKE_QMP_EVENT	"{\"event\":\"STOP\",\"timestamp\":{}}\r\n"

struct fake_qmp {
	char path[100];
	pid_t pid;
};

/* Listen at `path` for ever, in this process. */
void fake_qmp_serve(int listening, void (*play)(int fd, void *context),
		    void *context) __attribute__((noreturn));
int fake_qmp_listen(const char *path);

/* Listen at `path`, and play to each who connects, one after the other. The
 * socket's owner by the kernel is the caller. */
void fake_qmp_start(struct fake_qmp *q, const char *path,
		    void (*play)(int fd, void *context), void *context);
/* A socket where nobody listens. */
void fake_qmp_nobody(const char *path);
void fake_qmp_stop(struct fake_qmp *q);

/* For those who play; they end with the process. */
void fake_qmp_say(int fd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The next command, NULL: the client is gone. Its id goes into `id`, "" if it
 * has none; a file that comes with it into *file. */
const char *fake_qmp_hear(int fd, char id[64], int *file);
void fake_qmp_answer(int fd, const char *id, const char *value);
void fake_qmp_refuse(int fd, const char *id, const char *why);
/* Greeting and capabilities; the command that follows is heard. */
void fake_qmp_begin(int fd, char id[64]);
void fake_qmp_flood(int fd) __attribute__((noreturn));
void fake_qmp_wait(void) __attribute__((noreturn));

#endif /* FAKE_FAKEQMP_H */
