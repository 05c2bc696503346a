// SPDX-License-Identifier: MIT
/*
 * precheck.c - see precheck.h. estimate.c has the figures.
 */
#include "precheck.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guests.h"
#include "kexec.h"
#include "ledger.h"
#include "lock.h"
#include "sequence.h"
#include "signals.h"
#include "slot.h"
#include "trial.h"
#include "unpacked.h"

/* Where a stream that is too long for a blob may lie: a tmpfs, but not RUN_DIR,
 * which belongs to commands that change something. */
static const char *const folders[] = { "/dev/shm", "/tmp" };

/* A sequence that only looks, and whose it is. */
struct looking {
	struct sequence sequence;
	struct precheck *precheck;
};

static int first(int rc, int other)
{
	return rc ? rc : other;
}

/* No lock: it works beside every other command, and writes nothing that they
 * read. One that is alone now would refuse an upgrade. */
static int may(struct sequence *s, struct diag_log *diag)
{
	struct looking *l = (struct looking *)((char *)s -
			    offsetof(struct looking, sequence));
	int rc = lock_free(diag);

	if (!rc)			/* of one that runs it says what it does */
		rc = ledger_look(diag);
	rc = first(rc, kexec_allowed_times(kexec_load_calls(),
					   false, diag));
	if (l->precheck->shutdown)
		rc = first(rc, kexec_shutdown_allowed(diag));
	return first(rc, slot_check(false, l->precheck->replace, diag));
}

/* Each guest has a list of reasons, also one that is found by its kind. */
static int give_lists(struct precheck *p, struct diag_log *diag)
{
	struct collect *c = p->collect;
	int i;

	if (!c->domains)
		c->domains = calloc(COLLECT_DOMAINS_MAX, sizeof(*c->domains));
	p->whys = calloc(COLLECT_DOMAINS_MAX, sizeof(*p->whys));
	if (!c->domains || !p->whys)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < COLLECT_DOMAINS_MAX; i++)
		c->domains[i].why = &p->whys[i];
	return 0;
}

/* A folder of its own, root's alone. */
static int make_folder(char *path, size_t bytes, struct diag_log *diag)
{
	uint8_t id[HO_ID_BYTES];
	size_t i;
	int rc = random_id(id, diag);

	for (i = 0; i < ARRAY_COUNT(folders) && !rc; i++) {
		snprintf(path, bytes, "%s/baton-precheck.%s", folders[i],
			 human_id(id));
		if (!mkdir(path, 0700))
			return 0;
	}
	return rc ? rc : diag_add(diag, HO_EFILE, "%.60s: %s", path,
				  strerror(errno));
}

static int try_in_folder(struct precheck *p, struct looking *l,
			 struct packing *packing, double examined,
			 struct diag_log *diag)
{
	char folder[96], stream[128], blob[128];
	struct load_figures figures;
	struct trial t = { .collect = p->collect, .pack = p->pack,
		.parent = sequence_carries(&l->sequence), .packing = packing,
		.stream = stream, .blob = blob, .figures = &figures,
		.started_by = l->sequence.parent };
	int rc = make_folder(folder, sizeof(folder), diag);

	if (rc)
		return rc;
	snprintf(stream, sizeof(stream), "%s/lu", folder);
	snprintf(blob, sizeof(blob), "%s/dtb", folder);
	p->estimated = !trial_run(&t, &p->host) && !precheck_reasons(p);
	rmdir(folder);
	if (p->estimated)
		precheck_estimate(p, &t, examined);
	return 0;
}

/* What it writes is gone, whatever the terminal says meanwhile. */
static int try_it(struct precheck *p, struct looking *l,
		  struct packing *packing, double examined,
		  struct diag_log *diag)
{
	sigset_t before;
	int rc;

	signals_hold(NULL, &before);
	rc = try_in_folder(p, l, packing, examined, diag);
	signals_let(&before);
	return rc;
}

/* What upgrade --unpack makes is not kept here: how much room it needs in the region
 * is seen by upgrade, before it pauses a guest. */
static void look_at_packed(struct precheck *p)
{
	struct kernel_unpacked would;

	if (p->pack->unpack && p->pack->kernel &&
	    !access(p->pack->kernel, R_OK))
		kernel_unpack(&would, p->pack->kernel, NULL, true, &p->host);
}

int precheck_run(struct precheck *p, struct diag_log *diag)
{
	struct looking l = { .precheck = p,
		.sequence = { .collect = p->collect, .begin_anew = true,
			      .may = may, .guard = GUARD_NONE } };
	struct packing *packing;
	double start = trial_now();
	int rc = 0;

	diag_init(&p->host, diag->stage);
	p->pack->inline_only = p->shutdown;	/* as upgrade does */
	if (geteuid())
		rc = diag_add(diag, HO_EPERM, "effective user id %u",
			      geteuid());
	if (!rc)
		rc = give_lists(p, diag);
	if (rc)
		return rc;
	sequence_look(&l.sequence, true, &p->host);
	start = trial_now() - start;
	will_adopt_look(&p->adopts, p->collect, p->pack, &p->host);
	look_at_packed(p);
	pack_begin(&packing, p->pack, sequence_carries(&l.sequence),
		   &p->host);
	rc = try_it(p, &l, packing, start, diag);
	if (packing)
		pack_end(packing, NULL);
	handover_free(l.sequence.parent);
	return rc;
}

uint64_t precheck_reasons(const struct precheck *p)
{
	uint64_t count = p->host.total;
	int i;

	for (i = 0; p->whys && i < p->collect->domain_count; i++)
		count += p->whys[i].total;
	return count;
}

void precheck_free(struct precheck *p)
{
	guests_close(p->collect);	/* their names are theirs */
	free(p->whys);
	p->whys = NULL;
}
