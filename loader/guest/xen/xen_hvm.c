// SPDX-License-Identifier: MIT
/*
 * xen_hvm.c - may a translated guest be handed over? See xen_domain.h. What is
 * lost in a save and restore by xl, or has memory that is not simply the guest's,
 * is refused by its name.
 */
#include "xen_domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/hvm/params.h>

#include "child.h"
#include "installed.h"
#include "xen_format.h"

#define XL_SECONDS	20

/* Has the guest's configuration, as libxl writes it, this word for that key? */
static bool has_word(const char *config, const char *key, const char *word)
{
	const char *at = strstr(config, key);

	if (!at)
		return false;
	at += strlen(key);
	at += strspn(at, "\": \t\n");
	return !strncmp(at, word, strlen(word)) && at[strlen(word)] == '"';
}

/* Of nested virtualisation CPUID alone tells the guest, and a PVH guest is none with
 * a device model; xl list -l has both by name. */
static const char *configured(const struct xen_domain *d)
{
	char domid[16], why[80], *config;
	bool nests, has_qemu;

	snprintf(domid, sizeof(domid), "%u", d->domid);
	config = child_text((const char *[]){ "xl", "list", "-l", domid, NULL },
			    -1, XL_SECONDS, why, sizeof(why));
	if (!config)
		return "has no configuration that xl list -l tells";
	nests = has_word(config, "\"nested_hvm\"", "True") ||
		has_word(config, "\"nestedhvm\"", "True");
	has_qemu = !has_word(config, "\"type\"", "pvh");
	free(config);
	if (nests)
		return "has nested virtualisation (nestedhvm)";
	return has_qemu && !installed_xen_save_path()
	     ? "has a QEMU, which would write to it when it is saved: xen-save.so of Baton is not installed"
	     : NULL;
}

static bool has_pod(struct xen *x, const struct xen_domain *d)
{
	uint64_t pages, cache = 0, entries = 0;

	return x->xc_domain_get_pod_target(x->xc, d->domid, &pages, &cache,
					   &entries) || cache || entries;
}

static bool has_altp2m(struct xen *x, const struct xen_domain *d)
{
	uint64_t mode = 0;

	return x->xc_hvm_param_get(x->xc, d->domid, HVM_PARAM_ALTP2M, &mode) ||
	       mode;
}

static bool has_stubdom(struct xen *x, const struct xen_domain *d)
{
	uint64_t model;
	char path[80];

	snprintf(path, sizeof(path),
		 "/local/domain/%u/image/device-model-domid", d->domid);
	return xen_store_number(x, path, &model) && model;
}

const char *xen_domain_hvm(struct xen *x, const struct xen_domain *d,
			   const xc_domaininfo_t *info)
{
	if (!xen_sees_frames())
		return "is an HVM or PVH guest, and dom0 is a PVH domain itself: Xen tells it no machine frames";
	if (d->tot_pages >= PFN_MAX)
		return "has 512 GiB of memory or more";
	if (info->shr_pages)
		return "shares memory with other guests (memshr)";
	if (info->paged_pages)
		return "has memory that is paged out (xenpaging)";
	if (has_pod(x, d))
		return "has memory that is populated on demand: let it balloon down to its target, or start it with maxmem = memory";
	if (has_altp2m(x, d))
		return "has altp2m";
	if (has_stubdom(x, d))
		return "has its device model in a domain of its own";
	return configured(d);
}
