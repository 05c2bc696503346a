// SPDX-License-Identifier: MIT
/*
 * libvirt_adopt.c - see libvirt_adopt.h.
 */
#include "libvirt_adopt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adopt.h"
#include "domxml.h"
#include "guestmem.h"
#include "libvirt.h"
#include "libvirt_setup.h"
#include "saveimage.h"
#include "util.h"
#include "virsh.h"

#define RETRY_NS	200000000

struct restoring {
	const struct handover *h;
	struct ho_domain *domain;
	struct libvirt_conf conf;
	struct qmp qmp;
	struct timespec deadline;
	char image[80];
};

bool libvirt_adopt_is_kept(const struct handover *h,
			   const struct ho_domain *d)
{
	return adopt_has_state(h, d, LIBVIRT_CONF_STATE);
}

static int seconds_left(const struct restoring *r)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < r->deadline.tv_sec
		? r->deadline.tv_sec - now.tv_sec : 1;
}

static bool late(const struct restoring *r)
{
	static const struct timespec nap = { .tv_nsec = RETRY_NS };
	struct timespec now;

	nanosleep(&nap, NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > r->deadline.tv_sec;
}

/* A STATE record, mapped; it stays when the file is closed. */
static int map_state(const struct restoring *r, const char *name,
		     struct mapped *m, struct diag_log *diag)
{
	int fd = adopt_state_file(r->h, r->domain, name, diag), rc;
	char path[32];

	if (fd < 0)
		return -HO_EGUESTCONF;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = mapped_open(m, path, HO_EGUESTCONF, diag);
	close(fd);
	return rc;
}

static int read_conf(struct restoring *r, struct diag_log *diag)
{
	struct mapped m;
	int rc = map_state(r, LIBVIRT_CONF_STATE, &m, diag);

	if (rc)
		return rc;
	rc = libvirt_conf_read(&r->conf, m.bytes, m.length, diag);
	mapped_close(&m);
	if (!rc && strcmp(r->conf.uuid, human_id(r->domain->uuid)))
		rc = diag_add(diag, HO_EGUESTCONF, "%.40s: another uuid, %s",
			      r->domain->name, r->conf.uuid);
	return rc;
}

/* Its XML, with our emulator: it must be that of this domain. */
static char *make_xml(const struct restoring *r, struct diag_log *diag)
{
	const char *emulator = libvirt_emulator(diag);
	uint8_t uuid[HO_ID_BYTES];
	struct domxml *d = NULL;
	char *xml = NULL, *name;

	if (!emulator ||
	    domxml_open(&d, r->conf.xml, strlen(r->conf.xml), diag))
		return NULL;
	name = domxml_name(d);
	if (name && !strcmp(name, r->conf.name) && domxml_uuid(d, uuid) &&
	    !memcmp(uuid, r->domain->uuid, sizeof(uuid)))
		xml = domxml_with_emulator(d, emulator, diag);
	else
		diag_add(diag, HO_EGUESTCONF, "%.40s: XML of another domain",
			 r->domain->name);
	free(name);
	domxml_close(d);
	return xml;
}

static int write_parts(struct outfile *o, struct saveimage *s,
		       struct diag_log *diag)
{
	uint64_t bytes = saveimage_text_bytes(s);
	uint8_t *text = bytes ? malloc(bytes) : NULL;
	int rc;

	if (!text)
		return diag_add(diag, HO_EGUESTCONF, "save image of %llu bytes",
				(unsigned long long)bytes);
	saveimage_write(s, text);
	rc = outfile_write(o, text, bytes, diag);
	free(text);
	return rc ? rc : outfile_write(o, s->state, s->state_bytes, diag);
}

static int write_image(const struct restoring *r, const char *xml,
		       struct diag_log *diag)
{
	struct saveimage s = {
		.xml = xml, .xml_bytes = strlen(xml),
		.cookie = r->conf.cookie,
		.cookie_bytes = strlen(r->conf.cookie),
	};
	struct outfile o;
	struct mapped m;
	int rc = map_state(r, GUEST_DEVICE_STATE, &m, diag);

	if (rc)
		return rc;
	s.state = m.bytes;
	s.state_bytes = m.length;
	/* its QEMU, of another user, looks for the image; whatever our umask is */
	if ((mkdir(LIBVIRT_DIR, 0711) && errno != EEXIST) ||
	    chmod(LIBVIRT_DIR, 0711))
		rc = io_error(diag, LIBVIRT_DIR);
	if (!rc)
		rc = outfile_open(&o, r->image, diag);
	if (!rc) {
		rc = write_parts(&o, &s, diag);
		if (rc)
			outfile_abandon(&o);
		else
			rc = outfile_commit(&o, diag);
	}
	mapped_close(&m);
	return rc;
}

static int make_image(const struct restoring *r, struct diag_log *diag)
{
	char *xml = make_xml(r, diag);
	int rc;

	if (!xml)
		return -diag->items[diag->kept - 1].code;
	rc = write_image(r, xml, diag);
	free(xml);
	return rc;
}

/* True when libvirt started it for us, and it has the memory: its XML was ours. */
static bool is_ours(const struct restoring *r, struct diag_log *diag)
{
	char *xml = virsh_ask((const char *[]){ "dumpxml", r->conf.uuid, NULL },
			      -1, VIRSH_SECONDS, diag);
	const char *emulator = libvirt_emulator(diag);
	struct domxml *d = NULL;
	bool ours;

	ours = xml && emulator && !domxml_open(&d, xml, strlen(xml), diag) &&
	       domxml_has_emulator(d, emulator) &&
	       guestmem_guest_in_use(r->conf.uuid);
	domxml_close(d);
	free(xml);
	return ours;
}

static void forget(const struct restoring *r)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	virsh_do((const char *[]){ "destroy", r->conf.uuid, NULL },
		 VIRSH_SECONDS, &scratch);
}

/* True when this QEMU is older than the guest's was, by its first two numbers. */
static int check_version(struct restoring *r, struct diag_log *diag)
{
	int version[3], major = 0, minor = 0;
	int rc = qmp_version(&r->qmp, version, diag);

	sscanf(r->conf.qemu.version, "%d.%d", &major, &minor);
	if (rc || version[0] > major ||
	    (version[0] == major && version[1] >= minor))
		return rc;
	return diag_add(diag, HO_EGUESTQEMU, "%.31s: %d.%d.%d, was %s",
			r->domain->name, version[0], version[1], version[2],
			r->conf.qemu.version);
}

/* NULL: it does not say. To be freed. */
static char *ask_status(struct restoring *r)
{
	struct diag_log scratch;
	struct json_object *o;
	const char *text;
	char *status;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (qmp_call(&r->qmp, "query-status", NULL, &o, HO_EADOPT, &scratch))
		return NULL;
	text = qmp_text(o, "status");
	status = strdup(text ? text : "");
	json_object_put(o);
	return status;
}

static bool is_status(struct restoring *r, const char *wanted)
{
	char *status = ask_status(r);
	bool is = status && !strcmp(status, wanted);

	free(status);
	return is;
}

/* In any other state it can be let run, also behind an I/O error of its own. */
static bool loads_still(struct restoring *r)
{
	char *status = ask_status(r);
	bool loads = !status || !strcmp(status, "inmigrate");

	free(status);
	return loads;
}

/* Without it the guest would run over empty memory. */
static bool has_memory(const struct restoring *r)
{
	return guestmem_count_in_use(&r->conf.qemu, r->conf.uuid) ==
	       r->conf.qemu.backend_count;
}

static void open_monitor(struct restoring *r)
{
	qmp_open_by(&r->qmp, r->domain->name, 0, virsh_monitor,
		    r->conf.uuid);
}

static int restore(struct restoring *r, struct diag_log *diag)
{
	struct diag_log scratch;
	int rc;

	diag_init(&scratch, HO_STAGE_LOADER);
	open_monitor(r);
	rc = virsh_do((const char *[]){ "restore", "--paused", "--file",
					r->image, NULL }, seconds_left(r),
		      &scratch);
	if (rc)
		return diag_add(diag, HO_EADOPT, "%.20s: %.100s",
				r->domain->name, scratch.items[0].where);
	if (!has_memory(r))
		return diag_add(diag, HO_EADOPT,
				"%.40s: libvirt restored it without its memory",
				r->domain->name);
	rc = check_version(r, diag);
	if (!rc && loads_still(r))
		rc = diag_add(diag, HO_EADOPT, "%.40s does not say that it is loaded",
			      r->domain->name);
	return rc;
}

/* Whoever uses virsh may let it run at any time. Then the kept state is of the past,
 * whatever else is wrong: its QEMU has the guest, if it has the memory. */
static int restore_or_forget(struct restoring *r, struct diag_log *diag)
{
	struct diag_log own;
	int rc;

	diag_init(&own, HO_STAGE_LOADER);
	rc = restore(r, &own);
	if (rc && has_memory(r) && is_status(r, "running"))
		return 0;
	if (rc)
		forget(r);
	diag_merge(diag, &own);
	return rc;
}

/* It is libvirt's now, and never ended by us: at worst it waits, paused. */
static int let_run(struct restoring *r, struct diag_log *diag)
{
	struct diag_log scratch;

	r->domain->flags |= HO_DOM_RELEASED;
	if (!r->conf.qemu.running)
		return 0;
	do {
		diag_init(&scratch, HO_STAGE_LOADER);
		virsh_do((const char *[]){ "resume", r->conf.uuid, NULL },
			 seconds_left(r), &scratch);
		if (is_status(r, "running"))
			return 0;
	} while (!late(r));
	return diag_add(diag, HO_EADOPT,
			"%.31s is adopted, and waits for virsh resume: %.30s",
			r->domain->name,
			scratch.total ? scratch.items[0].where : "");
}

static int restore_anew(struct restoring *r, struct diag_log *diag)
{
	int rc = guestmem_create(r->h, r->domain, &r->conf.qemu,
				 r->conf.uuid, diag);

	if (!rc)
		rc = make_image(r, diag);
	return rc ? rc : restore_or_forget(r, diag);
}

/* A `baton adopt` that was killed had libvirt restore it. It may have run since, by
 * anybody's hand: it is not ended. */
static int take_over(struct restoring *r, struct diag_log *diag)
{
	bool loads;

	open_monitor(r);
	do
		loads = loads_still(r);
	while (loads && !late(r));
	if (loads)
		return diag_add(diag, HO_EADOPT,
				"%.31s: libvirt restores it already, and is not done",
				r->domain->name);
	return check_version(r, diag);
}

/* One that libvirt has running is another one, or has gone on already. */
static int run(struct restoring *r, struct diag_log *diag)
{
	struct diag_log scratch;
	bool active;
	int rc = virsh_is_active(r->conf.uuid, VIRSH_SECONDS, &active, diag);

	if (rc)
		return rc;
	diag_init(&scratch, HO_STAGE_LOADER);
	if (!active)
		rc = restore_anew(r, diag);
	else if (is_ours(r, &scratch))
		rc = take_over(r, diag);
	else
		rc = diag_add(diag, HO_EADOPT, "%.60s: libvirt has it running",
			      r->domain->name);
	return rc ? rc : let_run(r, diag);
}

int libvirt_adopt(const struct handover *h, struct ho_domain *d,
		  const struct guest_adopt *how, struct diag_log *diag)
{
	struct restoring r = { .h = h, .domain = d, .qmp.fd = -1 };
	int rc = read_conf(&r, diag);

	clock_gettime(CLOCK_MONOTONIC, &r.deadline);
	r.deadline.tv_sec += how->seconds;
	snprintf(r.image, sizeof(r.image), LIBVIRT_DIR "/%.36s.save",
		 r.conf.uuid);
	if (!rc) {
		rc = run(&r, diag);
		unlink(r.image);
	}
	libvirt_conf_free(&r.conf);
	return rc;
}
