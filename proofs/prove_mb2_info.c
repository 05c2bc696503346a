// SPDX-License-Identifier: MIT
/*
 * prove_mb2_info.c - a tag of a multiboot2 loader's information, whatever it is:
 * nothing is read outside of it, and what is passed on lies in it.
 *
 * proof: core/base/span.c
 * bound: one tag of 4 KiB
 * flags: --unwind 2
 */
#include "proof.h"
#include "core/door/mb2_read.c"

static struct span body;

int hostmap_add_e820(struct hostmap *m, const void *entries, uint64_t count,
		     uint32_t stride, struct diag_log *diag)
{
	(void)m, (void)diag;
	check(stride >= 24);
	check((const uint8_t *)entries >= body.bytes);
	check(count * stride <= body.length - 8);
	check((const uint8_t *)entries - body.bytes == 8);
	return any_bool() ? -HO_EMEMORY : 0;
}
int hostmap_add_efi(struct hostmap *m, const struct efi *efi,
		    struct diag_log *diag)
{
	(void)m, (void)efi, (void)diag;
	return 0;
}
int facts_take(struct facts *f, uint64_t start, uint64_t bytes,
	       struct diag_log *diag)
{
	(void)f, (void)start, (void)bytes, (void)diag;
	return 0;
}
int facts_set_blob(struct facts *f, uint64_t start, uint64_t bytes,
		   struct diag_log *diag)
{
	(void)f, (void)diag;
	check(start + bytes >= start && start + bytes <= UINT32_MAX);
	return any_bool() ? -HO_EDOOR : 0;
}
bool vgatext_is_sane(const struct vgatext *t, const struct range *m,
		     uint32_t n)
{
	(void)t, (void)m, (void)n;
	return any_bool();
}
void vgatext_put(const struct vgatext *t, uint8_t *screen)
{
	(void)t;
	check(__CPROVER_w_ok(screen, HO_SCREEN_INFO_BYTES));
}
bool efi_put_screen(uint8_t *screen, const struct efi_framebuffer *fb,
		    bool efi)
{
	(void)fb, (void)efi;
	check(__CPROVER_w_ok(screen, HO_SCREEN_INFO_BYTES));
	return any_bool();
}

static struct facts facts;

int main(void)
{
	uint64_t at = any_below(1ull << 52), bytes = any_below(4097);
	struct reader r = { .facts = &facts };

	body = span_of(any_bytes(bytes), bytes);
	if (any_bool()) {
		struct span tag = body;

		if (!read_tag(&r, any_u32(), &tag, at)) {
			check(facts.efi_map.start <= facts.efi_map.end);
			check(facts.efi_map.end <= at + bytes);
			check(!r.screen.bytes || r.screen.bytes == body.bytes);
		}
	} else {
		r.screen = body;
		read_screen(&facts, &r.screen, NULL);
	}
	return 0;
}
