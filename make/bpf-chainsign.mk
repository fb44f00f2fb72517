# SPDX-License-Identifier: BSD-2-Clause
#
# Sign BPF programs in a Makefile (GNU make 4.2 or later):
#
#	include bpf-chainsign.mk
#
# or, under whatever prefix it is installed (with PKG_CONFIG_PATH, where pkg-config needs it),
#
#	include $(shell pkg-config --variable=makefile bpf-chainsign)
#
# defines the rule %.lskel.h: %.bpf.o, which makes a signed light skeleton from a BPF object. The
# project compiles its objects itself. Set these before the include, in the environment or on
# make's command line:

# The private key and its certificate: file names, or pkcs11: URIs. Their passphrase or PIN comes
# from the environment, see bpf-chainsign(1). A relative name is looked for in the folder of make,
# then (make -C) in the folder where make was called. More signers: BPF_CHAINSIGN_KEY_2 and
# BPF_CHAINSIGN_CERT_2, up to _8.
BPF_CHAINSIGN_KEY ?=
BPF_CHAINSIGN_CERT ?=

# 1: write headers without signatures, for a build without a key. They load only where the program
# does not enforce signatures.
BPF_CHAINSIGN_UNSIGNED ?=

# More options of `bpf-chainsign sign`, such as --set step=7. For one header only:
#	foo.lskel.h: BPF_CHAINSIGN_FLAGS = --set step=7
BPF_CHAINSIGN_FLAGS ?=

# Headers that `make bpf-chainsign-verify` makes and verifies.
BPF_CHAINSIGN_HEADERS ?=

# The program. If its name includes a folder, it is made first, if the Makefile has a rule for it.
BPF_CHAINSIGN ?= bpf-chainsign

# V=1 shows the commands.

# --- nothing to set below ---

bpf_chainsign_quote = '$(subst ','\'',$(1))'

# The folder where make was called, if it has the file of this name and the folder of make has not.
bpf_chainsign_caller = $(if $(filter pkcs11:% env:% fd:% /%,$(firstword $(1))),,$(shell \
	[ -e $(call bpf_chainsign_quote,$(1)) ] || \
	[ ! -e $(call bpf_chainsign_quote,$(PWD)/$(1)) ] || \
	printf '%s\n' $(call bpf_chainsign_quote,$(PWD)/)))

# In the environment of the program, so that they do not appear on a command line.
define bpf_chainsign_export
ifneq ($$(BPF_CHAINSIGN_$(1)),)
bpf_chainsign_folder := $$(call bpf_chainsign_caller,$$(BPF_CHAINSIGN_$(1)))
ifneq ($$(bpf_chainsign_folder),)
override BPF_CHAINSIGN_$(1) := $$(bpf_chainsign_folder)$$(BPF_CHAINSIGN_$(1))
endif
export BPF_CHAINSIGN_$(1)
endif
endef
bpf_chainsign_signers := KEY CERT $(foreach n,2 3 4 5 6 7 8,KEY_$(n) CERT_$(n))
$(foreach what,$(bpf_chainsign_signers),$(eval $(call bpf_chainsign_export,$(what))))

bpf_chainsign_unsigned := $(filter-out 0,$(BPF_CHAINSIGN_UNSIGNED))

# The project's first rule stays the default, wherever this file is included.
bpf_chainsign_goal := $(.DEFAULT_GOAL)

bpf_chainsign_say = $(if $(filter-out 0,$(V)),,@printf '  %-8s %s\n' \
	$(if $(bpf_chainsign_unsigned),UNSIGNED,SIGN) '$@' &&) \

# What identifies a signer: the name and checksum of a file, so that the same key in a new file is the
# same signer; the part of a URI before its ?, because a PIN may follow.
bpf_chainsign_id = $(if $(filter pkcs11:%,$(firstword $(1))),$(firstword $(subst ?, ,$(1))),$(if \
	$(1),$(1) $(shell 2>/dev/null cksum <$(call bpf_chainsign_quote,$(1)))))
bpf_chainsign_signer = $(eval bpf_chainsign_signer := $$(strip $$(if $$(bpf_chainsign_unsigned),unsigned,\
	$$(foreach what,$$(bpf_chainsign_signers),$$(if $$(BPF_CHAINSIGN_$$(what)),$$(what) \
	$$(call bpf_chainsign_id,$$(BPF_CHAINSIGN_$$(what))))))))$(bpf_chainsign_signer)
# The program, by its contents, because an installed one may be older than a header and still new.
bpf_chainsign_tool = $(eval bpf_chainsign_tool := $$(shell \
	tool=$$$$(command -v $$(firstword $$(BPF_CHAINSIGN))) && cksum <"$$$$tool"))$(bpf_chainsign_tool)
bpf_chainsign_how = $(strip $(bpf_chainsign_signer) tool $(bpf_chainsign_tool) flags $(BPF_CHAINSIGN_FLAGS))

# What a header of `bpf-chainsign sign` has, and no plain skeleton.
bpf_chainsign_ours = $(findstring opts.keyring_id,$(file <$(1)))

# FILE.signer says what FILE.lskel.h was signed with. Every run compares it, and writes it only if
# that changed, or if something else wrote a plain skeleton, which makes it newer than the header.
bpf_chainsign_same = $(and $(findstring <$(1)>,<$(2)>),$(findstring <$(2)>,<$(1)>))
%.signer: .bpf-chainsign-force | $(if $(findstring /,$(BPF_CHAINSIGN)),$(BPF_CHAINSIGN))
	$(if $(and $(call bpf_chainsign_same,$(file <$@),$(bpf_chainsign_how)),$(call \
		bpf_chainsign_ours,$(@:.signer=.lskel.h))),,@mkdir -p '$(@D)' && \
		printf '%s\n' $(call bpf_chainsign_quote,$(bpf_chainsign_how)) >'$@')
.PRECIOUS: %.signer
.PHONY: .bpf-chainsign-force
.bpf-chainsign-force:

# If signing fails, the header is removed, so that an old one is not used.
%.lskel.h: %.bpf.o %.signer
	$(bpf_chainsign_say)$(BPF_CHAINSIGN) sign --quiet $(if $(bpf_chainsign_unsigned),--unsigned )$(BPF_CHAINSIGN_FLAGS) -o $@ $< || \
		{ status=$$?; rm -f $@; exit $$status; }

.PHONY: bpf-chainsign-verify
bpf-chainsign-verify: $(BPF_CHAINSIGN_HEADERS)
	$(if $(filter-out 0,$(V)),,@)$(BPF_CHAINSIGN) verify \
		$(foreach what,$(filter CERT%,$(bpf_chainsign_signers)),$(if $(BPF_CHAINSIGN_$(what)),--cert \
		$(call bpf_chainsign_quote,$(BPF_CHAINSIGN_$(what))))) $^

.DEFAULT_GOAL := $(bpf_chainsign_goal)
