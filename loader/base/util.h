/* SPDX-License-Identifier: MIT */
/*
 * util.h - files, as every part of the loader needs them. Failures are
 * recorded with the path and errno's text.
 */
#ifndef LOADER_UTIL_H
#define LOADER_UTIL_H

#include <stdio.h>

#include "diag.h"

/* A file mapped read-only. */
struct mapped {
	const void *bytes;
	uint64_t length;
};

/* HO_EFILE, or `code` instead of it. An empty file is refused, too. */
int mapped_open(struct mapped *m, const char *path, int code,
		struct diag_log *diag);
/* The same for what decides over the host: HO_EOWNER unless it is root's and
 * nobody else may write it. */
int mapped_open_own(struct mapped *m, const char *path, int code,
		    struct diag_log *diag);
/* Unmap it. One that is not open is fine. */
void mapped_close(struct mapped *m);

/* Two files with the same bytes, at least one. */
bool files_same(const char *a, const char *b);

/* Overwrite it with zeroes, and remove it. HO_EFILE. */
int file_wipe(const char *path, struct diag_log *diag);

/* A file that appears under its name only when it is complete. 0600. Before
 * that it has six more characters behind this, a name that is nobody else's. */
#define OUTFILE_TEMPORARY ".baton-"
struct outfile {
	FILE *file;
	const char *path;		/* the caller's, must live */
	char *temporary;
};

/* HO_EFILE, also when there is something of that name that is no file. */
int outfile_open(struct outfile *o, const char *path, struct diag_log *diag);
/* Write out, sync, rename. On failure nothing is left. HO_EFILE. */
int outfile_commit(struct outfile *o, struct diag_log *diag);
/* Close it and remove the temporary file. */
void outfile_abandon(struct outfile *o);
/* Append `length` bytes. Returns 0, or -HO_EFILE. */
int outfile_write(struct outfile *o, const void *bytes, uint64_t length,
		  struct diag_log *diag);

/* Remove what killed runs left of outfile_open(path). Of one that still runs,
 * too: be alone there. */
void leftovers_remove(const char *path);

/* All of it at once, in that way. HO_EFILE. */
int file_write(const char *path, const void *bytes, uint64_t length,
	       struct diag_log *diag);

/* Make that folder, not those above it. If it cannot be, no file in it can. */
void folder_make(const char *path_in_it);
/* A name is on disk when its folder is: what a rename or an unlink needs to
 * outlive a power failure. */
void folder_sync(const char *path_in_it);

/* A small text file of /proc or /sys; false when it cannot be read. A final
 * newline is cut off. */
bool text_read(const char *path, char *out, size_t bytes);
/* Where a symbolic link leads; "" and false: it is none, or cannot be read. */
bool link_read(const char *path, char *out, size_t bytes);
/* As text_read(), of a long one its end. */
bool text_read_tail(const char *path, char *out, size_t bytes);

/* The strings of a file of /proc that has a NUL behind each (cmdline,
 * environ), at most `max`: a NULL-terminated array, to be freed; NULL: not
 * read, or more. */
char **strings_read(const char *path, int max, int *count);
/* Free such an array and its strings; NULL is fine. */
void strings_free(char **strings);

/* Record HO_EIO: what failed and errno's text. */
int io_error(struct diag_log *diag, const char *what);

/* While `on`, guests stand still: what nobody takes at once (a terminal that was
 * stopped, a pipe that is full) is left out. */
void output_may_be_lost(bool on);
/* False: it is left out, as nobody takes it now. */
bool output_is_taken(int fd);
/* Print "NAME ... " progress for steps that may take over a second. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Bytes as people read them: "16 MiB", "1.5 GiB". Static buffers of the
 * thread, four in turn. */
const char *human_bytes(uint64_t bytes);
/* An id as a UUID's text, in a buffer of the same four. */
const char *human_id(const uint8_t id[HO_ID_BYTES]);

#endif /* LOADER_UTIL_H */
