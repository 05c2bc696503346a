// SPDX-License-Identifier: MIT
/*
 * fakeqmp.c - see fakeqmp.h.
 */
#include "fakeqmp.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFE_SECONDS	120

static int bound(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		abort();
	return fd;
}

int fake_qmp_listen(const char *path)
{
	int fd = bound(path);

	if (listen(fd, 8))
		abort();
	return fd;
}

void fake_qmp_serve(int listening, void (*play)(int fd, void *context),
		    void *context)
{
	int one;

	alarm(LIFE_SECONDS);
	signal(SIGPIPE, SIG_IGN);
	while ((one = accept(listening, NULL, NULL)) >= 0) {
		play(one, context);
		close(one);
	}
	_exit(0);
}

void fake_qmp_start(struct fake_qmp *q, const char *path,
		    void (*play)(int fd, void *context), void *context)
{
	int fd = fake_qmp_listen(path);

	snprintf(q->path, sizeof(q->path), "%s", path);
	fflush(NULL);
	q->pid = fork();
	if (!q->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fake_qmp_serve(fd, play, context);
	}
	close(fd);
}

void fake_qmp_nobody(const char *path)
{
	close(bound(path));
}

void fake_qmp_stop(struct fake_qmp *q)
{
	if (q->pid > 0) {
		kill(q->pid, SIGKILL);
		waitpid(q->pid, NULL, 0);
	}
	q->pid = 0;
	unlink(q->path);
}

void fake_qmp_say(int fd, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vdprintf(fd, format, list);	/* a client that is gone is no error */
	va_end(list);
}

static ssize_t receive(int fd, char *text, size_t bytes, int *file)
{
	char room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { text, bytes };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };
	ssize_t got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (c && c->cmsg_type == SCM_RIGHTS && file)
		memcpy(file, CMSG_DATA(c), sizeof(*file));
	return got;
}

const char *fake_qmp_hear(int fd, char id[64], int *file)
{
	static char text[1 << 16];
	ssize_t got = receive(fd, text, sizeof(text) - 1, file);
	char *at;

	*id = '\0';
	if (got <= 0)
		return NULL;
	text[got] = '\0';
	for (at = strstr(text, "\\/"); at; at = strstr(at, "\\/"))
		memmove(at, at + 1, strlen(at));
	at = strstr(text, "\"id\":\"");
	if (at)
		sscanf(at + 6, "%63[^\"]", id);
	return text;
}

void fake_qmp_answer(int fd, const char *id, const char *value)
{
	fake_qmp_say(fd, "{\"return\":%s,\"id\":\"%s\"}\r\n", value, id);
}

void fake_qmp_refuse(int fd, const char *id, const char *why)
{
	fake_qmp_say(fd, "{\"id\":\"%s\",\"error\":{\"class\":\"GenericError\","
		     "\"desc\":\"%s\"}}\r\n", id, why);
}

void fake_qmp_begin(int fd, char id[64])
{
	fake_qmp_say(fd, FAKE_QMP_GREETING);
	fake_qmp_hear(fd, id, NULL);
	fake_qmp_answer(fd, id, "{}");
	fake_qmp_hear(fd, id, NULL);
}

void fake_qmp_flood(int fd)
{
	for (;; usleep(20000))
		if (write(fd, FAKE_QMP_EVENT, strlen(FAKE_QMP_EVENT)) < 0)
			_exit(0);
}

void fake_qmp_wait(void)
{
	for (;;)
		pause();
}
