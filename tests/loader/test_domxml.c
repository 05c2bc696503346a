// SPDX-License-Identifier: MIT
/*
 * test_domxml.c - a domain's XML: each reason in it why the domain cannot go, what is
 * taken out of it, and XML that is no domain's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "domxml.h"

#define UUID	"596fc37c-4fa8-4116-b3b8-d3dbe2e1249d"
#define QEMU	"<emulator>/usr/bin/qemu-system-x86_64</emulator>"
#define SHARED	"<memoryBacking><hugepages/><access mode='shared'/></memoryBacking>"

static struct diag_log diag;

static struct domxml *open_text(const char *text)
{
	struct domxml *d;

	diag_init(&diag, HO_STAGE_LOADER);
	domxml_open(&d, text, strlen(text), &diag);
	return d;
}

/* A domain with these parts, as its code says. */
static int check(const char *type, const char *memory, const char *devices)
{
	struct domxml *d;
	char text[2048];
	int rc;

	snprintf(text, sizeof(text),
		 "<domain type='%s'><name>vm</name><uuid>" UUID "</uuid>%s"
		 "<devices>%s</devices></domain>", type, memory, devices);
	d = open_text(text);
	assert_non_null(d);
	rc = domxml_check(d, "vm", &diag);
	domxml_close(d);
	return rc;
}

static void reasons(void **state)
{
	static const struct {
		const char *devices;
		int code;
	} cases[] = {
		{ QEMU, 0 },
		{ "<emulator>/usr/lib/baton/baton-qemu</emulator>", 0 },
		{ "<emulator>/opt/qemu</emulator>", HO_ELIBVIRT },
		{ QEMU "<hostdev mode='subsystem' type='pci'/>", HO_EGUESTDEV },
		{ QEMU "<interface type='hostdev'/>", HO_EGUESTDEV },
		{ QEMU "<interface type='vdpa'/>", HO_EGUESTDEV },
		{ QEMU "<interface type='vhostuser'/>", HO_EGUESTDEV },
		{ QEMU "<interface type='network'/>", 0 },
		{ QEMU "<disk type='vhostuser'/>", HO_EGUESTDEV },
		{ QEMU "<disk type='nvme'/>", HO_EGUESTDEV },
		{ QEMU "<disk type='file'><transient/></disk>", HO_EGUESTDEV },
		{ QEMU "<disk type='file'/>", 0 },
		{ QEMU "<filesystem type='mount'><driver type='virtiofs'/></filesystem>",
		  HO_EGUESTDEV },
		{ QEMU "<tpm model='tpm-crb'><backend type='emulator'/></tpm>",
		  HO_EGUESTDEV },
		{ QEMU "<shmem name='s'/>", HO_EGUESTDEV },
		{ QEMU "<lease><key>k</key></lease>", HO_EGUESTBUSY },
		{ QEMU "<memory model='nvdimm'/>", HO_EGUESTDEV },
		{ QEMU "<memory model='virtio-mem'/>", HO_EGUESTDEV },
		{ QEMU "<memory model='dimm'/>", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		print_message("  %s\n", cases[i].devices);
		assert_int_equal(check("kvm", SHARED, cases[i].devices),
				 -cases[i].code);
	}
	assert_int_equal(check("qemu", SHARED, QEMU), 0);
	assert_int_equal(check("xen", SHARED, QEMU), -HO_ELIBVIRT);
	assert_int_equal(check("kvm", "", QEMU), -HO_ELIBVIRTRAM);
	assert_int_equal(check("kvm", "<memoryBacking><hugepages/></memoryBacking>",
			       QEMU), -HO_ELIBVIRTRAM);
	assert_int_equal(check("kvm", "<cpu><numa><cell memAccess='shared'/></numa></cpu>",
			       QEMU), 0);
	assert_int_equal(check("kvm", SHARED "<launchSecurity type='sev'/>",
			       QEMU), -HO_EGUESTDEV);
	/* all of them, not the first alone */
	check("kvm", "", QEMU "<hostdev/><shmem/>");
	assert_int_equal(diag.total, 3);
}

static void parts(void **state)
{
	static const uint8_t id[] = { 0x59, 0x6f, 0xc3, 0x7c, 0x4f, 0xa8, 0x41,
		0x16, 0xb3, 0xb8, 0xd3, 0xdb, 0xe2, 0xe1, 0x24, 0x9d };
	struct domxml *d = open_text("<domain><name>a &amp; \xc3\xa4</name><uuid>"
		UUID "</uuid><genid>x</genid><devices>" QEMU "<disk/></devices></domain>");
	uint8_t uuid[16];
	char *text = domxml_name(d);

	(void)state;
	assert_string_equal(text, "a & \xc3\xa4");
	free(text);
	assert_true(domxml_uuid(d, uuid));
	assert_memory_equal(uuid, id, 16);
	assert_true(domxml_has_genid(d));
	text = domxml_with_emulator(d, "/a & b/baton-qemu", &diag);
	assert_non_null(strstr(text, "<emulator>/a &amp; b/baton-qemu</emulator><disk/>"));
	assert_null(strstr(text, "qemu-system"));
	free(text);
	domxml_close(d);
	d = open_text("<domain><uuid>" UUID "0</uuid><devices/></domain>");
	assert_false(domxml_uuid(d, uuid));
	assert_null(domxml_name(d));
	assert_null(domxml_with_emulator(d, "/x", &diag));
	assert_int_equal(diag.items[0].code, HO_EGUESTCONF);
	domxml_close(d);
}

static void status_file(void **state)
{
	struct domxml *d = open_text("<domstatus state='running' pid='4711'>"
		"<cpu mode='custom'><model>qemu64</model></cpu>"
		"<domain><cpu mode='host-model'/></domain></domstatus>");
	char *text;

	(void)state;
	assert_int_equal(domxml_pid(d), 4711);
	assert_null(domxml_job(d));
	text = domxml_cookie(d, &diag);
	assert_string_equal(text, "<cookie>\n<cpu mode=\"custom\"><model>qemu64</model></cpu>\n<slirpHelper/>\n</cookie>\n");
	free(text);
	domxml_close(d);
	d = open_text("<domstatus pid='1'><domain><devices><interface type='user'/></devices></domain></domstatus>");
	assert_int_equal(domxml_pid(d), 0);
	text = domxml_cookie(d, &diag);
	assert_string_equal(text, "<cookie>\n\n</cookie>\n");
	free(text);
	domxml_close(d);
}

static void jobs(void **state)
{
	static const struct {
		const char *job, *name;
	} cases[] = {
		{ "", NULL },
		{ "<job type='query' async='none'/>", NULL },
		{ "<job type='none' async='migration in'/>", "migration in" },
		{ "<job type='modify' async='backup' phase='none'/>", "backup" },
	};
	char text[256], *job;
	struct domxml *d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		snprintf(text, sizeof(text), "<domstatus pid='4711'>%s<domain/>"
			 "</domstatus>", cases[i].job);
		d = open_text(text);
		job = domxml_job(d);
		if (cases[i].name)
			assert_string_equal(job, cases[i].name);
		else
			assert_null(job);
		free(job);
		domxml_close(d);
	}
}

static void no_xml(void **state)
{
	static const char *const texts[] = {
		"", "{}", "<domain>", "<domain></x>", "<a/><b/>",
		"<!DOCTYPE d [<!ENTITY a \"b\">]><domain>&a;</domain>",
		"<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><domain/>",
		"<!DOCTYPE d [<!ENTITY a SYSTEM \"/etc/passwd\">]><domain>&a;</domain>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++) {
		assert_null(open_text(texts[i]));
		assert_int_equal(diag.items[0].code, HO_ELIBVIRT);
	}
}

/* Memory that can be kept, whatever it was before; the rest stays. */
static void keepable(void **state)
{
	static const char *const before[] = {
		"", "<memoryBacking/>", SHARED,
		"<memoryBacking><locked/><source type='memfd'/><access mode='private'/></memoryBacking>",
		"<memoryBacking><source type='file'/><access mode='shared'/></memoryBacking>",
		"<cpu><numa><cell id='0' memAccess='private'/><cell id='1' memAccess='private'/></numa></cpu>",
	};
	struct domxml *d;
	char text[512], *changed;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(before); i++) {
		snprintf(text, sizeof(text), "<domain type='kvm'><memory unit='KiB'>4096</memory>%s"
			 "<devices>" QEMU "</devices></domain>", before[i]);
		d = open_text(text);
		assert_int_equal(domxml_memory(d), 4 << 20);
		assert_int_equal(domxml_is_keepable(d), i == 2);
		changed = domxml_keepable(d, &diag);
		assert_non_null(changed);
		assert_int_equal(!strstr(changed, "locked"), i != 3);
		assert_int_equal(!strstr(changed, "<source"), i != 4);
		domxml_close(d);
		d = open_text(changed);
		assert_true(domxml_is_keepable(d));
		assert_int_equal(domxml_check(d, "vm", &diag), 0);
		domxml_close(d);
		free(changed);
	}
	d = open_text("<network/>");
	assert_null(domxml_keepable(d, &diag));
	assert_int_equal(domxml_memory(d), 0);
	domxml_close(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons), cmocka_unit_test(parts),
		cmocka_unit_test(status_file),
		cmocka_unit_test(jobs), cmocka_unit_test(no_xml),
		cmocka_unit_test(keepable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
