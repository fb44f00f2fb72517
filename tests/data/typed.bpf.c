// SPDX-License-Identifier: BSD-2-Clause
/* Typed sections with padding, arrays, structs, a private section; static variables are hidden. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct point {
	char tag;
	long x;
	short y;
};

const volatile char first = 'a';
const volatile long second = -2;
const volatile struct point origin = {'o', 1, 2};
const volatile char name[] = "typed";
static volatile const int hidden = 5;
char byte = 1;
struct point points[3];
int custom SEC(".data.custom") = 9;

SEC("socket")
int read_all(void *ctx)
{
	points[0].x += origin.x + second + hidden + name[0];
	byte += first;
	custom++;
	return points[0].y;
}

char LICENSE[] SEC("license") = "GPL";
