/* SPDX-License-Identifier: MIT */
/*
 * real.h - what the linker leaves of the functions that it wraps.
 */
#ifndef FAKE_REAL_H
#define FAKE_REAL_H

#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

int __real_open(const char *path, int flags, ...);
FILE *__real_fopen(const char *path, const char *mode);
int __real_access(const char *path, int mode);
DIR *__real_opendir(const char *path);
int __real_glob(const char *pattern, int flags,
		int (*fn)(const char *, int), glob_t *out);
ssize_t __real_readlink(const char *path, char *out, size_t bytes);
int __real_stat(const char *path, struct stat *st);
int __real_lstat(const char *path, struct stat *st);
int __real_statvfs(const char *path, struct statvfs *fs);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __real_unlink(const char *path);
int __real_link(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __real_mkostemp(char *path, int flags);
char *__real_realpath(const char *path, char *out);
int __real_chown(const char *path, uid_t uid, gid_t gid);
int __real_chmod(const char *path, mode_t mode);

struct json_object *__real_json_object_from_file(const char *path);

#endif /* FAKE_REAL_H */
