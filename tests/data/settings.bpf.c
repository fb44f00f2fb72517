// SPDX-License-Identifier: BSD-2-Clause
/* Variables of each kind that a file of values can set. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

enum mode {
	MODE_SLOW = 1,
	MODE_FAST = 7,
};

struct rule {
	__u8 mac[6];
	_Bool drop;
	int ports[2];
};

const volatile __u64 level = 3;
const volatile _Bool on = 0;
const volatile enum mode mode = MODE_SLOW;
const volatile double ratio = 1.5;
const volatile char name[8] = "default";
const volatile int table[4];
const volatile struct {
	int limit;
	struct rule rules[2];
} cfg;

SEC("socket")
int read_all(void *ctx)
{
	return (int)level + on + mode + name[0] + table[0] + cfg.limit + cfg.rules[0].drop;
}

char LICENSE[] SEC("license") = "GPL";
