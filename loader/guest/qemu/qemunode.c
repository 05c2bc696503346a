// SPDX-License-Identifier: MIT
/*
 * qemunode.c - the files behind a guest's disks: each must be the one that an
 * option names, and the very file that is open. See qemulook.h.
 */
#include "qemulook.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

bool qemu_is_made(const struct qemu *q, const char *node)
{
	return q->mended && !strncmp(node, QEMU_MADE, strlen(QEMU_MADE));
}

/* The name under which QEMU shows a JSON name's file, for people. */
const char *qemu_short_name(const char *file)
{
	const char *at = strstr(file, "\"filename\": \"");

	return strncmp(file, "json:", 5) || !at ? file : at + 13;
}

/* From the guest's directory, as the next QEMU will. */
static bool stat_in(const struct qemu *q, const char *file, struct stat *out)
{
	char *path = NULL;
	bool good;

	if (!strncmp(file, "file:", 5))
		file += 5;
	if (asprintf(&path, "%s%s%s", *file == '/' ? "" : q->conf.directory,
		     *file == '/' ? "" : "/", file) < 0)
		return false;
	good = !stat(path, out);
	free(path);
	return good;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) || S_ISCHR(a->st_mode))
		return (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT) &&
		       a->st_rdev == b->st_rdev;
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What may be said of a medium, in the option (or options) it is of. */
struct naming {
	const struct qemu *q;
	const char *option;
	const char *file;		/* looked for */
	int depth;			/* of -blockdev in -blockdev */
};

static bool names(struct naming *n);

static bool names_file(void *context, const char *key, const char *text)
{
	struct naming *n = context, inner = *n;
	size_t tail = strlen(n->file), length = strlen(text);
	struct stat a, b;
	int at = 1;

	if (!strcmp(text, n->file) ||
	    (length > tail && text[length - tail - 1] == ':' &&
	     !strcmp(text + length - tail, n->file)))
		return true;
	if (*text && stat_in(n->q, text, &a) && stat_in(n->q, n->file, &b) &&
	    same_file(&a, &b))
		return true;
	if (inner.depth++ > 8 || !strcmp(key, "node-name") ||
	    strstr(key, "backing"))
		return false;
	while ((inner.option = qemu_next_value(n->q, "blockdev", &at)))
		if (guest_value_is(inner.option, "node-name", text) &&
		    names(&inner))
			return true;
	return false;
}

static bool names(struct naming *n)
{
	return guest_value_each(n->option, names_file, n);
}

/* Of a name in JSON: where it is, but not of what lies behind. */
static bool is_place(const char *key)
{
	static const char *const places[] = {
		"dir", "export", "filename", "host", "image", "key-secret",
		"path", "pool", "portal", "target", "url", "volume",
	};
	const char *last = strrchr(key, '.');
	size_t i;

	for (i = 0; i < ARRAY_COUNT(places); i++)
		if (!strcmp(last ? last + 1 : key, places[i]))
			return !strstr(key, "backing");
	return false;
}

static bool is_foreign(void *context, const char *key, const char *text)
{
	struct naming n = *(struct naming *)context;

	n.file = text;
	return is_place(key) && !names(&n);
}

static bool is_border(char c)
{
	return strchr("/:?&=@,+\"", c);		/* the end, too */
}

static bool has_word(const char *text, const char *word)
{
	const char *at = text;

	for (; (at = strstr(at, word)); at++)
		if ((at == text || is_border(at[-1])) &&
		    is_border(at[strlen(word)]))
			return true;
	return false;
}

/* "nbd://host:10809/x" may have been written in three ways. */
static bool has_words(const char *option, const char *url)
{
	char *copy = strdup(url), *word, *rest = copy;
	bool good = copy;

	strtok_r(copy, ":", &rest);
	while (good && (word = strtok_r(NULL, "/:?&=@", &rest)))
		good = has_word(option, word) || !strcmp(word, "socket");
	free(copy);
	return good;
}

/* True when the file (QEMU's name for it) is what the option names. */
bool qemu_is_named(const struct qemu *q, const char *option, const char *file)
{
	struct naming n = { q, option, file, 0 };

	if (!strncmp(file, "json:", 5))
		return !guest_value_each(file + 5, is_foreign, &n);
	return names(&n) || (strstr(file, "://") && has_words(option, file));
}

/* True when this very file is open in the process. */
static bool is_open(const struct qemu *q, const struct stat *file)
{
	char pattern[64];
	struct stat open;
	bool found = false;
	glob_t fds;
	size_t i;

	snprintf(pattern, sizeof(pattern), "/proc/%d/fd/*", (int)q->qmp.pid);
	if (glob(pattern, 0, NULL, &fds))
		return false;
	for (i = 0; i < fds.gl_pathc && !found; i++)
		found = !stat(fds.gl_pathv[i], &open) &&
			same_file(file, &open);
	globfree(&fds);
	return found;
}

/* A name that somebody gave, not #block123. */
static bool has_node(const struct qemu *q, const char *node)
{
	struct guest_option o;
	int at = 1;

	while (guest_option_next(q->conf.args, &at, &o))
		if (o.value && (guest_option_is(&o, "blockdev") ||
				guest_option_is(&o, "drive")) &&
		    guest_value_has(o.value, node))
			return true;
	return false;
}

static bool is_file(const char *driver)
{
	return !strcmp(driver, "file") || !strncmp(driver, "host_", 5);
}

/* What lies behind an image is what its header says, unless an option does. */
static bool is_chained(const struct qemu *q, struct json_object *node,
		       struct json_object *image)
{
	const char *now = qmp_text(node, "backing_file");
	const char *header = qmp_text(image, "backing-filename");
	struct guest_option o;
	int at = 1;

	if (!now == !header)
		return true;
	while (guest_option_next(q->conf.args, &at, &o))
		if (o.value && (guest_option_is(&o, "blockdev") ||
				guest_option_is(&o, "drive")) &&
		    strstr(o.value, "backing"))
			return true;
	return false;
}

static int check_node(const struct qemu *q, struct json_object *node,
		      struct diag_log *diag)
{
	const char *name = qmp_text(node, "node-name") ?: "";
	const char *file = qmp_text(node, "file") ?: "";
	const char *driver = qmp_text(node, "drv") ?: "";
	struct json_object *image = NULL;
	struct stat here;

	json_object_object_get_ex(node, "image", &image);
	if (*name && *name != '#' && !has_node(q, name))
		return qemu_differs(q, diag, "node %.20s (%.40s) was added",
				    name, qemu_short_name(file));
	if (!is_chained(q, node, image))
		return qemu_differs(q, diag, "%.60s: chain changed",
				    qemu_short_name(file));
	if (is_file(driver) && *file &&
	    (!stat_in(q, file, &here) || !is_open(q, &here)))
		return qemu_differs(q, diag, "%.60s: file is replaced or gone",
				    file);
	return 0;
}

/* A -blockdev that is no more, or has another file. */
static int check_blockdev(const struct qemu *q, const char *option,
			  struct json_object *nodes, struct diag_log *diag)
{
	char *name = guest_value_get(option, "node-name");
	const char *file = NULL;
	int rc = 0;
	size_t i;

	for (i = 0; name && !file && i < qemu_list_length(nodes); i++)
		if (!strcmp(qmp_text(qmp_item(nodes, i), "node-name") ?: "",
			    name))
			file = qmp_text(qmp_item(nodes, i), "file") ?: "";
	if (name && qemu_is_made(q, name))
		rc = 0;
	else if (name && !file)
		rc = qemu_differs(q, diag, "node %.40s is gone", name);
	else if (name && *file && !qemu_is_named(q, option, file))
		rc = qemu_differs(q, diag, "node %.20s has %.48s now", name,
				  qemu_short_name(file));
	free(name);
	return rc;
}

int qemu_check_nodes(const struct qemu *q, struct json_object *nodes,
		     struct diag_log *diag)
{
	const char *value;
	int at = 1, rc = 0;
	size_t i;

	for (i = 0; !rc && i < qemu_list_length(nodes); i++)
		rc = check_node(q, qmp_item(nodes, i), diag);
	while (!rc && (value = qemu_next_value(q, "blockdev", &at)))
		rc = check_blockdev(q, value, nodes, diag);
	return rc;
}

