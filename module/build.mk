# SPDX-License-Identifier: MIT
# The kernel module's sources as DKMS wants them, with the version filled in: built
# here for no kernel, installed as /usr/src/baton-mem-VERSION.

module-src := $(patsubst module/%,$(O)/module/%,module/Kbuild module/dkms.conf \
	$(wildcard module/*.[ch]))
$(O)/module/%: module/% Makefile
	@mkdir -p $(@D)
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< >$@

all: $(module-src)
