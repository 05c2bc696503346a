// SPDX-License-Identifier: MIT
/*
 * testkept.c - see testkept.h.
 */
#include "cmocka_all.h"
#include "testkept.h"

pid_t guest;
struct diag_log diag;

int kept_upgrade(const char *more)
{
	return baton(UPGRADE
		     "--pid %d --map memfd:guest --name one --state kind=%s %s",
		     FILES, (int)guest, fake_path("/state"), more);
}

static int kept_jump(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	guest = fake_process(MFN, 16);
	fake_put("/state", "of a device");
	fake_put_at("/dev/mem", MFN << 12, "the guest's memory", 18);
	assert_int_equal(kept_upgrade(""), FAKE_JUMPED);
	fake_process_end(guest);
	return 0;
}

int kept_setup(void **state)
{
	kept_jump(state);
	assert_int_equal(fake_stub(&diag), 0);
	return 0;
}

int kept_setup_fallback(void **state)
{
	kept_jump(state);
	fake_stub_fails(HO_EDOUBLE, HO_STAGE_PASS);
	return 0;
}

void kept_shows(const char *command, const char *text)
{
	expect_said(baton("%s", command), text);
}
