// SPDX-License-Identifier: MIT
/*
 * prove_qmp.c - messages of a monitor, cut out of what comes: whatever is in the buffer
 * before, and however much arrives, nothing is read or written outside of it.
 *
 * proof:
 * bound: none; json-c takes no more than it is given (json_tokener.h), and has had
 * bound: enough of a message after three pieces
 * flags: --unwind 5 -D_GNU_SOURCE
 */
#include "proof.h"
#include "loader/guest/qemu/qmp.c"

static struct qmp q;
static int pieces;
static struct json_object *parsed;

struct json_object *json_tokener_parse_ex(struct json_tokener *t,
					  const char *bytes, int length)
{
	(void)t;
	check(length >= 0 && __CPROVER_r_ok(bytes, length));
	check(bytes >= q.buffer && bytes + length <= q.buffer + q.filled);
	parsed = ++pieces == 3 || any_bool() ? (void *)1 : NULL;
	return parsed;
}
size_t json_tokener_get_parse_end(struct json_tokener *t)
{
	(void)t;
	return any_below(q.filled - q.at + 1);
}
enum json_tokener_error json_tokener_get_error(struct json_tokener *t)
{
	(void)t;
	return any_bool() ? json_tokener_continue : json_tokener_error_depth;
}
void json_tokener_reset(struct json_tokener *t)
{
	(void)t;
}
int poll(struct pollfd *p, nfds_t count, int wait)
{
	(void)p;
	check(count == 1 && wait > 0);
	return any_bool() ? 1 : -1;
}
ssize_t recv(int fd, void *out, size_t bytes, int flags)
{
	uint64_t got = any_below(bytes + 1);

	(void)fd, (void)flags;
	check(__CPROVER_w_ok(out, bytes));
	return any_bool() ? -1 : (ssize_t)got;
}
int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ any_below(1u << 30), any_below(1000000000) };
	return 0;
}
static int error_number;
int *__errno_location(void)
{
	error_number = EIO;
	return &error_number;
}

int main(void)
{
	q.at = any_below(sizeof(q.buffer) + 1);
	q.filled = any_below(sizeof(q.buffer) + 1);
	assume(q.at <= q.filled);
	if (next_message(&q, any_below(1ull << 60), NULL))
		check(parsed != NULL);
	check(q.at <= q.filled && q.filled <= sizeof(q.buffer));
	return 0;
}
