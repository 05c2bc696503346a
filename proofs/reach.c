// SPDX-License-Identifier: MIT
/*
 * reach.c - a harness, and behind its end a place to come to (proofs/run --reach): where
 * assumptions contradict each other, nothing does.
 */
int main(void);
void reach(void);

void reach(void)
{
	main();
	__CPROVER_assert(0, "the end");
}
