// SPDX-License-Identifier: MIT
/*
 * test_many.c - up to 2,000 guests (MANY=2000), each with a keeper and with as many open files as
 * one of QEMU's has: the limit is raised as far as that, all are held and let go,
 * and nothing is left.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "keeper.h"
#include "sequence.h"

#define GUESTS_MAX 2000
#define FILES	3		/* monitor and states; the keeper's is the fourth */
#define ADDRESS	0x200000000000ull
#define BYTES	4096u

struct own {
	struct process_id keeper;
	int hold, files[FILES];
	struct keeper_fixed fixed;
};

static struct diag_log diag;
static char names[GUESTS_MAX][24], memory[64];
static int guests = 120, begun, ended, most;

static int count_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static int examine(struct guest *g, struct diag_log *d)
{
	(void)d;
	g->own = calloc(1, sizeof(struct own));
	return 0;
}

/* After the sequence has looked how many there are. */
static int hold(struct guest *g, struct diag_log *d)
{
	struct keeper_range r = { .address = ADDRESS, .bytes = BYTES };
	struct own *own = g->own;
	int i;

	strcpy(r.file, memory);
	for (i = 0; i < FILES; i++) {
		own->files[i] = memfd_create("state", MFD_CLOEXEC);
		assert_true(own->files[i] >= 0);
	}
	begun++;
	return keeper_start(g->name, &r, 1, &own->keeper, &own->hold,
			    &own->fixed, d);
}

static int ready(struct sequence *s, struct diag_log *d)
{
	const struct own *last = s->collect->domains[guests - 1].own;

	(void)d;
	assert_true(process_lives(last->keeper));
	most = count_files();
	return diag_add(&diag, HO_EGUESTBUSY, "now all are let go");
}

static void resume(struct guest *const *list, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct own *own = list[i]->own;

		process_end(own->keeper);
		ended += !process_lives(own->keeper);
	}
}

static void close_guest(struct guest *g)
{
	struct own *own = g->own;
	int i;

	for (i = 0; i < FILES; i++)
		close(own->files[i]);
	close(own->hold);
	free(own);
	g->own = NULL;
}

static const struct guest_kind many = {
	.name = "many", .record = HO_KIND_KVM, .examine = examine,
	.hold = hold, .resume = resume, .close = close_guest,
};

static void all_are_held(void **state)
{
	static const struct guest_kind *const kinds[] = { &many, NULL };
	static struct collect c = { .kinds = kinds };
	struct sequence s = { .collect = &c, .stream = "/dev/shm/baton-test-many",
			      .ready = ready, .guard = GUARD_NONE };
	struct rlimit low;
	int i, before;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	getrlimit(RLIMIT_NOFILE, &low);
	low.rlim_cur = 256;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (i = 0; i < guests; i++) {
		struct guest *g = collect_add(&c, &many, &diag);

		snprintf(names[i], sizeof(names[i]), "guest%d", i);
		assert_non_null(g);
		g->name = names[i];
	}
	before = count_files();
	assert_int_equal(sequence_run(&s, &diag), -HO_EGUESTBUSY);
	assert_int_equal(begun, guests);
	assert_true(most > guests * (FILES + 1));
	assert_int_equal(ended, guests);
	assert_int_equal(count_files(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	collect_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_are_held) };
	const char *many_guests = getenv("MANY");
	int fd = memfd_create("guest", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, BYTES))
		return 1;
	snprintf(memory, sizeof(memory), "/proc/%d/fd/%d", (int)getpid(), fd);
	guests = many_guests ? atoi(many_guests) : guests;
	if (guests < 1 || guests > GUESTS_MAX)
		return 1;
	alarm(600);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
