// SPDX-License-Identifier: BSD-2-Clause
/* Global variables whose types have other sizes or alignments on 32 bits, or no name in C++. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

long total = 1;
unsigned long totals[3] = {2};
int before = 3;
long after = 4;
long long wide = 5;
_Bool flag = 1;
char last = 6;
double ratio = 0.5;
struct {
	int more;
	long inner;
	double half;
} pair = {7, 8, 0.25};
union {
	int narrow;
	unsigned long wide;
} either = {9};
enum {
	SMALL,
	LARGE,
} __attribute__((mode(word))) size = LARGE;
const volatile unsigned long limit = 10;
unsigned long seen;
char many[9000];

SEC("socket")
int count(void *ctx)
{
	total += limit + totals[0] + before + after + wide + flag + last + pair.inner;
	seen += either.wide + size + many[0];
	__asm__ volatile("" : : "r"(&ratio));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
