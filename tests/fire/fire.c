// SPDX-License-Identifier: MIT
/*
 * fire.c - run a program and, at its Nth system call, make that call fail or
 * send it a signal. Children of the program are left alone.
 *
 *   fire count PROGRAM ARGS...        print how many calls it makes
 *   fire ERRNO N PROGRAM ARGS...      the Nth call returns -ERRNO, undone
 *   fire -SIGNAL N PROGRAM ARGS...    the signal, before the Nth call
 *   fire ERRNO NR:N PROGRAM ARGS...   the Nth call of number NR fails
 *   fire ERRNO NR:N+ PROGRAM ARGS...  and all later ones of that number
 *   fire ERRNO OP/CMD PROGRAM ARGS... each hypercall OP with this first
 *                                     argument fails
 *
 * Ends as the program does; 128 + signal when that ended it.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

/* Of Linux' xen/privcmd.h */
struct privcmd_hypercall {
	uint64_t op, arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, \
				     sizeof(struct privcmd_hypercall))

/* Which call is hit. */
struct aim {
	long at;		/* the Nth; 0: none, or a hypercall */
	long nr;		/* of this number alone; -1: of any */
	bool on;		/* and the later ones */
	long op, cmd;		/* op 0: any call */
};

static void die(const char *what)
{
	fprintf(stderr, "fire: %s: %s\n", what, strerror(errno));
	exit(125);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execv(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(pid, NULL, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
		   PTRACE_O_TRACEEXEC))
		die("ptrace");
	return pid;
}

static struct user_regs_struct registers_of(pid_t pid)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs))
		die("registers");
	return regs;
}

/* Linux has no such error for it: a wake-up that is lost is waited for for ever, and
 * glibc aborts. */
static bool never_fails(long nr)
{
	return nr == SYS_exit_group || nr == SYS_exit || nr == SYS_futex;
}

/* At the entry of a call: it becomes none, and at its exit the error. */
static void fail_call(pid_t pid, int error)
{
	struct user_regs_struct regs = registers_of(pid);
	int status;

	if (never_fails(regs.orig_rax))
		return;
	fprintf(stderr, "fire: call of number %lld fails\n", regs.orig_rax);
	regs.orig_rax = -1;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &regs) ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) ||
	    waitpid(pid, &status, 0) != pid)
		die("syscall");
	if (!WIFSTOPPED(status))
		exit(125);
	regs = registers_of(pid);
	regs.rax = -error;
	ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}

/* At the entry of a call. */
static bool is_call(pid_t pid, long nr)
{
	return nr < 0 || (long)registers_of(pid).orig_rax == nr;
}

/* At the entry of a call. */
static bool is_hypercall(pid_t pid, long op, long cmd)
{
	struct user_regs_struct regs = registers_of(pid);

	return regs.orig_rax == SYS_ioctl &&
	       regs.rsi == IOCTL_PRIVCMD_HYPERCALL &&
	       ptrace(PTRACE_PEEKDATA, pid, regs.rdx, NULL) == op &&
	       ptrace(PTRACE_PEEKDATA, pid, regs.rdx +
		      offsetof(struct privcmd_hypercall, arg), NULL) == cmd;
}

/* At the entry of a call; `seen`: so many came before. */
static bool is_hit(pid_t pid, const struct aim *aim, long *seen)
{
	if (aim->op)
		return is_hypercall(pid, aim->op, aim->cmd);
	if (!is_call(pid, aim->nr))
		return false;
	++*seen;
	return *seen == aim->at || (aim->on && *seen > aim->at);
}

/* Returns the wait status at the program's end. */
static int follow(pid_t pid, struct aim aim, int error, long *calls)
{
	bool inside = false;
	int status, give = 0;
	long seen = 0;

	*calls = 0;
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, give) && errno != ESRCH)
			die("ptrace");
		give = 0;
		if (waitpid(pid, &status, 0) != pid)
			die("wait");
		if (!WIFSTOPPED(status))
			return status;
		if (WSTOPSIG(status) != SYSCALL_STOP) {
			/* the exec's own stop is not for the program */
			if (WSTOPSIG(status) != SIGTRAP)
				give = WSTOPSIG(status);
			continue;
		}
		inside = !inside;
		if (!inside)
			continue;
		++*calls;
		if (!is_hit(pid, &aim, &seen))
			continue;
		if (error < 0) {
			kill(pid, -error);
		} else {
			fail_call(pid, error);
			inside = false;
		}
	}
}

/* N, NR:N, NR:N+, OP/CMD */
static struct aim aim_of(const char *text)
{
	struct aim aim = { .nr = -1 };
	const char *slash = strchr(text, '/'), *colon = strchr(text, ':');

	if (slash) {
		aim.op = atol(text);
		aim.cmd = atol(slash + 1);
		return aim;
	}
	if (colon)
		aim.nr = atol(text);
	aim.at = atol(colon ? colon + 1 : text);
	aim.on = strchr(text, '+');
	return aim;
}

int main(int argc, char **argv)
{
	bool count = argc > 2 && !strcmp(argv[1], "count");
	int first = count ? 2 : 3, status;
	struct aim aim = { .nr = -1 };
	long calls;
	pid_t pid;

	if (argc <= first) {
		fprintf(stderr, "usage: fire count|ERRNO [NR:]N[+]|-SIGNAL N|ERRNO OP/CMD PROGRAM ARGS...\n");
		return 125;
	}
	if (!count)
		aim = aim_of(argv[2]);
	pid = start(argv + first);
	status = follow(pid, aim, count ? 0 : atoi(argv[1]), &calls);
	if (count)
		fprintf(stderr, "fire: %ld calls\n", calls);
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}
