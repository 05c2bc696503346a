// SPDX-License-Identifier: MIT
/*
 * cmd_look.c - inspect: what is in a blob or a result tree.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "jsonout.h"
#include "stream.h"
#include "table.h"
#include "util.h"
#include "verdict.h"

/* Totals of one domain, from the records; nothing is checked here but the
 * framing: baton check does that. */
struct totals {
	struct ho_rec_domain domain;
	uint64_t frames, extents, state_bytes;
	uint64_t gib, mib2, small;	/* extents by what they could map */
	uint32_t pid;
};

struct looking {
	const struct blob *blob;
	const uint8_t *stream;
	bool extents;
	struct totals *domains;
	int count;
};

static void count_extents(const struct looking *l, struct totals *t,
			  const struct frames *f)
{
	uint32_t i;

	for (i = 0; i < f->extent_count; i++) {
		uint64_t word = load_le64(f->words + 8ull * i);
		uint64_t mfn = frame_word_mfn(word);
		uint32_t pages = frame_word_pages(word);

		t->frames += pages;
		t->gib += pages >= 1 << 18 && !(mfn & ((1 << 18) - 1));
		t->mib2 += pages >= 512 && pages < 1 << 18 && !(mfn & 511);
		t->small += pages < 512 || (mfn & 511);
		if (l->extents)
			printf("%u %s %llx %u %u %llx\n", t->domain.domid,
			       t->domain.name, (unsigned long long)mfn, pages,
			       frame_word_type(word), (unsigned long long)
			       load_le64(f->gfns + 8ull * i));
	}
	t->extents += f->extent_count;
}

static int look_at(struct looking *l, struct record *rec,
		   struct diag_log *diag)
{
	struct totals *t = l->count ? &l->domains[l->count - 1] : NULL;
	struct ho_rec_state state;
	struct ho_rec_owner owner;
	struct frames f;
	int rc = 0;

	if (rec->type == HO_REC_DOMAIN) {
		struct totals *more = realloc(l->domains, (l->count + 1) *
					      sizeof(*more));

		if (!more)
			return diag_add(diag, HO_ENOMEM, "domains");
		l->domains = more;
		t = &more[l->count++];
		memset(t, 0, sizeof(*t));
		return record_domain(rec, &t->domain, diag);
	}
	if (!t)
		return 0;
	if (rec->type == HO_REC_FRAMES) {
		rc = record_frames(rec, &f, diag);
		if (!rc)
			count_extents(l, t, &f);
	} else if (rec->type == HO_REC_STATE) {
		rc = record_state(rec, &state, diag);
		t->state_bytes += span_left(&rec->body);
	} else if (rec->type == HO_REC_OWNER) {
		rc = record_owner(rec, &owner, diag);
		t->pid = rc ? 0 : owner.pid;
	}
	return rc;
}

static int walk(struct looking *l, struct diag_log *diag)
{
	struct stream s;
	struct record rec;
	int rc = stream_open(&s, l->stream, l->blob->stream_bytes, diag);

	while (!rc && (rc = stream_next(&s, &rec, diag)) > 0)
		rc = look_at(l, &rec, diag);
	return rc;
}

static const char *target_name(enum target_kind kind)
{
	return kind == TARGET_LINUX ? "linux" :
	       kind == TARGET_MULTIBOOT2 ? "multiboot2" :
	       kind == TARGET_XEN ? "xen" : "none";
}

static void print_image(const char *what, const struct blob_image *i)
{
	printf("%-11s 0x%llx  %s  %s\n", what,
	       (unsigned long long)i->place.start,
	       human_bytes(range_bytes(i->place)), i->file);
}

static void print_target(const char *what, const struct blob_target *t)
{
	uint32_t i;

	printf("%-11s %s", what, target_name(t->kind));
	if (t->kind == TARGET_NONE) {
		putchar('\n');
		return;
	}
	printf(": %s\n", t->bootargs);
	print_image("  image", &t->image);
	for (i = 0; i < t->module_count; i++)
		print_image("  module", &t->modules[i]);
}

static const char *policy_name(uint32_t on_failure)
{
	static const char *const names[] = {
		[HO_ON_FAILURE_HALT] = "halt",
		[HO_ON_FAILURE_RESET] = "reset",
		[HO_ON_FAILURE_FALLBACK] = "fallback, else halt",
		[HO_ON_FAILURE_FALLBACK_RESET] = "fallback, else reset",
	};

	return names[on_failure];
}

static void print_head(const struct blob *b)
{
	uint64_t ram = 0;
	uint32_t i;

	for (i = 0; i < b->memory_count; i++)
		ram += range_bytes(b->memory[i]);
	printf("blob        generation %u, id %s\n", b->generation,
	       human_id(b->id));
	if (!bytes_are_zero(b->parent_id, HO_ID_BYTES))
		printf("parent      %s\n", human_id(b->parent_id));
	printf("RAM         %s in %u ranges\n", human_bytes(ram),
	       b->memory_count);
	if (b->efi.system_table)
		printf("EFI         system table 0x%llx, %u descriptors, %s\n",
		       (unsigned long long)b->efi.system_table,
		       efi_count(&b->efi), b->efi.virtual_mode
		       ? "in virtual mode" : "not yet in virtual mode");
	if (b->screen_info)
		printf("screen      the firmware's framebuffer\n");
	if (b->vga_text.columns)
		printf("screen      VGA's text mode, %ux%u\n",
		       b->vga_text.columns, b->vga_text.lines);
	for (i = 0; i < b->region_count; i++)
		printf("region      0x%llx  %s\n",
		       (unsigned long long)b->region[i].start,
		       human_bytes(range_bytes(b->region[i])));
	if (range_bytes(b->next_region))
		printf("then        0x%llx  %s, of the update after it\n",
		       (unsigned long long)b->next_region.start,
		       human_bytes(range_bytes(b->next_region)));
	if (b->stream_range_count)
		printf("stream      %s in %u pieces, %s\n",
		       human_bytes(b->stream_bytes), b->stream_range_count,
		       b->stream_file);
	print_image("stub", &b->stub);
	print_target("target", &b->target);
	if (b->region_only)
		printf("memory      the region alone%s\n", b->failed.region
		       ? ": a crash kernel's tree" : "");
	else
		print_target("fallback", &b->fallback);
	printf("policy      %s on failure, %u map entries\n\n",
	       policy_name(b->on_failure), b->chosen.e820_budget);
}

static const char *const columns[] = {
	"#domid", "<name", "#memory", "#extents", "#1GiB", "#2MiB", "#smaller",
	"#state", "#pid", NULL
};

static void print_table(const struct looking *l,
			const struct table_style *style)
{
	struct table t;
	int i;

	table_begin(&t, "domains", columns, style);
	for (i = 0; i < l->count; i++) {
		const struct totals *d = &l->domains[i];

		table_cell(&t, "%u", d->domain.domid);
		table_cell(&t, "%s", d->domain.name);
		table_bytes(&t, d->frames << HO_PAGE_SHIFT);
		table_cell(&t, "%llu", (unsigned long long)d->extents);
		table_cell(&t, "%llu", (unsigned long long)d->gib);
		table_cell(&t, "%llu", (unsigned long long)d->mib2);
		table_cell(&t, "%llu", (unsigned long long)d->small);
		table_bytes(&t, d->state_bytes);
		if (d->pid)
			table_cell(&t, "%u", d->pid);
		else
			table_none(&t);
	}
	table_print(&t);
}

static void print_domains(const struct looking *l)
{
	uint64_t frames = 0, extents = 0;
	int i;

	for (i = 0; i < l->count; i++) {
		frames += l->domains[i].frames;
		extents += l->domains[i].extents;
	}
	print_table(l, NULL);
	printf("\ntotal       %d domains, %s in %llu extents\n", l->count,
	       human_bytes(frames << 12), (unsigned long long)extents);
}

/* `why`: why the stream cannot be read, if so; there are no domains then. */
static void print_json(const struct looking *l, const struct diag_log *why)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int i;

	json_u64(o, "generation", l->blob->generation);
	json_text(o, "id", human_id(l->blob->id));
	json_u64(o, "region_base", l->blob->region[0].start);
	json_u64(o, "region_bytes", range_bytes(l->blob->region[0]));
	json_text(o, "target", target_name(l->blob->target.kind));
	json_text(o, "image", l->blob->target.image.file);
	json_text(o, "bootargs", l->blob->target.bootargs);
	json_text(o, "policy", policy_name(l->blob->on_failure));
	json_text(o, "fallback", target_name(l->blob->fallback.kind));
	for (i = 0; i < l->count; i++) {
		struct json_object *d = json_object_new_object();

		json_u64(d, "domid", l->domains[i].domain.domid);
		json_text(d, "name", l->domains[i].domain.name);
		json_text(d, "uuid", human_id(l->domains[i].domain.uuid));
		json_u64(d, "frames", l->domains[i].frames);
		json_u64(d, "extents", l->domains[i].extents);
		json_u64(d, "state_bytes", l->domains[i].state_bytes);
		json_object_array_add(list, d);
	}
	json_object_object_add(o, "domains", list);
	if (why->total) {
		json_object_object_add(o, "domains", NULL);
		json_text(o, "error", error_name(why->items[0].code));
		json_text(o, "where", why->items[0].where);
	}
	json_print(o);
}

/* `why` as above. */
static int show(const struct looking *l, const struct arguments *a,
		const struct diag_log *why, struct diag_log *diag)
{
	if (table_is_alone(&a->table)) {
		if (why->total)
			diag_merge(diag, why);
		else
			print_table(l, &a->table);
		return why->total ? -why->items[0].code : 0;
	}
	if (a->json) {
		print_json(l, why);
		return 0;
	}
	print_head(l->blob);
	if (why->total)
		printf("domains     not shown, the stream cannot be read: %s\n",
		       why->items[0].where);
	else
		print_domains(l);
	return 0;
}

int cmd_inspect(struct arguments *a, struct diag_log *diag)
{
	struct blob *blob = calloc(1, sizeof(*blob));
	struct looking l = { .blob = blob, .extents = a->extents };
	struct mapped m = { 0 }, stream = { 0 };
	struct diag_log scratch;
	int rc;

	if (!blob)
		return diag_add(diag, HO_ENOMEM, "blob");
	rc = table_check(columns, a->table.columns, diag);
	if (!rc)
		rc = mapped_open(&m, a->operands[0], HO_EFILE, diag);
	if (!rc)
		rc = blob_parse(blob, m.bytes, m.length, BLOB_HANDOVER, diag);
	diag_init(&scratch, HO_STAGE_LOADER);
	if (!rc)	/* without it there is still the tree */
		verdict_open_stream(&stream, blob, &scratch);
	l.stream = blob->stream;
	if (!rc && l.stream)
		rc = walk(&l, diag);
	if (!rc && !l.extents)
		rc = show(&l, a, &scratch, diag);
	free(l.domains);
	mapped_close(&stream);
	mapped_close(&m);
	free(blob);
	return rc;
}
