// SPDX-License-Identifier: MIT
/*
 * fakekill.c - see fakekernel.h: the processes of a command, and the steps of
 * it at which one of them, or all, are killed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fakekernel.h"

int __wrap_kill(pid_t pid, int sig);
int __real_kill(pid_t pid, int sig);
int __wrap_pidfd_send_signal(int fd, int sig, siginfo_t *info,
			     unsigned int flags);
int __real_pidfd_send_signal(int fd, int sig, siginfo_t *info,
			     unsigned int flags);
pid_t __wrap_fork(void);
pid_t __real_fork(void);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);

/* Commands, and those that they have started. */
static bool counting;

static void add_child(pid_t pid)
{
	struct fake_machine *m = fake_machine;
	int at = __atomic_fetch_add(&m->child_count, 1, __ATOMIC_SEQ_CST);

	if (at < FAKE_CHILDREN_MAX)
		m->children[at] = pid;
	else
		abort();
}

void fake_end_children(void)
{
	int i;

	for (i = 0; i < fake_machine->child_count; i++)
		if (fake_machine->children[i] != getpid())
			__real_kill(fake_machine->children[i], SIGKILL);
}

void fake_count_forks(void)
{
	counting = true;
	add_child(getpid());
}

void fake_step(void)
{
	struct fake_machine *m = fake_machine;
	int step;

	if (!counting || !m)
		return;
	step = __atomic_add_fetch(&m->steps, 1, __ATOMIC_SEQ_CST);
	if (step != m->kill_at[0] && step != m->kill_at[1])
		return;
	if (m->kill_all)
		fake_end_children();
	__real_kill(getpid(), SIGKILL);
}

pid_t __wrap_fork(void)
{
	pid_t pid;

	fake_step();
	pid = __real_fork();
	if (counting && pid > 0)
		add_child(pid);
	return pid;
}

/* All that is said to a QEMU. */
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	fake_step();
	return __real_sendmsg(fd, message, flags);
}

/* A process that a test made, and no group of others. */
int __wrap_kill(pid_t pid, int sig)
{
	if (pid == -1 || pid == 0 || pid == 1) {
		fprintf(stderr, "kill(%d): not in a test\n", (int)pid);
		abort();
	}
	if (fake_machine && sig)
		fake_machine->kills++;
	return __real_kill(pid, sig);
}

int __wrap_pidfd_send_signal(int fd, int sig, siginfo_t *info,
			     unsigned int flags)
{
	fake_step();
	if (fake_machine && sig)
		fake_machine->kills++;
	return __real_pidfd_send_signal(fd, sig, info, flags);
}
