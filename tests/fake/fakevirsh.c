// SPDX-License-Identifier: MIT
/*
 * fakevirsh.c - see fakevirsh.h.
 */
#include "fakevirsh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fakeroot.h"
#include "fakerun.h"
#include "real.h"

#define SHARED	"<memoryBacking><hugepages/><access mode='shared'/></memoryBacking>"
#define PASSED	3			/* --pass-fds */

/* --- in the process that is virsh */

static const char *at(const char *name)
{
	static char paths[4][256];
	static int i;

	i = (i + 1) % 4;
	snprintf(paths[i], sizeof(paths[i]), "%s/virsh/%s",
		 getenv("FAKE_ROOT"), name);
	return paths[i];
}

static const char *text_at(const char *name)
{
	static char text[8192];
	FILE *f = __real_fopen(at(name), "r");
	size_t got = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[got] = '\0';
	if (f)
		fclose(f);
	return text;
}

static bool has(const char *name)
{
	return !__real_access(at(name), F_OK);
}

static int say_error(const char *what)
{
	fprintf(stderr, "error: Failed to %s\nerror: %s\n", what,
		"Requested operation is not valid");
	return 1;
}

static struct fake_guest *guest(void)
{
	int fd = __real_open(text_at("state"), O_RDWR | O_CLOEXEC, 0);
	struct fake_guest *g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);

	if (fd < 0 || g == MAP_FAILED)
		abort();
	return g;
}

static int connected(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), tries = 200;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", guest()->qmp.path);
	while (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		if (!tries-- || usleep(20000))
			return -1;
	return fd;
}

/* Up to the end of a line that has an id; false: the QEMU is gone. */
static bool hear(int fd, char *line, size_t bytes)
{
	size_t used = 0;

	while (used + 1 < bytes && read(fd, line + used, 1) == 1) {
		line[++used] = '\0';
		if (line[used - 1] != '\n')
			continue;
		if (strstr(line, "\"id\""))
			return true;
		used = 0;
	}
	return false;
}

static bool say(int fd, const char *command, int passed)
{
	char text[4096], control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { text, snprintf(text, sizeof(text),
					     "{\"id\":\"v\",%s", command + 1) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *head;

	if (passed >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &passed, sizeof(passed));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)part.iov_len;
}

/* As libvirt does: an error of QEMU's is an answer. */
static int monitor(const char *command, int passed, bool shown)
{
	static char line[65536];
	int fd = connected();

	if (fd < 0 || !say(fd, "{\"execute\":\"qmp_capabilities\"}", -1) ||
	    !hear(fd, line, sizeof(line)) || !say(fd, command, passed) ||
	    !hear(fd, line, sizeof(line)))
		return say_error("talk to QEMU");
	close(fd);
	if (shown)
		printf("%s\n", line);
	return 0;
}

/* As fakemem.c knows it; baton-qemu gives the domain its memory. */
static const char *busy(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/busy", getenv("FAKE_ROOT"));
	mkdir(path, 0700);
	strcat(path, "/" FAKE_UUID ".ram");
	return path;
}

/* The test's own program becomes the next QEMU. */
static int restore(const char *image)
{
	char path[512], text[16] = "", self[512] = "", state[512];
	int fd;

	snprintf(path, sizeof(path), "%s%s", getenv("FAKE_ROOT"), image);
	fd = __real_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (has("active") || read(fd, text, 16) != 16 ||
	    memcmp(text, "LibvirtQemudSave", 16))
		return say_error("restore");
	if (__real_link(path, at("image")) && errno != EEXIST)
		return say_error("restore");
	snprintf(state, sizeof(state), "%s", text_at("state"));
	if (__real_readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		abort();
	if (!fork()) {
		unsetenv("FAKE_VIRSH");
		setenv("FAKE_QEMU", state, 1);
		for (fd = 0; fd < 3; fd++)
			dup2(__real_open("/dev/null", O_RDWR, 0), fd);
		execl(self, "qemu", NULL);
		_exit(1);
	}
	if (monitor("{\"execute\":\"query-version\"}", -1, false))
		return 1;
	strcpy(guest()->status, *guest()->restored ? guest()->restored : "paused");
	close(__real_open(at("active"), O_WRONLY | O_CREAT, 0600));
	if (!has("empty"))
		close(__real_open(busy(), O_WRONLY | O_CREAT, 0600));
	return 0;
}

/* XML of the domain, of its configuration, or of what was saved; `from` a file. */
static int put_xml(const char *name, const char *from)
{
	static char text[8192];
	int fd = __real_open(from, O_RDONLY | O_CLOEXEC, 0);
	ssize_t got = read(fd, text, sizeof(text));
	int to = __real_open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	return got <= 0 || write(to, text, got) != got;
}

/* What was saved is there until it was started. */
static int start_saved(void)
{
	if (!has("saved") || (strstr(text_at("fail"), "huge") &&
			      strstr(text_at("saved"), "hugepages")))
		return say_error("start");
	if (put_xml("xml", at("saved")) || __real_unlink(at("saved")))
		return 1;
	close(__real_open(at("active"), O_WRONLY | O_CREAT, 0600));
	return monitor("{\"execute\":\"cont\"}", -1, false);
}

static int save_managed(void)
{
	return monitor("{\"execute\":\"stop\"}", -1, false) ||
	       put_xml("saved", at("xml")) || __real_unlink(at("active"));
}

/* What needs no domain that runs; -1: another word. */
static int run_saved(const char *word, int argc, char **argv)
{
	if (!strcmp(word, "managedsave-dumpxml"))
		return printf("%s", text_at("saved")) < 0;
	if (!strcmp(word, "managedsave-define"))
		return put_xml("saved", argv[argc - 1]);
	if (!strcmp(word, "define"))
		return put_xml("config", argv[argc - 1]);
	if (!strcmp(word, "start"))
		return start_saved();
	if (!strcmp(word, "dumpxml") && !strcmp(argv[argc - 1], "--inactive"))
		return printf("%s", text_at("config")) < 0;
	return -1;
}

static int run(const char *word, int argc, char **argv)
{
	int rc;

	bool pass = argc > 1 && !strcmp(argv[0], "--pass-fds");

	if (strstr(text_at("fail"), word))
		return say_error(word);
	if (strstr(text_at("once"), word))
		return __real_unlink(at("once")), say_error(word);
	if (!strcmp(word, "version"))
		return printf("%s", text_at("version")) < 0;
	if (!strcmp(word, "list"))
		return has(argc > 1 ? "persistent" : "active") &&
		       puts(FAKE_UUID) < 0;
	if (!strcmp(word, "domuuid"))	/* names and numbers alone */
		return !strcmp(argv[argc - 1], FAKE_UUID) ? say_error(word) : puts(FAKE_UUID) < 0;
	if (!strcmp(word, "restore"))
		return restore(argv[argc - 1]);
	rc = run_saved(word, argc, argv);
	if (rc >= 0)
		return rc;
	if (!has("active"))
		return say_error(word);
	if (!strcmp(word, "managedsave"))
		return save_managed();
	if (!strcmp(word, "dumpxml"))
		return printf("%s", text_at("xml")) < 0;
	if (!strcmp(word, "suspend"))
		return monitor("{\"execute\":\"stop\"}", -1, false);
	if (!strcmp(word, "resume"))
		return monitor("{\"execute\":\"cont\"}", -1, false);
	if (!strcmp(word, "destroy")) {
		kill(guest()->qmp.pid, SIGKILL);
		__real_unlink(busy());
		return __real_unlink(at("active"));
	}
	if (!strcmp(word, "qemu-monitor-command"))
		return monitor(argv[argc - 1], pass ? PASSED : -1, true);
	return say_error(word);
}

/* Where lines are counted; this comes before it would be called. */
void __llvm_profile_initialize_file(void) __attribute__((weak));

__attribute__((constructor)) static void be_virsh(int argc, char **argv)
{
	int rc;

	if (!getenv("FAKE_VIRSH"))
		return;
	if (__llvm_profile_initialize_file)
		__llvm_profile_initialize_file();
	rc = argc > 4 ? run(argv[4], argc - 5, argv + 5) : 2;
	fflush(NULL);
	_exit(rc);
}

/* --- in the test */

void fake_virsh_fail(const char *words)
{
	fake_put("/virsh/fail", "%s", words);
}

void fake_virsh_fail_once(const char *word)
{
	fake_put("/virsh/once", "%s", word);
}

void fake_virsh_xml(const char *name, const char *memory,
		    const char *devices)
{
	static const char *const files[] = { "/virsh/xml", "/virsh/config" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(files); i++)
		fake_put(files[i], "<domain type='kvm'>\n  <name>%s</name>\n"
			 "  <uuid>" FAKE_UUID "</uuid>\n"
			 "  <memory unit='KiB'>2048</memory>\n  %s\n  <devices>\n"
			 "    <emulator>/usr/bin/qemu-system-x86_64</emulator>%s\n"
			 "  </devices>\n</domain>\n", name, memory ?: SHARED,
			 devices);
}

void fake_virsh_here(struct fake_guest *g, const char *name)
{
	char path[128], args[256];

	snprintf(args, sizeof(args), "qemu -name guest=%s -uuid " FAKE_UUID,
		 name);
	fake_guest_args(g, args);
	fake_program("virsh", "");
	fake_put("/bin/virsh", "#!/bin/sh\necho \"virsh $*\" >>\"$FAKE_ROOT/calls\"\n"
		 "FAKE_VIRSH=1 exec %s \"$@\"\n", fake_standin());
	snprintf(path, sizeof(path), "/tmp/guest.%s", g->name);
	fake_put("/virsh/state", "%s", fake_path(path));
	fake_put("/virsh/active", "%s", "");
	fake_put("/virsh/persistent", "%s", "");
	fake_put("/virsh/version", "Using library: libvirt 9.0.0\n"
		 "Using API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\n"
		 "Running against daemon: 9.0.0\n");
	fake_virsh_xml(name, NULL, "");
	snprintf(path, sizeof(path), "/run/libvirt/qemu/%s.xml", name);
	fake_put(path, "<domstatus pid='%d'><cpu/><domain/></domstatus>\n",
		 (int)g->qmp.pid);
	fake_put("/etc/libvirt/hooks/qemu.d/baton", "#!/bin/sh\n");
	chmod(fake_path("/etc/libvirt/hooks/qemu.d/baton"), 0755);
	fake_put("/usr/lib/baton/baton-qemu", "%s", "");
}
