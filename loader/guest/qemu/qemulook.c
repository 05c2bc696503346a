// SPDX-License-Identifier: MIT
/*
 * qemulook.c - what a running QEMU guest is made of, and every reason why it
 * could not be carried over: qemu_open() of qemu.h.
 */
#include "qemulook.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"
#include "process.h"
#include "qemumend.h"
#include "qemumigrate.h"
#include "util.h"

int qemu_take_status(struct qemu *q, struct diag_log *diag)
{
	char status[QMP_STATUS_BYTES];
	int rc = qmp_status(&q->qmp, status, diag);

	if (rc)
		return rc;
	q->was_running = !strcmp(status, "running");
	if (!q->was_running && strcmp(status, "paused") &&
	    strcmp(status, "postmigrate"))
		rc = diag_add(diag, HO_EGUESTBUSY, "%.60s: %s", q->qmp.path,
			      *status ? status : "no status");
	q->conf.running = q->was_running;
	return rc;
}

static int check_vfio(struct qemu *q, struct diag_log *diag)
{
	char pattern[64], target[256];
	glob_t found;
	size_t i;
	int rc = 0;

	snprintf(pattern, sizeof(pattern), "/proc/%d/fd/*", (int)q->qmp.pid);
	if (glob(pattern, 0, NULL, &found))
		return diag_add(diag, HO_EPROCESS, "%s", pattern);
	for (i = 0; i < found.gl_pathc && !rc; i++) {
		link_read(found.gl_pathv[i], target, sizeof(target));
		if (!strncmp(target, "/dev/vfio", 9))
			rc = diag_add(diag, HO_EGUESTDEV,
				      "%.40s: VFIO (%.30s)", q->qmp.path,
				      target);
	}
	globfree(&found);
	return rc;
}

/* The name in a line "START-END (prio 0, ram): NAME" of a flat view, behind which
 * " KVM" may stand, or " @OFFSET" of a part that is not the first; NULL: it is such
 * a part, another line, or the middle of one. */
static const char *region_name(const char *line)
{
	const char *name = strstr(line, "): "), *at;

	if (!name || memchr(line, '\n', name - line))
		return NULL;
	name += 3;
	at = strstr(name, " @");
	return at && !memchr(name, '\n', at - name) ? NULL : name;
}

/* A memory region has the backend's id, or its path
 * (x-use-canonical-path-for-ramblock-id=on), up to `end`. */
static bool is_region_of(const char *text, const char *id, const char *end)
{
	size_t length = strlen(id);

	if (!strncmp(text, "/objects/", 9))
		text += 9;
	return !strncmp(text, id, length) && text[length] &&
	       strchr(end, text[length]);
}

/* From QEMU 10.0 on device memory has a view of its own, whose addresses begin at
 * 0. The views are in no order. */
bool qemu_guest_address(const char *mtree, const char *id, uint64_t *out)
{
	static const char view[] = "FlatView #", cpus[] = " AS \"memory\",";
	const char *line, *name;
	bool here = false;

	for (line = mtree; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, view, strlen(view)))
			here = false;
		here |= !strncmp(line, cpus, strlen(cpus));
		name = here ? region_name(line) : NULL;
		if (name && is_region_of(name, id, " \r\n") &&
		    sscanf(line, " %" SCNx64 "-", out) == 1)
			return true;
	}
	return false;
}

/* Where QEMU has the guest's address: "Host virtual address for 0x0 (NAME) is
 * 0x...". It must be of this backend. */
static int host_address(struct qemu *q, uint64_t gpa, const char *id,
			uint64_t *out, struct diag_log *diag)
{
	char command[64], *text;
	const char *name, *at;
	bool found;

	snprintf(command, sizeof(command), "gpa2hva 0x%llx",
		 (unsigned long long)gpa);
	text = qmp_human(&q->qmp, command, diag);
	if (!text)
		return -HO_EQMP;
	name = strchr(text, '(');
	at = strstr(text, ") is 0x");
	found = name && at && is_region_of(name + 1, id, ")") &&
		sscanf(at, ") is 0x%" SCNx64, out) == 1;
	free(text);
	return found ? 0 : diag_add(diag, HO_EQMP, "%.60s: %s", q->qmp.path,
				    command);
}

/* The line of /proc/PID/maps that holds all of it. */
static int find_mapping(struct qemu *q, const struct guest_backend *b,
			struct qemu_mapping *m, struct diag_log *diag)
{
	char path[64], line[MAPS_LINE_BYTES], mode[8];
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)q->qmp.pid);
	maps = fopen(path, "re");
	if (!maps)
		return diag_add(diag, errno == EACCES ? HO_EPERM : HO_EPROCESS,
				"%s: %s", path, strerror(errno));
	while (!found && maps_line(maps, line, sizeof(line)))
		found = sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64
			       " %15s %" SCNu64, &m->map_start, &m->map_end,
			       mode, &m->map_offset, m->device,
			       &m->inode) == 6 &&
			m->hva >= m->map_start && m->hva < m->map_end;
	fclose(maps);
	if (!found || b->bytes > m->map_end - m->hva)
		return diag_add(diag, HO_ENOMAP,
				"backend %.40s of process %d", b->id,
				(int)q->qmp.pid);
	if (mode[3] != 's')
		return diag_add(diag, HO_EGUESTRAM, "%.40s: backend %.40s",
				q->qmp.path, b->id);
	return 0;
}

/* x-ignore-shared leaves out all shared memory, but from QEMU 8.1 on only what
 * has a file name: a memfd would be copied, and missed afterwards. */
static int check_kind(struct qemu *q, const char *id, struct diag_log *diag)
{
	struct json_object *argument, *o;
	char path[GUEST_ID_BYTES + 16];
	int major = 0, minor = 0, rc;

	sscanf(q->conf.version, "%d.%d", &major, &minor);
	if (major < 8 || (major == 8 && minor < 1))
		return 0;
	snprintf(path, sizeof(path), "/objects/%s", id);
	argument = qmp_argument("path", path);
	json_object_object_add(argument, "property",
			       json_object_new_string("type"));
	rc = qmp_call(&q->qmp, "qom-get", argument, &o, HO_EQMP, diag);
	if (rc)
		return rc;
	if (strcmp(json_object_get_string(o), "memory-backend-file"))
		rc = diag_add(diag, HO_EGUESTMEMFD, "%.40s: %.30s, QEMU %.20s",
			      q->qmp.path, id, q->conf.version);
	json_object_put(o);
	return rc;
}

static int take_backend(struct qemu *q, struct json_object *o,
			const char *mtree, struct diag_log *diag)
{
	struct guest_backend *b = &q->conf.backends[q->conf.backend_count];
	struct qemu_mapping *m = &q->mappings[q->conf.backend_count];
	struct json_object *value;
	const char *id = qmp_text(o, "id");
	uint64_t gpa;
	int rc;

	if (!id || !qemu_guest_address(mtree, id, &gpa))
		return 0;			/* not plugged in */
	if (q->conf.backend_count == GUEST_BACKENDS_MAX ||
	    strlen(id) >= sizeof(b->id))
		return diag_add(diag, HO_EGUESTRAM,
				"too many backends, or a name too long: %.40s",
				id);
	if (!json_object_object_get_ex(o, "share", &value) ||
	    !json_object_get_boolean(value))
		return diag_add(diag, HO_EGUESTRAM,
				"%.40s: backend %.30s has share=off",
				q->qmp.path, id);
	rc = check_kind(q, id, diag);
	if (rc)
		return rc;
	strcpy(b->id, id);
	json_object_object_get_ex(o, "size", &value);
	b->bytes = json_object_get_uint64(value);
	b->address = q->conf.backend_count
		? align_up(b[-1].address + b[-1].bytes + 1, GUEST_STEP)
		: GUEST_BASE;
	rc = host_address(q, gpa, id, &m->hva, diag);
	if (!rc)
		rc = find_mapping(q, b, m, diag);
	q->conf.backend_count += !rc;
	return rc;
}

/* All RAM that the machine has must be in backends that were found. */
static int check_total(struct qemu *q, struct diag_log *diag)
{
	struct json_object *o, *value;
	uint64_t want = 0, have = 0;
	int i, rc = qmp_call(&q->qmp, "query-memory-size-summary", NULL, &o,
			     HO_EQMP, diag);

	if (rc)
		return rc;
	if (json_object_object_get_ex(o, "base-memory", &value))
		want += json_object_get_uint64(value);
	if (json_object_object_get_ex(o, "plugged-memory", &value))
		want += json_object_get_uint64(value);
	json_object_put(o);
	for (i = 0; i < q->conf.backend_count; i++)
		have += q->conf.backends[i].bytes;
	if (!want || have < want)
		rc = diag_add(diag, HO_EGUESTRAM,
			      "%.40s: %s of %s in shared backends",
			      q->qmp.path, human_bytes(have),
			      human_bytes(want));
	return rc;
}

int qemu_take_backends(struct qemu *q, struct diag_log *diag)
{
	char *mtree = qmp_human(&q->qmp, "info mtree -f", diag);
	struct json_object *list;
	size_t i;
	int rc;

	if (!mtree)
		return -HO_EQMP;
	rc = qmp_call(&q->qmp, "query-memdev", NULL, &list, HO_EQMP, diag);
	for (i = 0; !rc && i < json_object_array_length(list); i++)
		rc = take_backend(q, json_object_array_get_idx(list, i),
				  mtree, diag);
	json_object_put(list);
	free(mtree);
	return rc ? rc : check_total(q, diag);
}

static int take_machine(struct qemu *q, struct diag_log *diag)
{
	struct json_object *argument = qmp_argument("path", "/machine"), *o;
	const char *type;
	int version[3], rc;

	json_object_object_add(argument, "property",
			       json_object_new_string("type"));
	rc = qmp_call(&q->qmp, "qom-get", argument, &o, HO_EQMP, diag);
	if (rc)
		return rc;
	type = json_object_get_string(o);
	snprintf(q->conf.machine, sizeof(q->conf.machine), "%.*s",
		 (int)(strstr(type, "-machine") ? strstr(type, "-machine") -
		       type : (ssize_t)strlen(type)), type);
	json_object_put(o);
	rc = qmp_version(&q->qmp, version, diag);
	if (rc)
		return rc;
	snprintf(q->conf.version, sizeof(q->conf.version), "%d.%d.%d",
		 version[0], version[1], version[2]);
	return 0;
}

/* All of them, whatever is wrong with one, while QEMU answers. */
static int take_steps(struct qemu *q,
		      int (*const steps[])(struct qemu *, struct diag_log *),
		      size_t count, struct diag_log *diag)
{
	int rc = 0, one = 0;
	size_t i;

	for (i = 0; i < count && one != -HO_EQMP &&
	     one != -HO_ELIBVIRT; i++) {
		one = steps[i](q, diag);
		rc = rc ? rc : one;
	}
	return rc;
}

/* Compares a QEMU that passed the checks with what it was started as. */
static int check_changes(struct qemu *q, struct diag_log *diag)
{
	static int (*const parts[])(struct qemu *q, struct diag_log *diag) = {
		qemu_check_settings, qemu_check_disks, qemu_check_parts,
	};

	return take_steps(q, parts, ARRAY_COUNT(parts), diag);
}

int qemu_open(struct qemu *q, const char *socket, bool mend,
	      struct diag_log *diag)
{
	static int (*const steps[])(struct qemu *q, struct diag_log *diag) = {
		qemu_take_status, qemu_check_migration, check_vfio, take_machine,
		qemu_check_memory_devices, qemu_take_backends, qemu_take_command,
	};
	int rc;

	*q = (struct qemu){ .conf_fd = -1, .state_fd = -1,
			    .keeper_hold = -1 };
	rc = qmp_open(&q->qmp, socket, diag);
	if (!rc)
		rc = take_steps(q, steps, ARRAY_COUNT(steps), diag);
	if (!rc && mend)
		rc = qemu_mend(q, diag);
	if (!rc)
		rc = check_changes(q, diag);
	if (rc)
		qemu_close(q);
	return rc;
}

int qemu_open_managed(struct qemu *q, struct diag_log *diag)
{
	static int (*const steps[])(struct qemu *q, struct diag_log *diag) = {
		qemu_take_status, qemu_check_migration, check_vfio, take_machine,
		qemu_check_memory_devices, qemu_take_backends, qemu_check_settings,
		qemu_check_jobs,
	};
	int rc;

	q->conf_fd = q->state_fd = q->keeper_hold = -1;
	rc = take_steps(q, steps, ARRAY_COUNT(steps), diag);
	if (rc)
		qemu_close(q);
	return rc;
}
