# SPDX-License-Identifier: MIT
# The portable heart: compiled unchanged into stub, loader, tests, fuzzers. A room
# has no list of its sources: they are what lies in its folder.
core-src := $(sort $(wildcard core/*/*.c))

# What core uses of others: shared in the loader and the tests, static and
# without a libc in the stub. Of libcrypto that is SHA-256, of BearSSL RSA's
# verification, and nothing else.
core-libs := -lfdt -lcrypto -lbearssl
core-a := $(foreach a,libfdt.a libbearssl.a libcrypto.a,$(shell gcc -print-file-name=$(a)))
