# SPDX-License-Identifier: BSD-2-Clause
#
# Sign BPF programs in a CMake project (CMake 3.20 or later):
#
#	find_package(bpf-chainsign REQUIRED)
#	add_executable(monitor monitor.c)
#	bpf_chainsign_skeleton(monitor monitor.bpf.c)
#
# bpf_chainsign_skeleton(TARGET FILE... [OPTIONS OPTION...] [COMPILE_OPTIONS OPTION...])
#
#   Each FILE is a BPF program x.bpf.c, which clang compiles, or an object x.bpf.o. It is signed before
#   TARGET is built, and TARGET can include "x.lskel.h". OPTIONS are more options of
#   `bpf-chainsign sign`, such as --set step=7; COMPILE_OPTIONS are clang's.
#
# Name the private key and its certificate in the environment of the build, not of the configuration,
# so that no build file holds them: BPF_CHAINSIGN_KEY and BPF_CHAINSIGN_CERT, file names (relative to
# the top source folder) or pkcs11: URIs. Without them, the CMake variables of the same names are
# used. For passphrase and PIN see bpf-chainsign(1). More signers: BPF_CHAINSIGN_KEY_2 and
# BPF_CHAINSIGN_CERT_2, up to _8.
#
# With -DBPF_CHAINSIGN_UNSIGNED=ON, headers are written without signatures, for a build without a key.
# They load only where the program does not enforce signatures.
#
# A header is signed again only if the object, the options, the files of key and certificate, the
# program that signs, or the header itself changed. If signing fails, the header is removed.

find_program(BPF_CHAINSIGN_PROGRAM bpf-chainsign HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin"
	DOC "The program that signs BPF")
find_program(BPF_CHAINSIGN_CLANG NAMES clang DOC "The compiler of BPF programs")

if(NOT BPF_CHAINSIGN_PROGRAM)
	set(bpf-chainsign_FOUND FALSE)
	set(bpf-chainsign_NOT_FOUND_MESSAGE "no program bpf-chainsign: set BPF_CHAINSIGN_PROGRAM")
	return()
endif()

option(BPF_CHAINSIGN_UNSIGNED "Write light skeletons without signatures, which needs no key" OFF)

set(_BPF_CHAINSIGN_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/bpf-chainsign-sign.cmake")

# The name that <bpf/bpf_tracing.h> has for the target architecture.
function(_bpf_chainsign_arch ret_arch)
	set(arch "${CMAKE_SYSTEM_PROCESSOR}")
	if(arch MATCHES "^(x86_64|i.86)$")
		set(arch x86)
	elseif(arch STREQUAL aarch64)
		set(arch arm64)
	elseif(arch MATCHES "^arm")
		set(arch arm)
	elseif(arch MATCHES "^ppc64")
		set(arch powerpc)
	elseif(arch STREQUAL s390x)
		set(arch s390)
	elseif(arch MATCHES "^(riscv|loongarch)")
		set(arch "${CMAKE_MATCH_1}")
	endif()
	set(${ret_arch} "${arch}" PARENT_SCOPE)
endfunction()

# Compile x.bpf.c to x.bpf.o, in the folder of x.lskel.h.
function(_bpf_chainsign_compile source object)
	_bpf_chainsign_arch(arch)
	set(includes "")
	if(CMAKE_LIBRARY_ARCHITECTURE)
		set(includes "-I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}")
	endif()
	add_custom_command(OUTPUT "${object}"
		COMMAND "${BPF_CHAINSIGN_CLANG}" -O2 -g -target bpf "-D__TARGET_ARCH_${arch}" ${includes}
			${ARGN} -MD -MF "${object}.d" -MT "${object}" -c "${source}" -o "${object}"
		DEPENDS "${source}" DEPFILE "${object}.d"
		COMMENT "Compiling ${source} for BPF" VERBATIM)
endfunction()

function(bpf_chainsign_skeleton target)
	cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIONS;COMPILE_OPTIONS")
	if(NOT arg_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "bpf_chainsign_skeleton(${target}): no BPF program is named")
	endif()
	foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
		get_filename_component(file "${source}" ABSOLUTE)
		get_filename_component(name "${source}" NAME)
		if(NOT name MATCHES "^(.+)\\.bpf\\.([co])$")
			message(FATAL_ERROR "bpf_chainsign_skeleton(${target}): ${source} is neither "
				"x.bpf.c nor x.bpf.o")
		endif()
		set(name "${CMAKE_MATCH_1}")
		set(object "${file}")
		set(header "${CMAKE_CURRENT_BINARY_DIR}/${name}.lskel.h")
		# Several targets may use one skeleton.
		if(NOT TARGET ${name}-lskel)
			if(CMAKE_MATCH_2 STREQUAL "c")
				set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o")
				_bpf_chainsign_compile("${file}" "${object}" ${arg_COMPILE_OPTIONS})
			endif()
			set(signers "")
			foreach(n "" _2 _3 _4 _5 _6 _7 _8)
				list(APPEND signers "-DKEY${n}=${BPF_CHAINSIGN_KEY${n}}"
					"-DCERT${n}=${BPF_CHAINSIGN_CERT${n}}")
			endforeach()
			# Run in every build, because the result also depends on the environment.
			add_custom_target(${name}-lskel
				COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=${BPF_CHAINSIGN_PROGRAM}"
					${signers} "-DUNSIGNED=${BPF_CHAINSIGN_UNSIGNED}"
					"-DOPTIONS=${arg_OPTIONS}" "-DOBJECT=${object}"
					"-DHEADER=${header}" -P "${_BPF_CHAINSIGN_SCRIPT}"
				BYPRODUCTS "${header}" DEPENDS "${object}"
				WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" VERBATIM)
		endif()
		add_dependencies(${target} ${name}-lskel)
		target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
	endforeach()
endfunction()
