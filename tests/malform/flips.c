// SPDX-License-Identifier: MIT
/*
 * flips.c - every bit of a blob flipped, every byte set to 0x00 and 0xff, one
 * at a time: reader, pass and map of core either refuse it or keep their
 * invariants (fuzz_blob.c aborts when they do not). Run under ASan and
 * UBSan. With the digest of the entry block none of these gets that far in
 * the stub.
 *
 *   flips BLOB...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;

	if (f && !fseek(f, 0, SEEK_END)) {
		*size = ftell(f);
		rewind(f);
		bytes = malloc(*size);
		if (bytes && fread(bytes, *size, 1, f) != 1)
			bytes = NULL;
	}
	if (!bytes) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return bytes;
}

static void flip_all(const char *path)
{
	size_t size, i;
	uint8_t *bytes = read_file(path, &size);
	int bit;

	for (i = 0; i < size; i++) {
		uint8_t was = bytes[i];

		for (bit = 0; bit < 8; bit++) {
			bytes[i] = was ^ 1 << bit;
			LLVMFuzzerTestOneInput(bytes, size);
		}
		bytes[i] = 0x00;
		LLVMFuzzerTestOneInput(bytes, size);
		bytes[i] = 0xff;
		LLVMFuzzerTestOneInput(bytes, size);
		bytes[i] = was;
	}
	printf("%s: %zu bytes, %zu changes survived\n", path, size,
	       10 * size);
	free(bytes);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		flip_all(argv[i]);
	return argc > 1 ? 0 : 2;
}
