// SPDX-License-Identifier: MIT
/*
 * test_sequence.c - an update over two kinds of guest that do as they are told:
 * each writes what it is asked to a file, and fails where the test says. Whoever
 * was held or paused is let run once, whatever fails; nobody is touched when one
 * of them is refused; and the guard does the same when the command is killed.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "guests.h"
#include "sequence.h"

/* In both: what is in the log before anybody is touched, and all in one */
#define LOOKED	"find:c examine:a examine:b examine:c left "
#define HELD	LOOKED "hold:a hold:b hold:c ready "
#define SAVED	HELD "save:b save:a save:c paused "
#define WRITTEN	SAVED "frames:a frames:b frames:c saved "
#define UNDONE	"resume:b resume:a resume:c "
#define CLOSED	"close:a close:b close:c "

static struct diag_log diag;
static char folder[64], stream[96];
static int told = -1;			/* the log, also of the guard */
static const char *fails;		/* "save:b": what is to fail */
static bool kills;			/* this process, instead */

/* Say it; what is to fail does. */
static int did(const char *what, const char *who)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%s%s%s ", what,
			      *who ? ":" : "", who);

	assert_int_equal(write(told, line, length), length);
	line[length - 1] = 0;
	if (!fails || strcmp(fails, line))
		return 0;
	if (kills)
		kill(getpid(), SIGKILL);
	return diag_add(&diag, HO_EGUESTBUSY, "%s", line);
}

static int fake_examine(struct guest *g, struct diag_log *d)
{
	int rc = did("examine", g->name);

	(void)d;
	if (!rc && !g->own)
		g->own = strdup(g->name);
	g->runner = g->name[0];
	return rc;
}

static int fake_left(const pid_t *pids, size_t count, struct diag_log *d)
{
	(void)d;
	assert_int_equal(count, 3);
	assert_int_equal(pids[0], 'a');
	assert_int_equal(pids[2], 'c');
	return did("left", "");
}

static int fake_hold(struct guest *g, struct diag_log *d)
{
	(void)d;
	assert_false(g->touched);
	return did("hold", g->name);
}

static int fake_save(struct guest *const *list, int count,
		     struct diag_log *d)
{
	int i, rc = 0;

	(void)d;
	for (i = 0; i < count && !rc; i++) {
		assert_true(list[i]->held);
		list[i]->touched = true;
		rc = did("save", list[i]->name);
	}
	return rc;
}

static int fake_frames(struct guest *g, struct stream_writer *w,
		       struct diag_log *d)
{
	(void)d;
	stream_writer_extent(w, g->name[0], 1, HO_TYPE_NORMAL, 0);
	return did("frames", g->name);
}

static int fake_unchanged(struct guest *g, struct diag_log *d)
{
	(void)d;
	return did("unchanged", g->name);
}

/* The guard does not know who is paused: none, or perhaps all. */
static void fake_resume(struct guest *const *list, int count)
{
	int i;

	for (i = 0; i < count; i++)
		did(kills && !list[i]->touched ? "let" : "resume",
		    list[i]->name);
}

static void fake_keep_on(struct guest *g)
{
	did("keep", g->name);
}

static void fake_close(struct guest *g)
{
	did("close", g->name);
	free(g->own);
	g->own = NULL;
}

static int fake_find(const struct guest_wanted *wanted, guest_new_fn add,
		     void *context, struct diag_log *d);

#define FAKE \
	.record = HO_KIND_KVM, \
	.examine = fake_examine, .hold = fake_hold, .save = fake_save, \
	.frames = fake_frames, .unchanged = fake_unchanged, \
	.resume = fake_resume, .keep_on = fake_keep_on, .close = fake_close

static const struct guest_kind
	early = { .name = "early", FAKE, .left = fake_left },
	late = { .name = "late", FAKE, .find = fake_find },
	quiet = { .name = "quiet", FAKE, .runs_in_collect = true };
static const struct guest_kind *const kinds[] = { &early, &late, &quiet,
						  NULL };

static int fake_find(const struct guest_wanted *wanted, guest_new_fn add,
		     void *context, struct diag_log *d)
{
	struct guest *g;
	int i, rc = 0;

	for (i = 0; i < wanted->count && !rc; i++) {
		g = add(context, &late, d);
		assert_non_null(g);
		g->name = wanted->names[i];
		g->own = strdup(wanted->names[i]);
		rc = did("find", wanted->names[i]);
	}
	return rc;
}

static int ready(struct sequence *s, struct diag_log *d)
{
	(void)s, (void)d;
	return did("ready", "");
}

static void paused(struct sequence *s)
{
	(void)s;
	did("paused", "");
}

static int saved(struct sequence *s, struct diag_log *d)
{
	int rc = did("saved", "");

	return rc ? rc : guests_unchanged(s->collect, d);
}

static void add(struct collect *c, const struct guest_kind *kind,
		const char *name)
{
	struct guest *g = collect_add(c, kind, &diag);

	assert_non_null(g);
	g->name = name;
}

/* "a" and "c" of the kind that is paused last, "b" of the other. */
static void fill(struct collect *c)
{
	*c = (struct collect){ .kinds = kinds, .name_count = 1,
			       .names = { { &late, "c" } } };
	add(c, &late, "a");
	add(c, &early, "b");
}

static int run(struct collect *c, bool pause_all)
{
	struct sequence s = { .collect = c, .stream = stream,
			      .pause_all = pause_all, .ready = ready,
			      .paused = paused, .saved = saved,
			      .guard = GUARD_NONE };
	int rc = sequence_run(&s, &diag);

	assert_int_equal(s.guard.fd, -1);
	collect_free(c);
	return rc;
}

static const char *log_text(void)
{
	static char text[1024];
	ssize_t length = pread(told, text, sizeof(text) - 1, 0);

	assert_true(length >= 0);
	text[length] = 0;
	return text;
}

static int setup(void **state)
{
	char path[96];

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	strcpy(folder, "/tmp/baton-test-sequence.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(stream, sizeof(stream), "%s/stream", folder);
	snprintf(path, sizeof(path), "%s/log", folder);
	told = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	fails = NULL;
	kills = false;
	return told < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	close(told);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void all_is_well(void **state)
{
	static struct collect c;

	(void)state;
	fill(&c);
	assert_int_equal(run(&c, false), 0);
	assert_string_equal(log_text(), WRITTEN
			    "unchanged:a unchanged:b unchanged:c "
			    "keep:a keep:b keep:c " CLOSED);
	assert_int_equal(access(stream, F_OK), 0);
}

static void each_step_fails(void **state)
{
	static const struct {
		const char *step, *log;
	} cases[] = {
		{ "find:c", "find:c close:c " },
		{ "examine:a", "find:c examine:a examine:b examine:c close:b close:c " },
		{ "examine:b", "find:c examine:a examine:b examine:c close:a close:c " },
		{ "left", LOOKED CLOSED },
		{ "hold:a", LOOKED "hold:a resume:a " CLOSED },
		{ "hold:b", LOOKED "hold:a hold:b resume:b resume:a " CLOSED },
		{ "ready", HELD UNDONE CLOSED },
		{ "save:b", HELD "save:b " UNDONE CLOSED },
		{ "save:a", HELD "save:b save:a " UNDONE CLOSED },
		{ "save:c", HELD "save:b save:a save:c " UNDONE CLOSED },
		{ "frames:a", SAVED "frames:a " UNDONE CLOSED },
		{ "frames:c", SAVED "frames:a frames:b frames:c " UNDONE
			CLOSED },
		{ "saved", WRITTEN UNDONE CLOSED },
		{ "unchanged:b", WRITTEN "unchanged:a unchanged:b " UNDONE
			CLOSED },
	};
	static struct collect c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(ftruncate(told, 0), 0);
		diag_init(&diag, HO_STAGE_LOADER);
		fails = cases[i].step;
		fill(&c);
		assert_int_equal(run(&c, true), -HO_EGUESTBUSY);
		assert_int_equal(diag.total, 1);
		assert_string_equal(log_text(), cases[i].log);
		if (strncmp(cases[i].step, "saved", 5) &&
		    strncmp(cases[i].step, "unchanged", 9))
			assert_int_not_equal(access(stream, F_OK), 0);
		unlink(stream);
	}
	(void)state;
}

/* Refused by its name, also one that is found: nobody is touched. */
static void same_names(void **state)
{
	static struct collect c;

	(void)state;
	fill(&c);
	c.domains[1].name = "c";
	assert_int_equal(run(&c, true), -HO_EDOMDUP);
	assert_string_equal(log_text(), "find:c close:c ");
}

/* Only upgrade pauses it, and where nobody is paused there is no guard. */
static void one_runs_on(void **state)
{
	static struct collect c;
	bool pause_all = *state;

	c = (struct collect){ .kinds = (const struct guest_kind *const[]){
				      &quiet, NULL } };
	add(&c, &quiet, "q");
	assert_int_equal(run(&c, pause_all), 0);
	assert_string_equal(log_text(), pause_all
		? "examine:q hold:q ready save:q paused frames:q saved unchanged:q keep:q close:q "
		: "examine:q hold:q ready paused frames:q saved unchanged:q keep:q close:q ");
}

/* Whoever runs it is gone in the middle: the guard lets all run. */
static void command_is_killed(void **state)
{
	static const struct {
		const char *step, *undo;
	} cases[] = {
		{ "ready", "let:b let:a let:c " }, { "save:b", UNDONE },
		{ "save:c", UNDONE }, { "frames:b", UNDONE },
		{ "unchanged:c", UNDONE },
	};
	static struct collect c;
	const char *log;
	char byte;
	size_t i;
	int out[2];

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pid_t child;

		assert_int_equal(ftruncate(told, 0), 0);
		assert_int_equal(pipe(out), 0);
		child = fork();
		if (!child) {
			close(out[0]);
			fails = cases[i].step;
			kills = true;
			fill(&c);
			run(&c, true);
			_exit(1);
		}
		close(out[1]);
		/* its end is the guard's */
		assert_int_equal(read(out[0], &byte, 1), 0);
		close(out[0]);
		waitpid(child, NULL, 0);
		log = strstr(log_text(), cases[i].step);
		assert_non_null(log);
		assert_string_equal(strchr(log, ' ') + 1, cases[i].undo);
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static int all(void **state)
{
	int rc = setup(state);

	*state = &told;
	return rc;
}

static int none(void **state)
{
	int rc = setup(state);

	*state = NULL;
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_is_well), T(each_step_fails), T(same_names),
		cmocka_unit_test_setup_teardown(one_runs_on, all, teardown),
		cmocka_unit_test_setup_teardown(one_runs_on, none, teardown),
		T(command_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
