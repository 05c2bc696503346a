# SPDX-License-Identifier: MIT
# What scripts/build-xen links into a Xen: the readers, in one object. Xen has
# the functions of the C library and of libfdt that they use, and no others.

xen-src := xen/inherit.c
# What Xen compiles itself
xen-own-src := $(addprefix xen/,claim.c keep.c lists.c map.c place.c release.c)
xen-calls := inherit_open inherit_top inherit_region inherit_attach \
	inherit_guests inherit_guest inherit_extents inherit_free inherit_why

$(O)/xen/inherit.o: $(call objs,xen,$(xen-src) $(core-src)) xen/inherit.lds
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)ld -r --gc-sections $(addprefix -u ,$(xen-calls)) \
		-T xen/inherit.lds $(filter %.o,$^) -o $@
	$(Q)objcopy --strip-unneeded $(addprefix --keep-global-symbol=,$(xen-calls)) $@
	$(Q)! nm -u $@ | grep -vE ' (fdt_|mem|str)[a-z_0-9]*$$'

all: $(O)/xen/inherit.o

# What xl save is given
$(O)/xen/xen-save.so: xen/save.c
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(COMMON) $(CFLAGS_tool) -fPIC -fvisibility=hidden \
		$(call cpp,xen) -shared -Wl,-z,relro,-z,now $< -o $@

all: $(O)/xen/xen-save.so
