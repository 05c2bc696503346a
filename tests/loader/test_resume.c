// SPDX-License-Identifier: MIT
/*
 * test_resume.c - an update is called off, and one of its guests hangs: the
 * others run on at once. Each QEMU is a process of its own on a unix socket.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeqmp.h"
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
static struct ledger ledger;
static char folder[64];
static struct fake_qmp servers[GUESTS];

struct one {
	int number, out;
	const char *status;
};

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

static void be(struct one *g, const char *text, const char **value)
{
	if (strstr(text, "\"cont\"")) {
		char byte = '0' + g->number;

		g->status = "{\"status\":\"running\"}";
		if (write(g->out, &byte, 1) != 1)
			_exit(1);
	} else if (strstr(text, "query-status")) {
		*value = g->status;
	} else if (strstr(text, "query-migrate")) {
		*value = "{\"status\":\"completed\"}";
	}
}

/* A QEMU whose guest was saved. */
static void play(int fd, void *context)
{
	struct one *g = context;
	const char *text, *value;
	char id[64];

	if (g->number == HANGS)
		fake_qmp_wait();
	fake_qmp_say(fd, FAKE_QMP_GREETING);
	while ((text = fake_qmp_hear(fd, id, NULL))) {
		value = "{}";
		be(g, text, &value);
		if (*id)
			fake_qmp_answer(fd, id, value);
		else
			fake_qmp_say(fd, "{\"error\":{\"desc\":\"JSON parse error\"}}\n");
	}
}

static void start(int i, int out)
{
	struct one g = { .number = i, .out = out,
		.status = i == RUNS ? "{\"status\":\"running\"}"
				    : "{\"status\":\"postmigrate\"}" };

	if (i == ENDED)
		fake_qmp_nobody(monitor(i));
	else
		fake_qmp_start(&servers[i], monitor(i), play, &g);
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
		if (servers[i].pid)
			fake_qmp_stop(&servers[i]);
	close(told);
	ledger_free(&ledger);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void one_hangs(void **state)
{
	struct timespec start, end;
	char who[GUESTS] = "";

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(resume_remember(&ledger, file("blob"), &diag), 0);
	assert_int_equal(ledger.count, GUESTS);
	assert_int_equal(resume_guests(&ledger, SECONDS, &diag), -HO_EQMP);
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* one deadline for all of it; the slack is a busy machine's */
	assert_true(end.tv_sec - start.tv_sec < SECONDS + 8);
	assert_int_equal(diag.total, 1);
	assert_memory_equal(diag.items[0].where, "guest1: ", 8);
	/* the two that were saved, and nobody else */
	assert_int_equal(read(told, who, sizeof(who)), 1 + 1);
	assert_non_null(memchr(who, '0', 2));
	assert_non_null(memchr(who, '2', 2));
	/* whoever hangs is left there, for another try */
	assert_int_equal(ledger.count, 1);
	assert_string_equal(ledger.guests[0].taken.name, "guest1");
}

static void no_blob(void **state)
{
	(void)state;
	assert_int_equal(resume_remember(&ledger, file("nothing"), &diag), 0);
	assert_int_equal(resume_guests(&ledger, SECONDS, &diag), 0);
	assert_int_equal(diag.total, 0);
}

/* Owned by somebody else: it says nothing about this host's guests. */
static void strangers_blob(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(file("blob"), 1, 1), 0);
	assert_int_equal(resume_remember(&ledger, file("blob"), &diag),
			 -HO_EOWNER);
	assert_int_equal(ledger.count, 0);
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
