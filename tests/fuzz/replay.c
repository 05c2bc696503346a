// SPDX-License-Identifier: MIT
/*
 * replay.c - a fuzz target without a fuzzer: every file of the folders and
 * files given, once. For `make coverage`, and for whoever has an artifact and
 * no clang. AFL++ links its own driver in this place.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;
	long length;

	if (!f || fseek(f, 0, SEEK_END) || (length = ftell(f)) < 0)
		return;
	rewind(f);
	bytes = malloc(length + 1);
	if (bytes && fread(bytes, 1, length, f) == (size_t)length)
		LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
	fclose(f);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *d;
		char path[4096];

		if (!dir) {
			replay(argv[i]);
			continue;
		}
		while ((d = readdir(dir))) {
			snprintf(path, sizeof(path), "%s/%s", argv[i],
				 d->d_name);
			if (*d->d_name != '.')
				replay(path);
		}
		closedir(dir);
	}
	return 0;
}
