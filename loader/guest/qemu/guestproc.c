// SPDX-License-Identifier: MIT
/*
 * guestproc.c - see guestproc.h.
 */
#include "guestproc.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jsonin.h"
#include "jsonout.h"
#include "util.h"

static const char *const limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = "cpu", [RLIMIT_FSIZE] = "fsize",
	[RLIMIT_DATA] = "data", [RLIMIT_STACK] = "stack",
	[RLIMIT_CORE] = "core", [RLIMIT_RSS] = "rss",
	[RLIMIT_NPROC] = "nproc", [RLIMIT_NOFILE] = "nofile",
	[RLIMIT_MEMLOCK] = "memlock", [RLIMIT_AS] = "as",
	[RLIMIT_LOCKS] = "locks", [RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
	[RLIMIT_RTPRIO] = "rtprio", [RLIMIT_RTTIME] = "rttime",
};

/* What a service manager says to one process of one boot. */
static const char *const of_one_start[] = {
	"CREDENTIALS_DIRECTORY", "INVOCATION_ID", "JOURNAL_STREAM",
	"LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "MAINPID",
	"MANAGERPID", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID", "WATCHDOG_PID",
	"WATCHDOG_USEC",
};

/* "Uid:\t107\t107\t107\t107": real, effective, saved, of files. */
static bool same_ids(const char *text, uint32_t *out)
{
	unsigned int id[4];

	if (sscanf(text, "%u %u %u %u", &id[0], &id[1], &id[2], &id[3]) != 4)
		return false;
	*out = id[0];
	return id[1] == id[0] && id[2] == id[0] && id[3] == id[0];
}

static bool read_groups(struct guest_process *p, const char *text)
{
	char *end;

	free(p->groups);
	p->group_count = 0;
	p->groups = calloc(strlen(text) / 2 + 1, sizeof(*p->groups));
	if (!p->groups)
		return false;
	for (;; text = end) {
		unsigned long id = strtoul(text, &end, 10);

		if (end == text)
			return true;
		if (id > UINT32_MAX || p->group_count == GUEST_GROUPS_MAX)
			return false;
		p->groups[p->group_count++] = id;
	}
}

bool guest_process_status(struct guest_process *p, FILE *status)
{
	bool uid = false, gid = false, groups = false, mask = false;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, status) > 0)
		if (!strncmp(line, "Uid:", 4))
			uid = same_ids(line + 4, &p->uid);
		else if (!strncmp(line, "Gid:", 4))
			gid = same_ids(line + 4, &p->gid);
		else if (!strncmp(line, "Groups:", 7))
			groups = read_groups(p, line + 7);
		else if (!strncmp(line, "Umask:", 6))
			mask = sscanf(line + 6, "%o", &p->umask) == 1 &&
			       p->umask <= 0777;
	free(line);
	return uid && gid && groups && mask;
}

static void drop_of_one_start(struct guest_process *p)
{
	size_t i, length;
	int from, to = 0;

	for (from = 0; from < p->env_count; from++) {
		char *variable = p->environment[from];

		length = strcspn(variable, "=");
		for (i = 0; i < ARRAY_COUNT(of_one_start); i++)
			if (length == strlen(of_one_start[i]) &&
			    !strncmp(variable, of_one_start[i], length))
				break;
		if (i < ARRAY_COUNT(of_one_start) || !length ||
		    !variable[length])
			free(variable);
		else
			p->environment[to++] = variable;
	}
	p->env_count = to;
	p->environment[to] = NULL;
}

static int read_status(struct guest_process *p, pid_t pid,
		       struct diag_log *diag)
{
	char path[64];
	FILE *status;
	bool good;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	if (!status)
		return diag_add(diag, HO_EPROCESS, "%s", path);
	good = guest_process_status(p, status);
	fclose(status);
	return good ? 0 : diag_add(diag, HO_EGUESTPROC,
				   "process %d: its ids differ (%s)", (int)pid,
				   path);
}

static int read_oom(struct guest_process *p, pid_t pid, struct diag_log *diag)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	if (!text_read(path, text, sizeof(text)) ||
	    sscanf(text, "%d", &p->oom_score_adj) != 1)
		return diag_add(diag, HO_EPROCESS, "%s", path);
	return 0;
}

int guest_process_read(struct guest_process *p, pid_t pid,
		       struct diag_log *diag)
{
	char path[64];
	int i, rc;

	*p = (struct guest_process){ 0 };
	rc = read_status(p, pid, diag);
	if (!rc)
		rc = read_oom(p, pid, diag);
	if (rc)
		return rc;
	for (i = 0; i < RLIM_NLIMITS; i++)
		if (prlimit(pid, i, NULL, &p->limits[i]))
			return diag_add(diag, HO_EPROCESS,
					"limits of process %d: %s", (int)pid,
					strerror(errno));
	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	p->environment = strings_read(path, GUEST_ENV_MAX, &p->env_count);
	if (!p->environment)
		return diag_add(diag, HO_EPROCESS, "%s", path);
	drop_of_one_start(p);
	return 0;
}

static struct json_object *limits_json(const struct guest_process *p)
{
	struct json_object *limits = json_object_new_object(), *pair;
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		const struct rlimit *r = &p->limits[i];

		pair = json_object_new_array();
		json_object_array_add(pair,
				      json_object_new_uint64(r->rlim_cur));
		json_object_array_add(pair,
				      json_object_new_uint64(r->rlim_max));
		json_object_object_add(limits, limit_names[i], pair);
	}
	return limits;
}

struct json_object *guest_process_json(const struct guest_process *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *groups = json_object_new_array();
	struct json_object *environment = json_object_new_array();
	int i;

	for (i = 0; i < p->group_count; i++)
		json_object_array_add(groups,
				      json_object_new_int64(p->groups[i]));
	for (i = 0; i < p->env_count; i++)
		json_object_array_add(environment,
			json_object_new_string(p->environment[i]));
	json_u64(o, "uid", p->uid);
	json_u64(o, "gid", p->gid);
	json_object_object_add(o, "groups", groups);
	json_u64(o, "umask", p->umask);
	json_object_object_add(o, "oom-score-adj",
			       json_object_new_int(p->oom_score_adj));
	json_object_object_add(o, "limits", limits_json(p));
	json_object_object_add(o, "environment", environment);
	return o;
}

/* UINT32_MAX is "leave it as it is" to the system calls. */
static bool take_id(struct json_object *o, const char *key, uint32_t *out)
{
	uint64_t id;

	if (!json_take_u64(o, key, &id) || id >= UINT32_MAX)
		return false;
	*out = id;
	return true;
}

static bool take_groups(struct guest_process *p, struct json_object *o)
{
	struct json_object *list;
	size_t i, count;
	uint64_t id;

	list = json_take_list(o, "groups", GUEST_GROUPS_MAX, &count);
	p->groups = list ? calloc(count + 1, sizeof(*p->groups)) : NULL;
	if (!p->groups)
		return false;
	for (i = 0; i < count; i++) {
		if (!json_is_u64(json_object_array_get_idx(list, i), &id) ||
		    id >= UINT32_MAX)
			return false;
		p->groups[p->group_count++] = id;
	}
	return true;
}

static bool take_limits(struct guest_process *p, struct json_object *o)
{
	struct json_object *limits, *pair;
	uint64_t soft, hard;
	size_t count;
	int i;

	if (!json_object_object_get_ex(o, "limits", &limits))
		return false;
	for (i = 0; i < RLIM_NLIMITS; i++) {
		pair = json_take_list(limits, limit_names[i], 2, &count);
		if (!pair || count != 2 ||
		    !json_is_u64(json_object_array_get_idx(pair, 0), &soft) ||
		    !json_is_u64(json_object_array_get_idx(pair, 1), &hard) ||
		    soft > hard)
			return false;
		p->limits[i] = (struct rlimit){ soft, hard };
	}
	return true;
}

static bool take_environment(struct guest_process *p, struct json_object *o)
{
	struct json_object *list, *item;
	size_t i, count;

	list = json_take_list(o, "environment", GUEST_ENV_MAX, &count);
	p->environment = list ? calloc(count + 1, sizeof(char *)) : NULL;
	if (!p->environment)
		return false;
	for (i = 0; i < count; i++) {
		const char *text;

		item = json_object_array_get_idx(list, i);
		text = json_object_get_string(item);
		if (!json_object_is_type(item, json_type_string) ||
		    strlen(text) != (size_t)json_object_get_string_len(item) ||
		    *text == '=' || !strchr(text, '='))
			return false;
		p->environment[i] = strdup(text);
		if (!p->environment[i])
			return false;
		p->env_count++;
	}
	return true;
}

bool guest_process_take(struct guest_process *p, struct json_object *o)
{
	struct json_object *oom;
	uint64_t mask;

	if (!take_id(o, "uid", &p->uid) || !take_id(o, "gid", &p->gid) ||
	    !json_take_u64(o, "umask", &mask) || mask > 0777 ||
	    !json_object_object_get_ex(o, "oom-score-adj", &oom) ||
	    !json_object_is_type(oom, json_type_int))
		return false;
	p->umask = mask;
	p->oom_score_adj = json_object_get_int(oom);
	return p->oom_score_adj >= -1000 && p->oom_score_adj <= 1000 &&
	       take_groups(p, o) && take_limits(p, o) &&
	       take_environment(p, o);
}

void guest_process_free(struct guest_process *p)
{
	strings_free(p->environment);
	free(p->groups);
	*p = (struct guest_process){ 0 };
}

static void set_oom(int value)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	if (!file || fprintf(file, "%d", value) < 0 || fflush(file))
		perror("oom_score_adj");
	if (file)
		fclose(file);
}

/*
 * A user's process can stand in a folder that root alone may enter, if root started
 * it there. It stands there again, as long as that leads nowhere: the name may lead
 * elsewhere by now.
 */
static bool go_into(const char *folder, bool there)
{
	if (!chdir(folder) ||
	    (errno == EACCES && there && access(".", X_OK) &&
	     access("/proc/self/cwd", R_OK)))
		return true;
	perror(folder);
	return false;
}

bool guest_process_become(const struct guest_process *p, const char *folder)
{
	bool there = !chdir(folder);
	int i;

	set_oom(p->oom_score_adj);
	for (i = 0; i < RLIM_NLIMITS; i++)
		if (setrlimit(i, &p->limits[i]))
			fprintf(stderr, "limit %s: %s\n", limit_names[i],
				strerror(errno));
	umask(p->umask);
	if (!setgroups(p->group_count, p->groups) &&
	    !setresgid(p->gid, p->gid, p->gid) &&
	    !setresuid(p->uid, p->uid, p->uid))
		return go_into(folder, there);
	fprintf(stderr, "user %u, group %u: %s\n", p->uid, p->gid,
		strerror(errno));
	return false;
}
