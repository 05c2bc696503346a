/* SPDX-License-Identifier: MIT */
/*
 * journal.h - what became of an update, as entries of systemd's journal that can be
 * asked for by field: journalctl MESSAGE_ID=..., BATON_GUEST=..., BATON_CODE=...
 * Where there is no journal nothing happens.
 */
#ifndef LOADER_JOURNAL_H
#define LOADER_JOURNAL_H

/* MESSAGE_ID of each kind of entry: baton(8) has the same list. */
#define JOURNAL_BEGUN		"41d79d2a8a634c018ea84f6e198ab02f"
#define JOURNAL_JUMPS		"e69904b3aef547948f996ca114e23483"
#define JOURNAL_FAILED		"64a6bec52fc54dd8bbaff68c6b6bfc20"
#define JOURNAL_GOES_ON		"c98952b64a2a46a1bab5a1abadb9a75b"
#define JOURNAL_NOT_ADOPTED	"3aa72ebcad004da69657c3c7fa8d2331"

struct journal_entry {
	const char *id;			/* JOURNAL_... */
	int priority;			/* LOG_... of syslog.h */
	const char *command;		/* BATON_COMMAND */
	const char *stage;		/* BATON_STAGE; NULL: none */
	const char *guest;		/* BATON_GUEST; NULL: of no one guest */
	int code;			/* BATON_CODE: HO_E...; 0: none */
};

/* Send it, with MESSAGE as the format says. */
void journal_send(const struct journal_entry *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* LOADER_JOURNAL_H */
