// SPDX-License-Identifier: MIT
/*
 * test_resume.c - an update is called off, and one of its guests hangs: the
 * others run on at once. Each QEMU is a process of its own on a unix socket.
 */
#include <libfdt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "guestconf.h"
#include "handover/fdt.h"
#include "process.h"
#include "resume.h"
#include "stream_writer.h"

#define GUESTS	5
#define HANGS	1		/* this one answers nothing */
#define ENDED	3		/* this one is gone */
#define RUNS	4		/* this one was told to run by somebody else */
#define SECONDS	2

static struct diag_log diag;
static char folder[64];
static pid_t servers[GUESTS];
static int told;		/* a byte for each guest that was told to go on */

static const char *file(const char *name)
{
	static char paths[4][128];
	static int at;

	at = (at + 1) % 4;
	snprintf(paths[at], sizeof(paths[at]), "%s/%s", folder, name);
	return paths[at];
}

static const char *monitor(int i)
{
	char name[16];

	snprintf(name, sizeof(name), "qmp%d", i);
	return file(name);
}

static void say(int fd, const char *format, const char *value, const char *id)
{
	dprintf(fd, format, value, id);
}

/* A QEMU whose guest was saved. */
static void play(int fd, int i, int out)
{
	const char *status = i == RUNS ? "running" : "postmigrate";
	char text[4096], id[64];
	ssize_t got;

	if (i == HANGS)
		pause();
	say(fd, "{\"QMP\":{\"capabilities\":[]%s}}%s\n", "", "");
	while ((got = read(fd, text, sizeof(text) - 1)) > 0) {
		const char *value = "{}";
		char *at;

		text[got] = '\0';
		at = strstr(text, "\"id\":\"");
		if (!at) {
			say(fd, "{\"error\":{\"desc\":\"JSON parse error%s%s\"}}\n",
			    "", "");
			continue;
		}
		sscanf(at + 6, "%63[^\"]", id);
		if (strstr(text, "\"cont\"")) {
			char byte = '0' + i;

			status = "running";
			if (write(out, &byte, 1) != 1)
				_exit(1);
		} else if (strstr(text, "query-status")) {
			value = strcmp(status, "running")
				? "{\"status\":\"postmigrate\"}"
				: "{\"status\":\"running\"}";
		} else if (strstr(text, "query-migrate")) {
			value = "{\"status\":\"completed\"}";
		}
		say(fd, "{\"return\":%s,\"id\":\"%s\"}\n", value, id);
	}
	_exit(0);
}

static void start(int i, int out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", monitor(i));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	if (i != ENDED) {
		assert_int_equal(listen(fd, 1), 0);
		servers[i] = fork();
		if (!servers[i]) {
			alarm(60);
			play(accept(fd, NULL, NULL), i, out);
		}
	}
	close(fd);
}

static void add_guest(struct stream_writer *w, int i)
{
	struct ho_rec_domain domain = { .domid = i + 1, .kind = HO_KIND_KVM };
	char *args[] = { "qemu", NULL };
	struct guest_conf c = {
		.backend_count = 1,
		.backends = { { "ram", GUEST_BASE, 2 << 20 } },
		.running = true, .machine = "pc", .version = "7.2.0",
		.program = "/bin/qemu", .directory = "/",
		.monitor = (char *)monitor(i), .args = args, .arg_count = 1,
	};
	struct ho_rec_owner owner;
	char *text = guest_conf_write(&c, &diag);

	snprintf(domain.name, sizeof(domain.name), "guest%d", i);
	assert_int_equal(random_id(domain.uuid, &diag), 0);
	assert_int_equal(process_owner(getpid(), &owner, &diag), 0);
	owner.domid = domain.domid;
	stream_writer_domain(w, &domain);
	stream_writer_owner(w, &owner);
	stream_writer_state(w, GUEST_CONF_STATE, text, strlen(text));
	stream_writer_domain_end(w);
	free(text);
}

/* A golden blob with this stream in it. */
static void make_blob(const char *stream_path)
{
	struct mapped good, stream;
	size_t room;
	void *fdt;
	int node;

	assert_int_equal(mapped_open(&good,
				     "handover-abi/golden/v1-minimal.dtb",
				     HO_EFILE, &diag), 0);
	assert_int_equal(mapped_open(&stream, stream_path, HO_EFILE, &diag),
			 0);
	room = good.length + stream.length + 4096;
	fdt = malloc(room);
	assert_int_equal(fdt_open_into(good.bytes, fdt, room), 0);
	node = fdt_path_offset(fdt, "/" HO_FDT_STREAM);
	assert_int_equal(fdt_setprop_u64(fdt, node, HO_FDT_SIZE,
					 stream.length), 0);
	assert_int_equal(fdt_setprop(fdt, node, HO_FDT_DATA, stream.bytes,
				     stream.length), 0);
	fdt_pack(fdt);
	assert_int_equal(file_write(file("blob"), fdt, fdt_totalsize(fdt),
				    &diag), 0);
	free(fdt);
	mapped_close(&good);
	mapped_close(&stream);
}

static int setup(void **state)
{
	struct stream_writer *w = calloc(1, sizeof(*w));
	char stream[128];		/* the writer keeps its name */
	int i, out[2];

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	strcpy(folder, "/tmp/baton-test-resume.XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(pipe(out), 0);
	snprintf(stream, sizeof(stream), "%s", file("stream"));
	assert_int_equal(stream_writer_begin(w, stream, &diag), 0);
	for (i = 0; i < GUESTS; i++) {
		add_guest(w, i);
		start(i, out[1]);
	}
	assert_int_equal(stream_writer_end(w), 0);
	close(out[1]);
	told = out[0];
	make_blob(stream);
	free(w);
	return 0;
}

static int teardown(void **state)
{
	char command[96];
	int i;

	(void)state;
	for (i = 0; i < GUESTS; i++)
		if (servers[i] > 0) {
			kill(servers[i], SIGKILL);
			waitpid(servers[i], NULL, 0);
		}
	close(told);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void one_hangs(void **state)
{
	struct timespec start, end;
	char who[GUESTS] = "";

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(resume_guests(file("blob"), SECONDS, &diag),
			 -HO_EQMP);
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* one deadline for all of it; the slack is a busy machine's */
	assert_true(end.tv_sec - start.tv_sec < SECONDS + 8);
	assert_int_equal(diag.total, 1);
	assert_memory_equal(diag.items[0].where, "guest1: ", 8);
	/* the two that were saved, and nobody else */
	assert_int_equal(read(told, who, sizeof(who)), 1 + 1);
	assert_non_null(memchr(who, '0', 2));
	assert_non_null(memchr(who, '2', 2));
}

static void no_blob(void **state)
{
	(void)state;
	assert_int_equal(resume_guests(file("nothing"), SECONDS, &diag), 0);
	assert_int_equal(diag.total, 0);
}

/* Owned by somebody else: it says nothing about this host's guests. */
static void strangers_blob(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(file("blob"), 1, 1), 0);
	assert_int_equal(resume_guests(file("blob"), SECONDS, &diag),
			 -HO_EOWNER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_hangs, setup, teardown),
		cmocka_unit_test_setup_teardown(no_blob, setup, teardown),
		cmocka_unit_test_setup_teardown(strangers_blob, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
