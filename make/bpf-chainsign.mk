# SPDX-License-Identifier: BSD-2-Clause
#
# Sign BPF programs in a Makefile (GNU make 4.2 or later):
#
#	include bpf-chainsign.mk
#
# defines the rule %.lskel.h: %.bpf.o, which makes a signed light skeleton from a BPF object. The
# project compiles its objects itself. Set these before the include, in the environment or on
# make's command line:

# The private key and its certificate: file names, or pkcs11: URIs. Their passphrase or PIN comes
# from the environment, see bpf-chainsign(1).
BPF_CHAINSIGN_KEY ?=
BPF_CHAINSIGN_CERT ?=

# More options of `bpf-chainsign sign`, such as --set step=7. For one header only:
#	foo.lskel.h: BPF_CHAINSIGN_FLAGS = --set step=7
BPF_CHAINSIGN_FLAGS ?=

# Headers that `make bpf-chainsign-verify` makes and verifies.
BPF_CHAINSIGN_HEADERS ?=

# The program. If its name includes a folder, it is made first, if the Makefile has a rule for it.
BPF_CHAINSIGN ?= bpf-chainsign

# V=1 shows the commands.

# --- nothing to set below ---

# In the environment of the program, so that they do not appear on a command line.
ifneq ($(BPF_CHAINSIGN_KEY),)
export BPF_CHAINSIGN_KEY
endif
ifneq ($(BPF_CHAINSIGN_CERT),)
export BPF_CHAINSIGN_CERT
endif

# The project's first rule stays the default, wherever this file is included.
bpf_chainsign_goal := $(.DEFAULT_GOAL)

bpf_chainsign_say = $(if $(filter-out 0,$(V)),,@printf '  %-8s %s\n' SIGN '$@' &&) \

bpf_chainsign_quote = '$(subst ','\'',$(1))'

# What identifies a signer: the name and checksum of a file, so that the same key in a new file is the
# same signer; the part of a URI before its ?, because a PIN may follow.
bpf_chainsign_id = $(if $(filter pkcs11:%,$(firstword $(1))),$(firstword $(subst ?, ,$(1))),$(if \
	$(1),$(1) $(shell 2>/dev/null cksum <$(call bpf_chainsign_quote,$(1)))))
bpf_chainsign_signer = $(eval bpf_chainsign_signer := $$(strip key \
	$$(call bpf_chainsign_id,$$(BPF_CHAINSIGN_KEY)) cert \
	$$(call bpf_chainsign_id,$$(BPF_CHAINSIGN_CERT))))$(bpf_chainsign_signer)
bpf_chainsign_how = $(strip $(bpf_chainsign_signer) flags $(BPF_CHAINSIGN_FLAGS))

# FILE.signer says what FILE.lskel.h was signed with. Every run compares it, and writes it only if
# that changed, which makes it newer than the header.
bpf_chainsign_same = $(and $(findstring <$(1)>,<$(2)>),$(findstring <$(2)>,<$(1)>))
%.signer: .bpf-chainsign-force
	$(if $(call bpf_chainsign_same,$(file <$@),$(bpf_chainsign_how)),,@mkdir -p '$(@D)' && \
		printf '%s\n' $(call bpf_chainsign_quote,$(bpf_chainsign_how)) >'$@')
.PRECIOUS: %.signer
.PHONY: .bpf-chainsign-force
.bpf-chainsign-force:

# If signing fails, the header is removed, so that an old one is not used.
%.lskel.h: %.bpf.o %.signer | $(if $(findstring /,$(BPF_CHAINSIGN)),$(BPF_CHAINSIGN))
	$(bpf_chainsign_say)$(BPF_CHAINSIGN) sign --quiet $(BPF_CHAINSIGN_FLAGS) -o $@ $< || \
		{ status=$$?; rm -f $@; exit $$status; }

.PHONY: bpf-chainsign-verify
bpf-chainsign-verify: $(BPF_CHAINSIGN_HEADERS)
	$(if $(filter-out 0,$(V)),,@)$(BPF_CHAINSIGN) verify \
		--cert $(call bpf_chainsign_quote,$(BPF_CHAINSIGN_CERT)) $^

.DEFAULT_GOAL := $(bpf_chainsign_goal)
