// SPDX-License-Identifier: MIT
/*
 * test_fixed.c - frames of a QEMU guest on huge pages are read while it runs, an
 * entry for each of 2 MiB, and none while it stands; what was taken out of its
 * memory since is found by the kernel's count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "fixed.h"
#include "pauses.h"
#include "resumed.h"
#include "work.h"

static struct fake_guest *vm;
static struct diag_log diag;

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	vm = fake_guest_begin("vm");
	fake_machine->huge = true;
	fake_huge_pages(FAKE_GUEST_BYTES / 1024);
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

static int upgrade(void)
{
	return baton("upgrade " TARGET " --qemu %s --name vm --rehearse none",
		     FILES, vm->qmp.path);
}

/* It jumped, and read as many entries while the guest stood still. */
static void assert_entries(int paused)
{
	char text[64];

	snprintf(text, sizeof(text), " %d page map entries read", paused);
	assert_int_equal(upgrade(), FAKE_JUMPED);
	if (!strstr(baton_complained(), text))
		fail_msg("%s", baton_complained());
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status --extents"), " vm 30000 512 ");
}

static void none_while_paused(void **state)
{
	(void)state;
	assert_entries(0);
	assert_int_equal(fake_machine->rings, 1);
	assert_int_equal(fake_machine->pins, 1);
}

/* Collected twice, looked at once more. */
static void nothing_is_pinned(void **state)
{
	(void)state;
	fake_machine->no_uring = true;
	assert_entries(3 * 512);
}

static void small_pages(void **state)
{
	(void)state;
	fake_machine->huge = false;
	assert_entries(3 * 512);
	assert_int_equal(fake_machine->rings, 0);
}

static void kernel_does_not_count(void **state)
{
	(void)state;
	fake_huge_pages(0);
	assert_entries(3 * 512);
}

/* Memory of an earlier update: nobody else has it, and it has no count. */
static void of_the_module(void **state)
{
	(void)state;
	fake_machine->device = true;
	fake_huge_pages(0);
	assert_entries(0);
	assert_int_equal(fake_machine->rings, 0);
}

/* A hole is punched while the guest stands still. */
static void taken_out(void **state)
{
	(void)state;
	fake_machine->punch = true;
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n"); /* one load alone */
	expect_refusal(upgrade(), HO_EMIGRATED);
	assert_string_equal(vm->status, "running");
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_machine->loaded[0]);
}

/* Before it stood still, when its kernel and initrd were put in place. */
static void taken_out_before(void **state)
{
	(void)state;
	fake_machine->punch = true;
	expect_refusal(upgrade(), HO_EMIGRATED);
	assert_string_equal(vm->status, "running");
	assert_int_equal(fake_machine->loads, 0);
}

/* The stub of the fake has no clock: its stages are a thousand ticks each, from
 * now on. */
static void set_clock(struct ho_breadcrumb *crumb)
{
	int i;

	for (i = HO_STAGE_ENTRY; i <= HO_STAGE_TARGET; i++)
		crumb->stage_tsc[i] = resumed_now() + 1000 * i;
	crumb->tsc_khz = 1000;
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, key, &value));
	return value;
}

/* Of the only guest, what --pause says. */
static struct json_object *pause_of_guest(struct json_object **all)
{
	expect_ok(baton("status --pause --json"));
	*all = json_tokener_parse(baton_said());
	assert_int_equal(json_object_array_length(at(*all, "guests")), 1);
	return json_object_array_get_idx(at(*all, "guests"), 0);
}

/* The parts follow each other without a gap, and all of them are the pause. */
static void assert_parts(struct json_object *guest, size_t count)
{
	struct json_object *parts = at(guest, "parts");
	int64_t sum = 0, total = json_object_get_int64(at(guest, "total_us"));
	size_t i;

	assert_int_equal(json_object_array_length(parts), count);
	for (i = 0; i < count; i++)
		sum += json_object_get_int64(
			at(json_object_array_get_idx(parts, i), "us"));
	assert_true(total > 0);
	assert_int_equal(total, sum);
}

/* A gauge for each of them, with the same time. */
static void assert_gauges(struct json_object *guest)
{
	struct json_object *parts = at(guest, "parts");
	size_t i, count = json_object_array_length(parts), gauges = 0;
	const char *line;
	char text[128];

	expect_ok(baton("status --metrics -"));
	for (i = 0; i < count; i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);

		snprintf(text, sizeof(text),
			 "baton_pause_seconds{guest=\"vm\",stage=\"%s\"} ",
			 json_object_get_string(at(part, "part")));
		line = strstr(baton_said(), text);
		assert_non_null(line);
		assert_true(labs((long)(strtod(line + strlen(text), NULL) * 1e6)
			- json_object_get_int64(at(part, "us"))) <= 1000);
	}
	for (line = baton_said(); (line = strstr(line, "\nbaton_pause_seconds{"));
	     line++)
		gauges++;
	assert_int_equal(gauges, count);
}

/* scripts/pause-svg draws what was said: well-formed, a row for each part. */
static void assert_drawn(size_t count)
{
	char command[1024];

	fake_put("/pause.json", "%s", baton_said());
	snprintf(command, sizeof(command),
		 "scripts/pause-svg %s | python3 -c 'import sys, xml.dom.minidom as m; d = m.parse(sys.stdin); sys.exit(sum(\"grows with\" in t.firstChild.data for t in d.getElementsByTagName(\"text\")) != %zu)'",
		 fake_path("/pause.json"), count);
	assert_int_equal(system(command), 0);
}

/* The next pause is thought to be like the last ones, where nothing else is known of
 * it: `from` is what it says, or, of several, how that begins. In s. */
static double estimated(const char *stage, const char *from, bool several)
{
	struct json_object *o, *list, *one = NULL;
	const char *said;
	double seconds;
	int i, last = 0;

	expect_ok(baton("precheck " TARGET " --json", FILES));
	o = json_tokener_parse(baton_said());
	list = at(at(o, "pause"), "stages");
	for (i = 0; i < (int)json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (!strcmp(json_object_get_string(at(one, "stage")), stage))
			last = i;
	}
	one = json_object_array_get_idx(list, last);
	said = json_object_get_string(at(one, "from"));
	if (several)
		assert_int_equal(strncmp(said, from, strlen(from)), 0);
	else
		assert_string_equal(said, from);
	seconds = json_object_get_double(at(one, "seconds"));
	assert_true(seconds >= 0);
	json_object_put(o);
	return seconds;
}

static double boot_of(const struct pause *p)
{
	return p->s[TIMELINE_KERNEL] + p->s[TIMELINE_BOOT];
}

/* This update's pause is on disk, and those of others beside it count as much. */
static void assert_kept(void)
{
	static const char parts[] = "\"save\": 1, \"collect\": 0, \"load\": 0, "
		"\"down\": 1, \"entry\": 0, \"verify\": 3, \"pass\": 0, "
		"\"plug\": 0, \"chain\": 1, \"kernel\": 1, \"boot\": 4, \"adopt\": 2";
	struct pauses own, both;
	double seconds;

	pauses_read(&own, PAUSES_PATH);
	assert_int_equal(own.count, 1);
	assert_int_equal(own.list[0].generation, 1);
	assert_true(own.list[0].jump_known);
	fake_put(PAUSES_PATH, "[{ \"generation\": 1, \"id\": \"0\", "
		 "\"seconds\": { %s } }]", parts);
	seconds = estimated("stub", "2 updates on this machine, ", true);
	assert_in_range(seconds * 1000, 2000, 2500);
	seconds = estimated("boot", "2 updates on this machine, ", true);
	assert_true(seconds * 2 - boot_of(&own.list[0]) > 4.999);
	assert_true(seconds * 2 - boot_of(&own.list[0]) < 5.001);
	expect_ok(baton("adopt --all"));	/* nobody is left */
	pauses_read(&both, PAUSES_PATH);
	assert_int_equal(both.count, 2);
	assert_string_equal(both.list[1].id, own.list[0].id);
	fake_remove(PAUSES_PATH);
}

static void where_the_pause_went(void **state)
{
	struct json_object *all, *guest;
	int64_t files;

	(void)state;
	assert_int_equal(upgrade(), FAKE_JUMPED);
	fake_guest_stop(vm);
	fake_remove("/proc/any");
	assert_int_equal(fake_stub(&diag), 0);
	fake_mem_here();
	/* as it is: its times are of no clock */
	expect_refusal(baton("status --pause"), HO_ENODOMAIN);
	fake_crumb(set_clock);
	usleep(1000);
	expect_said(baton("status --pause"), "and does yet");
	expect_said(baton("status --pause"), " 0 page map entries read");
	guest = pause_of_guest(&all);
	assert_parts(guest, TIMELINE_PARTS - 1);	/* not adopted */
	assert_false(json_object_get_boolean(at(guest, "over")));
	files = json_object_get_int64(at(guest, "file_bytes"));
	assert_true(files > 0);
	assert_int_equal(json_object_get_int64(at(guest, "placed_bytes")),
			 files);
	assert_int_equal(json_object_get_int64(at(guest, "pagemap_entries")), 0);
	json_object_put(all);
	expect_ok(baton("adopt vm"));
	guest = pause_of_guest(&all);
	assert_parts(guest, TIMELINE_PARTS);
	assert_true(json_object_get_boolean(at(guest, "over")));
	assert_drawn(TIMELINE_PARTS);
	assert_gauges(guest);
	json_object_put(all);
	assert_kept();
	estimated("down", "update 1 on this machine", false);
	estimated("boot", "update 1 on this machine", false);
	estimated("adopt", "update 1 on this machine", false);
	/* nobody noted the jump */
	fake_remove("/run/baton/jumped");
	guest = pause_of_guest(&all);
	assert_parts(guest, TIMELINE_PARTS - 1);
	json_object_put(all);
	expect_said(baton("status --pause"), "has the old kernel's end, too");
	expect_refusal(baton("status --pause --log"), HO_EUSAGE);
}

/* Pages that do not continue each other, as many entries as pages: what a guest of
 * 1 TiB takes is half a million, once. */
static void an_entry_each(void **state)
{
	const uint64_t base = 0x100000000000ull >> 12, pages = 64;
	struct vrange range = { base << 12, (base + pages * 512) << 12 };
	struct fixed_frames f = { .holder = process_id_of(getpid()) };
	struct fixed_extent one = { 0x1000, 512, base };
	uint64_t entry, i;
	size_t at = 0;

	(void)state;
	for (i = 0; i < pages; i++) {
		entry = 1ull << 63 | (one.mfn + i * 1024);
		fake_put_at("/proc/any/pagemap", (base + i * 512) * 8, &entry,
			    sizeof(entry));
	}
	work_begin();
	assert_int_equal(fixed_read(&f, range, &diag), 0);
	assert_int_equal(work_done(WORK_PAGEMAP), pages);
	assert_int_equal(f.count, pages);
	for (i = 0; i < pages; i++, one.mfn += 1024, one.vpn += 512)
		assert_true(fixed_has(&f, &one, &at));
	assert_false(fixed_has(&f, &one, &at));
	one = (struct fixed_extent){ 0x1000 + 512, 512, base };
	assert_false(fixed_has(&f, &one, &at));
	free(f.list);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(none_while_paused), WITH(nothing_is_pinned),
		WITH(small_pages), WITH(kernel_does_not_count),
		WITH(of_the_module), WITH(taken_out), WITH(taken_out_before),
		WITH(an_entry_each), WITH(where_the_pause_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
