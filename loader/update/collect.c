// SPDX-License-Identifier: MIT
/*
 * collect.c - see collect.h.
 */
#include "collect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"
#include "collect_xen.h"
#include "stream_writer.h"
#include "util.h"

static int usage(struct diag_log *diag, const char *what, const char *value)
{
	return diag_add(diag, HO_EUSAGE, "%s %.60s", what, value ? value : "");
}

static int new_domain(struct collect *c, int option, const char *value,
		      struct diag_log *diag)
{
	struct collect_domain *d;
	uint64_t pid;

	if (!c->domains)
		c->domains = calloc(COLLECT_DOMAINS_MAX,
				    sizeof(*c->domains));
	if (!c->domains)
		return diag_add(diag, HO_ENOMEM, "domains");
	if (c->domain_count == COLLECT_DOMAINS_MAX)
		return usage(diag, "too many --pid", value);
	d = &c->domains[c->domain_count++];
	d->domid = -1;
	if (option == 'q') {
		d->monitor = value;
		c->guests = true;
		return 0;
	}
	if (!number_parse(value, 1, INT32_MAX, &pid))
		return usage(diag, "--pid", value);
	d->pid = pid;
	return 0;
}

int collect_add_range(struct collect_domain *d, struct vrange r,
		      struct diag_log *diag)
{
	if (d->range_count == COLLECT_ITEMS_MAX)
		return usage(diag, "too many ranges of memory of", d->name);
	d->ranges[d->range_count++] = r;
	return 0;
}

int collect_add_state(struct collect_domain *d, const char *name,
		      const char *path, struct diag_log *diag)
{
	if (d->state_count == COLLECT_ITEMS_MAX)
		return usage(diag, "too many --state of", d->name);
	d->states[d->state_count++] = (struct collect_state){ name, path };
	return 0;
}

static int add_range(struct collect_domain *d, const char *value,
		     struct diag_log *diag)
{
	struct vrange r;

	if (!hex_range_parse(value, &r.start, &r.end) || r.start >= r.end ||
	    !is_aligned(r.start, HO_PAGE_BYTES) ||
	    !is_aligned(r.end, HO_PAGE_BYTES))
		return usage(diag, "--range START-END, hexadecimal, whole pages:",
			     value);
	return collect_add_range(d, r, diag);
}

static int add_state(struct collect_domain *d, const char *value,
		     struct diag_log *diag)
{
	char *equals = strchr(value, '='), *name;
	int rc;

	if (!equals || equals == value ||
	    equals - value >= HO_STATE_NAME_BYTES)
		return usage(diag, "--state KIND=FILE:", value);
	name = strndup(value, equals - value);
	if (!name)
		return diag_add(diag, HO_ENOMEM, "--state");
	rc = collect_add_state(d, name, equals + 1, diag);
	if (rc)
		free(name);
	return rc;
}

int collect_option(struct collect *c, int option, const char *value,
		   struct diag_log *diag)
{
	struct collect_domain *d = c->domain_count
		? &c->domains[c->domain_count - 1] : NULL;
	uint64_t domid;

	switch (option) {
	case 'p':
	case 'q':
		return new_domain(c, option, value, diag);
	case 'k':
		c->kept = true;
		return 0;
	case 'K':
		c->kept = false;
		return 0;
	case 'g':
		if (c->xen_count == XEN_DOMAINS_MAX)
			return usage(diag, "too many --xen", value);
		c->xen[c->xen_count++] = value;
		return 0;
	case 'G':
		c->xen_all = true;
		return 0;
	case 'w':
		c->wipe_state = true;
		return 0;
	}
	if (!d)
		return usage(diag, "--pid or --qemu must come first, before", value);
	switch (option) {
	case 'r':
		return add_range(d, value, diag);
	case 'm':
		if (d->map_count == COLLECT_ITEMS_MAX)
			return usage(diag, "too many --map", value);
		d->maps[d->map_count++] = value;
		return 0;
	case 'n':
		d->name = value;
		return 0;
	case 'd':
		if (!number_parse(value, 0, HO_DOMID_COUNT - 1, &domid))
			return usage(diag, "--domid", value);
		d->domid = domid;
		return 0;
	case 's':
		return add_state(d, value, diag);
	}
	return usage(diag, "option", value);
}

/* Names and domids that are taken: by what is carried on and, as the domains
 * are gone through, by those before. */
struct taken {
	bool domids[HO_DOMID_COUNT];
	int name_count;
	const char *names[COLLECT_DOMAINS_MAX + HO_DOMID_COUNT];
};

static int take_name(struct taken *t, const char *name,
		     struct diag_log *diag)
{
	int i;

	for (i = 0; i < t->name_count; i++)
		if (!strcmp(t->names[i], name))
			return diag_add(diag, HO_EDOMDUP, "name %s", name);
	t->names[t->name_count++] = name;
	return 0;
}

static int take_domid(struct taken *t, int64_t wanted, uint32_t *out,
		      struct diag_log *diag)
{
	uint32_t domid = 1;

	if (wanted >= 0) {
		domid = wanted;
		if (t->domids[domid])
			return diag_add(diag, HO_EDOMDUP, "domid %u", domid);
	}
	while (domid < HO_DOMID_COUNT && t->domids[domid])
		domid++;
	if (domid == HO_DOMID_COUNT)
		return diag_add(diag, HO_EDOMID, "no domid is free");
	t->domids[domid] = true;
	*out = domid;
	return 0;
}

static void write_extent(void *context, uint64_t mfn, uint64_t pages,
			 uint64_t vpn)
{
	stream_writer_extent(context, mfn, pages, HO_TYPE_NORMAL, vpn);
}

static void count_extent(void *context, uint64_t mfn, uint64_t pages,
			 uint64_t vpn)
{
	(void)context, (void)mfn, (void)pages, (void)vpn;
}

/* Twice: what moves between two looks is not held still. */
static int write_range(struct stream_writer *w, pid_t pid, struct vrange r,
		       struct diag_log *diag)
{
	uint64_t first = 0, second = 0;
	int rc = process_extents(pid, r, write_extent, w, &first, diag);

	if (!rc)
		rc = process_extents(pid, r, count_extent, NULL, &second,
				     diag);
	if (!rc && first != second)
		rc = diag_add(diag, HO_EMIGRATED,
			      "process %d, in 0x%llx-0x%llx", (int)pid,
			      (unsigned long long)r.start,
			      (unsigned long long)r.end);
	return rc;
}

static int write_map(struct stream_writer *w, pid_t pid, const char *name,
		     struct diag_log *diag)
{
	struct vrange *found;
	char path[64];
	int count, i, rc = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		return diag_add(diag, errno == EACCES ? HO_EPERM : HO_EPROCESS,
				"%s: %s", path, strerror(errno));
	count = maps_find(maps, name, &found);
	fclose(maps);
	if (count < 0)
		rc = diag_add(diag, HO_ENOMEM, "%s", path);
	if (count == 0)
		rc = diag_add(diag, HO_ENOMAP,
			      "process %d has no mapping called %s",
			      (int)pid, name);
	for (i = 0; i < count && !rc; i++)
		rc = write_range(w, pid, found[i], diag);
	free(found);
	return rc;
}

static int write_state(struct stream_writer *w, const struct collect_state *s,
		       struct diag_log *diag)
{
	struct mapped m;
	int rc = mapped_open(&m, s->path, HO_EFILE, diag);

	if (rc)
		return rc;
	stream_writer_state(w, s->name, m.bytes, m.length);
	mapped_close(&m);
	return 0;
}

static int write_domain(struct stream_writer *w,
			const struct collect_domain *d, struct taken *taken,
			struct diag_log *diag)
{
	struct ho_rec_domain rec = { .kind = d->guest ? HO_KIND_KVM
						      : HO_KIND_PROCESS };
	struct ho_rec_owner owner;
	int i, rc = take_name(taken, d->name, diag);

	if (!rc)
		rc = take_domid(taken, d->domid, &rec.domid, diag);
	if (!rc)
		rc = random_id(rec.uuid, diag);
	if (!rc)
		rc = process_owner(d->pid, &owner, diag);
	if (rc)
		return rc;
	memcpy(rec.name, d->name, strlen(d->name));
	owner.domid = rec.domid;
	stream_writer_domain(w, &rec);
	stream_writer_owner(w, &owner);
	for (i = 0; i < d->range_count && !rc; i++)
		rc = write_range(w, d->pid, d->ranges[i], diag);
	for (i = 0; i < d->map_count && !rc; i++)
		rc = write_map(w, d->pid, d->maps[i], diag);
	for (i = 0; i < d->state_count && !rc; i++)
		rc = write_state(w, &d->states[i], diag);
	stream_writer_domain_end(w);
	return rc;
}

/* The domid that Xen has for it, if no kept domain has it. */
static int write_guests(struct stream_writer *w, const struct collect *c,
			struct taken *taken, struct diag_log *diag)
{
	uint32_t domids[XEN_DOMAINS_MAX];
	struct xen *x;
	int i, rc = 0;

	if (!c->xen_domain_count)
		return 0;
	for (i = 0; i < c->xen_domain_count && !rc; i++) {
		const struct xen_domain *d = &c->xen_domains[i];
		int64_t wanted = taken->domids[d->domid] ? -1
				: (int64_t)d->domid;

		rc = take_name(taken, d->name, diag);
		if (!rc)
			rc = take_domid(taken, wanted, &domids[i], diag);
	}
	if (!rc)
		rc = xen_open(&x, diag);
	if (rc)
		return rc;
	rc = collect_xen(w, x, c->xen_domains, domids, c->xen_domain_count,
			 diag);
	xen_close(x);
	return rc;
}

/* Is the domain one of those that are carried on? */
static bool is_carried(const struct handover *h, uint32_t i)
{
	return !(h->domains[i].flags & HO_DOM_RELEASED);
}

static int carry_kept(struct stream_writer *w, const struct handover *h,
		      struct taken *taken, struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	if (!h->chained && !h->kept.complete)
		return diag_add(diag, HO_EDIGEST,
				"records of kept domains: whose frames are lost is not known (see baton status)");
	for (i = 0; i < h->result.domain_count && !rc; i++) {
		const struct ho_domain *d = &h->domains[i];

		if (!is_carried(h, i))
			continue;
		if (d->domid >= HO_DOMID_COUNT ||
		    d->name[HO_NAME_BYTES - 1])
			return diag_add(diag, HO_EDOMID,
					"domain table entry %u", i);
		taken->domids[d->domid] = true;
		rc = take_name(taken, d->name, diag);
		stream_writer_carry(w, h->stream, h->blob.stream_bytes,
				    d->stream_offset);
	}
	return rc;
}

static int check_domain(const struct collect_domain *d,
			struct taken *taken, struct diag_log *diag)
{
	uint32_t domid;
	int i, rc;

	if (!d->name || !*d->name || strlen(d->name) >= HO_NAME_BYTES)
		return usage(diag, "--name is missing or too long", d->name);
	if (xen_is_dom0())
		return diag_add(diag, HO_EXENPROCESS, "%s", d->name);
	if (!d->monitor && !d->range_count && !d->map_count)
		return usage(diag, "give --range or --map for", d->name);
	for (i = 0; i < d->state_count; i++)
		if (access(d->states[i].path, R_OK))
			return diag_add(diag, HO_EFILE, "%s: %s",
					d->states[i].path, strerror(errno));
	rc = take_name(taken, d->name, diag);
	return rc || d->domid < 0 ? rc : take_domid(taken, d->domid, &domid,
						    diag);
}

static int check_kept(const struct handover *h, struct taken *taken,
		      struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < h->result.domain_count && !rc; i++) {
		if (!is_carried(h, i) ||
		    h->domains[i].domid >= HO_DOMID_COUNT)
			continue;
		taken->domids[h->domains[i].domid] = true;
		rc = take_name(taken, h->domains[i].name, diag);
	}
	return rc;
}

int collect_check(const struct collect *c, const struct handover *h,
		  struct diag_log *diag)
{
	struct taken *taken = calloc(1, sizeof(*taken));
	int i, rc = 0;

	if (!taken)
		return diag_add(diag, HO_ENOMEM, "names");
	if (c->kept && h)
		rc = check_kept(h, taken, diag);
	for (i = 0; i < c->domain_count && !rc; i++)
		rc = check_domain(&c->domains[i], taken, diag);
	free(taken);
	return rc;
}

int collect_run(const struct collect *c, const struct handover *h,
		const char *path, struct diag_log *diag)
{
	struct stream_writer *w = calloc(1, sizeof(*w));
	struct taken *taken = calloc(1, sizeof(*taken));
	int i, rc = -HO_ENOMEM;

	if (!w || !taken) {
		diag_add(diag, HO_ENOMEM, "stream");
		goto out;
	}
	rc = stream_writer_begin(w, path, diag);
	if (rc)
		goto out;
	if (c->kept && h)
		rc = carry_kept(w, h, taken, diag);
	for (i = 0; i < c->domain_count && !rc; i++)
		rc = write_domain(w, &c->domains[i], taken, diag);
	if (!rc)
		rc = write_guests(w, c, taken, diag);
	if (rc) {
		stream_writer_abandon(w);
		goto out;
	}
	rc = stream_writer_end(w);
	if (rc)
		collect_resume(c);
out:
	free(taken);
	free(w);
	return rc;
}

int collect_wipe(const struct collect *c, struct diag_log *diag)
{
	int i, j, rc = 0;

	for (i = 0; c->wipe_state && i < c->domain_count; i++)
		for (j = 0; !rc && j < c->domains[i].state_count; j++)
			rc = file_wipe(c->domains[i].states[j].path, diag);
	return rc;
}
