// SPDX-License-Identifier: MIT
/*
 * look.c - see look.h.
 */
#include "look.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handover.h"
#include "keeper.h"
#include "left.h"
#include "loaded.h"
#include "process.h"
#include "qemu.h"
#include "rundir.h"
#include "util.h"
#include "xen_domain.h"
#include "xen_stream.h"

/* The open domain while the records go by. */
struct look {
	struct ho_rec_domain domain;
	int pagemap;			/* of its owner, -1: it has none */
	pid_t pid;
	int what;			/* LOOK_... */
	bool released;			/* here, under the same uuid */
	struct handover *here;		/* that started this instance, or NULL */
	size_t pid_count;		/* owners and QEMUs of domains in it */
	pid_t *pids;
	struct xen *xen;		/* opened when it is needed */
};

static int carried(const struct look *look, struct diag_log *diag)
{
	return diag_add(diag, HO_ECARRIED, "domain %.31s", look->domain.name);
}

/* Of a guest of Xen: whether it has run since. */
static int look_at_cpu_time(struct look *look, struct record *rec,
			    struct diag_log *diag)
{
	uint64_t cpu_time;
	bool there;
	int rc = 0;

	if (!xen_is_dom0() || !span_le64(&rec->body, &cpu_time))
		return 0;
	if (!look->xen)
		rc = xen_open(&look->xen, diag);
	if (!rc)
		rc = xen_domain_has_stayed(look->xen, look->domain.name,
					   look->domain.uuid, cpu_time,
					   &there, diag);
	if (!rc && look->released && !there)
		rc = carried(look, diag);
	look->released = false;		/* asked */
	return rc;
}

static int add_pid(struct look *look, pid_t pid, struct diag_log *diag)
{
	pid_t *more = realloc(look->pids,
			      (look->pid_count + 1) * sizeof(*more));

	if (!more)
		return diag_add(diag, HO_ENOMEM, "guests");
	more[look->pid_count++] = pid;
	look->pids = more;
	return 0;
}

static int look_at_owner(struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct ho_rec_owner was, is;
	char path[64];
	int rc = record_owner(rec, &was, diag);

	if (!rc)
		rc = process_owner(was.pid, &is, diag);
	if (rc)
		return rc;
	if (look->what & LOOK_KEEPERS && !keeper_is(was.pid))
		return diag_add(diag, HO_EKEEPER, "domain %s, process %u",
				look->domain.name, was.pid);
	is.domid = was.domid;
	if (memcmp(&is, &was, sizeof(is)))
		return diag_add(diag, HO_EPROCESS,
				"process %u of domain %s is another now",
				was.pid, look->domain.name);
	snprintf(path, sizeof(path), "/proc/%u/pagemap", was.pid);
	look->pid = was.pid;
	look->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	return look->pagemap < 0 ? io_error(diag, path)
				 : add_pid(look, was.pid, diag);
}

static int look_at_frames(const struct look *look, struct record *rec,
			  struct diag_log *diag)
{
	struct frames f;
	uint32_t i;
	int rc = record_frames(rec, &f, diag);

	if (rc || look->pagemap < 0)
		return rc;
	for (i = 0; i < f.extent_count; i++) {
		uint64_t word = load_le64(f.words + 8ull * i), moved;

		if (process_holds(look->pagemap, load_le64(f.gfns + 8ull * i),
				  frame_word_pages(word),
				  frame_word_mfn(word), &moved))
			continue;
		return diag_add(diag, HO_EMIGRATED,
				"domain %s, process %d, address 0x%llx",
				look->domain.name, (int)look->pid,
				(unsigned long long)moved * HO_PAGE_BYTES);
	}
	return 0;
}

/* Had its QEMU let the guest run on, its saved state would be of the past. One
 * that has ended did not. */
static int look_at_guest(struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct guest_conf conf;
	pid_t pid;
	int rc = guest_conf_read(&conf, (const char *)rec->body.bytes +
				 rec->body.offset, span_left(&rec->body),
				 diag);

	if (rc)
		return rc;
	rc = qemu_look_again(conf.monitor, &pid, diag);
	if (!rc && pid)
		rc = add_pid(look, pid, diag);
	guest_conf_free(&conf);
	return rc;
}

static void look_end(struct look *look)
{
	if (look->pagemap >= 0)
		close(look->pagemap);
	look->pagemap = -1;
}

/*
 * A domain that is carried on was kept by an earlier update. If it was adopted,
 * restored or released since, its frames are another's now, or have changed
 * under its state. A guest of Xen that was restored, and is collected again, has
 * its uuid still: the guest itself says which of both it is.
 */
static void look_at_carried(struct look *look)
{
	const struct handover *h = look->here;
	uint32_t i;

	look->released = false;
	for (i = 0; h && h->chained && i < h->result.domain_count; i++)
		if (!memcmp(h->domains[i].uuid, look->domain.uuid,
			    sizeof(look->domain.uuid)))
			look->released |= h->domains[i].flags &
					  HO_DOM_RELEASED;
}

/* The domain's records are over, and nobody has said that it is collected. */
static int end_domain(struct look *look, struct diag_log *diag)
{
	bool released = look->released;

	look_end(look);
	look->released = false;
	return released ? carried(look, diag) : 0;
}

static int look_at_state(struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct ho_rec_state head;
	int rc = record_state(rec, &head, diag);

	if (!rc && !strcmp(head.name, XEN_CPU_TIME_NAME))
		return look_at_cpu_time(look, rec, diag);
	if (!rc && look->what & LOOK_GUESTS && look->pagemap >= 0 &&
	    !strcmp(head.name, GUEST_CONF_STATE))
		return look_at_guest(look, rec, diag);
	return rc;
}

static int look_at_record(void *context, struct record *rec,
			  struct diag_log *diag)
{
	struct look *look = context;
	int rc;

	switch (rec->type) {
	case HO_REC_DOMAIN:
		rc = record_domain(rec, &look->domain, diag);
		if (!rc)
			look_at_carried(look);
		return rc;
	case HO_REC_DOMAIN_END:
		return end_domain(look, diag);
	case HO_REC_OWNER:
		return look_at_owner(look, rec, diag);
	case HO_REC_FRAMES:
		return look_at_frames(look, rec, diag);
	case HO_REC_STATE:
		return look_at_state(look, rec, diag);
	}
	return 0;
}

int look_again(int what, struct diag_log *diag)
{
	struct look look = { .pagemap = -1, .what = what };
	int rc;

	if (access(LOADED_BLOB, R_OK))
		return diag_add(diag, HO_ENOTLOADED, "%s", LOADED_BLOB);
	rc = handover_parent(&look.here, diag);
	if (!rc)
		rc = loaded_walk(LOADED_BLOB, true, look_at_record, &look,
				 diag);
	if (!rc && what & LOOK_GUESTS)
		rc = left_check(look.pids, look.pid_count, diag);
	look_end(&look);
	handover_free(look.here);
	xen_close(look.xen);
	free(look.pids);
	return rc;
}
