// SPDX-License-Identifier: MIT
/*
 * xen_domain.c - see xen_domain.h: which, and may they. xen_p2m.c reads
 * their frames.
 */
#include "xen_domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "number.h"
#include "util.h"

/* A guest that is this close to its target has reached it. */
#define BALLOON_SLACK_KIB	1024

static int refuse(const struct xen_domain *d, const char *why,
		  struct diag_log *diag)
{
	return diag_add(diag, HO_EXENDOMAIN, "domain %s (%u) %s", d->name,
			d->domid, why);
}

static int ask_name(struct xen_domain *d, struct diag_log *diag)
{
	char domid[16];

	snprintf(domid, sizeof(domid), "%u", d->domid);
	if (!child_line((const char *[]){ "xl", "domname", domid, NULL },
			d->name, sizeof(d->name)))
		return diag_add(diag, HO_EXENDOMAIN, "domain %s has no name",
				domid);
	return 0;
}

/* xl pci-list prints a head, then a line for each device, or nothing at all. NULL:
 * there is none. */
static const char *has_devices(const struct xen_domain *d)
{
	char domid[16];
	int lines;

	snprintf(domid, sizeof(domid), "%u", d->domid);
	lines = child_lines((const char *[]){ "xl", "pci-list", domid, NULL });
	if (lines < 0)
		return "may have PCI devices: xl pci-list fails";
	return lines > 1 ? "has a PCI device passed through" : NULL;
}

/* HO_EXENBALLOON when it has more or less than its balloon's target. */
static int check_balloon(struct xen *x, const struct xen_domain *d,
			 struct diag_log *diag)
{
	uint64_t has = d->tot_pages << (HO_PAGE_SHIFT - 10), target;
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/memory/target",
		 d->domid);
	if (!xen_store_number(x, path, &target) ||
	    (has <= target + BALLOON_SLACK_KIB &&
	     target <= has + BALLOON_SLACK_KIB))
		return 0;
	return diag_add(diag, HO_EXENBALLOON,
			"domain %s (%u) has %llu KiB, its target is %llu KiB",
			d->name, d->domid, (unsigned long long)has,
			(unsigned long long)target);
}

static int check(struct xen *x, const struct xen_domain *d,
		 const xc_domaininfo_t *info, struct diag_log *diag)
{
	const char *why;

	if (!d->domid)
		return refuse(d, "is dom0", diag);
	why = d->hvm ? xen_domain_hvm(x, d, info) : NULL;
	if (why)
		return refuse(d, why, diag);
	if (info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown))
		return refuse(d, "is dying, crashed or suspended", diag);
	if (info->flags & XEN_DOMINF_paused)
		return refuse(d, "is paused, and has to suspend itself: xl unpause it",
			      diag);
	if (info->outstanding_pages)
		return refuse(d, "is still being given memory", diag);
	why = has_devices(d);
	if (why)
		return refuse(d, why, diag);
	return check_balloon(x, d, diag);
}

static void take(struct xen_domain *d, const xc_domaininfo_t *info)
{
	d->domid = info->domain;
	d->hvm = info->flags & XEN_DOMINF_hvm_guest;
	memcpy(d->uuid, info->handle, sizeof(d->uuid));
	d->paused = info->flags & XEN_DOMINF_paused;
	d->suspended = info->flags & XEN_DOMINF_shutdown &&
		       (info->flags >> XEN_DOMINF_shutdownshift &
			XEN_DOMINF_shutdownmask) == SHUTDOWN_suspend;
	d->cpu_time = info->cpu_time;
	d->tot_pages = info->tot_pages;
	d->shared_info = info->shared_info_frame;
}

static int ask(struct xen *x, uint32_t first, uint32_t max,
	       xc_domaininfo_t *infos, struct diag_log *diag)
{
	int count = x->xc_domain_getinfolist(x->xc, first, max, infos);

	if (count == XEN_DOMAINS_MAX)
		return diag_add(diag, HO_EXENDOMAIN, "more than %d domains",
				XEN_DOMAINS_MAX - 1);
	return count < 0 ? xen_refused("list of Xen's domains", diag) : count;
}

int xen_domain_refresh(struct xen *x, struct xen_domain *d,
		       struct diag_log *diag)
{
	xc_domaininfo_t info;
	int rc = ask(x, d->domid, 1, &info, diag);

	if (rc < 0)
		return rc;
	if (!rc || info.domain != d->domid)
		return refuse(d, "is gone", diag);
	take(d, &info);
	return 0;
}

int xen_domain_find(struct xen *x, const char *name, struct xen_domain *out,
		    struct diag_log *diag)
{
	uint64_t domid;
	char line[32];
	xc_domaininfo_t info;
	int rc;

	*out = (struct xen_domain){ 0 };
	snprintf(out->name, sizeof(out->name), "%s", name);
	if (!number_parse(name, 0, HO_DOMID_COUNT - 1, &domid) &&
	    (!child_line((const char *[]){ "xl", "domid", name, NULL },
			 line, sizeof(line)) ||
	     !number_parse(line, 0, HO_DOMID_COUNT - 1, &domid)))
		return diag_add(diag, HO_EXENDOMAIN, "no domain %.60s", name);
	out->domid = domid;
	rc = ask(x, out->domid, 1, &info, diag);
	if (rc < 0)
		return rc;
	if (!rc || info.domain != out->domid)
		return diag_add(diag, HO_EXENDOMAIN, "no domain %.60s", name);
	take(out, &info);
	rc = ask_name(out, diag);
	return rc ? rc : check(x, out, &info, diag);
}

int xen_domain_all(struct xen *x, const struct guest_wanted *wanted,
		   struct xen_domain *out, int *count, struct diag_log *diag)
{
	static xc_domaininfo_t infos[XEN_DOMAINS_MAX];
	int found = ask(x, 1, XEN_DOMAINS_MAX, infos, diag), rc = 0, one, i;

	*count = 0;
	for (i = 0; i < found; i++) {
		struct xen_domain *d = &out[*count];

		*d = (struct xen_domain){ 0 };
		take(d, &infos[i]);
		one = ask_name(d, diag);
		if (!one && guest_is_left(wanted, d->name))
			continue;
		if (!one)
			one = check(x, d, &infos[i], diag);
		*count += !one;
		rc = rc ? rc : one;
	}
	return found < 0 ? found : rc;
}

int xen_domain_running(struct xen *x, struct xen_domain *out, int *count,
		       struct diag_log *diag)
{
	static xc_domaininfo_t infos[XEN_DOMAINS_MAX];
	int found = ask(x, 1, XEN_DOMAINS_MAX, infos, diag), i;

	*count = 0;
	for (i = 0; i < found; i++)
		if (!(infos[i].flags & XEN_DOMINF_dying))
			take(&out[(*count)++], &infos[i]);
	return found < 0 ? found : 0;
}

bool xen_domain_is_left(struct xen_domain *d,
			const struct guest_wanted *wanted)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	return !ask_name(d, &scratch) && guest_is_left(wanted, d->name);
}

int xen_domain_has_stayed(struct xen *x, const char *name,
			  const uint8_t uuid[HO_ID_BYTES], uint64_t cpu_time,
			  bool *there, struct diag_log *diag)
{
	static xc_domaininfo_t infos[XEN_DOMAINS_MAX];
	int found = ask(x, 1, XEN_DOMAINS_MAX, infos, diag), i;

	*there = false;
	for (i = 0; i < found; i++) {
		if (memcmp(infos[i].handle, uuid, HO_ID_BYTES))
			continue;
		*there = true;
		if (infos[i].cpu_time != cpu_time ||
		    !(infos[i].flags & XEN_DOMINF_paused))
			return diag_add(diag, HO_EXENRAN, "domain %.60s (%u)",
					name, infos[i].domain);
	}
	return found < 0 ? found : 0;
}

int xen_domain_by_uuid(struct xen *x, const uint8_t uuid[HO_ID_BYTES],
		       struct xen_domain *out, bool *there,
		       struct diag_log *diag)
{
	xc_domaininfo_t *infos = calloc(XEN_DOMAINS_MAX, sizeof(*infos));
	int found, i;

	*there = false;
	if (!infos)
		return diag_add(diag, HO_ENOMEM, "domains");
	found = ask(x, 1, XEN_DOMAINS_MAX, infos, diag);
	for (i = 0; i < found && !*there; i++)
		if (!memcmp(infos[i].handle, uuid, HO_ID_BYTES)) {
			take(out, &infos[i]);
			*there = true;
		}
	free(infos);
	return found < 0 ? found : 0;
}

bool xen_domain_unpause(const struct xen_domain *d, int seconds)
{
	char domid[16];
	const char *const argv[] = { "xl", "unpause", domid, NULL };
	struct child xl;

	snprintf(domid, sizeof(domid), "%u", d->domid);
	return child_start(&xl, argv, -1) && child_wait(&xl, seconds);
}
