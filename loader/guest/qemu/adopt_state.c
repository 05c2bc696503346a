// SPDX-License-Identifier: MIT
/*
 * adopt_state.c - see adopt.h: what the stream has of a guest beside its frames.
 */
#include "adopt.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qmp.h"
#include "util.h"

#define ASK_SECONDS	5		/* somebody else may have the monitor */

struct copying {
	const char *name;
	int fd;
	bool found;
};

static int copy_state(void *context, const char *name, struct span *body,
		      struct diag_log *diag)
{
	struct copying *c = context;
	uint64_t bytes = span_left(body);

	if (strcmp(name, c->name))
		return 0;
	c->found = true;
	return write(c->fd, body->bytes + body->offset, bytes) ==
		       (ssize_t)bytes ? 0 : io_error(diag, name);
}

int adopt_state_file(const struct handover *h, const struct ho_domain *d,
		     const char *name, struct diag_log *diag)
{
	struct copying c = { name, memfd_create(name, MFD_CLOEXEC), false };
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (c.fd >= 0 &&
	    !kept_states(h->stream, h->blob.stream_bytes, d->stream_offset,
			 copy_state, &c, &scratch) &&
	    c.found && !lseek(c.fd, 0, SEEK_SET))
		return c.fd;
	if (c.fd >= 0)
		close(c.fd);
	diag_add(diag, HO_EGUESTCONF, "%.40s: no state \"%s\"", d->name,
		 name);
	return -1;
}

int adopt_read_conf(const struct handover *h, const struct ho_domain *d,
		    struct guest_conf *conf, struct diag_log *diag)
{
	int fd = adopt_state_file(h, d, GUEST_CONF_STATE, diag), rc;
	struct mapped m;
	char path[32];

	if (fd < 0)
		return -HO_EGUESTCONF;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = mapped_open(&m, path, HO_EGUESTCONF, diag);
	close(fd);
	if (rc)
		return rc;
	rc = guest_conf_read(conf, m.bytes, m.length, diag);
	mapped_close(&m);
	return rc;
}

static bool is_paused(const char *monitor)
{
	struct json_object *o = NULL;
	struct diag_log scratch;
	struct qmp q;
	bool is;

	diag_init(&scratch, HO_STAGE_LOADER);
	is = !qmp_open_within(&q, monitor, ASK_SECONDS, &scratch) &&
	     !qmp_call(&q, "query-status", NULL, &o, 0, &scratch) &&
	     !strcmp(qmp_text(o, "status") ?: "", "paused");
	json_object_put(o);
	qmp_close(&q);
	return is;
}

int adopt_check_runs(const struct handover *h, const struct ho_domain *d,
		     struct diag_log *diag)
{
	struct guest_conf conf = { 0 };
	struct diag_log scratch;
	int rc = 0;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!adopt_read_conf(h, d, &conf, &scratch) && conf.running &&
	    is_paused(conf.monitor))
		rc = diag_add(diag, HO_EADOPT,
			      "%.31s is adopted, and waits for cont: %.60s",
			      d->name, conf.monitor);
	guest_conf_free(&conf);
	return rc;
}

static int find_state(void *context, const char *name, struct span *body,
		      struct diag_log *diag)
{
	struct copying *c = context;

	(void)body;
	(void)diag;
	c->found |= !strcmp(name, c->name);
	return 0;
}

/* Where the stream cannot be read nobody knows: it is not taken for none. */
bool adopt_has_state(const struct handover *h, const struct ho_domain *d,
		     const char *name)
{
	struct copying c = { .name = name };
	struct diag_log scratch;
	int rc;

	if (d->flags & HO_DOM_RELEASED)
		return false;
	diag_init(&scratch, HO_STAGE_LOADER);
	rc = kept_states(h->stream, h->blob.stream_bytes, d->stream_offset,
			 find_state, &c, &scratch);
	return rc || c.found;
}

bool adopt_is_guest(const struct handover *h, const struct ho_domain *d)
{
	return adopt_has_state(h, d, GUEST_CONF_STATE);
}
