// SPDX-License-Identifier: BSD-2-Clause
/* Refused: 121 programs; a sealed loader has room for 120. */
#define PROGS 121
#include "many.bpf.c"
