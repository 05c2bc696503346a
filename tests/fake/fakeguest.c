// SPDX-License-Identifier: MIT
/*
 * fakeguest.c - see fakeguest.h.
 */
#include "fakeguest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakekernel.h"
#include "fakeroot.h"
#include "fakerun.h"
#include "real.h"

#define HVA	FAKE_GUEST_HVA
#define ARGS	"qemu-system-x86_64 -machine q35,memory-backend=ram -m 2M " \
		"-object memory-backend-file,id=ram,size=2M,mem-path=/dev/hugepages,share=on " \
		"-qmp unix:%s,server=on,wait=off -nodefaults"

/* What is asked, and what QEMU says; the first that is in the text. */
static const struct {
	const char *asked, *value;
} known[] = {
	{ "\"smp\"", "{\"cpus\":1}" },
	{ "/objects/ram", "\"memory-backend-file\"" },
	{ "qom-get", "\"pc-q35-7.2-machine\"" },
	{ "/objects", "[{\"name\":\"type\",\"type\":\"string\"},{\"name\":\"ram\",\"type\":\"child<memory-backend-file>\"}]" },
	{ "qom-list", "[]" },
	{ "info mtree", "\"FlatView #0\\r\\n AS \\\"device-memory\\\", root: device-memory\\r\\n"
			"  0000000000001000-0000000000200fff (prio 0, ram): ram\\r\\n\\r\\n"
			"FlatView #1\\r\\n AS \\\"memory\\\", root: system\\r\\n AS \\\"cpu-memory-0\\\", root: system\\r\\n"
			"  0000000000100000-00000000001fffff (prio 0, ram): ram @0000000000100000 KVM\\r\\n"
			"  0000000000000000-00000000000fffff (prio 0, ram): ram KVM\\r\\n\"" },
	{ "gpa2hva 0x0\"", "\"Host virtual address for 0x0 (ram) is 0x7e0000000000\\r\\n\"" },
	{ "info network", "\"\"" }, { "info qtree", "\"\"" },
	{ "query-memdev", "[{\"id\":\"ram\",\"size\":2097152,\"share\":true}]" },
	{ "query-memory-size-summary", "{\"base-memory\":2097152,\"plugged-memory\":0}" },
	{ "query-memory-devices", "[]" },
	{ "query-migrate-parameters", "{\"max-bandwidth\":134217728}" },
	{ "query-cpus-fast", "[{\"thread-id\":77}]" },
	{ "query-jobs", "[]" }, { "query-block-exports", "[]" },
	{ "query-block", "[]" }, { "query-named-block-nodes", "[]" },
	{ "query-chardev", "[{\"label\":\"compat_monitor0\",\"filename\":\"\"}]" },
	{ "query-hotpluggable-cpus", "[{\"qom-path\":\"/machine/unattached/device[0]\",\"vcpus-count\":1}]" },
};

static void set_status(struct fake_guest *g, const char *status)
{
	snprintf(g->status, sizeof(g->status), "%s", status);
}

static void save(struct fake_guest *g, int *file)
{
	/* of a QEMU that leaves out 2 MiB of shared RAM */
	static const char state[] = "QEVM\0\0\0\3\7\0\0\0\3q35"
		"\5\x1a" "configuration/capabilities\0\0\0\1\0\0\0\1"
		"\17x-ignore-shared" "\1\0\0\0\2\3ram\0\0\0\0\0\0\0\4"
		"\0\0\0\0\0\x20\0\4" "\3ram\0\0\0\0\0\x20\0\0"
		"\0\0\0\0\0\0\0\0" "state of all devices";

	g->saves++;
	if (*file >= 0 && write(*file, state, sizeof(state)) < 0)
		_exit(1);
	close(*file);
	*file = -1;
	set_status(g, "postmigrate");
	strcpy(g->migration, "completed");
	g->migrations++;
	g->all_ram = !g->ignores_shared;
}

void fake_guest_leaves(struct fake_guest *g)
{
	set_status(g, "postmigrate");
	strcpy(g->migration, "completed");
	g->migrations++;
	g->all_ram = true;
}

/* Of 2 MiB of RAM, and 512 KiB that are not shared. */
static void migration_text(const struct fake_guest *g, char *out,
			   size_t bytes)
{
	if (strcmp(g->migration, "completed"))
		snprintf(out, bytes, "{\"status\":\"%s\"}", g->migration);
	else
		snprintf(out, bytes, "{\"status\":\"completed\",\"total-time\":%d,"
			 "\"ram\":{\"page-size\":4096,\"duplicate\":0,"
			 "\"normal\":%d,\"total\":%d}}", g->migrations,
			 g->all_ram ? 640 : 128,
			 g->ignores_shared ? 512 << 10 : 2560 << 10);
}

/* Commands that change something; false: it is none of these. */
static bool act(struct fake_guest *g, const char *text, int *file)
{
	if (strstr(text, "\"stop\"")) {
		g->stops++;
		if (strcmp(g->status, "postmigrate"))
			set_status(g, "paused");
	} else if (strstr(text, "\"cont\"")) {
		g->conts++;
		set_status(g, "running");
	} else if (strstr(text, "\"migrate\"")) {
		save(g, file);
	} else if (strstr(text, "\"migrate_cancel\"")) {
		g->cancels++;
	} else if (strstr(text, "migrate-set-capabilities")) {
		g->ignores_shared = strstr(text, "true");
	} else if (strstr(text, "\"migrate-incoming\"")) {
		set_status(g, "paused");
	} else {
		return strstr(text, "migrate-set-") || strstr(text, "getfd") ||
		       strstr(text, "qmp_capabilities");
	}
	return true;
}

static void answer_well(struct fake_guest *g, int fd, const char *id,
			const char *text, int *file)
{
	char value[256] = "{}";
	size_t i;

	if (strstr(text, "\"migrate\"") && !strcmp(g->status, "postmigrate")) {
		fake_qmp_refuse(fd, id, "paused due to previous migration");
		return;
	}
	g->fast += !!strstr(text, "17179869184");
	if (!act(g, text, file)) {
		if (strstr(text, "\"query-status\""))
			snprintf(value, sizeof(value), "{\"status\":\"%s\"}",
				 g->status);
		else if (strstr(text, "\"query-migrate\""))
			migration_text(g, value, sizeof(value));
		else if (strstr(text, "query-migrate-capabilities"))
			snprintf(value, sizeof(value), "[{\"capability\":"
				 "\"x-ignore-shared\",\"state\":%s}]",
				 g->ignores_shared ? "true" : "false");
		else if (strstr(text, "\"query-version\""))
			snprintf(value, sizeof(value), "%s", g->version);
		else
			for (i = 0; i < sizeof(known) / sizeof(*known); i++)
				if (strstr(text, known[i].asked)) {
					fake_qmp_answer(fd, id, known[i].value);
					return;
				}
	}
	fake_qmp_answer(fd, id, value);
}

static struct fake_rule *rule_of(struct fake_guest *g, const char *text)
{
	int i;

	for (i = 0; i < g->rule_count; i++)
		if (strstr(text, g->rules[i].command) &&
		    ++g->heard[i] > g->rules[i].from &&
		    (!g->rules[i].once ||
		     g->heard[i] == g->rules[i].from + 1))
			return &g->rules[i];
	return NULL;
}

static const char *of(const struct fake_guest *g, const char *what)
{
	static char paths[4][128];
	static int at;

	at = (at + 1) % 4;
	snprintf(paths[at], sizeof(paths[at]), "/proc/%d/%s",
		 (int)g->qmp.pid, what);
	return paths[at];
}

void fake_guest_file(const struct fake_guest *g, int inode)
{
	fake_put(of(g, "maps"), "%llx-%llx rw-s 00000000 00:01 %d /dev/hugepages/ram\n",
		 HVA, HVA + FAKE_GUEST_BYTES, inode);
}

static void put_words(const char *path, const char *text)
{
	size_t length = strlen(text), i;
	char *words = strdup(text);

	for (i = 0; i < length; i++)
		if (words[i] == ' ')
			words[i] = '\0';
	fake_put_bytes(path, words, length + 1);
	free(words);
}

/* False: this client is done with. */
static bool answer(struct fake_guest *g, int fd, const char *id,
		   const char *text, int *file)
{
	const struct fake_rule *r = rule_of(g, text);
	int i;

	switch (r ? (int)r->how : -1) {
	case FAKE_ANSWER: fake_qmp_answer(fd, id, r->text); return true;
	case FAKE_REFUSE: fake_qmp_refuse(fd, id, r->text); return true;
	case FAKE_RAW: fake_qmp_say(fd, "%s", r->text); return true;
	case FAKE_SILENT: return true;
	case FAKE_END: _exit(1);
	case FAKE_COMES:
		put_words("/proc/" FAKE_COMER "/cmdline", r->text);
		break;
	case FAKE_CLOSE:
		fake_qmp_say(fd, "{\"return\":{\"stat");
		return false;
	case FAKE_WRONG_ID:
		fake_qmp_answer(fd, "somebody's", "{\"status\":\"wrong\"}");
		break;
	case FAKE_LEAVES:
		fake_guest_leaves(g);
		break;
	case FAKE_OTHER_FILE:
		fake_guest_file(g, 2);
		break;
	case FAKE_EVENTS:
		for (i = 0; i < 1000; i++)
			fake_qmp_say(fd, FAKE_QMP_EVENT);
		break;
	}
	answer_well(g, fd, id, text, file);
	return true;
}

void fake_guest_play(int fd, void *context)
{
	struct fake_guest *g = context;
	const char *text;
	static int file = -1;		/* libvirt's monitor is always the same */
	char id[64];

	fake_qmp_say(fd, FAKE_QMP_GREETING);
	while ((text = fake_qmp_hear(fd, id, &file)))
		if (!*id)		/* 0xff, or half a command */
			fake_qmp_say(fd, "{\"error\":{\"desc\":\"JSON parse error\"}}\r\n");
		else if (!answer(g, fd, id, text, &file))
			break;
}

static struct fake_guest *map_state(const char *path)
{
	int fd = __real_open(path, O_RDWR | O_CLOEXEC, 0);
	struct fake_guest *g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);

	if (fd < 0 || g == MAP_FAILED)
		abort();
	close(fd);
	return g;
}

/* Where lines are counted; this comes before it would be called. */
void __llvm_profile_initialize_file(void) __attribute__((weak));

/* A program that was started with this in its environment is a QEMU. */
__attribute__((constructor)) static void be_qemu(void)
{
	const char *path = getenv("FAKE_QEMU");
	struct fake_guest *g;

	if (!path)
		return;
	if (__llvm_profile_initialize_file)
		__llvm_profile_initialize_file();
	g = map_state(path);
	g->starts++;
	if (!strcmp(g->status, "ends")) {
		fputs("qemu: -device: it cannot be\n", stderr);
		_exit(1);
	}
	set_status(g, "inmigrate");
	strcpy(g->migration, "none");
	g->qmp.pid = getpid();
	fake_qmp_serve(fake_qmp_listen(g->qmp.path), fake_guest_play, g);
}

void fake_guest_args(struct fake_guest *g, const char *text)
{
	put_words(of(g, "cmdline"), text);
}

void fake_guest_time(const struct fake_guest *g, uint64_t ns)
{
	fake_put(of(g, "task/77/schedstat"), ns ? "%llu 4711 12\n" : "%llu 0 0\n",
		 (unsigned long long)ns);
}

static void put_memory(const struct fake_guest *g)
{
	static uint64_t entries[FAKE_GUEST_BYTES / 4096];
	static const uint64_t base = 0x100000000000ull;
	char path[96];
	size_t i;

	for (i = 0; i < FAKE_GUEST_BYTES / 4096; i++)
		entries[i] = 1ull << 63 | (FAKE_GUEST_MFN + i);
	fake_put_at("/proc/any/pagemap", base / 4096 * 8, entries,
		    sizeof(entries));
	/* the keeper's above, and QEMU's own */
	fake_put_at("/proc/any/pagemap", HVA / 4096 * 8, entries,
		    sizeof(entries));
	fake_guest_file(g, 1);
	snprintf(path, sizeof(path), "map_files/%llx-%llx", HVA,
		 HVA + FAKE_GUEST_BYTES);
	fake_put_at(of(g, path), FAKE_GUEST_BYTES - 1, "", 1);
}

static void put_process(struct fake_guest *g)
{
	const char *profile = getenv("LLVM_PROFILE_FILE");
	char text[1024];

	snprintf(text, sizeof(text), ARGS, g->qmp.path);
	fake_guest_args(g, text);
	/* where lines are counted, those of the next QEMU as well */
	snprintf(text, sizeof(text), "LANG=C FAKE_QEMU=%s.%s%s%s",
		 fake_path("/tmp/guest"), g->name,
		 profile ? " LLVM_PROFILE_FILE=" : "", profile ?: "");
	put_words(of(g, "environ"), text);
	fake_link(of(g, "exe"), fake_standin());
	fake_link(of(g, "cwd"), "/");
	fake_put(of(g, "fd/0"), "%s", "");
	fake_guest_time(g, 1000000);
	put_memory(g);
}

struct fake_guest *fake_guest_begin(const char *name)
{
	struct fake_guest *g;
	char path[96], byte = 0;
	int ready[2], fd;
	pid_t pid;

	snprintf(path, sizeof(path), "/tmp/guest.%s", name);
	fake_put_at(path, sizeof(*g) - 1, &byte, 1);
	g = map_state(fake_path(path));
	snprintf(g->name, sizeof(g->name), "%s", name);
	snprintf(g->qmp.path, sizeof(g->qmp.path), "%s.qmp", fake_path(path));
	set_status(g, "running");
	strcpy(g->migration, "none");
	strcpy(g->version, "{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":0}}");
	if (pipe(ready))
		abort();
	pid = fork();			/* both see *g */
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		fd = fake_qmp_listen(g->qmp.path);
		close(ready[1]);
		fake_qmp_serve(fd, fake_guest_play, g);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1))
		abort();
	close(ready[0]);
	g->qmp.pid = pid;
	put_process(g);
	return g;
}

void fake_guest_stop(struct fake_guest *g)
{
	if (g->qmp.pid > 0) {
		kill(g->qmp.pid, SIGKILL);
		waitpid(g->qmp.pid, NULL, 0);
		fake_remove(of(g, ""));
	}
	g->qmp.pid = 0;
}

void fake_guest_end(struct fake_guest *g)
{
	fake_guest_stop(g);
	munmap(g, sizeof(*g));
}

void fake_guest_rule(struct fake_guest *g, const char *command,
		     enum fake_how how, const char *text)
{
	struct fake_rule *r = &g->rules[g->rule_count];

	if (g->rule_count == sizeof(g->rules) / sizeof(*g->rules))
		abort();
	*r = (struct fake_rule){ .how = how };
	snprintf(r->command, sizeof(r->command), "%s", command);
	snprintf(r->text, sizeof(r->text), "%s", text);
	g->heard[g->rule_count++] = 0;
}

void fake_guest_no_rules(struct fake_guest *g)
{
	g->rule_count = 0;
}

void fake_guest_runs_on(const struct fake_guest *g)
{
	assert_string_equal(g->status, "running");
	assert_false(g->ignores_shared);
	assert_false(fake_machine->loaded[0]);
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_has("/run/baton/loaded.dtb"));
	assert_false(fake_has("/run/baton/upgrade.lu"));
	assert_false(fake_has("/run/baton/upgrade.dtb"));
}

void fake_guest_untouched(const struct fake_guest *g)
{
	fake_guest_runs_on(g);
	assert_int_equal(g->stops, 0);
	assert_int_equal(g->saves, 0);
}
