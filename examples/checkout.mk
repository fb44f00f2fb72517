# SPDX-License-Identifier: BSD-2-Clause
#
# What the examples need only in the checkout of bpf-chainsign: its folder, a rule that builds it,
# and a test key that everybody has.
CHECKOUT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)

BPF_CHAINSIGN_MK := $(CHECKOUT)/make/
BPF_CHAINSIGN ?= $(CHECKOUT)/build/bpf-chainsign

ifeq ($(BPF_CHAINSIGN_KEY)$(BPF_CHAINSIGN_CERT),)
$(warning ==== SIGNING WITH A PUBLIC TEST KEY that everybody has: never trust this certificate ====)
$(warning ==== for a key of your own, set BPF_CHAINSIGN_KEY and BPF_CHAINSIGN_CERT ====)
BPF_CHAINSIGN_KEY := $(CHECKOUT)/keys/test/rsa2048.key
BPF_CHAINSIGN_CERT := $(CHECKOUT)/keys/test/rsa2048.crt
endif

# This rule must not become the default one.
checkout_goal := $(.DEFAULT_GOAL)
$(CHECKOUT)/build/bpf-chainsign:
	$(MAKE) -s -C $(CHECKOUT) O=build all
.DEFAULT_GOAL := $(checkout_goal)
