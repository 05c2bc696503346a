// SPDX-License-Identifier: MIT
/*
 * fakerun.c - see fakerun.h.
 */
#include "fakerun.h"

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakelibs.h"
#include "real.h"

#define WORDS_MAX	64
#define SAID_BYTES	(1 << 20)
#define RUN_SECONDS	60
#define PROCESSES_MAX	64

int baton_main(int argc, char **argv);

static char said[SAID_BYTES], complained[SAID_BYTES];
static pid_t processes[PROCESSES_MAX];
static int process_count;
static int wrongs;			/* of this test, all are shown */

const char *baton_said(void)
{
	return said;
}

const char *baton_complained(void)
{
	return complained;
}

static int cut(char *text, char *words[])
{
	int count = 1;

	words[0] = "baton";
	while (*text) {
		char end = ' ';

		if (*text == ' ') {
			text++;
			continue;
		}
		if (*text == '\'') {
			end = '\'';
			text++;
		}
		assert_true(count < WORDS_MAX);
		words[count++] = text;
		text += strcspn(text, end == ' ' ? " " : "'");
		if (*text)
			*text++ = '\0';
	}
	words[count] = NULL;
	return count;
}

static void take(const char *path, char *out)
{
	FILE *f = fopen(path, "r");
	size_t got = f ? fread(out, 1, SAID_BYTES - 1, f) : 0;

	out[got] = '\0';
	if (f)
		fclose(f);
}

static void run_child(const char *number, int argc, char **argv)
{
	char path[256];

	snprintf(path, sizeof(path), "/out%s", number);
	if (!freopen(fake_path(path), "w", stdout))
		abort();
	snprintf(path, sizeof(path), "/err%s", number);
	if (!freopen(fake_path(path), "w", stderr))
		abort();
	setvbuf(stderr, NULL, _IOLBF, 0);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", fake_path("/bin"));
	setenv("PATH", path, 1);
	setenv("FAKE_ROOT", fake_path(""), 1);
	signal(SIGPIPE, SIG_DFL);
	optind = 0;
	fake_count_forks();
	alarm(RUN_SECONDS);
	exit(baton_main(argc, argv));
}

/* Until nobody is left who has its pipe: the guard, too. */
static void wait_for_all(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 20000) != 1)
		fail_msg("somebody goes on after baton has ended");
	close(fd);
}

static void start(struct fake_run *r, const char *number, const char *format,
		  va_list list)
{
	char *text, *words[WORDS_MAX + 1];
	int argc = vasprintf(&text, format, list), life[2];

	assert_true(argc >= 0);
	argc = cut(text, words);
	assert_int_equal(pipe2(life, O_CLOEXEC), 0);
	fflush(NULL);
	r->pid = fork();
	if (!r->pid) {
		close(life[0]);
		run_child(number, argc, words);
	}
	close(life[1]);
	r->life = life[0];
	free(text);
}

void fake_run_start(struct fake_run *r, int n, const char *format, ...)
{
	char number[16];
	va_list list;

	snprintf(number, sizeof(number), ".%d", n);
	va_start(list, format);
	start(r, number, format, list);
	va_end(list);
}

int fake_run_end(struct fake_run *r)
{
	int status;

	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	wait_for_all(r->life);
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}

int baton(const char *format, ...)
{
	struct fake_run r;
	va_list list;
	int status;

	fake_machine->child_count = 0;
	va_start(list, format);
	start(&r, "", format, list);
	va_end(list);
	status = fake_run_end(&r);
	take(fake_path("/out"), said);
	take(fake_path("/err"), complained);
	return status;
}

int baton_upgrade(pid_t guest, const char *more)
{
	return baton("upgrade " TARGET " --pid %d --map memfd:guest --name one %s",
		     FILES, (int)guest, more);
}

static void wrong(int status, const char *wanted)
{
	print_error("status %d, wanted %s:\n%s%s", status, wanted, said,
		    complained);
	wrongs++;
}

void expect_ok(int status)
{
	if (status)
		wrong(status, "0");
}

void expect_refusal(int status, int code)
{
	bool paused = strstr(complained, "  pausing guests\n");
	int wanted = paused ? HO_EXIT_CALLED_OFF : (int)error_exit(code);
	char name[64];

	snprintf(name, sizeof(name), "[%s]", error_name(code));
	if (status != wanted || !strstr(complained, name))
		wrong(status, name);
}

void expect_said(int status, const char *text)
{
	expect_ok(status);
	if (!strstr(said, text))
		wrong(status, text);
}

void fake_program(const char *name, const char *script)
{
	char path[128];

	snprintf(path, sizeof(path), "/bin/%s", name);
	fake_put(path, "#!/bin/sh\necho \"%s $*\" >>\"$FAKE_ROOT/calls\"\n%s\n",
		 name, script);
	assert_int_equal(chmod(fake_path(path), 0755), 0);
}

/* Where lines are counted */
void __llvm_profile_initialize_file(void) __attribute__((weak));

const char *fake_standin(void)
{
	static char self[512], path[sizeof(self) + 16];
	ssize_t length = __real_readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *ours;

	if (length < 0)
		abort();
	self[length] = '\0';
	if (__llvm_profile_initialize_file)
		return self;
	ours = strstr(self, "/tests/command/");
	if (!ours)
		abort();
	snprintf(path, sizeof(path), "%.*s/tests/fake/standin",
		 (int)(ours - self), self);
	if (__real_access(path, X_OK))
		abort();
	return path;
}

bool fake_called(const char *line)
{
	return fake_holds("/calls", line);
}

void fake_programs_begin(void)
{
	static const char *const names[] = { "systemctl", "xl", "modprobe",
		"grub-mkconfig", "update-grub", "grub-reboot", "grub-set-default",
		"grub-editenv", "grub-script-check", "kexec", "reboot",
		"chroot" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		fake_program(names[i], "exit 1");
}

/* No program but those, whatever its path. */
int __wrap_posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes,
			char *const argv[], char *const env[]);
int __real_posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes,
			char *const argv[], char *const env[]);
int __wrap_posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes,
			char *const argv[], char *const env[])
{
	const char *name = strrchr(file, '/');
	char path[128];

	fake_step();
	snprintf(path, sizeof(path), "/bin/%s", name ? name + 1 : file);
	if (!fake_has(path)) {
		fprintf(stderr, "%s: not in a test\n", file);
		abort();
	}
	return __real_posix_spawnp(pid, fake_path(path), actions, attributes,
				   argv, env);
}

void fake_frames(pid_t pid, uint64_t mfn, uint64_t pages)
{
	uint64_t entries[512], i;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	for (i = 0; i < pages; i++) {
		entries[i % 512] = 1ull << 63 | (mfn + i);
		if (i % 512 == 511 || i + 1 == pages)
			fake_put_at(path, (FAKE_ADDRESS / 4096 + i - i % 512) *
				    8, entries, (i % 512 + 1) * 8);
	}
}

pid_t fake_process(uint64_t mfn, uint64_t pages)
{
	pid_t pid = fork();
	char path[64];

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_true(process_count < PROCESSES_MAX);
	processes[process_count++] = pid;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fake_put(path, "%llx-%llx rw-s 00000000 00:01 1 /memfd:guest (deleted)\n"
		 "7fff00000000-7fff00001000 rw-p 00000000 00:00 0 [stack]\n",
		 FAKE_ADDRESS, FAKE_ADDRESS + pages * 4096ull);
	fake_frames(pid, mfn, pages);
	return pid;
}

bool fake_is_stopped(pid_t pid)
{
	char path[64], text[512] = "";
	const char *at;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	at = strrchr(text, ')');
	return at && at[2] == 'T';
}

void fake_process_end(pid_t pid)
{
	int i;

	for (i = 0; i < process_count; i++)
		if (processes[i] == pid) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			processes[i] = processes[--process_count];
		}
}

int fake_begin(void **state)
{
	(void)state;
	wrongs = 0;
	fake_root_begin();
	fake_kernel_begin();
	fake_libs_begin();
	fake_programs_begin();
	return 0;
}

int fake_end(void **state)
{
	(void)state;
	while (process_count)
		fake_process_end(processes[0]);
	fake_libs_end();
	fake_kernel_end();
	fake_root_end();
	return wrongs ? -1 : 0;
}

/* Commands end with exit(): what they have then is not lost. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
