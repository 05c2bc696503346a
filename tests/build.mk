# SPDX-License-Identifier: MIT
# Unit tests: one program a module, host flavour, cmocka.

unit-tests := $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c))
unit-support := tests/unit/machine.c
unit-bin := $(addprefix $(O)/tests/unit/test_,$(unit-tests))

$(unit-bin): $(O)/tests/unit/test_%: $(O)/host/tests/unit/test_%.o \
		$(call objs,host,$(unit-support) $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ -lcmocka -lfdt -o $@
