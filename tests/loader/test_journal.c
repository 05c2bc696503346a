// SPDX-License-Identifier: MIT
/*
 * test_journal.c - what journald gets, and a journald that takes nothing: the socket
 * is ours, in a /run of our own.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "diag.h"
#include "journal.h"

#define MANY	4096			/* more than a socket holds */

static const struct journal_entry entry = {
	.id = JOURNAL_JUMPS, .priority = 5, .command = "upgrade",
	.guest = "vm1", .code = HO_ESTUCK };
static int journald;

static bool tell(const char *path, const char *format, unsigned int id)
{
	FILE *f = fopen(path, "w");

	return f && fprintf(f, format, id) > 0 && !fclose(f);
}

/* What this user makes is its own there. */
static bool map_user(uid_t user, gid_t group)
{
	return tell("/proc/self/uid_map", "0 %u 1\n", user) &&
	       tell("/proc/self/setgroups", "deny\n", 0) &&
	       tell("/proc/self/gid_map", "0 %u 1\n", group);
}

static int setup(void **state)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	struct sockaddr_un at = { .sun_family = AF_UNIX,
				  .sun_path = "/run/systemd/journal/socket" };

	(void)state;
	if (unshare((user ? CLONE_NEWUSER : 0) | CLONE_NEWNS) ||
	    (user && !map_user(user, group)) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("run", "/run", "tmpfs", 0, NULL))
		return -1;
	mkdir("/run/systemd", 0755);
	mkdir("/run/systemd/journal", 0755);
	journald = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return bind(journald, (struct sockaddr *)&at, sizeof(at));
}

static void has_fields(void **state)
{
	static const char *const wanted[] = {
		"MESSAGE=it jumps 3\n", "MESSAGE_ID=" JOURNAL_JUMPS "\n",
		"PRIORITY=5\n", "SYSLOG_IDENTIFIER=baton\n",
		"BATON_COMMAND=upgrade\n", "BATON_GUEST=vm1\n",
		"BATON_CODE=HO_ESTUCK\n" };
	char text[4096] = "";
	size_t i;

	(void)state;
	journal_send(&entry, "it jumps %d", 3);
	assert_true(recv(journald, text, sizeof(text) - 1, 0) > 0);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no %s in %s", wanted[i], text);
	assert_null(strstr(text, "BATON_STAGE"));
}

/* It is waited for once, and not for long. */
static void takes_nothing(void **state)
{
	struct timespec start, end;
	int i;

	(void)state;
	alarm(60);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < MANY; i++)
		journal_send(&entry, "it jumps %d", i);
	clock_gettime(CLOCK_MONOTONIC, &end);
	alarm(0);
	/* it really was full */
	assert_true(end.tv_sec - start.tv_sec >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_fields),
		cmocka_unit_test(takes_nothing),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
