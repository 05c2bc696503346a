// SPDX-License-Identifier: MIT
/*
 * tell.c - see tell.h. The line of each second comes from a thread of its own, for
 * the stage may be one long call. That thread neither allocates nor uses stdio, so
 * that it may be anywhere when the command forks; the children do not have it.
 */
#include "tell.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jsonout.h"
#include "pendingline.h"
#include "signals.h"
#include "util.h"

#define LINE_BYTES	320
#define US		1000000ull

static struct {
	enum tell_how how;
	bool begun, terminal;
	const char *command;
	uint64_t begin_us;
	pthread_t ticker;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t changed;
	bool ending;
	const char *stage, *text;
	uint64_t stage_us, guests, bytes;
} tell = { .lock = PTHREAD_MUTEX_INITIALIZER };

static atomic_uint_fast64_t guests_done, bytes_done;

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * US + t.tv_nsec / 1000;
}

static double seconds(uint64_t from_us)
{
	return (now_us() - from_us) / (double)US;
}

/* Whole, or not at all; nothing waits for it while guests stand still. */
static void put(int fd, const char *text, int length)
{
	if (length > 0 && length < LINE_BYTES && output_is_taken(fd) &&
	    write(fd, text, length) != length)
		errno = 0;
}

/* By what took how long: of bytes if their number is known, else of guests. -1:
 * not known. */
static double seconds_left(void)
{
	uint64_t all = tell.bytes ? tell.bytes : tell.guests;
	uint64_t done = tell.bytes ? bytes_done : guests_done;

	if (!all || !done || done > all)
		return -1;
	return seconds(tell.stage_us) * (all - done) / done;
}

void tell_line(char *text, unsigned long size)
{
	unsigned long at = snprintf(text, size, "%6.2f s  %s",
				    seconds(tell.begin_us),
				    tell.text ? tell.text : tell.stage);
	uint64_t guests = guests_done, bytes = bytes_done;
	double left = seconds_left();

	if (tell.guests && at < size)
		at += snprintf(text + at, size - at,
			       ": %" PRIu64 " of %" PRIu64 " guests", guests,
			       tell.guests);
	if (bytes && at < size)
		at += snprintf(text + at, size - at, ", %s%s%s",
			       human_bytes(bytes), tell.bytes ? " of " : "",
			       tell.bytes ? human_bytes(tell.bytes) : "");
	if (left >= 0 && at < size)
		snprintf(text + at, size - at, ", about %.0f s left", left);
}

static void tick_people(void)
{
	char text[LINE_BYTES / 2], line[LINE_BYTES];

	tell_line(text, sizeof(text));
	if (tell.terminal)
		pending_line_set();
	put(STDERR_FILENO, line,
	    snprintf(line, sizeof(line), "%sbaton: %s%s",
		     tell.terminal ? PENDING_BACK : "", text,
		     tell.terminal ? "" : "\n"));
}

/* All of it is ours: nothing to escape. */
static void tick_json(void)
{
	char line[LINE_BYTES], left[32] = "null";
	double s = seconds_left();

	if (s >= 0)
		snprintf(left, sizeof(left), "%.1f", s);
	put(STDOUT_FILENO, line, snprintf(line, sizeof(line),
		"{\"event\":\"progress\",\"seconds\":%.3f,\"stage\":\"%s\","
		"\"guests_done\":%" PRIu64 ",\"guests\":%" PRIu64 ","
		"\"bytes_done\":%" PRIu64 ",\"bytes\":%" PRIu64 ","
		"\"seconds_left\":%s}\n", seconds(tell.begin_us), tell.stage,
		(uint64_t)guests_done, tell.guests, (uint64_t)bytes_done,
		tell.bytes, left));
}

/* A second after the stage began, and every second from there. */
static void *tick(void *none)
{
	uint64_t next, begun;
	struct timespec at;

	pthread_mutex_lock(&tell.lock);
	while (!tell.ending) {
		begun = tell.stage_us;
		next = begun + (1 + (now_us() - begun) / US) * US;
		at.tv_sec = next / US;
		at.tv_nsec = next % US * 1000;
		if (pthread_cond_timedwait(&tell.changed, &tell.lock, &at) !=
		    ETIMEDOUT || tell.ending || tell.stage_us != begun ||
		    !*tell.stage)
			continue;
		if (tell.how == TELL_JSON)
			tick_json();
		else
			tick_people();
	}
	pthread_mutex_unlock(&tell.lock);
	return none;
}

void tell_begin(enum tell_how how, const char *command)
{
	pthread_condattr_t monotonic;

	tell.how = how;
	tell.command = command;
	tell.terminal = how == TELL_PEOPLE && isatty(STDERR_FILENO);
	tell.begin_us = tell.stage_us = now_us();
	tell.stage = "";
	tell.text = NULL;
	tell.ending = false;
	tell.begun = true;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&tell.changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	/* without it there are the lines of stages alone */
	if (how != TELL_QUIET && signals_thread(&tell.ticker, tick, NULL))
		tell.ticker = 0;
}

void tell_end(void)
{
	if (!tell.begun)
		return;
	pthread_mutex_lock(&tell.lock);
	tell.ending = true;
	pthread_cond_signal(&tell.changed);
	pthread_mutex_unlock(&tell.lock);
	if (tell.ticker)
		pthread_join(tell.ticker, NULL);
	tell.ticker = 0;
	tell.begun = false;
	pending_line_clear();
}

static void stage_event(void)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "stage", tell.stage);
	if (tell.text)
		json_text(o, "text", tell.text);
	json_u64(o, "guests", tell.guests);
	json_u64(o, "bytes", tell.bytes);
	tell_event("stage", o);
}

void tell_stage(const char *stage, const char *text, uint64_t guests,
		uint64_t bytes)
{
	if (!tell.begun)
		return;
	pthread_mutex_lock(&tell.lock);
	tell.stage = stage;
	tell.text = text;
	tell.guests = guests;
	tell.bytes = bytes;
	tell.stage_us = now_us();
	guests_done = bytes_done = 0;
	pthread_cond_signal(&tell.changed);
	pthread_mutex_unlock(&tell.lock);
	if (tell.how == TELL_JSON && *stage)
		stage_event();
	else if (text && tell.how == TELL_PEOPLE)
		progress("%6.2f s  %s", seconds(tell.begin_us), text);
}

void tell_note(const char *text)
{
	struct json_object *o;

	if (!tell.begun)
		return;
	if (tell.how == TELL_PEOPLE)
		progress("%6.2f s  %s", seconds(tell.begin_us), text);
	if (tell.how != TELL_JSON)
		return;
	o = json_object_new_object();
	json_text(o, "text", text);
	tell_event("note", o);
}

void tell_done(uint64_t guests, uint64_t bytes)
{
	guests_done += guests;
	bytes_done += bytes;
}

const char *tell_stage_now(void)
{
	return tell.stage ? tell.stage : "";
}

void tell_event(const char *event, struct json_object *o)
{
	struct json_object *line = json_object_new_object();
	double s = seconds(tell.begin_us);
	char text[32];

	snprintf(text, sizeof(text), "%.3f", s);
	json_text(line, "event", event);
	json_object_object_add(line, "seconds",
			       json_object_new_double_s(s, text));
	json_object_object_foreach(o, name, value)
		json_object_object_add(line, name, json_object_get(value));
	if (tell.how == TELL_JSON && output_is_taken(STDOUT_FILENO)) {
		pthread_mutex_lock(&tell.lock);
		puts(json_object_to_json_string_ext(line,
						    JSON_C_TO_STRING_PLAIN));
		fflush(stdout);
		pthread_mutex_unlock(&tell.lock);
	}
	json_object_put(line);
	json_object_put(o);
}
