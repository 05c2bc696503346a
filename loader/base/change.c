// SPDX-License-Identifier: MIT
/*
 * change.c - see change.h.
 */
#include "change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static int failed(const char *path, struct diag_log *diag)
{
	return diag_add(diag, HO_EFILE, "%s: %s", path, strerror(errno));
}

static int put(struct change *item, const void *bytes, uint64_t length,
	       mode_t mode, struct diag_log *diag)
{
	int rc = file_write(item->path, bytes, length, diag);

	if (rc)
		return rc;
	item->touched = true;
	/* a script becomes one when it has its name */
	if (chmod(item->path, mode))
		rc = failed(item->path, diag);
	folder_sync(item->path);
	return rc;
}

/* Remember how the file is now. */
static int remember(struct changes *c, const char *path,
		    struct diag_log *diag)
{
	struct change *item = &c->items[c->count];
	struct mapped m = { 0 };
	struct stat st;

	if (c->count == CHANGES_MAX)
		return diag_add(diag, HO_EINTERNAL, "changes: %s", path);
	*item = (struct change){ .path = strdup(path) };
	if (!item->path)
		return diag_add(diag, HO_ENOMEM, "%s", path);
	if (!lstat(path, &st)) {
		if (st.st_size && mapped_open(&m, path, HO_EFILE, diag))
			goto fail;
		item->old = malloc(m.length + 1);
		if (!item->old) {	/* undo would remove the file */
			mapped_close(&m);
			free(item->path);
			return diag_add(diag, HO_ENOMEM, "%s", path);
		}
		if (m.length)
			memcpy(item->old, m.bytes, m.length);
		item->old_bytes = m.length;
		item->old_mode = st.st_mode & 07777;
		mapped_close(&m);
	} else if (errno != ENOENT) {
		failed(path, diag);
		goto fail;
	}
	c->count++;
	return 0;
fail:
	free(item->path);
	return -HO_EFILE;
}

int change_write(struct changes *c, const char *path, const void *bytes,
		 uint64_t length, mode_t mode, struct diag_log *diag)
{
	struct change *item = &c->items[c->count];
	int rc = remember(c, path, diag);

	if (rc)
		return rc;
	if (item->old && item->old_bytes == length &&
	    item->old_mode == mode && !memcmp(item->old, bytes, length))
		return 0;
	return put(item, bytes, length, mode, diag);
}

static int remove_it(struct change *item, struct diag_log *diag)
{
	if (unlink(item->path) && errno != ENOENT)
		return failed(item->path, diag);
	item->touched = true;
	folder_sync(item->path);
	return 0;
}

int change_remove(struct changes *c, const char *path, struct diag_log *diag)
{
	struct change *item = &c->items[c->count];
	int rc = remember(c, path, diag);

	return rc ? rc : remove_it(item, diag);
}

static void forget(struct changes *c)
{
	while (c->count--) {
		free(c->items[c->count].path);
		free(c->items[c->count].old);
	}
	c->count = 0;
}

void changes_undo(struct changes *c, struct diag_log *diag)
{
	int i;

	for (i = c->count - 1; i >= 0; i--) {
		struct change *item = &c->items[i];

		leftovers_remove(item->path);
		if (!item->touched)
			continue;
		if (item->old)
			put(item, item->old, item->old_bytes, item->old_mode,
			    diag);
		else
			remove_it(item, diag);
	}
	forget(c);
}

void changes_keep(struct changes *c)
{
	forget(c);
}
