// SPDX-License-Identifier: MIT
/*
 * fakelivepatch.c - see fakelibs.h: livepatches of the made up Xen. It takes the
 * payload of baton's name, if it is for its own build, and checks of its table what
 * xen/livepatch/payload.c does: the rest is tests/xen/test_livepatch.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakekernel.h"
#include "fakelibs.h"
#include "fakeroot.h"
#include "fakexenlib.h"
#include "patchtable.h"
#include "xen.h"

#define BUILD_BYTES	20

static int fails(int error)
{
	errno = error;
	return error ? -1 : 0;
}

static bool is_for_this(const uint8_t *payload, uint32_t bytes)
{
	uint8_t id[BUILD_BYTES];

	memset(id, FAKE_XEN_BUILD, sizeof(id));
	return memmem(payload, bytes, id, sizeof(id));
}

static int upload(void *x, char *name, unsigned char *payload, uint32_t bytes,
		  bool force)
{
	struct fake_livepatch *p = &fake_xen->livepatch;

	(void)x;
	(void)force;
	fake_step();
	if (strcmp(name, LIVEPATCH_NAME))
		return fails(EINVAL);
	if (p->state)
		return fails(EEXIST);
	if (bytes > 2 << 20 || !is_for_this(payload, bytes))
		return fails(EINVAL);
	fake_put_bytes(FAKE_LIVEPATCH, payload, bytes);
	p->state = LIVEPATCH_STATE_CHECKED;
	p->rc = 0;
	p->uploads++;
	return 0;
}

static int get(void *x, char *name, xen_livepatch_status_t *status)
{
	struct fake_livepatch *p = &fake_xen->livepatch;

	(void)x;
	if (!p->state || strcmp(name, LIVEPATCH_NAME))
		return fails(ENOENT);
	status->state = p->state;
	status->rc = p->rc;
	if (!p->later)
		return 0;
	status->rc = -EAGAIN;
	/* what was asked for is done now */
	if (p->later > 0 && !--p->later)
		p->state = p->next;
	return 0;
}

/* From one state to another, after a while. */
static int act(uint32_t from, uint32_t to, int rc)
{
	struct fake_livepatch *p = &fake_xen->livepatch;

	fake_step();
	if (p->later)
		return fails(EBUSY);
	if (p->state != from)
		return fails(EINVAL);
	p->rc = rc;
	p->next = rc ? from : to;
	p->later = p->polls;
	if (!p->later)
		p->state = p->next;
	return 0;
}

/* Guests of the table that was given to it; 0: it makes no sense. */
static uint32_t read_table(void)
{
	static struct livepatch_table t;
	uint32_t g, extents = 0;

	fake_livepatch_table(&t);
	if (t.guests > LIVEPATCH_TABLE_GUESTS ||
	    t.extents > LIVEPATCH_TABLE_EXTENTS)
		return 0;
	for (g = 0; g < t.guests; g++)
		extents += t.guest[g].extents;
	return extents == t.extents ? t.guests : 0;
}

static int apply(void *x, char *name, uint32_t timeout, uint32_t flags)
{
	struct fake_livepatch *p = &fake_xen->livepatch;

	(void)x;
	(void)name;
	(void)flags;
	/* in nanoseconds; Xen's own default is 30 ms */
	if (timeout < 30000000)
		return fails(ETIME);
	p->applies++;
	return act(LIVEPATCH_STATE_CHECKED, LIVEPATCH_STATE_APPLIED,
		   p->refuses ? p->refuses : read_table() ? 0 : -EINVAL);
}

static int revert(void *x, char *name, uint32_t timeout, uint32_t flags)
{
	struct fake_livepatch *p = &fake_xen->livepatch;

	(void)x;
	(void)name;
	(void)timeout;
	(void)flags;
	p->reverts++;
	return act(LIVEPATCH_STATE_APPLIED, LIVEPATCH_STATE_CHECKED,
		   p->refuses);
}

static int unload(void *x, char *name, uint32_t timeout, uint32_t flags)
{
	struct fake_livepatch *p = &fake_xen->livepatch;

	(void)x;
	(void)name;
	(void)timeout;
	(void)flags;
	fake_step();
	if (p->later)
		return fails(EBUSY);
	if (p->state != LIVEPATCH_STATE_CHECKED)
		return fails(EINVAL);
	p->state = 0;
	p->unloads++;
	return 0;
}

void fake_livepatch_table(void *table)
{
	static uint8_t payload[2 << 20];
	size_t bytes = fake_length(FAKE_LIVEPATCH);
	uint8_t *at;
	FILE *f = fopen(fake_path(FAKE_LIVEPATCH), "r");

	if (!f || fread(payload, 1, sizeof(payload), f) != bytes)
		abort();
	fclose(f);
	at = memmem(payload, bytes, LIVEPATCH_TABLE_MAGIC, 16);
	if (!at)
		abort();
	memcpy(table, at, sizeof(struct livepatch_table));
}

void *fake_livepatch_function(const char *name)
{
	return !strcmp(name, "xc_livepatch_upload") ? (void *)upload
	     : !strcmp(name, "xc_livepatch_get") ? (void *)get
	     : !strcmp(name, "xc_livepatch_apply") ? (void *)apply
	     : !strcmp(name, "xc_livepatch_revert") ? (void *)revert
	     : !strcmp(name, "xc_livepatch_unload") ? (void *)unload : NULL;
}
