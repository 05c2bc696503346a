// SPDX-License-Identifier: MIT
/*
 * journal.c - see journal.h. By libsystemd, which is opened when it is there: a
 * host without systemd needs none.
 */
#include "journal.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>

#include "diag.h"
#include "signals.h"

#define FIELDS_MAX	10
#define JOURNAL_SECONDS	2

/* sd_journal_sendv(3): fields NAME=VALUE; an error is of no use to us. */
typedef int (*journal_sendv)(const struct iovec *fields, int count);

struct fields {
	int count;
	struct iovec list[FIELDS_MAX];
};

static journal_sendv sendv;

static void find_library(void)
{
	void *opened = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);

	if (opened)
		*(void **)&sendv = dlsym(opened, "sd_journal_sendv");
}

/* Guests that are adopted at once are recorded on a thread each. */
static journal_sendv library(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_library);
	return sendv;
}

/* "NAME=value", of a value that is there */
static void add(struct fields *f, const char *name, const char *value)
{
	char *text;
	int length = value ? asprintf(&text, "%s=%s", name, value) : -1;

	if (length >= 0)
		f->list[f->count++] = (struct iovec){ text, length };
}

static void forget(struct fields *f)
{
	while (f->count)
		free(f->list[--f->count].iov_base);
	free(f);
}

static void *deliver(void *fields)
{
	struct fields *f = fields;

	library()(f->list, f->count);
	forget(f);
	return NULL;
}

/* A journald that stands still takes nothing, for as long as it likes. */
static void deliver_in_time(struct fields *f)
{
	static atomic_bool stands_still;
	struct timespec end;
	pthread_t thread;

	if (stands_still || signals_thread(&thread, deliver, f)) {
		forget(f);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += JOURNAL_SECONDS;
	if (!pthread_timedjoin_np(thread, NULL, &end))
		return;
	pthread_detach(thread);
	stands_still = true;
}

void journal_send(const struct journal_entry *e, const char *format, ...)
{
	struct fields *f = library() ? calloc(1, sizeof(*f)) : NULL;
	char text[512], priority[2] = { '0' + e->priority % 8, '\0' };
	va_list args;

	if (!f)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add(f, "MESSAGE", text);
	add(f, "MESSAGE_ID", e->id);
	add(f, "PRIORITY", priority);
	add(f, "SYSLOG_IDENTIFIER", "baton");
	add(f, "BATON_COMMAND", e->command);
	add(f, "BATON_STAGE", e->stage);
	add(f, "BATON_GUEST", e->guest);
	add(f, "BATON_CODE", e->code ? error_name(e->code) : NULL);
	deliver_in_time(f);
}
