// SPDX-License-Identifier: MIT
/*
 * domains.c - see relay.h. The relay is the old instance here: what it calls
 * RAM is its to give away, and nothing else.
 */
#include "relay.h"

#include "checked.h"
#include "digest.h"
#include "fmt.h"
#include "libc.h"
#include "pattern.h"

#define FRAMES		(1ull << 18)	/* domains live in the first GiB */
#define FRAMES_MAX	6144		/* of all domains: a check is quick */
#define LOW_FRAMES	(16ull << 8)
#define TRIES		64
#define PAGES_2M	512
#define STATE_NAME	"relay"

/* Frames given away since the map was made. */
static uint8_t given[FRAMES / 8];

/* xorshift64 (Marsaglia 2003): nothing here must be unpredictable */
static uint64_t random_below(struct domains *d, uint64_t n)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return (d->random >> 16) % n;
}

static bool is_ours(const struct ho_rec_domain *head)
{
	return starts_with(head->name, "relay-");
}

/* A holder's frames have none. */
static uint64_t salt_of(const struct ho_rec_domain *head)
{
	return is_ours(head) ? load_le64(head->uuid) : 0;
}

void domains_check_frame(const struct ho_rec_domain *domain, uint64_t mfn)
{
	check_words(mfn, salt_of(domain));
}

/* The state of a domain: so many bytes of its salt. */
static uint32_t state_bytes(const struct ho_rec_domain *head)
{
	return 1 + (salt_of(head) & 0xff);
}

static uint8_t state_byte(const struct ho_rec_domain *head, uint32_t i)
{
	return (salt_of(head) >> 8 * (i & 7)) + i;
}

static void check_state(const struct ho_rec_domain *head, struct record *rec)
{
	struct ho_rec_state state;
	const uint8_t *bytes;
	uint32_t i;

	require(!record_state(rec, &state, &seen.diag), "a state's head");
	require(span_left(&rec->body) == state_bytes(head) &&
		!strcmp(state.name, STATE_NAME), "state of %s", head->name);
	bytes = rec->body.bytes + rec->body.offset;
	for (i = 0; i < state_bytes(head); i++)
		require(bytes[i] == state_byte(head, i),
			"byte %u of the state of %s", i, head->name);
}

static void add_extents(struct relay_domain *d, const struct frames *f)
{
	uint32_t i;

	for (i = 0; i < f->extent_count; i++) {
		require(d->extent_count < EXTENTS_MAX, "too many extents");
		d->words[d->extent_count++] = load_le64(f->words + 8ull * i);
	}
}

void domains_read(struct domains *d)
{
	struct relay_domain *last = NULL;
	struct stream s;
	struct record rec;
	struct frames f;
	int rc = stream_open(&s, stream_bytes(), seen.blob.stream_bytes,
			     &seen.diag);

	while (!rc && (rc = stream_next(&s, &rec, &seen.diag)) > 0) {
		rc = 0;
		if (rec.type == HO_REC_DOMAIN) {
			require(d->count < DOMAINS_MAX, "too many domains");
			last = &d->of[d->count++];
			rc = record_domain(&rec, &last->head, &seen.diag);
		} else if (rec.type == HO_REC_FRAMES) {
			rc = record_frames(&rec, &f, &seen.diag);
			if (!rc)
				add_extents(last, &f);
		} else if (rec.type == HO_REC_STATE) {
			check_state(&last->head, &rec);
		}
	}
	require(!rc, "stream: %s", error_name(-rc));
}

static uint64_t frames_of(const struct relay_domain *d)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < d->extent_count; i++)
		n += frame_word_pages(d->words[i]);
	return n;
}

static bool is_given(uint64_t mfn)
{
	return given[mfn / 8] >> (mfn & 7) & 1;
}

/* Every eighth 2 MiB stay whole: somewhere the next target must start. */
static bool is_usable(const struct domains *d, uint64_t mfn, uint64_t pages)
{
	struct range r = { mfn << 12, (mfn + pages) << 12 };
	uint64_t i;

	if (mfn < LOW_FRAMES || mfn + pages > FRAMES || !ram_covers(r))
		return false;
	for (i = 0; i < d->taken_count; i++)
		if (range_overlaps(d->taken[i], r))
			return false;
	for (i = mfn; i < mfn + pages; i++)
		if (is_given(i) || i / PAGES_2M % 8 == 0)
			return false;
	return true;
}

static void fill(uint64_t mfn, uint64_t salt)
{
	uint64_t *word = (uint64_t *)(uintptr_t)(mfn << 12);
	uint32_t i;

	for (i = 0; i < 512; i++)
		word[i] = pattern((mfn << 12) + 8 * i) ^ salt;
}

/* One more extent: a page, a few, or 2 MiB. */
static void claim(struct domains *d, struct relay_domain *to)
{
	uint64_t kind = random_below(d, 16), mfn, i;
	uint64_t pages = kind < 9 ? 1 : kind < 15 ? 1 + random_below(d, 15)
						  : PAGES_2M;
	uint32_t tries;

	for (tries = 0; tries < TRIES; tries++) {
		mfn = random_below(d, FRAMES);
		if (pages == PAGES_2M)
			mfn = align_down(mfn, PAGES_2M);
		if (is_usable(d, mfn, pages))
			break;
	}
	if (tries == TRIES)
		return;
	for (i = mfn; i < mfn + pages; i++) {
		given[i / 8] |= 1 << (i & 7);
		fill(i, salt_of(&to->head));
	}
	to->words[to->extent_count++] = frame_word(mfn, pages,
						   HO_TYPE_NORMAL);
}

static void claim_many(struct domains *d, struct relay_domain *to,
		       uint32_t count)
{
	uint64_t all = 0;
	uint32_t i;

	for (i = 0; i < d->count; i++)
		all += frames_of(&d->of[i]);
	for (i = 0; i < count && all + PAGES_2M <= FRAMES_MAX; i++) {
		uint64_t had = frames_of(to);

		claim(d, to);
		all += frames_of(to) - had;
	}
}

static uint32_t free_domid(const struct domains *d)
{
	uint32_t domid = 1, i = 0;

	while (i < d->count)
		if (d->of[i].head.domid == domid) {
			domid++;
			i = 0;
		} else {
			i++;
		}
	return domid;
}

static void add_domain(struct domains *d)
{
	struct relay_domain *new = &d->of[d->count];
	uint64_t salt = random_below(d, ~0ull) | 1;

	*new = (struct relay_domain){
		.head = { .domid = free_domid(d), .kind = HO_KIND_PROCESS } };
	memcpy(new->head.uuid, &salt, sizeof(salt));
	fmt_print(new->head.name, sizeof(new->head.name), "relay-%llx",
		  (unsigned long long)salt);
	d->count++;
	claim_many(d, new, 1 + random_below(d, EXTENTS_MAX));
}

static void drop_domain(struct domains *d, uint32_t at)
{
	memmove(&d->of[at], &d->of[at + 1],
		(d->count - at - 1) * sizeof(d->of[0]));
	d->count--;
}

/* Every other extent. */
static void shrink(struct relay_domain *d)
{
	uint32_t i, kept = 0;

	for (i = 0; i < d->extent_count; i += 2)
		d->words[kept++] = d->words[i];
	d->extent_count = kept;
}

void domains_change(struct domains *d, uint32_t all_new)
{
	uint32_t i;

	memset(given, 0, sizeof(given));
	for (i = all_new ? 0 : d->count; i-- > 0;) {
		struct relay_domain *one = &d->of[i];
		uint32_t had = one->extent_count;

		if (!is_ours(&one->head))
			continue;
		switch (random_below(d, 16)) {
		case 0:
			drop_domain(d, i);
			break;
		case 1:
			shrink(one);
			break;
		case 2:
			one->extent_count = 0;
			claim_many(d, one, had);
			break;
		case 3:
			claim_many(d, one, random_below(d, EXTENTS_MAX - had
							+ 1));
			break;
		}
	}
	for (i = all_new ? all_new : random_below(d, 3); i && d->count <
	     DOMAINS_MAX; i--)
		add_domain(d);
}

/* The stream, growing. */
struct text {
	uint8_t *out;
	uint64_t length, capacity;
	uint64_t digested;		/* by the last DIGEST record */
	uint64_t records;
};

static void put(struct text *t, const void *bytes, uint64_t length)
{
	require(length <= t->capacity - t->length, "stream of %llu bytes",
		(unsigned long long)t->length);
	memcpy(t->out + t->length, bytes, length);
	t->length += length;
}

static void begin_record(struct text *t, uint32_t type, uint64_t length)
{
	struct ho_rec head = { type, length };

	put(t, &head, sizeof(head));
	t->records++;
}

static void pad(struct text *t)
{
	static const uint8_t zeroes[HO_REC_ALIGN_BYTES];

	put(t, zeroes, -t->length % HO_REC_ALIGN_BYTES);
}

static void put_record(struct text *t, uint32_t type, const void *body,
		       uint64_t length)
{
	begin_record(t, type, length);
	put(t, body, length);
	pad(t);
}

static void put_digest(struct text *t)
{
	struct ho_rec_digest d = { .digest_alg = HO_DIGEST_XXH64 };

	digest_of(d.digest_alg, t->out + t->digested, t->length - t->digested,
		  d.digest);
	put_record(t, HO_REC_DIGEST, &d, sizeof(d));
	t->digested = t->length;
}

static void put_frames(struct text *t, const struct relay_domain *d)
{
	struct ho_rec_frames head = { d->head.domid, d->extent_count };
	uint64_t gfn = 0;
	uint32_t i;

	begin_record(t, HO_REC_FRAMES, sizeof(head) + 16ull * d->extent_count);
	put(t, &head, sizeof(head));
	put(t, d->words, 8ull * d->extent_count);
	for (i = 0; i < d->extent_count; i++) {
		put(t, &gfn, sizeof(gfn));
		gfn += frame_word_pages(d->words[i]);
	}
}

static void put_state(struct text *t, const struct relay_domain *d)
{
	struct ho_rec_state head = { .domid = d->head.domid,
				     .name = STATE_NAME };
	uint32_t i;

	begin_record(t, HO_REC_STATE, sizeof(head) + state_bytes(&d->head));
	put(t, &head, sizeof(head));
	for (i = 0; i < state_bytes(&d->head); i++) {
		uint8_t byte = state_byte(&d->head, i);

		put(t, &byte, 1);
	}
	pad(t);
}

static void put_domain(struct text *t, const struct relay_domain *d)
{
	struct ho_rec_domain_end end = {
		.domid = d->head.domid, .frame_count = frames_of(d),
		.extent_count = d->extent_count,
		.state_bytes = state_bytes(&d->head),
	};

	put_record(t, HO_REC_DOMAIN, &d->head, sizeof(d->head));
	if (d->extent_count)
		put_frames(t, d);
	put_state(t, d);
	put_record(t, HO_REC_DOMAIN_END, &end, sizeof(end));
	put_digest(t);
}

uint64_t domains_write(const struct domains *d, uint8_t *out,
		       uint64_t capacity)
{
	struct ho_stream_header header = {
		.marker = HO_STREAM_MARKER,
		.id = __builtin_bswap32(HO_STREAM_ID),
		.version = __builtin_bswap32(HO_STREAM_VERSION),
	};
	struct ho_rec_version version = { .version = HO_ABI_VERSION,
					  .writer = "relay " BATON_VERSION };
	struct text t = { .out = out, .capacity = capacity };
	struct ho_rec_end end = { 0 };
	uint32_t i;

	put(&t, &header, sizeof(header));
	put_record(&t, HO_REC_VERSION, &version, sizeof(version));
	for (i = 0; i < d->count; i++)
		put_domain(&t, &d->of[i]);
	end.record_count = t.records;
	put_record(&t, HO_REC_END, &end, sizeof(end));
	return t.length;
}
