# SPDX-License-Identifier: BSD-2-Clause
#
# Build, test and install bpf-chainsign. `make help` lists the targets.
#
# What you may set, on the command line or in the environment:

# The compiler, and flags of your own; yours come last, so they win.
CC ?= cc
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=

# Where things are installed: PREFIX on the target, DESTDIR in front of it for packages.
PREFIX ?= /usr/local
DESTDIR ?=

# The folder below PREFIX that zsh of this system looks into.
ZSH_FUNCTIONS ?= share/zsh/site-functions

# O is the folder of everything that is built.
O ?= build

# WERROR=1 makes a warning an error, as CI does.
WERROR ?=

# SANITIZE=address,undefined builds with these sanitizers.
SANITIZE ?=

# LIBFUZZER=1 links the fuzz targets with libFuzzer (CC=clang SANITIZE=fuzzer-no-link,address,undefined);
# without it they run over files.
LIBFUZZER ?=

# FUZZ_SECONDS is how long `make fuzz` works at each target.
FUZZ_SECONDS ?= 60

# RELEASE_KEY is the private key that signs a release (PEM).
RELEASE_KEY ?=

# V=1 shows the commands.
V ?=

# --- nothing to set below ---

VERSION := 0.2.0
PKG_CONFIG ?= pkg-config
PACKAGES := libbpf libelf libcrypto zlib

ifeq ($(filter help clean dist release uninstall,$(MAKECMDGOALS)),)
ifneq ($(shell $(PKG_CONFIG) --exists '$(firstword $(PACKAGES)) >= 0.8' libelf zlib 'libcrypto >= 3.0' && echo yes),yes)
$(error libbpf >= 0.8, libelf, zlib and OpenSSL >= 3.0 are needed, with their headers and pkg-config: run scripts/setup)
endif
endif

BUILD_CPPFLAGS := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc \
	$(shell $(PKG_CONFIG) --cflags $(PACKAGES)) $(CPPFLAGS)
# What `scripts/lint hardening` looks for in the program.
taken = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo '$(1)')
HARDENING := -fPIE -fstack-protector-strong $(call taken,-fstack-clash-protection) \
	$(call taken,-fcf-protection=full) $(call taken,-mbranch-protection=standard)

BUILD_CFLAGS := -std=gnu11 -pthread -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wformat=2 -Wvla $(if $(WERROR),-Werror) $(HARDENING) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
	$(CFLAGS)
BUILD_LDFLAGS := -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)
LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES))
# A libbpf that is only an archive (one of your own, by PKG_CONFIG_PATH) does not bring what it needs.
ifeq ($(wildcard $(shell $(PKG_CONFIG) --variable=libdir libbpf)/libbpf.so),)
LIBS += $(shell $(PKG_CONFIG) --static --libs libbpf)
endif

SOURCES := $(wildcard src/*.c src/*/*.c)
OBJECTS := $(SOURCES:%.c=$(O)/%.o) $(O)/src/lskel/runtime_text.o
ARCHIVE := $(O)/libbpf-chainsign.a
PROGRAM := $(O)/bpf-chainsign
UNIT_SOURCES := $(wildcard tests/unit/*.c)
UNITS := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(UNIT_SOURCES))
TEXT_TOOLS := $(O)/tests/text/edit $(O)/tests/text/restyle
IMAGE_DUMP := $(O)/tests/image/dump
WRAP_ALLOCATIONS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray
WRAP_ARITHMETIC := -Wl,--wrap=pubkey_rsa,--wrap=EVP_DigestUpdate
FUZZERS := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_COMMON := $(O)/tests/fuzz/fuzz.o $(O)/tests/fuzz/mutate.o $(O)/tests/kernel/der.o

QUIET := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.PHONY: all
all: $(PROGRAM)

.PHONY: help
help:
	@printf '%s\n' \
	'make                build build/bpf-chainsign' \
	'make demo           compile a BPF program, sign it, verify it, tamper with it' \
	'make install        install under DESTDIR and PREFIX; make uninstall removes it' \
	'make dist           the source of HEAD as build/bpf-chainsign-VERSION.tar.xz' \
	'make release        the same with checksums and a signature by RELEASE_KEY, in build/release' \
	'make clean          remove everything that was built' \
	'' \
	'make check          these seven kinds of test, one after the other:' \
	'make check-unit     functions, by programs that call them' \
	'make check-bats     the command line' \
	'make check-compile  signed headers: compile them, load them against a stub of the kernel' \
	'make check-text     random edits of the text of headers' \
	'make check-image    signed images: a reader in Python and the tool agree on 10,000' \
	'make check-fuzz     fuzz targets over their inputs, then 10 seconds each' \
	'make check-lint     format, static analysis, includes, manual page; also make lint' \
	'' \
	'Kinds of test that take longer or need more (tests/README.md):' \
	'make check-faults   calls that fail, kills, malformed input' \
	'make check-languages the readers of signed images in Go and Rust agree with the tool' \
	'make check-valgrind unit tests and commands under valgrind' \
	'make check-kernel   ask real kernels in QEMU (downloads them, builds one)' \
	'make check-vectors  public test vectors, against real kernels (downloads both)' \
	'make check-corpus   sign and verify the BPF objects of Debian packages (downloads them)' \
	'make check-libbpf   build with other versions of libbpf, each linked statically (downloads their source)' \
	'make check-tools    port the tools of BCC, run both in QEMU and compare (BCC=CHECKOUT, or downloads them)' \
	'make check-package  build Debian packages and RPMs in bare chroots, install, use and purge them' \
	'make check-mutants  put faults into the code: do the tests notice?' \
	'make fuzz           fuzz each target for FUZZ_SECONDS (60)' \
	'make bench          time and memory against bpftool and openssl, as ratios' \
	'' \
	'Variables: CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR ZSH_FUNCTIONS O WERROR=1' \
	'           SANITIZE=LIST LIBFUZZER=1 FUZZ_SECONDS RELEASE_KEY V=1; the Makefile says what each does'

# Objects depend on this file, which changes whenever the compiler or its flags do.
FLAGS := $(CC) $(BUILD_CPPFLAGS) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) $(LIBS)
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' >$@
.PHONY: FORCE
FORCE:

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(BUILD_CPPFLAGS) $(BUILD_CFLAGS) -MMD -MP -c -o $@ $<

# The run-time part of headers is C, and goes into them as text.
RUNTIME_PARTS := $(wildcard src/lskel/runtime*.h)
$(O)/src/lskel/runtime_text.c: scripts/runtime-text $(RUNTIME_PARTS)
	$(call say,TEXT,$@)
	@mkdir -p $(@D)
	$(QUIET)scripts/runtime-text src/lskel >$@.new && mv $@.new $@

$(O)/src/lskel/runtime_text.o: $(O)/src/lskel/runtime_text.c $(O)/flags
	$(call say,CC,$<)
	$(QUIET)$(CC) $(BUILD_CPPFLAGS) $(BUILD_CFLAGS) -MMD -MP -c -o $@ $<

$(ARCHIVE): $(filter-out $(O)/src/main.o,$(OBJECTS))
	$(call say,AR,$@)
	$(QUIET)rm -f $@ && ar rcs $@ $^

$(PROGRAM): $(O)/src/main.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) -o $@ $^ $(LIBS)

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) -o $@ $^ $(LIBS)

$(TEXT_TOOLS): %: %.o $(O)/tests/text/tokens.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) -o $@ $^ $(LIBS)

$(IMAGE_DUMP): %: %.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) -o $@ $^ $(LIBS)

$(addprefix $(O)/tests/unit/test_,image kconfig kverify_memory values): private BUILD_LDFLAGS += $(WRAP_ALLOCATIONS)
$(addprefix $(O)/tests/unit/test_,lskel_memory verdict): private BUILD_LDFLAGS += $(WRAP_ALLOCATIONS) \
	-Wl,--wrap=EVP_MD_CTX_new
$(O)/tests/unit/test_kverify_cost: private BUILD_LDFLAGS += $(WRAP_ARITHMETIC)

$(FUZZERS): %: %.o $(FUZZ_COMMON) $(if $(LIBFUZZER),,$(O)/tests/fuzz/main.o) $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) $(if $(LIBFUZZER),-fsanitize=fuzzer) -o $@ $^ $(LIBS)

$(O)/tests/fuzz/fuzz_cms_differ: $(O)/tests/fuzz/normal.o

$(O)/tests/fuzz/seed: $(O)/tests/fuzz/seed.o $(O)/tests/fuzz/fuzz.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) -o $@ $^ $(LIBS)

-include $(OBJECTS:.o=.d) $(UNITS:=.d) $(wildcard $(O)/tests/fuzz/*.d $(O)/tests/text/*.d $(O)/tests/image/*.d)

.SECONDARY: $(UNITS:=.o) $(FUZZERS:=.o)

# --- tests: scripts/test runs each kind, here and for CI ---

.PHONY: units fuzzers
units: $(UNITS) $(TEXT_TOOLS) $(IMAGE_DUMP) fuzzers
fuzzers: $(FUZZERS) $(O)/tests/fuzz/seed

CHECKS := unit bats compile text image fuzz lint faults languages valgrind kernel vectors corpus libbpf tools package mutants

.PHONY: check $(CHECKS:%=check-%)
check: $(PROGRAM) units
	$(QUIET)O=$(O) scripts/test --as-built
check-unit: $(UNITS)
check-text: $(TEXT_TOOLS)
check-image check-languages: $(IMAGE_DUMP)
$(CHECKS:%=check-%): $(PROGRAM)
	$(QUIET)O=$(O) scripts/test --as-built $(@:check-%=%)

.PHONY: lint fuzz demo bench
lint: check-lint
fuzz:
	$(QUIET)O=$(O) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run
demo: $(PROGRAM)
	$(QUIET)O=$(O) scripts/demo
bench: $(PROGRAM)
	$(QUIET)O=$(O) scripts/bench

# --- install ---

# GNU make looks for what is included in PREFIX/include, CMake for packages in PREFIX/share/cmake, and
# pkg-config, which tells where the first is under another PREFIX, in PREFIX/share/pkgconfig.
CMAKE_VERSION := $(O)/bpf-chainsign-config-version.cmake
PKG_CONFIG_FILE := $(O)/bpf-chainsign.pc

$(CMAKE_VERSION): cmake/bpf-chainsign-config-version.cmake.in Makefile
$(PKG_CONFIG_FILE): make/bpf-chainsign.pc.in Makefile
$(CMAKE_VERSION) $(PKG_CONFIG_FILE):
	@mkdir -p $(@D)
	$(QUIET)sed 's/@VERSION@/$(VERSION)/' $< >$@

# Everything that is installed: MODE:SOURCE:TARGET, the target below PREFIX. One list for both.
INSTALLED := \
	755:$(PROGRAM):bin/bpf-chainsign \
	644:man/bpf-chainsign.1:share/man/man1/bpf-chainsign.1 \
	644:make/bpf-chainsign.mk:include/bpf-chainsign.mk \
	644:$(PKG_CONFIG_FILE):share/pkgconfig/bpf-chainsign.pc \
	644:include/bpf-chainsign.h:include/bpf-chainsign.h \
	644:cmake/bpf-chainsign-config.cmake:share/cmake/bpf-chainsign/bpf-chainsign-config.cmake \
	644:cmake/bpf-chainsign-sign.cmake:share/cmake/bpf-chainsign/bpf-chainsign-sign.cmake \
	644:$(CMAKE_VERSION):share/cmake/bpf-chainsign/bpf-chainsign-config-version.cmake \
	644:completions/bpf-chainsign.bash:share/bash-completion/completions/bpf-chainsign \
	644:completions/_bpf-chainsign:$(ZSH_FUNCTIONS)/_bpf-chainsign \
	644:completions/bpf-chainsign.fish:share/fish/vendor_completions.d/bpf-chainsign.fish \
	755:ci/verify-package:share/bpf-chainsign/verify-package \
	$(foreach file,NEWS.md README.md $(sort $(wildcard docs/*)),644:$(file):share/doc/bpf-chainsign/$(notdir $(file)))

INSTALL_TARGETS := $(foreach item,$(INSTALLED),$(word 3,$(subst :, ,$(item))))
OWN_FOLDERS := $(sort $(patsubst %/,%,$(filter %/bpf-chainsign/,$(dir $(INSTALL_TARGETS)))))
below = '$(DESTDIR)$(PREFIX)/$(1)'

# install_file MODE SOURCE TARGET
define install_file
install -D -m $(word 1,$(1)) $(word 2,$(1)) $(call below,$(word 3,$(1)))

endef

.PHONY: install uninstall
install: $(PROGRAM) $(CMAKE_VERSION) $(PKG_CONFIG_FILE)
	$(foreach item,$(INSTALLED),$(call install_file,$(subst :, ,$(item))))
uninstall:
	rm -f $(foreach target,$(INSTALL_TARGETS),$(call below,$(target)))
	$(foreach folder,$(OWN_FOLDERS),[ ! -d $(call below,$(folder)) ] || rmdir $(call below,$(folder));)

# --- release ---

# The files of HEAD, with owners, modes and times that are the same wherever it is made: the
# commit's time, and one thread because xz makes other blocks of several.
DIST := $(O)/bpf-chainsign-$(VERSION).tar

.PHONY: dist
dist:
	@mkdir -p $(O)
	@git diff --quiet HEAD -- || echo 'dist: changes that are not committed are not in it' >&2
	$(QUIET)git -c tar.umask=0022 -c core.autocrlf=false archive -o $(DIST) \
		--prefix=bpf-chainsign-$(VERSION)/ HEAD
	$(QUIET)XZ_DEFAULTS= XZ_OPT= xz -f -6 -T1 $(DIST)
	@echo $(DIST).xz

.PHONY: release
release:
	$(QUIET)O=$(O) scripts/release '$(RELEASE_KEY)'

.PHONY: clean
clean:
	rm -rf $(O)
