# SPDX-License-Identifier: BSD-2-Clause
#
# What the examples need only in the checkout of bpf-chainsign: its folder, a rule that builds it,
# and a test key that everybody has.
get_filename_component(checkout "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

set(bpf-chainsign_ROOT "${checkout}")
set(BPF_CHAINSIGN_PROGRAM "${checkout}/build/bpf-chainsign" CACHE FILEPATH "The program that signs BPF")
if(NOT EXISTS "${BPF_CHAINSIGN_PROGRAM}")
	message(STATUS "Building ${BPF_CHAINSIGN_PROGRAM}")
	execute_process(COMMAND make -s -C "${checkout}" O=build all RESULT_VARIABLE status
		OUTPUT_QUIET)
	if(NOT status EQUAL 0)
		message(FATAL_ERROR "bpf-chainsign could not be built")
	endif()
endif()

if("$ENV{BPF_CHAINSIGN_KEY}$ENV{BPF_CHAINSIGN_CERT}" STREQUAL "")
	message(WARNING "SIGNING WITH A PUBLIC TEST KEY that everybody has: never trust this certificate. "
		"For a key of your own, set BPF_CHAINSIGN_KEY and BPF_CHAINSIGN_CERT in the environment.")
endif()
set(BPF_CHAINSIGN_KEY "${checkout}/keys/test/rsa2048.key")
set(BPF_CHAINSIGN_CERT "${checkout}/keys/test/rsa2048.crt")
