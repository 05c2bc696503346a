// SPDX-License-Identifier: MIT
/*
 * rehearsediff.c - what a rehearsal has beside or without what the guest has:
 * rehearse_compare() of rehearse.h.
 */
#include "rehearse.h"

#include <stdlib.h>
#include <string.h>

#include "rehearsefacts.h"
#include "util.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Facts of one of them alone; `list` is sorted by it. */
static int only_in(char **list, int count, char **other, int other_count,
		   char **out)
{
	int i, j = 0, found = 0;

	for (i = 0; i < count; i++) {
		int order = -1;

		while (j < other_count &&
		       (order = strcmp(other[j], list[i])) < 0)
			j++;
		if (j < other_count && !order)
			j++;
		else
			out[found++] = list[i];
	}
	return found;
}

static size_t key_length(const char *fact)
{
	return strcspn(fact, "\t");
}

/* What the other says under the same key; NULL: nothing. */
static const char *same_key(const char *fact, char *const *list, int count)
{
	size_t length = key_length(fact);
	int i;

	for (i = 0; i < count; i++)
		if (key_length(list[i]) == length &&
		    !strncmp(list[i], fact, length))
			return list[i] + length + 1;
	return NULL;
}

struct difference {
	struct qemu *q;
	struct diag_log *diag;
	int rc;
};

static void record(struct difference *d, const char *fact, const char *is,
		   const char *would)
{
	const char *name = strrchr(d->q->qmp.path, '/');

	if (d->rc)
		return;
	d->rc = diag_add(d->diag, HO_EREHEARSEDIFF,
			 "%.20s: %.*s: %.40s now, %.40s then",
			 name ? name + 1 : d->q->qmp.path,
			 key_length(fact) < 90 ? (int)key_length(fact) : 90,
			 fact, *is ? is : "there", *would ? would : "there");
}

/* `parts`: what one of them has alone counts, too. */
static void compare(struct difference *d, char **old, int old_count,
		    char **new, int new_count, bool parts)
{
	char **gone = calloc(old_count + 1, sizeof(*gone));
	char **come = calloc(new_count + 1, sizeof(*come));
	int i, gone_count, come_count;

	if (!gone || !come) {
		d->rc = diag_add(d->diag, HO_ENOMEM, "rehearsal");
	} else {
		qsort(old, old_count, sizeof(*old), by_text);
		qsort(new, new_count, sizeof(*new), by_text);
		gone_count = only_in(old, old_count, new, new_count, gone);
		come_count = only_in(new, new_count, old, old_count, come);
		for (i = 0; i < gone_count; i++) {
			const char *would = same_key(gone[i], come,
						     come_count);

			if (would || parts)
				record(d, gone[i],
				       gone[i] + key_length(gone[i]) + 1,
				       would ? would : "not there");
		}
		for (i = 0; i < come_count && parts; i++)
			record(d, come[i], "not there",
			       come[i] + key_length(come[i]) + 1);
	}
	free(gone);
	free(come);
}

static void compare_all(struct difference *d, char **old, int old_count,
			char **new, int new_count)
{
	compare(d, old, old_count, new, new_count, false);
}

#define FEATURES	"CPU's features"

/* The features that a newer QEMU has beside are no loss: a guest does not ask
 * again. */
static void compare_features(struct difference *d, char **old, int old_count,
			     char **new, int new_count)
{
	int i;

	for (i = 0; i < old_count; i++) {
		const char *was = old[i] + key_length(old[i]) + 1;
		const char *would = same_key(old[i], new, new_count);

		if (strncmp(old[i], FEATURES, strlen(FEATURES)) || !would)
			continue;
		if (strtoull(was, NULL, 10) & ~strtoull(would, NULL, 10))
			record(d, old[i], was, would);
	}
}

/* Between versions that differ in the last number alone all is the same. */
static int is_same_version(struct qemu *q, struct qmp *other,
			   struct diag_log *diag)
{
	int is[3], major = 0, minor = 0, rc = qmp_version(other, is, diag);

	sscanf(q->conf.version, "%d.%d", &major, &minor);
	return rc ? rc : is[0] == major && is[1] == minor;
}

int rehearse_compare(struct qemu *q, struct qmp *other,
		     struct diag_log *diag)
{
	struct difference d = { .q = q, .diag = diag };
	struct guest_facts old = { .directory = q->conf.directory };
	struct guest_facts new = old;
	int rc = guest_facts_take(&old, &q->qmp, diag), same = 0;

	if (!rc)
		rc = guest_facts_take(&new, other, diag);
	if (!rc)
		same = is_same_version(q, other, diag);
	if (!rc && same >= 0) {
		compare(&d, old.parts, old.part_count, new.parts,
			new.part_count, true);
		/* from version to version they are said in another way */
		(same ? compare_all : compare_features)(&d, old.properties,
			old.property_count, new.properties,
			new.property_count);
	}
	rc = rc ? rc : same < 0 ? same : d.rc;
	guest_facts_free(&old);
	guest_facts_free(&new);
	return rc;
}
