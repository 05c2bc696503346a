// SPDX-License-Identifier: MIT
/*
 * test_signed.c - a door with a key of manifests: what its stub would refuse after
 * the jump is refused before a guest is paused, by the same code of core. What the
 * stub says when it is forced past that: the boot cases of group `signed`.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fakerun.h"
#include "trust.h"
#include "util.h"

#define MFN	0x20000ull
#define SIGNED	"/usr/lib/baton/baton.kexec.signed"
#define PLAIN	"/usr/lib/baton/baton.kexec"
#define SIGNED_TARGET	"--kernel %s --initrd %s --cmdline '%s'"
#define FALLBACK "--fallback-kernel %s --fallback-initrd none --fallback-cmdline '%s'"

static EVP_PKEY *pairs[2];
static pid_t guest;

static void put_keys(EVP_PKEY *pair, int i)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof(name), "/key.%d", i);
	fake_put(name, "%s", "");
	f = fopen(fake_path(name), "w");
	assert_int_equal(PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL,
					      NULL), 1);
	fclose(f);
	snprintf(name, sizeof(name), "/pub.%d", i);
	fake_put(name, "%s", "");
	f = fopen(fake_path(name), "w");
	assert_int_equal(PEM_write_PUBKEY(f, pair), 1);
	fclose(f);
}

/* The manifest /man of the host's kernel and initrd, with these words, and of the
 * fallback with those, by that key. */
static void sign_as(const char *kernel, const char *initrd, const char *words,
		    const char *fallback, int version, int key)
{
	char name[16];

	snprintf(name, sizeof(name), "/key.%d", key);
	expect_ok(baton("sign --manifest " SIGNED_TARGET " " FALLBACK
			" --security-version %d --key %s -o %s",
			fake_path(kernel), fake_path(initrd), words,
			fake_path("/boot/vmlinuz"), fallback, version,
			fake_path(name), fake_path("/man")));
}

static void sign_good(void)
{
	sign_as("/boot/vmlinuz", "/boot/initrd.img", "quiet", "single", 5, 0);
}

static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	fake_put("/sys/kernel/security/lockdown",
		 "none [integrity] confidentiality\n");
	put_keys(pairs[0], 0);
	put_keys(pairs[1], 1);
	expect_ok(baton("sign %s --trust %s --least 5 -o %s", fake_path(PLAIN),
			fake_path("/pub.0"), fake_path(SIGNED)));
	sign_good();
	return 0;
}

static int run(const char *command, const char *more)
{
	return baton("%s " SIGNED_TARGET " " FALLBACK " --pid %d --map memfd:guest"
		     " --name one %s", command, fake_path("/boot/vmlinuz"),
		     fake_path("/boot/initrd.img"), "quiet",
		     fake_path("/boot/vmlinuz"), "single", (int)guest, more);
}

static const char *with_manifest(void)
{
	static char text[PATH_MAX + 16];

	snprintf(text, sizeof(text), "--manifest %s", fake_path("/man"));
	return text;
}

static void assert_untouched(void)
{
	assert_int_equal(fake_machine->kills, 0);	/* nobody was stopped */
	assert_int_equal(fake_machine->file_loads, 0);
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_has("/run/baton/loaded.dtb"));
}

/* By precheck and by upgrade. */
static void is_refused(const char *more, int code, const char *place)
{
	expect_refusal(run("precheck", more), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), error_name(code)));
	assert_non_null(strstr(baton_said(), place));
	assert_non_null(strstr(baton_said(), "baton sign"));
	expect_refusal(run("upgrade", more), code);
	assert_non_null(strstr(baton_complained(), place));
	assert_untouched();
}

static void good_is_started(void **state)
{
	struct diag_log diag;

	(void)state;
	expect_ok(run("precheck", with_manifest()));
	assert_untouched();
	assert_int_equal(run("upgrade", with_manifest()), FAKE_JUMPED);
	fake_process_end(guest);
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status"), "one");
}

static void no_manifest(void **state)
{
	(void)state;
	is_refused("", HO_ENOTRUST, "target: no manifest");
}

static void another_key(void **state)
{
	(void)state;
	sign_as("/boot/vmlinuz", "/boot/initrd.img", "quiet", "single", 5, 1);
	is_refused(with_manifest(), HO_ESIGNATURE, "target: manifest of ");
}

static void changed_manifest(void **state)
{
	static const char more[] = "\n";
	struct mapped m;
	struct diag_log diag;
	uint64_t end;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, fake_path("/man"), HO_EFILE, &diag),
			 0);
	end = m.length;
	mapped_close(&m);
	fake_put_at("/man", end, more, 1);
	is_refused(with_manifest(), HO_ESIGNATURE, "target: manifest of ");
}

/* The place that differs is told apart by the words that go with it. */
static void another_target(void **state)
{
	(void)state;
	fake_put("/other", "another kernel\n");
	sign_as("/other", "/boot/initrd.img", "quiet", "single", 5, 0);
	is_refused(with_manifest(), HO_ENOTRUST, "target: a linux target");
	sign_as("/boot/vmlinuz", "/other", "quiet", "single", 5, 0);
	is_refused(with_manifest(), HO_ENOTRUST, "target: a linux target");
	sign_as("/boot/vmlinuz", "/boot/initrd.img", "quiet init=/bin/sh",
		"single", 5, 0);
	is_refused(with_manifest(), HO_ENOTRUST, "target: a linux target");
	assert_non_null(strstr(baton_complained(),
			       "target's command line: quiet\n"));
}

static void another_fallback(void **state)
{
	(void)state;
	sign_as("/boot/vmlinuz", "/boot/initrd.img", "quiet", "", 5, 0);
	is_refused(with_manifest(), HO_ENOTRUST, "fallback: a linux target");
	assert_non_null(strstr(baton_complained(),
			       "fallback's command line: single\n"));
}

static void withdrawn(void **state)
{
	(void)state;
	sign_as("/boot/vmlinuz", "/boot/initrd.img", "quiet", "single", 4, 0);
	is_refused(with_manifest(), HO_EOLDMANIFEST,
		   "security-version 4, at least 5");
}

/* Signed as it is, and yet no manifest. */
static void malformed(void **state)
{
	static const char text[] = "baton-manifest 2\n";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[512];
	size_t length = sizeof(signature);

	(void)state;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL,
					    pairs[0]), 1);
	assert_int_equal(EVP_DigestSign(ctx, signature, &length,
					(const uint8_t *)text,
					strlen(text)), 1);
	EVP_MD_CTX_free(ctx);
	fake_put("/man", "%s", text);
	fake_put_bytes("/man.sig", signature, length);
	is_refused(with_manifest(), HO_EMANIFEST, "line 1: ");
}

/* Digests of the blob that are no SHA-256: the bytes are looked at. */
static void other_digest(void **state)
{
	char more[PATH_MAX + 40];

	(void)state;
	snprintf(more, sizeof(more), "%s --digest xxh64", with_manifest());
	fake_put("/other", "another initrd\n");
	sign_as("/boot/vmlinuz", "/other", "quiet", "single", 5, 0);
	is_refused(more, HO_ENOTRUST, "target: a linux target");
	sign_good();
	assert_int_equal(run("upgrade", more), FAKE_JUMPED);
}

/* The same in single steps: check and load, and load alone is forced past it. */
static void single_steps(void **state)
{
	(void)state;
	expect_ok(baton("collect --pid %d --map memfd:guest --name one -o %s",
			(int)guest, fake_path("/lu")));
	expect_ok(baton("pack --stream %s " SIGNED_TARGET " " FALLBACK
			" --stub %s -o %s", fake_path("/lu"),
			fake_path("/boot/vmlinuz"),
			fake_path("/boot/initrd.img"), "quiet",
			fake_path("/boot/vmlinuz"), "single",
			fake_path(SIGNED), fake_path("/blob")));
	expect_refusal(baton("check %s", fake_path("/blob")), HO_ENOTRUST);
	expect_refusal(baton("load %s", fake_path("/blob")), HO_ENOTRUST);
	assert_int_equal(fake_machine->file_loads, 0);
	expect_ok(baton("load --force %s", fake_path("/blob")));
	assert_int_equal(fake_machine->file_loads, 1);
	/* exec loads once more, and is not forced */
	expect_refusal(baton("exec"), HO_ENOTRUST);
	assert_int_equal(fake_machine->jumps, 0);
	expect_ok(baton("unload"));
}

/* The stub starts nothing with such a key; one that has no place for a key is of
 * an older Baton, and starts what it is given. */
static void damaged_key(void **state)
{
	static const uint64_t no_magic;
	struct diag_log diag;
	struct mapped m;
	uint64_t at;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, fake_path(SIGNED), HO_EFILE, &diag),
			 0);
	at = trust_find(m.bytes, m.length);
	mapped_close(&m);
	assert_true(at);
	fake_put_at(SIGNED, at + offsetof(struct ho_trust, reserved), "x", 1);
	is_refused(with_manifest(), HO_ESIGNATURE, "the key is damaged");
	fake_put_at(SIGNED, at, &no_magic, sizeof(no_magic));
	assert_int_equal(run("upgrade", ""), FAKE_JUMPED);
}

/* The same key, where the kernel takes kexec_load(2). */
static void by_kexec_load(void **state)
{
	char more[2 * PATH_MAX];

	(void)state;
	fake_put("/sys/kernel/security/lockdown",
		 "[none] integrity confidentiality\n");
	expect_ok(baton("sign %s --trust %s --least 5 -o %s",
			fake_path("/usr/lib/baton/stub.bin"),
			fake_path("/pub.0"), fake_path("/stub")));
	snprintf(more, sizeof(more), "--stub %s", fake_path("/stub"));
	is_refused(more, HO_ENOTRUST, "target: no manifest");
	assert_int_equal(fake_machine->loads, 0);
	snprintf(more, sizeof(more), "--stub %s %s", fake_path("/stub"),
		 with_manifest());
	assert_int_equal(run("upgrade", more), FAKE_JUMPED);
	assert_int_equal(fake_machine->file_loads, 0);
}

static int make_pairs(void **state)
{
	(void)state;
	pairs[0] = EVP_RSA_gen(2048);
	pairs[1] = EVP_RSA_gen(2048);
	return !pairs[0] || !pairs[1];
}

static int free_pairs(void **state)
{
	(void)state;
	EVP_PKEY_free(pairs[0]);
	EVP_PKEY_free(pairs[1]);
	return 0;
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

/* Tables of ACPI that an initrd has put into RAM: what a crash starts takes them for
 * the firmware's, and its door no blob that says RAM. */
static void tables_of_an_initrd(void **state)
{
	char more[PATH_MAX + 64];

	(void)state;
	fake_put("/proc/sysrq-trigger", "%s", "");
	fake_put("/sys/bus/pci/drivers_probe", "%s", "");
	snprintf(more, sizeof(more), "--crash-image %s", with_manifest());
	expect_refusal(run("upgrade", more), HO_EIO);	/* no panic here */
	assert_true(fake_holds("/proc/sysrq-trigger", "c"));
	fake_put("/proc/sysrq-trigger", "%s", "");
	fake_put("/proc/iomem",
		 "00001000-0009fbff : System RAM\n"
		 "00100000-3ffeffff : System RAM\n"
		 "  10000000-17ffffff : Crash kernel\n"
		 "3fff0000-3fffffff : ACPI Tables\n");
	fake_machine->kills = fake_machine->file_loads = 0;
	expect_refusal(run("precheck", more), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "HO_ECRASHIMAGE"));
	expect_refusal(run("upgrade", more), HO_ECRASHIMAGE);
	assert_non_null(strstr(baton_complained(),
			       "0x3fff0000..0x40000000 is ACPI's"));
	assert_untouched();
	assert_false(fake_holds("/proc/sysrq-trigger", "c"));
	/* without a key, and by another way, nobody minds */
	assert_int_equal(run("upgrade", with_manifest()), FAKE_JUMPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(good_is_started), WITH(no_manifest), WITH(another_key),
		WITH(changed_manifest), WITH(another_target),
		WITH(another_fallback), WITH(withdrawn), WITH(malformed),
		WITH(other_digest), WITH(single_steps),
		WITH(damaged_key), WITH(by_kexec_load),
		WITH(tables_of_an_initrd),
	};

	return cmocka_run_group_tests(tests, make_pairs, free_pairs);
}
