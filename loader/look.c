// SPDX-License-Identifier: MIT
/*
 * look.c - see look.h.
 */
#include "look.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"
#include "keeper.h"
#include "kexec.h"
#include "load.h"
#include "process.h"
#include "qemu.h"
#include "stream.h"
#include "streamref.h"
#include "util.h"
#include "verdict.h"
#include "xen_domain.h"
#include "xen_stream.h"

/* The open domain while the records go by. */
struct look {
	struct ho_rec_domain domain;
	int pagemap;			/* of its owner, -1: it has none */
	pid_t pid;
	int what;			/* LOOK_... */
	bool resume;			/* let them run on instead */
	struct xen *xen;		/* opened when it is needed */
};

/* Of a guest of Xen: whether it has run since. */
static int look_at_cpu_time(struct look *look, struct record *rec,
			    struct diag_log *diag)
{
	uint64_t cpu_time;
	int rc = 0;

	if (!xen_is_dom0() || !span_le64(&rec->body, &cpu_time))
		return 0;
	if (!look->xen)
		rc = xen_open(&look->xen, diag);
	return rc ? rc : xen_domain_has_stayed(look->xen, look->domain.name,
					       look->domain.uuid, cpu_time,
					       diag);
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
	return look->pagemap < 0 ? io_error(diag, path) : 0;
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
static int look_at_guest(const struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct guest_conf conf;
	int rc = guest_conf_read(&conf, (const char *)rec->body.bytes +
				 rec->body.offset, span_left(&rec->body),
				 diag);

	if (rc)
		return rc;
	rc = look->resume ? qemu_let_run(&conf, diag)
			  : qemu_look_again(conf.monitor, diag);
	if (look->resume && !rc)
		kill(look->pid, SIGKILL);	/* its keeper */
	guest_conf_free(&conf);
	return rc;
}

static int look_at_state(struct look *look, struct record *rec,
			 struct diag_log *diag)
{
	struct ho_rec_state head;
	int rc = record_state(rec, &head, diag);

	if (!rc && !look->resume && !strcmp(head.name, XEN_CPU_TIME_NAME))
		return look_at_cpu_time(look, rec, diag);
	if (!rc && look->what & LOOK_GUESTS && look->pagemap >= 0 &&
	    !strcmp(head.name, GUEST_CONF_STATE))
		return look_at_guest(look, rec, diag);
	return rc;
}

static void look_end(struct look *look)
{
	if (look->pagemap >= 0)
		close(look->pagemap);
	look->pagemap = -1;
}

static int look_at_record(struct look *look, struct record *rec,
			  struct diag_log *diag)
{
	switch (rec->type) {
	case HO_REC_DOMAIN:
		look_end(look);
		return record_domain(rec, &look->domain, diag);
	case HO_REC_OWNER:
		return look_at_owner(look, rec, diag);
	case HO_REC_FRAMES:
		return look->resume ? 0 : look_at_frames(look, rec, diag);
	case HO_REC_STATE:
		return look_at_state(look, rec, diag);
	}
	return 0;
}

static int walk(struct look *look, struct diag_log *diag)
{
	struct blob *blob = malloc(sizeof(*blob));
	struct mapped m = { 0 }, stream = { 0 };
	struct stream s;
	struct record rec;
	int rc;

	if (!blob)
		return diag_add(diag, HO_ENOMEM, "blob");
	rc = mapped_open_own(&m, LOADED_BLOB, HO_ENOTLOADED, diag);
	if (!rc)
		rc = blob_parse(blob, m.bytes, m.length, BLOB_HANDOVER, diag);
	if (!rc)
		rc = verdict_open_stream(&stream, blob, diag);
	if (!rc && blob->stream_range_count && !look->resume)
		rc = streamref_hold(blob, diag);
	if (!rc)
		rc = stream_open(&s, blob->stream, blob->stream_bytes, diag);
	while (!rc && (rc = stream_next(&s, &rec, diag)) > 0)
		rc = look_at_record(look, &rec, diag);
	look_end(look);
	xen_close(look->xen);
	mapped_close(&m);
	mapped_close(&stream);
	free(blob);
	return rc;
}

int look_again(int what, struct diag_log *diag)
{
	struct look look = { .pagemap = -1, .what = what };

	if (!kexec_is_loaded() || access(LOADED_BLOB, R_OK))
		return diag_add(diag, HO_ENOTLOADED, "%s", LOADED_BLOB);
	return walk(&look, diag);
}

int look_resume(struct diag_log *diag)
{
	struct look look = { .pagemap = -1, .what = LOOK_GUESTS,
			     .resume = true };

	return access(LOADED_BLOB, R_OK) ? 0 : walk(&look, diag);
}
