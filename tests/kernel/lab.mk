# SPDX-License-Identifier: BSD-2-Clause
#
# The lab's own programs: make -f tests/kernel/lab.mk lab (the scripts here do that).
include Makefile

LAB := $(O)/tests/kernel
LAB_HOST := matrix mutate craft ask predict whole_make
LAB_GUESTS := guest

.PHONY: lab whole
lab: $(LAB_HOST:%=$(LAB)/%) $(LAB_GUESTS:%=$(LAB)/%) $(LAB)/load $(LAB)/columns $(LAB)/examples $(LAB)/many $(LAB)/pins $(LAB)/percpu $(LAB)/shapes $(LAB)/attach $(LAB)/chosen $(LAB)/adopt $(LAB)/execs whole

# Rows of a table leave out what is zero.
LAB_ROWS := $(LAB)/matrix_messages.o $(LAB)/matrix_certs.o $(LAB)/matrix_loads.o
$(LAB_ROWS): BUILD_CFLAGS += -Wno-missing-field-initializers

$(LAB)/matrix: $(LAB_ROWS) $(LAB)/matrix_edit.o $(LAB)/lab.o $(LAB)/casefile.o $(LAB)/der.o
$(LAB)/mutate: $(LAB)/lab.o $(LAB)/casefile.o $(LAB)/der.o
$(LAB)/craft: $(LAB)/lab.o $(LAB)/casefile.o $(LAB)/der.o
$(LAB)/ask: $(LAB)/casefile.o
$(LAB)/whole_make: $(LAB)/whole_base.o $(LAB)/lab.o $(LAB)/der.o
$(LAB_HOST:%=$(LAB)/%): $(LAB)/%: $(LAB)/%.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS)

# For the virtual machine: static, and without what needs a run-time of the machine's.
$(LAB)/guest: $(addprefix tests/kernel/,guest.c content.c content.h sysbpf.h case.h) $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static -o $@ \
		$(filter %.c,$^)

# The signed skeleton, and what loads it: HEADER is compiled in, and a wrapper around syscall().
LAB_KEY := keys/test/rsa2048
$(LAB)/example.bpf.o: tests/kernel/example.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

$(LAB)/example.lskel.h: $(LAB)/example.bpf.o $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt -n example -o $@ $<

$(LAB)/load: tests/kernel/load.c tests/kernel/attempts.h tests/kernel/keyring.h $(LAB)/example.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-Wl,--wrap=syscall -DHEADER='"$(abspath $(LAB))/example.lskel.h"' -o $@ $<

# The whole load (whole): the run-time part of that skeleton, the arrays of a case. And its loaders.
LAB_WHOLE_OBJECTS := $(LAB)/example.bpf.o $(patsubst %,$(LAB)/%.bpf.o,typical typed tiny)
whole: $(LAB)/whole_make $(LAB)/whole_guest $(LAB_WHOLE_OBJECTS)

$(LAB)/%.bpf.o: tests/data/%.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

$(LAB)/whole_guest: tests/kernel/whole_guest.c tests/kernel/whole.h $(LAB)/example.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-Wl,--wrap=syscall -DHEADER='"$(abspath $(LAB))/example.lskel.h"' -o $@ $<

# The same object signed in each way there is (sign-columns), and what loads them all.
LAB_WAY_CFLAGS := -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror)
$(LAB)/columns: tests/kernel/columns.c tests/kernel/column.c tests/kernel/keyring.h tests/kernel/sysbpf.h \
		tests/kernel/sign-columns $(LAB)/example.bpf.o $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)rm -rf $@.ways && mkdir $@.ways && \
		tests/kernel/sign-columns $(PROGRAM) $(LAB)/example.bpf.o $@.ways >$@.ways/list && \
		ways=$$(grep -v '	' $@.ways/list) && printf 'COLUMN(%s)\n' $$ways >$@.ways/columns.h && \
		for way in $$ways; do \
			$(CC) $(LAB_WAY_CFLAGS) -c -DHEADER='"'$(abspath $@.ways)/$$way.lskel.h'"' \
				-DCOLUMN=$$way -o $@.ways/$$way.o tests/kernel/column.c || exit; \
		done && \
		$(CC) $(LAB_WAY_CFLAGS) -static -DCOLUMNS='"$(abspath $@.ways)/columns.h"' -o $@ $< $@.ways/*.o

# What the example projects sign, by their own rules, and what loads that.
LAB_SIGNER := BPF_CHAINSIGN_KEY=$(abspath $(LAB_KEY)).key BPF_CHAINSIGN_CERT=$(abspath $(LAB_KEY)).crt
$(LAB)/make/xdp_count.lskel.h: $(wildcard examples/make/*.c) examples/make/Makefile make/bpf-chainsign.mk $(PROGRAM)
	$(call say,EXAMPLE,$@)
	$(QUIET)rm -rf $(@D) && mkdir -p $(LAB) && cp -r examples/make $(@D) && \
		env -u MAKEFLAGS $(LAB_SIGNER) make -s -C $(@D) -I $(abspath make) \
		BPF_CHAINSIGN=$(abspath $(PROGRAM)) clean $(@F)

$(LAB)/cmake/udp_ports.lskel.h: $(wildcard examples/cmake/*.c) examples/cmake/CMakeLists.txt $(wildcard cmake/*) $(PROGRAM)
	$(call say,EXAMPLE,$@)
	$(QUIET)rm -rf $(@D) && export $(LAB_SIGNER) && cmake -S examples/cmake -B $(@D) \
		-DBPF_CHAINSIGN_PROGRAM=$(abspath $(PROGRAM)) >/dev/null && \
		env -u MAKEFLAGS cmake --build $(@D) --target udp_ports-lskel >/dev/null

$(LAB)/examples: tests/kernel/examples.c tests/kernel/keyring.h tests/kernel/sysbpf.h $(LAB)/make/xdp_count.lskel.h $(LAB)/cmake/udp_ports.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-DXDP_COUNT='"$(abspath $(LAB))/make/xdp_count.lskel.h"' \
		-DUDP_PORTS='"$(abspath $(LAB))/cmake/udp_ports.lskel.h"' -o $@ $<

# A program for each way to be attached, signed for every kernel that checks signatures. Libbpf before 1.5 does not know
# kprobe.session.
$(LAB)/attach.bpf.o: tests/kernel/attach.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

$(LAB)/attach.lskel.h: $(LAB)/attach.bpf.o $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt -n attach --insns-form exclusive,hash-only \
		$(shell pkg-config --atleast-version=1.5 libbpf || echo --skip on_session) -o $@ $<

$(LAB)/attach: tests/kernel/attach.c tests/kernel/keyring.h tests/kernel/sysbpf.h $(LAB)/attach.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-Wl,--wrap=syscall -DATTACH='"$(abspath $(LAB))/attach.lskel.h"' -o $@ $<

# Programs whose sections do not say what they are: the options do.
$(LAB)/chosen.bpf.o: tests/kernel/chosen.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

LAB_CHOICE := --type on_raw_tp=raw_tp --attach-target on_raw_tp=sys_enter \
	--type on_tp_btf=tp_btf --attach-target on_tp_btf=sys_enter --attach-target on_fentry=do_nanosleep \
	--type on_fexit=fexit --attach-target on_fexit=do_nanosleep --type on_kprobe=kprobe --type on_tp=tracepoint \
	--type on_events=raw_tp --load on_optional --skip on_skipped
$(LAB)/chosen.lskel.h: $(LAB)/chosen.bpf.o tests/kernel/lab.mk $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt -n chosen --insns-form exclusive,hash-only \
		$(LAB_CHOICE) -o $@ $<

$(LAB)/chosen: tests/kernel/chosen.c tests/kernel/keyring.h tests/kernel/sysbpf.h $(LAB)/chosen.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-DCHOSEN='"$(abspath $(LAB))/chosen.lskel.h"' -o $@ $<

# No program, and more than libbpf's loader has room for, signed for every kernel that checks signatures.
LAB_MANY := narrow many most
$(LAB)/narrow.bpf.o: PROGS := 32
$(LAB)/many.bpf.o: PROGS := 64
$(LAB)/most.bpf.o: PROGS := 120
$(LAB_MANY:%=$(LAB)/%.bpf.o): tests/data/many.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -DPROGS=$(PROGS) -c -o $@ $<

$(LAB)/only_maps.bpf.o: tests/data/only_maps.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

LAB_MANY += only_maps
$(LAB_MANY:%=$(LAB)/%.lskel.h): $(LAB)/%.lskel.h: $(LAB)/%.bpf.o $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt -n $* --insns-form exclusive,hash-only -o $@ $<

$(LAB)/many: tests/kernel/many.c tests/kernel/keyring.h tests/kernel/sysbpf.h $(LAB_MANY:%=$(LAB)/%.lskel.h)
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-DNARROW='"$(abspath $(LAB))/narrow.lskel.h"' -DMANY='"$(abspath $(LAB))/many.lskel.h"' \
		-DMOST='"$(abspath $(LAB))/most.lskel.h"' -DMAPS='"$(abspath $(LAB))/only_maps.lskel.h"' -o $@ $<

# Maps that ask to be pinned, signed for every kernel that checks signatures.
$(LAB)/pins.bpf.o: tests/kernel/pins.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

$(LAB)/pins.lskel.h: $(LAB)/pins.bpf.o $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt -n pins --insns-form exclusive,hash-only -o $@ $< 2>$@.said

$(LAB)/pins: tests/kernel/pins.c tests/kernel/keyring.h tests/kernel/sysbpf.h $(LAB)/pins.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-DHEADER='"$(abspath $(LAB))/pins.lskel.h"' -o $@ $<

# Per-CPU variables, by the run-time part of any header.
$(LAB)/percpu: tests/kernel/percpu.c tests/kernel/sysbpf.h $(LAB)/example.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-DHEADER='"$(abspath $(LAB))/example.lskel.h"' -o $@ $<

# What src/loader/size.c says of maps, by itself.
$(LAB)/shapes: tests/kernel/shapes.c tests/kernel/sysbpf.h src/loader/size.c src/loader/size.h src/loader/loader.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -Isrc -static -o $@ $(filter %.c,$^)

# The project of docs/adopt.md, and what runs it.
$(LAB)/execs: docs/adopt.md scripts/adopt include/bpf-chainsign.h $(PROGRAM)
	$(call say,ADOPT,$@)
	$(QUIET)scripts/adopt --project $@.project >/dev/null && \
		clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) \
			-c -o $@.project/execs.bpf.o $@.project/execs.bpf.c && \
		$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt $@.project/execs.bpf.o && \
		$(CC) -O2 -Wall -Iinclude -static -o $@ $@.project/execs.c $(shell pkg-config --static --libs libbpf)

$(LAB)/adopt: tests/kernel/adopt.c tests/kernel/keyring.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static -o $@ $<

# One signed image, and what loads it in each language (languages).
RUSTC ?= rustc
GO_BUILD := CGO_ENABLED=0 GOTOOLCHAIN=local GOPROXY=off GOFLAGS= go build
.PHONY: languages
languages: $(addprefix $(LAB)/,languages languages_c languages_go languages_rust languages.bpf.signed)

$(LAB)/languages.bpf.o: tests/kernel/languages.bpf.c
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(QUIET)clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

$(LAB)/languages.bpf.signed: $(LAB)/languages.bpf.o $(PROGRAM)
	$(call say,SIGN,$@)
	$(QUIET)$(PROGRAM) sign -q -k $(LAB_KEY).key -c $(LAB_KEY).crt -n languages --insns-form exclusive,hash-only -o $@ $< 2>$@.said

$(LAB)/languages: tests/kernel/languages.c tests/kernel/keyring.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static -o $@ $<

$(LAB)/languages_c: tests/kernel/languages_c.c tests/kernel/sysbpf.h $(LAB)/example.lskel.h
	$(call say,CC,$@)
	$(QUIET)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra $(if $(WERROR),-Werror) -static \
		-DHEADER='"$(abspath $(LAB))/example.lskel.h"' -o $@ $<

$(LAB)/languages_go: $(wildcard examples/go/*.go examples/go/*/*.go) examples/go/go.mod
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(QUIET)cd examples/go && $(GO_BUILD) -o $(abspath $@) .

$(LAB)/languages_rust: $(wildcard examples/rust/src/*.rs)
	$(call say,RUST,$@)
	@mkdir -p $(@D)
	$(QUIET)$(RUSTC) --edition 2021 -O --crate-type rlib --crate-name bpfsigned -o $(LAB)/libbpfsigned.rlib examples/rust/src/lib.rs && \
		$(RUSTC) --edition 2021 -O -C target-feature=+crt-static --extern bpfsigned=$(LAB)/libbpfsigned.rlib \
		-o $@ examples/rust/src/main.rs

-include $(wildcard $(LAB)/*.d)
