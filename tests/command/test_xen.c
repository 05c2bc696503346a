// SPDX-License-Identifier: MIT
/*
 * test_xen.c - a PV guest of Xen's from end to end: saved by xl, its frames
 * found by its p2m, handed over, and restored by xl from what was kept, byte
 * for byte. Xen and xl are made up (fakelibs.h).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "fakesave.h"
#include "util.h"
#include "xen.h"

#define FUNCTION "/sys/bus/pci/devices/0000:00:03.%d"
#define PAGE	4096
#define PAGES	6
#define TABLE	2			/* a page table of level 1 */
#define INFO	0x37000ull		/* shared_info, then the lists */
#define MFN	0x38000ull
#define XL	"case $1 in domname) echo pv;; domid) echo 3;; " \
		"pci-list) echo head;; " \
		"save) cat $FAKE_ROOT/stream >&3; : >$FAKE_ROOT/paused.3;; " \
		"unpause) rm $FAKE_ROOT/paused.3;; " \
		"restore) cat <&3 >$FAKE_ROOT/restored;; esac"

static uint8_t room[64 * 1024], pages[PAGES][PAGE];
static struct fake_save save = { .bytes = room };
static struct diag_log diag;

static void put_pages(void)
{
	const uint32_t head[4] = { 1, 8 + (8 + PAGE) * PAGES, PAGES, 0 };
	uint64_t i;

	fake_save_put(&save, head, sizeof(head));
	for (i = 0; i < PAGES; i++) {
		uint64_t word = i | (uint64_t)(i == TABLE) << 60;

		fake_save_put(&save, &word, 8);
	}
	for (i = 0; i < PAGES; i++)
		fake_save_put(&save, pages[i], PAGE);
}

/* As xl writes it: in a page table, pfns. */
static void put_stream(void)
{
	static const uint8_t pv_info[8] = { 8, 4 };

	fake_save_begin(&save, FAKE_SAVE_PV);
	fake_save_record(&save, 2, pv_info, sizeof(pv_info));
	put_pages();
	fake_save_record(&save, 0, NULL, 0);
	fake_save_record(&save, 0, NULL, 0);
	fake_put_bytes("/stream", save.bytes, save.used);
}

/* In memory: in a page table, mfns. */
static void put_memory(void)
{
	static shared_info_t info;
	uint64_t list = INFO + 2, leaf = INFO + 3, p2m[PAGES], i;
	uint64_t entry = (MFN + 4) << 12 | 1;

	info.arch.max_pfn = PAGES;
	info.arch.pfn_to_mfn_frame_list_list = INFO + 1;
	for (i = 0; i < PAGES; i++) {
		p2m[i] = MFN + i;
		fake_put_at("/dev/mem", p2m[i] << 12, pages[i], PAGE);
	}
	fake_put_at("/dev/mem", (MFN + TABLE) << 12, &entry, 8);
	fake_put_at("/dev/mem", INFO << 12, &info, sizeof(info));
	fake_put_at("/dev/mem", (INFO + 1) << 12, &list, 8);
	fake_put_at("/dev/mem", (INFO + 2) << 12, &leaf, 8);
	fake_put_at("/dev/mem", (INFO + 3) << 12, p2m, sizeof(p2m));
}

static int setup(void **state)
{
	uint64_t entry = 4 << 12 | 1;
	int i;

	fake_begin(state);
	fake_xen_here();
	diag_init(&diag, HO_STAGE_LOADER);
	for (i = 0; i < PAGES; i++)
		memset(pages[i], i == TABLE ? 0 : 'a' + i, PAGE);
	memcpy(pages[TABLE], &entry, 8);
	fake_xen->table_mfn = MFN + TABLE;
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 3,
		.pages = PAGES, .target_kib = PAGES * 4, .cpu_time = 77,
		.uuid = { 1, 2, 3 }, .shared_info = INFO };
	put_stream();
	put_memory();
	fake_program("xl", XL);
	return 0;
}

static int upgrade(void)
{
	return baton("upgrade " TARGET " --xen pv", FILES);
}

static int setup_new(void **state)
{
	setup(state);
	assert_int_equal(upgrade(), FAKE_JUMPED);
	fake_xen->guests[0].domid = 0;
	assert_int_equal(fake_stub(&diag), 0);
	return 0;
}

static void saved_and_undone(void **state)
{
	(void)state;
	expect_ok(baton("collect --xen pv -o %s", fake_path("/lu")));
	assert_true(fake_has("/paused.3"));
	expect_refusal(baton("collect --xen pv -o %s", fake_path("/lu")),
		       HO_EXENDOMAIN);
	/* another update would go without it */
	expect_refusal(upgrade(), HO_EUNDONE);
	expect_said(baton("status"), "pv");
	fake_program("xl", "exit 1");
	expect_refusal(baton("unload"), HO_ESTUCK);
	assert_true(fake_has("/paused.3"));
	fake_program("xl", XL);
	expect_ok(baton("unload"));
	assert_false(fake_has("/paused.3"));
	assert_false(fake_has("/run/baton/ledger.json"));
	/* nothing can be loaded here: it waits all the same */
	expect_ok(baton("collect --xen pv -o %s", fake_path("/lu")));
	fake_put("/sys/firmware/efi/runtime", "%s", "");
	expect_ok(baton("unload"));
	assert_false(fake_has("/paused.3"));
	fake_remove("/sys/firmware/efi");
	fake_xen->fail = 0;
	/* what can be known before is no reason to suspend it */
	fake_remove("/calls");
	fake_xen->free_pages = 1;
	expect_refusal(upgrade(), HO_EXENHEAP);
	assert_false(fake_called("xl save"));
	/* its frames cannot be found: it runs on */
	fake_xen->free_pages = 1 << 20;
	fake_xen->guests[0].shared_info = 1;
	assert_int_not_equal(upgrade(), 0);
	assert_true(fake_called("xl save"));
	assert_false(fake_has("/paused.3"));
	assert_true(fake_called("xl unpause 3"));
	assert_false(fake_has("/run/baton/loaded.dtb"));
}

/* An xl that has saved it and does not end; one that does not let it run on. */
static void xl_hangs(void **state)
{
	(void)state;
	fake_program("xl", "[ $1 != save ] || { cat $FAKE_ROOT/stream >&3; "
			   ": >$FAKE_ROOT/paused.3; exec sleep 60; }; " XL);
	expect_refusal(upgrade(), HO_EXENSAVE);
	assert_int_equal(fake_xen->jumps, 0);
	assert_false(fake_has("/paused.3"));
	fake_program("xl", XL);
	expect_ok(baton("collect --xen pv -o %s", fake_path("/lu")));
	fake_program("xl", "exec sleep 60");
	expect_refusal(baton("unload"), HO_ESTUCK);
	fake_program("xl", XL);
	expect_ok(baton("unload"));
	assert_false(fake_has("/paused.3"));
}

/* Xen cannot be asked for a moment, while it stands still: that is not "it runs". */
static void not_asked(void **state)
{
	(void)state;
	fake_xen->deaf = 5;
	fake_program("xl", "case $1 in save) : >$FAKE_ROOT/deaf;; esac; " XL);
	assert_int_not_equal(upgrade(), 0);
	assert_int_equal(fake_xen->jumps, 0);
	assert_int_equal(fake_xen->deaf, 0);
	assert_true(fake_called("xl unpause 3"));
	assert_false(fake_has("/paused.3"));
}

/* Another guest, from that call of xl's on. */
#define COMES_BY(call) do { \
	fake_xen->guests[1] = (struct fake_xen_guest){ .domid = 9, \
		.late = true, .pages = 1, .uuid = { 9 } }; \
	fake_program("xl", "case $1.$2 in " call ".*) : >$FAKE_ROOT/late.9;; " \
			   "domname.9) echo late; exit;; esac; " XL); \
} while (0)

/* One comes while the others are saved; one that ends by itself is no matter. */
static void one_more(void **state)
{
	(void)state;
	COMES_BY("save");
	expect_refusal(baton("upgrade " TARGET " --xen-all", FILES), HO_EPLAN);
	assert_int_equal(fake_xen->jumps, 0);
	assert_false(fake_has("/paused.3"));
	fake_remove("/late.9");
	fake_xen->guests[1].flags = XEN_DOMINF_dying;
	assert_int_equal(baton("upgrade " TARGET " --xen-all", FILES),
			 FAKE_JUMPED);
}

/* It is there when all have been found: before anybody is saved. */
static void one_more_at_once(void **state)
{
	(void)state;
	COMES_BY("pci-list");
	expect_refusal(baton("upgrade " TARGET " --xen-all", FILES), HO_EPLAN);
	assert_false(fake_called("xl save"));
}

/* Functions of PCI: a disk with a driver, a bridge, and one that is no master. */
static const uint8_t functions[][3] = { { 1, 8, 7 }, { 6, 4, 7 }, { 2, 0, 3 } };

static void config_of(int i, uint8_t config[64])
{
	memset(config, 0, 64);
	config[4] = functions[i][2];
	config[10] = functions[i][1];
	config[11] = functions[i][0];
}

static void put_functions(void)
{
	uint8_t config[64];
	char path[64];
	int i;

	for (i = 0; i < 3; i++) {
		config_of(i, config);
		snprintf(path, sizeof(path), FUNCTION "/config", i);
		fake_put_bytes(path, config, sizeof(config));
	}
	snprintf(path, sizeof(path), FUNCTION "/driver/module", 0);
	fake_put(path, "%s", "");
}

/* Is it as it was, but for its command register? */
static void expect_function(int i, uint8_t command)
{
	uint8_t config[64];
	char path[64];

	config_of(i, config);
	config[4] = command;
	snprintf(path, sizeof(path), FUNCTION "/config", i);
	assert_true(fake_is(path, config, sizeof(config)));
}

/* No driver of dom0's is asked at Xen's jump: its disk is under way, maybe. */
static void devices_stop(void **state)
{
	(void)state;
	put_functions();
	assert_int_equal(upgrade(), FAKE_JUMPED);
	expect_function(0, 3);
	expect_function(1, 7);
	expect_function(2, 3);
}

static void devices_go_on(void **state)
{
	(void)state;
	put_functions();
	fake_xen->jump_fails = true;
	expect_refusal(upgrade(), HO_EIO);
	assert_int_equal(fake_xen->jumps, 1);
	expect_function(0, 7);
	expect_function(2, 3);
	assert_false(fake_has("/paused.3"));
}

/* Somebody would end it while they stand still: it ends when they go on. */
static void devices_and_signal(void **state)
{
	(void)state;
	put_functions();
	fake_xen->jump_fails = true;
	fake_xen->jump_signal = SIGTERM;
	assert_int_equal(upgrade(), 128 + SIGTERM);
	assert_int_equal(fake_xen->jumps, 1);
	expect_function(0, 7);
}

static void devices_unknown(void **state)
{
	char path[64];

	(void)state;
	put_functions();
	snprintf(path, sizeof(path), FUNCTION "/config", 2);
	fake_put(path, "short");
	expect_refusal(upgrade(), HO_EQUIESCE);
	assert_int_equal(fake_xen->jumps, 0);
	expect_function(0, 7);
	assert_false(fake_has("/paused.3"));
	/* its registers are closed: known before anybody is paused */
	put_functions();
	fake_remove("/calls");
	fake_put("/sys/kernel/security/lockdown",
		 "none [integrity] confidentiality\n");
	expect_refusal(upgrade(), HO_EQUIESCE);
	assert_false(fake_called("xl save"));
	/* that there are none is not what a folder says that cannot be read */
	fake_remove("/sys/kernel/security/lockdown");
	fake_remove("/sys/bus/pci/devices");
	fake_link("/sys/bus/pci/devices", "devices");
	expect_refusal(upgrade(), HO_EQUIESCE);
	assert_non_null(strstr(baton_complained(), "cannot be read"));
}

static void refused(void **state)
{
	uint64_t none = ~0ull, other = MFN + 1;

	(void)state;
	/* two pfns with one frame, one without, more than it has, no list */
	fake_put_at("/dev/mem", ((INFO + 3) << 12) + 8, &none, 8);
	expect_refusal(upgrade(), HO_EXENBALLOON);
	fake_put_at("/dev/mem", ((INFO + 3) << 12) + 8, &other, 8);
	fake_xen->table_mfn = 0;
	expect_refusal(upgrade(), HO_EXENP2M);
	fake_xen->table_mfn = MFN + TABLE;
	fake_xen->guests[0].pages++;
	expect_refusal(upgrade(), HO_EXENBALLOON);
	fake_xen->guests[0].pages--;
	fake_xen->guests[0].shared_info = 1 << 20;
	expect_refusal(upgrade(), HO_EXENP2M);
	fake_xen->guests[0].shared_info = INFO + 9;
	expect_refusal(upgrade(), HO_EXENP2M);
	fake_xen->guests[0].shared_info = INFO;
	save.bytes[save.used - 20] ^= 1;
	fake_put_bytes("/stream", save.bytes, save.used - 30);
	expect_refusal(upgrade(), HO_EXENSTREAM);
	assert_int_equal(fake_xen->loads, 0);
}

/* All that is known of it is in what was loaded, or in the ledger as well. */
static void unloaded(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		expect_ok(baton("collect --xen-all -o %s", fake_path("/lu")));
		expect_ok(baton("pack --stream %s " TARGET " -o %s",
				fake_path("/lu"), FILES, fake_path("/blob")));
		expect_ok(baton("load %s", fake_path("/blob")));
		assert_true(fake_has("/paused.3"));
		if (i)
			fake_remove("/run/baton/ledger.json");
		expect_ok(baton("unload"));
		assert_false(fake_has("/paused.3"));
	}
	/* one that ran meanwhile, and was paused by somebody else */
	expect_ok(baton("collect --xen-all -o %s", fake_path("/lu")));
	fake_xen->guests[0].cpu_time++;
	expect_ok(baton("unload"));
	assert_true(fake_has("/paused.3"));
}

/* It was let run between the save and the jump. */
static void ran_since(void **state)
{
	(void)state;
	expect_ok(baton("collect --xen-all -o %s", fake_path("/lu")));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_xen->guests[0].cpu_time++;
	expect_refusal(baton("exec"), HO_EXENRAN);
	fake_xen->guests[0].cpu_time--;
	fake_remove("/paused.3");
	expect_refusal(baton("exec"), HO_EXENRAN);
	fake_put("/paused.3", "%s", "");
	/* it is gone, and its frames are free */
	fake_xen->guests[0].domid = 0;
	expect_refusal(baton("exec"), HO_ECARRIED);
	fake_xen->guests[0].domid = 3;
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

/* Kept by the last update, loaded for the next, and restored before that. */
static void carried(void **state)
{
	(void)state;
	expect_ok(baton("upgrade --no-exec " TARGET, FILES));
	expect_ok(baton("restore --xen pv --keep"));
	fake_xen->jumps = 0;
	expect_ok(baton("restore --xen pv"));
	expect_refusal(baton("exec"), HO_ECARRIED);
	assert_int_equal(fake_xen->jumps, 0);
}

static void restored(void **state)
{
	(void)state;
	expect_said(baton("status"), "pv");
	expect_ok(baton("restore --xen pv -o %s", fake_path("/file")));
	assert_true(fake_is("/file", save.bytes, save.used));
	expect_ok(baton("restore --xen --keep"));
	assert_true(fake_is("/restored", save.bytes, save.used));
	fake_remove("/restored");
	expect_ok(baton("restore --xen pv --paused"));
	assert_true(fake_called("xl restore -p"));
	assert_true(fake_is("/restored", save.bytes, save.used));
	expect_said(baton("status"), "released");
	expect_refusal(baton("restore --xen pv"), HO_ENODOMAIN);
	expect_ok(baton("restore --xen"));
	expect_ok(baton("status --json"));
}

/* This Xen gives it its frames: ordinary pages are not sent. */
static void in_place(void **state)
{
	(void)state;
	fake_xen_adopts();
	/* room for tables and the like is all it takes */
	fake_xen->free_pages = 4095;
	expect_refusal(baton("restore --xen"), HO_EXENROOM);
	fake_xen->free_pages = 4096;
	/* an earlier attempt is there, paused */
	fake_xen->taken = true;
	expect_refusal(baton("restore --xen"), HO_EXENTAKEN);
	fake_xen->taken = false;
	expect_ok(baton("restore --xen pv"));
	assert_int_equal(fake_length("/restored"),
			 save.used - (PAGES - 1) * PAGE);
	expect_said(baton("status"), "runs on in place");
	expect_said(baton("status --json"), "\"in_place\":true");
	expect_refusal(baton("restore --xen pv"), HO_ENODOMAIN);
}

/* Nobody wants it: this Xen has its frames at once. */
static void let_go(void **state)
{
	(void)state;
	fake_xen_adopts();
	fake_xen->release_parts = 3;
	expect_said(baton("release pv"), "are the host's again");
	assert_string_equal(fake_xen->released,
			    "01020300000000000000000000000000");
	assert_int_equal(fake_xen->release_parts, 0);
	expect_refusal(baton("restore --xen pv"), HO_ENODOMAIN);
}

/* A stock Xen is not asked; one that says no has them with the next update. */
static void let_go_later(void **state)
{
	(void)state;
	fake_xen->release_parts = 1;
	expect_said(baton("release pv"), "return at the next update");
	assert_string_equal(fake_xen->released, "");
	fake_xen_adopts();
	fake_xen->release_parts = 0;
	expect_said(baton("release pv"), "return at the next update");
	fake_xen->release_parts = 1;
	fake_xen->there = false;
	expect_said(baton("release pv"), "return at the next update");
	expect_said(baton("status"), "released");
}

/* What the new Xen's file tells is said. */
static void to_xen(const char *said)
{
	expect_ok(baton("upgrade --no-exec --xen pv --target xen --kernel %s "
			"--module %s",
			fake_path("/boot/xen.gz"), fake_path("/boot/vmlinuz")));
	if (!strstr(baton_complained(), said))
		fail_msg("%s", baton_complained());
	expect_ok(baton("unload"));
}

static void told_beforehand(void **state)
{
	static const char words[] = "baton-pv-1 xen-3.0-x86_64 ";
	char *image = malloc(1 << 20);
	size_t bytes;
	FILE *f;

	(void)state;
	fake_xen_image("/boot/xen.gz");
	to_xen("they take their memory twice");
	fake_put(FAKE_LIVEPATCH_FILE, "for this very build");
	to_xen("go on in place (livepatch)");
	f = fopen(fake_path("/boot/xen.gz"), "r");
	bytes = fread(image, 1, 1 << 19, f);
	fclose(f);
	memcpy(image + bytes, words, sizeof(words));
	fake_put_bytes("/boot/xen.gz", image, bytes + sizeof(words));
	free(image);
	to_xen("go on in place");
}

static void not_restored(void **state)
{
	uint64_t strange = (MFN + 64) << 12 | 1;

	(void)state;
	fake_xen->free_pages = 3;
	expect_refusal(baton("restore --xen"), HO_EXENROOM);
	fake_xen->free_pages = 1 << 20;
	fake_program("xl", "cat <&3 >/dev/null; exit 1");
	expect_refusal(baton("restore --xen pv"), HO_EXENRESTORE);
	fake_program("xl", XL);
	/* a page table is not what it was */
	fake_put_at("/dev/mem", (MFN + TABLE) << 12, &strange, 8);
	expect_refusal(baton("restore --xen pv"), HO_EXENP2M);
	expect_said(baton("status"), "kept");
	fake_put("/sys/hypervisor/version/minor", "18\n");
	assert_int_not_equal(baton("restore --xen pv"), 0);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)
#define NEW(f)	cmocka_unit_test_setup_teardown(f, setup_new, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(saved_and_undone), WITH(xl_hangs), WITH(not_asked), WITH(refused),
		WITH(ran_since), WITH(one_more), WITH(one_more_at_once),
		WITH(told_beforehand), WITH(unloaded), WITH(devices_stop),
		WITH(devices_go_on), WITH(devices_and_signal),
		WITH(devices_unknown), NEW(carried),
		NEW(restored), NEW(in_place), NEW(not_restored),
		NEW(let_go), NEW(let_go_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
