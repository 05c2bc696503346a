// SPDX-License-Identifier: MIT
/*
 * estimate.c - how long guests would stand still, by stage, from what this
 * machine has just done, or did in the last updates: precheck_estimate().
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "digest.h"
#include "number.h"
#include "pauses.h"
#include "precheck.h"
#include "trial.h"

#define SAMPLE_BYTES	(32u << 20)
/* Of each frame that can move: twice when it is collected, once right before the
 * jump. Those of a guest on huge pages are read while it runs. */
#define WALKS		3

static void set(struct precheck *p, int stage, double seconds,
		const char *format, ...)
{
	struct precheck_stage *s = &p->stages[stage];
	va_list list;

	s->seconds = seconds;
	va_start(list, format);
	vsnprintf(s->from, sizeof(s->from), format, list);
	va_end(list);
}

/* What it took in the last updates of this machine: their mean, for one by itself
 * says little where boots differ. */
struct past {
	double mean, least, most;	/* seconds */
	int count;
	uint32_t generation;		/* of the last one */
};

static void count_in(struct past *of, double seconds, uint32_t generation)
{
	if (!of->count || seconds < of->least)
		of->least = seconds;
	if (!of->count || seconds > of->most)
		of->most = seconds;
	of->mean = (of->mean * of->count + seconds) / (of->count + 1);
	of->count++;
	of->generation = generation;
}

/* Of parts `from` to `to`. */
static struct past past_of(const struct pauses *all, int from, int to)
{
	struct past of = { 0 };
	double seconds;
	int i, part;

	for (i = 0; i < all->count; i++) {
		if (from == TIMELINE_DOWN && !all->list[i].jump_known)
			continue;
		seconds = 0;
		for (part = from; part <= to; part++)
			seconds += all->list[i].s[part];
		count_in(&of, seconds, all->list[i].generation);
	}
	return of;
}

static void set_as_before(struct precheck *p, int stage, struct past of)
{
	if (of.count < 2)
		set(p, stage, of.mean, "update %u on this machine",
		    of.generation);
	else
		set(p, stage, of.mean, "%d updates on this machine, %.2f to %.2f s",
		    of.count, of.least, of.most);
}

/* Saving asks about as much as looking did. What devices write is not known, and
 * nothing at all of guests whose kind saves them by a program. */
static void estimate_save(struct precheck *p, double examine)
{
	const struct collect *c = p->collect;
	int i, asked = 0, unknown = 0;

	for (i = 0; i < c->domain_count; i++) {
		asked += c->domains[i].kind->examine != NULL;
		unknown += !c->domains[i].kind->preview;
	}
	if (unknown)
		set(p, PRECHECK_SAVE, -1, "%d guests are saved by Xen's tools",
		    unknown);
	else if (asked)
		set(p, PRECHECK_SAVE, examine,
		    "%d guests, as long as it took to look at them", asked);
	else
		set(p, PRECHECK_SAVE, 0, "nobody has a state to be saved");
}

/* Seconds for a byte: hashed, and copied. */
struct rates {
	double hash, copy;
};

static bool measure(struct rates *r, uint32_t alg)
{
	uint8_t digest[HO_DIGEST_BYTES], *from = malloc(SAMPLE_BYTES);
	uint8_t *to = malloc(SAMPLE_BYTES);
	double start, hashed;
	bool good = from && to;

	if (good) {
		memset(from, 0x5a, SAMPLE_BYTES);
		memset(to, 0, SAMPLE_BYTES);
		start = trial_now();
		digest_of(alg, from, SAMPLE_BYTES, digest);
		hashed = trial_now();
		memcpy(to, from, SAMPLE_BYTES);
		r->copy = (trial_now() - hashed) / SAMPLE_BYTES;
		r->hash = (hashed - start) / SAMPLE_BYTES;
		good = to[digest[0]] == 0x5a;	/* so that it is copied */
	}
	free(from);
	free(to);
	return good;
}

/* What the stub looks at (README rule 33 of handover-abi). */
static uint32_t stub_alg(const struct pack *p)
{
	return p->manifest ? HO_DIGEST_SHA256 : HO_DIGEST_XXH64;
}

static void estimate_collect(struct precheck *p, const struct trial *t)
{
	const struct collect *c = p->collect;
	uint64_t moving = 0;
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (!c->domains[i].kind->pins)
			moving += c->domains[i].seen_frames;
	set(p, PRECHECK_COLLECT, t->frames ? t->collect_seconds * WALKS *
	    moving / t->frames : 0,
	    "%llu frames in %.3f s; %llu of them walked %d times in the pause",
	    (unsigned long long)t->frames, t->collect_seconds,
	    (unsigned long long)moving, WALKS);
}

static void estimate_load(struct precheck *p, const struct trial *t,
			  const struct rates *r)
{
	const struct load_figures *f = t->figures;

	uint64_t late = f->bytes > f->placed_bytes
		? f->bytes - f->placed_bytes : 0;

	/* the kernel takes a copy, and makes another one at the jump */
	set(p, PRECHECK_LOAD, t->check_seconds + 2 * late * r->copy,
	    "checked in %.3f s; %s in place before, %s loaded at %s/s",
	    t->check_seconds, human_bytes(f->placed_bytes), human_bytes(late),
	    human_bytes(1 / r->copy));
}

/* From its entry to the target's, in the update that started this instance; 0: it
 * was not timed. Of guests that nobody times, too. */
static double last_stub(const struct handover *h)
{
	const uint64_t *t;

	if (!h || !h->chained || !h->crumb.tsc_khz)
		return 0;
	t = h->crumb.stage_tsc;
	return t[HO_STAGE_TARGET] < t[HO_STAGE_ENTRY] ? 0
		: (t[HO_STAGE_TARGET] - t[HO_STAGE_ENTRY]) /
		  (h->crumb.tsc_khz * 1e3);
}

static void estimate_stub(struct precheck *p, const struct trial *t,
			  const struct rates *r, const struct pauses *all)
{
	const struct load_figures *f = t->figures;
	double last = last_stub(t->started_by);

	if (all->count)
		set_as_before(p, PRECHECK_STUB,
			      past_of(all, TIMELINE_ENTRY, TIMELINE_CHAIN));
	else if (last > 0)
		set(p, PRECHECK_STUB, last, "update %u on this machine",
		    t->started_by->crumb.generation);
	else
		set(p, PRECHECK_STUB, f->target_bytes * r->hash +
		    f->pass_ns / 1e9 + f->target_bytes * r->copy,
		    "%s hashed at %s/s, pass %.2f ms",
		    human_bytes(f->target_bytes),
		    human_bytes(1 / r->hash), f->pass_ns / 1e6);
}

/* How long this instance took. */
static void estimate_first_boot(struct precheck *p)
{
	const char *const command[] = { "systemctl", "show", "--value",
		"--property=FinishTimestampMonotonic", NULL };
	char text[32];
	uint64_t us;

	if (child_line(command, text, sizeof(text)) &&
	    number_parse(text, 1, INT64_MAX, &us))
		set(p, PRECHECK_BOOT, us / 1e6, "this boot, by systemd");
	else
		set(p, PRECHECK_BOOT, -1, "systemd does not say how long this boot took");
}

/* Where nobody noted a jump, it is what the last load took more than this one
 * will. */
static struct past down_of(const struct precheck *p, const struct pauses *all)
{
	struct past of = past_of(all, TIMELINE_DOWN, TIMELINE_DOWN);
	const struct pause *last = &all->list[all->count - 1];
	double more = last->s[TIMELINE_LOAD] -
		      p->stages[PRECHECK_PACK].seconds -
		      p->stages[PRECHECK_LOAD].seconds;

	if (!of.count)
		count_in(&of, more > 0 ? more : 0, last->generation);
	return of;
}

/* What the old kernel, the new one and QEMU take is known once they have. */
static void estimate_hosts(struct precheck *p, const struct pauses *all)
{
	if (!all->count) {
		set(p, PRECHECK_DOWN, -1, "no update on this machine yet");
		set(p, PRECHECK_ADOPT, -1, "no update on this machine yet");
		estimate_first_boot(p);
		return;
	}
	/* looking takes longer than saving, but is all that a first one has */
	if (p->stages[PRECHECK_SAVE].seconds > 0)
		set_as_before(p, PRECHECK_SAVE,
			      past_of(all, TIMELINE_SAVE, TIMELINE_SAVE));
	set_as_before(p, PRECHECK_DOWN, down_of(p, all));
	set_as_before(p, PRECHECK_BOOT,
		      past_of(all, TIMELINE_KERNEL, TIMELINE_BOOT));
	set_as_before(p, PRECHECK_ADOPT,
		      past_of(all, TIMELINE_ADOPT, TIMELINE_ADOPT));
}

void precheck_estimate(struct precheck *p, const struct trial *t,
		       double examine_seconds)
{
	static const char *const names[PRECHECK_STAGES] = {
		"save", "collect", "pack", "load", "down", "stub", "boot",
		"adopt"
	};
	struct rates r = { 0 };
	struct pauses all;
	int i;

	pauses_read(&all, PAUSES_PATH);
	pauses_add(&all, t->started_by);
	for (i = 0; i < PRECHECK_STAGES; i++) {
		p->stages[i].name = names[i];
		set(p, i, -1, "no memory to measure it");
	}
	estimate_save(p, examine_seconds);
	estimate_collect(p, t);
	set(p, PRECHECK_PACK, t->pack_seconds, "packed just now");
	if (measure(&r, stub_alg(p->pack))) {
		estimate_load(p, t, &r);
		estimate_stub(p, t, &r, &all);
	}
	estimate_hosts(p, &all);
	for (i = 0; i < PRECHECK_STAGES; i++)
		if (p->stages[i].seconds > 0)
			p->seconds += p->stages[i].seconds;
}
