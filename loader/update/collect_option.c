// SPDX-License-Identifier: MIT
/*
 * collect_option.c - the options of collect, see collect.h.
 */
#include "collect.h"

#include <stdio.h>
#include <string.h>

#include "checked.h"
#include "kinds.h"
#include "number.h"
#include "util.h"

static int usage(struct diag_log *diag, const char *what, const char *value)
{
	return diag_add(diag, HO_EUSAGE, "%s %.60s", what, value);
}

static int new_domain(struct collect *c, const char *kind, const char *value,
		      struct diag_log *diag)
{
	struct guest *g = collect_add(c, guest_kind_named(kind), diag);

	if (!g)
		return -diag->items[0].code;
	g->given = value;
	return g->kind->take ? g->kind->take(g, value, diag) : 0;
}

static int new_name(struct collect *c, const char *kind, const char *name,
		    struct diag_log *diag)
{
	if (c->name_count == COLLECT_NAMES_MAX)
		return usage(diag, "too many guests by name:", name ? name : "");
	c->names[c->name_count++] = (struct collect_names){
		guest_kind_named(kind), name };
	return 0;
}

/* The one that the last --pid or --qemu began. */
static struct guest *last_domain(struct collect *c, const char *option,
				 struct diag_log *diag)
{
	if (c->domain_count)
		return &c->domains[c->domain_count - 1];
	diag_add(diag, HO_EUSAGE, "%s: --pid or --qemu must come before it",
		 option);
	return NULL;
}

int collect_option_pid(struct collect *c, const char *value,
		       struct diag_log *diag)
{
	return new_domain(c, "process", value, diag);
}

int collect_option_qemu(struct collect *c, const char *value,
			struct diag_log *diag)
{
	return new_domain(c, "qemu", value, diag);
}

int collect_option_range(struct collect *c, const char *value,
			 struct diag_log *diag)
{
	struct guest *d = last_domain(c, "--range", diag);
	struct vrange r;

	if (!d)
		return -HO_EUSAGE;
	if (!hex_range_parse(value, &r.start, &r.end) || r.start >= r.end ||
	    !is_aligned(r.start, HO_PAGE_BYTES) ||
	    !is_aligned(r.end, HO_PAGE_BYTES))
		return usage(diag, "--range START-END, hexadecimal, whole pages:",
			     value);
	return guest_add_range(d, r, diag);
}

int collect_option_state(struct collect *c, const char *value,
			 struct diag_log *diag)
{
	struct guest *d = last_domain(c, "--state", diag);
	const char *equals = strchr(value, '=');
	char name[HO_STATE_NAME_BYTES];

	if (!d)
		return -HO_EUSAGE;
	if (!equals || equals == value ||
	    equals - value >= HO_STATE_NAME_BYTES)
		return usage(diag, "--state KIND=FILE:", value);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - value), value);
	return guest_add_state(d, name, equals + 1, diag);
}

int collect_option_map(struct collect *c, const char *value,
		       struct diag_log *diag)
{
	struct guest *d = last_domain(c, "--map", diag);

	if (!d)
		return -HO_EUSAGE;
	if (d->map_count == GUEST_ITEMS_MAX)
		return usage(diag, "too many --map", value);
	d->maps[d->map_count++] = value;
	return 0;
}

int collect_option_leave(struct collect *c, const char *value,
			 struct diag_log *diag)
{
	if (c->leave_count == COLLECT_LEAVE_MAX)
		return usage(diag, "too many --leave", value);
	c->leave[c->leave_count++] = value;
	return 0;
}

int collect_option_name(struct collect *c, const char *value,
			struct diag_log *diag)
{
	struct guest *d = last_domain(c, "--name", diag);

	if (!d)
		return -HO_EUSAGE;
	d->name = value;
	return 0;
}

int collect_option_domid(struct collect *c, const char *value,
			 struct diag_log *diag)
{
	struct guest *d = last_domain(c, "--domid", diag);
	uint64_t domid;

	if (!d)
		return -HO_EUSAGE;
	if (!number_parse(value, 0, HO_DOMID_COUNT - 1, &domid))
		return usage(diag, "--domid", value);
	d->domid = domid;
	return 0;
}

int collect_option_xen(struct collect *c, const char *value,
		       struct diag_log *diag)
{
	return new_name(c, "xen", value, diag);
}

int collect_option_xen_all(struct collect *c, const char *value,
			   struct diag_log *diag)
{
	(void)value;
	return new_name(c, "xen", NULL, diag);
}

int collect_option_rehearse(struct collect *c, const char *value,
			    struct diag_log *diag)
{
	static const char *const words[] = {
		[TRIAL_START] = "start", [TRIAL_STATE] = "state",
		[TRIAL_NONE] = "none",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(words); i++) {
		if (strcmp(value, words[i]))
			continue;
		c->trial.how = i;
		return 0;
	}
	return usage(diag, "--rehearse none, start or state:", value);
}

int collect_option_libvirt(struct collect *c, const char *value,
			   struct diag_log *diag)
{
	return new_name(c, "libvirt", value, diag);
}

int collect_option_libvirt_all(struct collect *c, const char *value,
			       struct diag_log *diag)
{
	(void)value;
	return new_name(c, "libvirt", NULL, diag);
}
