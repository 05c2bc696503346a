// SPDX-License-Identifier: MIT
/*
 * libvirt.c - see libvirt.h.
 */
#include "libvirt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "domxml.h"
#include "util.h"
#include "virsh.h"
#include "vmstream.h"

#define STATUS_DIR	"/run/libvirt/qemu"
#define RETRY_NS	300000000

static char *dump_xml(const struct libvirt *v, struct diag_log *diag)
{
	return virsh_ask((const char *[]){ "dumpxml", "--security-info",
					   "--migratable", v->uuid, NULL },
			 -1, VIRSH_SECONDS, diag);
}

/* Printable, and not a path: what the stream takes as a name. */
static bool is_label(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	return i && i < HO_NAME_BYTES && name[0] != '.';
}

int libvirt_open(struct libvirt *v, const char *uuid, struct diag_log *diag)
{
	struct domxml *d = NULL;
	char *xml;
	int rc;

	*v = (struct libvirt){ .plain_fd = -1, .qemu.qmp.fd = -1,
		.qemu.conf_fd = -1, .qemu.state_fd = -1,
		.qemu.keeper_hold = -1 };
	snprintf(v->uuid, sizeof(v->uuid), "%.36s", uuid);
	xml = dump_xml(v, diag);
	if (!xml)
		return -HO_ELIBVIRT;
	rc = domxml_open(&d, xml, strlen(xml), diag);
	free(xml);
	if (rc)
		return rc;
	v->name = domxml_name(d);
	if (!v->name || !domxml_uuid(d, v->id) ||
	    strcmp(v->uuid, human_id(v->id)))
		rc = diag_add(diag, HO_ELIBVIRT, "%s: name or uuid in its XML",
			      v->uuid);
	else
		snprintf(v->label, sizeof(v->label), "%s",
			 is_label(v->name) ? v->name : v->uuid);
	domxml_close(d);
	return rc;
}

void libvirt_close(struct libvirt *v)
{
	qemu_close(&v->qemu);
	free(v->name);
	free(v->xml);
	v->name = v->xml = NULL;
	if (v->plain_fd >= 0)
		close(v->plain_fd);
	v->plain_fd = -1;
}

/* What libvirtd itself would read after a start: root's file. */
static struct domxml *open_status(const struct libvirt *v,
				  struct diag_log *diag)
{
	struct domxml *d = NULL;
	struct mapped m;
	char *path;

	if (asprintf(&path, STATUS_DIR "/%s.xml", v->name) < 0) {
		diag_add(diag, HO_ENOMEM, "%s", v->label);
		return NULL;
	}
	if (!mapped_open(&m, path, HO_ELIBVIRT, diag)) {
		domxml_open(&d, m.bytes, m.length, diag);
		mapped_close(&m);
	}
	free(path);
	return d;
}

/* Its command line has the domain's UUID: not a later process of this number. */
static bool runs_domain(const struct libvirt *v, pid_t pid)
{
	char path[64], **args;
	int count, i;
	bool is = false;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	args = strings_read(path, GUEST_ARGS_MAX, &count);
	for (i = 0; args && i + 1 < count; i++)
		is |= !strcmp(args[i], "-uuid") && !strcmp(args[i + 1], v->uuid);
	strings_free(args);
	return is;
}

static int runner_of(const struct libvirt *v, const struct domxml *status,
		     pid_t *pid, struct diag_log *diag)
{
	*pid = domxml_pid(status);
	if (!*pid || !runs_domain(v, *pid))
		return diag_add(diag, HO_EPROCESS,
				"%.40s: %d is not its QEMU's process",
				v->label, (int)*pid);
	return 0;
}

int libvirt_runner(const struct libvirt *v, pid_t *pid,
		   struct diag_log *diag)
{
	struct domxml *status = open_status(v, diag);
	int rc;

	*pid = 0;
	if (!status)
		return -diag->items[diag->kept - 1].code;
	rc = runner_of(v, status, pid, diag);
	domxml_close(status);
	return rc;
}

/* Who is to open its memory. */
static int take_owner(struct libvirt *v, pid_t pid, struct diag_log *diag)
{
	struct guest_process *p = &v->qemu.conf.process;
	char path[64];
	FILE *status;
	bool good;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	good = status && guest_process_status(p, status);
	if (status)
		fclose(status);
	return good ? 0 : diag_add(diag, HO_EGUESTPROC, "%.40s: %s", v->label,
				   path);
}

static int check_xml(const struct libvirt *v, struct diag_log *diag)
{
	char *xml = dump_xml(v, diag);
	struct domxml *d = NULL;
	int rc;

	if (!xml)
		return -HO_ELIBVIRT;
	rc = domxml_open(&d, xml, strlen(xml), diag);
	if (!rc)
		rc = domxml_check(d, v->label, diag);
	if (!rc && domxml_has_genid(d))
		progress("%s: its genid will change, as in any restore",
			 v->label);
	domxml_close(d);
	free(xml);
	return rc;
}

/* Questions to its monitor would wait until it is over. */
static int check_job(const struct libvirt *v, const struct domxml *status,
		     struct diag_log *diag)
{
	char *job = domxml_job(status);
	int rc = job ? diag_add(diag, HO_EGUESTBUSY,
				"%.40s: libvirt's job \"%.30s\"", v->label, job)
		     : 0;

	free(job);
	return rc;
}

static int check_status(const struct libvirt *v, pid_t *pid,
			struct diag_log *diag)
{
	struct domxml *status = open_status(v, diag);
	int rc;

	if (!status)
		return -diag->items[diag->kept - 1].code;
	rc = check_job(v, status, diag);
	if (!rc)
		rc = runner_of(v, status, pid, diag);
	domxml_close(status);
	return rc;
}

int libvirt_examine(struct libvirt *v, struct diag_log *diag)
{
	int rc = check_xml(v, diag);
	pid_t pid = 0;

	if (!rc)
		rc = check_status(v, &pid, diag);
	if (!rc)
		rc = take_owner(v, pid, diag);
	if (rc)
		return rc;
	qmp_open_by(&v->qemu.qmp, v->label, pid, virsh_monitor, v->uuid);
	return qemu_open_managed(&v->qemu, diag);
}

static int suspend(struct libvirt *v, struct diag_log *diag)
{
	int rc = qemu_check_running(&v->qemu, diag);

	return rc || !v->qemu.was_running ? rc
		: virsh_do((const char *[]){ "suspend", v->uuid, NULL },
			   VIRSH_SECONDS, diag);
}

int libvirt_save_begin(struct libvirt *v, struct diag_log *diag)
{
	int rc = qemu_save_prepare(&v->qemu, diag);

	if (!rc)
		rc = suspend(v, diag);
	return rc ? rc : qemu_save_migrate(&v->qemu, diag);
}

static int write_memory(const char *name, const void *bytes, uint64_t length,
			int *fd, char path[32], struct diag_log *diag)
{
	*fd = memfd_create(name, MFD_CLOEXEC);
	if (*fd < 0 || write(*fd, bytes, length) != (ssize_t)length)
		return io_error(diag, name);
	snprintf(path, 32, "/proc/self/fd/%d", *fd);
	return 0;
}

/* The state as the next libvirt loads it. */
static int make_plain(struct libvirt *v, struct diag_log *diag)
{
	struct vmstream seen;
	struct mapped m;
	uint64_t made;
	uint8_t *out;
	int rc = mapped_open(&m, v->qemu.state_path, HO_EGUESTSAVE, diag);

	if (rc)
		return rc;
	out = malloc(m.length);
	rc = out ? vmstream_plain(m.bytes, m.length, out, &made, &seen, diag)
		 : diag_add(diag, HO_ENOMEM, "%s", v->label);
	if (!rc)
		rc = write_memory("vmstate", out, made, &v->plain_fd,
				  v->plain_path, diag);
	free(out);
	mapped_close(&m);
	return rc;
}

static char *conf_text(const struct libvirt *v, char *xml,
		       struct diag_log *diag)
{
	struct libvirt_conf c = { .name = v->name, .xml = xml,
				  .qemu = v->qemu.conf };
	struct domxml *d = open_status(v, diag);
	char *text = NULL;

	if (!d)
		return NULL;
	strcpy(c.uuid, v->uuid);
	c.cookie = domxml_cookie(d, diag);
	domxml_close(d);
	if (c.cookie)
		text = libvirt_conf_write(&c, diag);
	free(c.cookie);
	return text;
}

static int make_conf(struct libvirt *v, struct diag_log *diag)
{
	char *text = conf_text(v, v->xml, diag);
	int rc;

	if (!text)
		return -diag->items[diag->kept - 1].code;
	rc = write_memory("libvirt", text, strlen(text), &v->qemu.conf_fd,
			  v->qemu.conf_path, diag);
	free(text);
	return rc;
}

char *libvirt_conf_now(const struct libvirt *v, struct diag_log *diag)
{
	char *xml = dump_xml(v, diag), *text;

	text = xml ? conf_text(v, xml, diag) : NULL;
	free(xml);
	return text;
}

/* Somebody may have plugged something in since it was examined. The memory comes last:
 * what the XML has by now, and is not held, is seen. */
static int take_xml(struct libvirt *v, struct diag_log *diag)
{
	struct domxml *d = NULL;
	int rc;

	v->xml = dump_xml(v, diag);
	if (!v->xml)
		return -HO_ELIBVIRT;
	rc = domxml_open(&d, v->xml, strlen(v->xml), diag);
	if (!rc)
		rc = domxml_check(d, v->label, diag);
	domxml_close(d);
	return rc ? rc : qemu_check_memory(&v->qemu, diag);
}

/* What was set is set back at once: another hand may resume the domain and save it. */
int libvirt_save_end(struct libvirt *v, int seconds, struct diag_log *diag)
{
	int rc = qemu_save_wait(&v->qemu, seconds, diag);

	if (!rc)
		rc = qemu_set_back(&v->qemu, diag);
	if (!rc)
		rc = make_plain(v, diag);
	if (!rc)
		rc = take_xml(v, diag);
	return rc ? rc : make_conf(v, diag);
}

int libvirt_still_saved(struct libvirt *v, const char *xml,
			struct diag_log *diag)
{
	int rc = qemu_still_saved(&v->qemu.qmp, v->qemu.mark, diag);
	char *now = rc ? NULL : dump_xml(v, diag);

	if (rc)
		return rc;
	if (!now)
		return -HO_ELIBVIRT;
	if (strcmp(now, xml))
		rc = diag_add(diag, HO_EGUESTBUSY,
			      "%.60s: its XML is another since it was saved",
			      v->label);
	free(now);
	return rc;
}

/* In this order: a guest that runs with the capability set would lose its RAM in
 * the next `virsh save`. */
static int try_resume(struct libvirt *v, int seconds, struct diag_log *diag)
{
	enum qemu_stand how;
	struct diag_log scratch;
	int rc = qemu_undo_save(&v->qemu, seconds, diag);

	if (rc || !v->qemu.was_running)
		return rc;
	rc = qemu_how_it_stands(&v->qemu, &how, diag);
	if (rc || how == QEMU_GOES)
		return rc;
	if (how == QEMU_NOT_YET)
		return diag_add(diag, HO_EGUESTBUSY,
				"%.40s: another migration is under way",
				v->label);
	if (how == QEMU_AWAY) {
		progress("%s: another migration was through before: the domain stays as it is",
			 v->label);
		return 0;
	}
	rc = virsh_do((const char *[]){ "resume", v->uuid, NULL }, seconds,
		      diag);
	diag_init(&scratch, HO_STAGE_LOADER);
	/* one that runs already cannot be resumed; it may be saved, or not yet */
	return rc && !qemu_how_it_stands(&v->qemu, &how, &scratch) &&
	       how == QEMU_GOES ? 0 : rc;
}

int libvirt_resume(struct libvirt *v, int seconds, struct diag_log *diag)
{
	static const struct timespec nap = { .tv_nsec = RETRY_NS };
	struct timespec now, start;
	struct diag_log scratch;
	bool active = true;
	int left = seconds, rc;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		diag_init(&scratch, HO_STAGE_LOADER);
		rc = try_resume(v, left, &scratch);
		if (rc && !virsh_is_active(v->uuid, left, &active, &scratch) &&
		    !active)
			rc = 0;		/* it has ended: nothing to undo */
		if (rc)
			nanosleep(&nap, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = seconds - (now.tv_sec - start.tv_sec);
	} while (rc && left > 0);
	if (rc)
		diag_merge(diag, &scratch);
	return rc;
}
