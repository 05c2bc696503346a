// SPDX-License-Identifier: MIT
/*
 * owners.c - see owners.h.
 */
#include "owners.h"

#include <stdio.h>
#include <stdlib.h>

/* A span begins or ends here. */
struct edge {
	uint64_t at;
	enum owner_kind kind;
	uint32_t guest;
	int step;			/* +1 or -1 */
};

static bool make_room(void **list, size_t count, size_t *capacity,
		      size_t bytes)
{
	size_t more = *capacity ? 2 * *capacity : 64;
	void *grown;

	if (count < *capacity)
		return true;
	grown = reallocarray(*list, more, bytes);
	if (!grown)
		return false;
	*list = grown;
	*capacity = more;
	return true;
}

int owners_guest(struct owners *o, uint32_t domid, const char *name,
		 struct diag_log *diag)
{
	size_t capacity = o->guest_capacity;
	struct owner_guest *g;
	uint32_t i;

	for (i = 0; i < o->guest_count; i++)
		if (o->guests[i].domid == domid)
			return i;
	if (!make_room((void **)&o->guests, i, &capacity, sizeof(*g)))
		return diag_add(diag, HO_ENOMEM, "guests");
	o->guest_capacity = capacity;
	g = &o->guests[o->guest_count++];
	*g = (struct owner_guest){ .domid = domid };
	snprintf(g->name, sizeof(g->name), "%s", name);
	return i;
}

int owners_add(struct owners *o, struct range place, enum owner_kind kind,
	       uint32_t guest, struct diag_log *diag)
{
	if (place.start >= place.end)
		return 0;
	if (!make_room((void **)&o->spans, o->count, &o->capacity,
		       sizeof(*o->spans)))
		return diag_add(diag, HO_ENOMEM, "spans");
	o->spans[o->count++] = (struct owner_span){ place, kind, guest };
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static struct edge *edges_of(const struct owners *o)
{
	struct edge *edges = calloc(2 * o->count + 1, sizeof(*edges));
	size_t i;

	for (i = 0; edges && i < o->count; i++) {
		const struct owner_span *s = &o->spans[i];

		edges[2 * i] = (struct edge){ s->place.start, s->kind,
					      s->guest, 1 };
		edges[2 * i + 1] = (struct edge){ s->place.end, s->kind,
						  s->guest, -1 };
	}
	if (edges)
		qsort(edges, 2 * o->count, sizeof(*edges), by_address);
	return edges;
}

/* The next settled span, or more of the one before it. */
static int settle_one(struct owners *o, struct owner_span s,
		      struct diag_log *diag)
{
	struct owner_span *last = o->count ? &o->spans[o->count - 1] : NULL;
	uint64_t bytes = range_bytes(s.place);

	o->bytes[s.kind] += bytes;
	if (s.kind == OWNER_GUEST)
		o->guests[s.guest].bytes += bytes;
	if (!last || last->place.end != s.place.start ||
	    last->kind != s.kind || last->guest != s.guest)
		return owners_add(o, s.place, s.kind, s.guest, diag);
	last->place.end = s.place.end;
	return 0;
}

/* The last of the list among those that are open here. */
static enum owner_kind top(const int64_t open[OWNER_KINDS])
{
	int kind = OWNER_KINDS - 1;

	while (kind > OWNER_NONE && !open[kind])
		kind--;
	return kind;
}

int owners_settle(struct owners *o, struct diag_log *diag)
{
	struct edge *edges = edges_of(o);
	size_t i, count = 2 * o->count;
	int64_t open[OWNER_KINDS] = { 0 };
	uint32_t guest = 0;
	int rc = 0;

	if (!edges)
		return diag_add(diag, HO_ENOMEM, "spans");
	o->count = 0;
	for (i = 0; !rc && i + 1 < count; i++) {
		enum owner_kind kind;

		open[edges[i].kind] += edges[i].step;
		if (edges[i].kind == OWNER_GUEST && edges[i].step > 0)
			guest = edges[i].guest;
		kind = top(open);
		if (kind != OWNER_NONE && edges[i + 1].at > edges[i].at)
			rc = settle_one(o, (struct owner_span){
				{ edges[i].at, edges[i + 1].at }, kind,
				kind == OWNER_GUEST ? guest : 0 }, diag);
	}
	free(edges);
	return rc;
}

void owners_free(struct owners *o)
{
	free(o->spans);
	free(o->guests);
	*o = (struct owners){ 0 };
}
