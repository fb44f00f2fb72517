# SPDX-License-Identifier: BSD-2-Clause
#
# Run in every build, by bpf_chainsign_skeleton():
#	cmake -DPROGRAM= -DKEY= -DCERT= [-DKEY_2= ...] -DUNSIGNED= -DOPTIONS= -DOBJECT= -DHEADER= \
#		-P bpf-chainsign-sign.cmake
# Make HEADER from OBJECT, unless HEADER.signer says that it was made with the same program, object, keys,
# certificates and options, and nobody else wrote it. KEY and CERT are used if the environment names
# none.
cmake_minimum_required(VERSION 3.20)

# What identifies a signer: the name of a file and 32 bits of a hash, so that the same key in a new file
# is the same signer; the part of a URI before its ?, because a PIN may follow.
function(signer what ret_text)
	set(name "$ENV{BPF_CHAINSIGN_${what}}")
	if(name MATCHES "^pkcs11:")
		string(REGEX REPLACE "\\?.*" "" name "${name}")
	elseif(EXISTS "${name}" AND NOT IS_DIRECTORY "${name}")
		file(MD5 "${name}" sum)
		string(SUBSTRING "${sum}" 0 8 sum)
		string(APPEND name " ${sum}")
	endif()
	set(${ret_text} "${what} ${name}" PARENT_SCOPE)
endfunction()

set(made_of "")
set(options "")
set(doing "Signing")
set(signers KEY CERT)
foreach(n 2 3 4 5 6 7 8)
	list(APPEND signers KEY_${n} CERT_${n})
endforeach()
if(UNSIGNED)
	set(signers "")
	set(made_of "UNSIGNED\n")
	set(options --unsigned)
	set(doing "Writing without signatures:")
endif()
foreach(what IN LISTS signers)
	if("$ENV{BPF_CHAINSIGN_${what}}" STREQUAL "" AND NOT "${${what}}" STREQUAL "")
		set(ENV{BPF_CHAINSIGN_${what}} "${${what}}")
	endif()
	signer(${what} text)
	string(APPEND made_of "${text}\n")
endforeach()
foreach(what PROGRAM OBJECT)
	file(SHA256 "${${what}}" sum)
	string(APPEND made_of "${what} ${sum}\n")
endforeach()
string(APPEND made_of "OPTIONS ${OPTIONS}\nHEADER ")

if(EXISTS "${HEADER}" AND EXISTS "${HEADER}.signer")
	file(READ "${HEADER}.signer" made_of_before)
	file(SHA256 "${HEADER}" sum)
	if("${made_of}${sum}" STREQUAL made_of_before)
		return()
	endif()
endif()

get_filename_component(name "${HEADER}" NAME)
message(STATUS "${doing} ${name}")
execute_process(COMMAND "${PROGRAM}" sign --quiet ${options} ${OPTIONS} -o "${HEADER}" "${OBJECT}"
	RESULT_VARIABLE status)
if(NOT status EQUAL 0)
	file(REMOVE "${HEADER}" "${HEADER}.signer")
	message(FATAL_ERROR "${name} was not signed: status ${status}")
endif()
file(SHA256 "${HEADER}" sum)
file(WRITE "${HEADER}.signer" "${made_of}${sum}")
