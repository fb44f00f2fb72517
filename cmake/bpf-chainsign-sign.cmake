# SPDX-License-Identifier: BSD-2-Clause
#
# Run in every build, by bpf_chainsign_skeleton():
#	cmake -DPROGRAM= -DKEY= -DCERT= -DOPTIONS= -DOBJECT= -DHEADER= -P bpf-chainsign-sign.cmake
# Make HEADER from OBJECT, unless it was made with the same object, key, certificate and options, which
# HEADER.signer records. KEY and CERT are used if the environment names none.
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

foreach(what KEY CERT)
	if("$ENV{BPF_CHAINSIGN_${what}}" STREQUAL "" AND NOT "${${what}}" STREQUAL "")
		set(ENV{BPF_CHAINSIGN_${what}} "${${what}}")
	endif()
	signer(${what} text)
	string(APPEND made_of "${text}\n")
endforeach()
file(SHA256 "${OBJECT}" sum)
string(APPEND made_of "OBJECT ${sum}\nOPTIONS ${OPTIONS}\n")

if(EXISTS "${HEADER}" AND EXISTS "${HEADER}.signer")
	file(READ "${HEADER}.signer" made_of_before)
	if(made_of STREQUAL made_of_before)
		return()
	endif()
endif()

get_filename_component(name "${HEADER}" NAME)
message(STATUS "Signing ${name}")
execute_process(COMMAND "${PROGRAM}" sign --quiet ${OPTIONS} -o "${HEADER}" "${OBJECT}"
	RESULT_VARIABLE status)
if(NOT status EQUAL 0)
	file(REMOVE "${HEADER}" "${HEADER}.signer")
	message(FATAL_ERROR "${name} was not signed: status ${status}")
endif()
file(WRITE "${HEADER}.signer" "${made_of}")
