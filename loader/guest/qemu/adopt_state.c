// SPDX-License-Identifier: MIT
/*
 * adopt_state.c - see adopt.h: what the stream has of a guest beside its frames.
 */
#include "adopt.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guestconf.h"
#include "util.h"

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
	if (diag)
		diag_add(diag, HO_EGUESTCONF, "%.40s: no state \"%s\"",
			 d->name, name);
	return -1;
}

bool adopt_has_state(const struct handover *h, const struct ho_domain *d,
		     const char *name)
{
	int fd;

	if (d->flags & HO_DOM_RELEASED)
		return false;
	fd = adopt_state_file(h, d, name, NULL);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool adopt_is_guest(const struct handover *h, const struct ho_domain *d)
{
	return adopt_has_state(h, d, GUEST_CONF_STATE);
}
