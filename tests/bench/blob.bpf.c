// SPDX-License-Identifier: BSD-2-Clause
/* A program with SIZE bytes of initial values, for scripts/bench, which puts noise behind MARK. */
#define MARK "the noise begins"

static const volatile struct {
	char mark[sizeof(MARK) - 1];
	unsigned char noise[SIZE - sizeof(MARK) + 1];
} blob = {MARK};

__attribute__((section("socket"), used)) int first(void *ctx)
{
	return blob.noise[*(unsigned int *)ctx & 1];
}

__attribute__((section("license"), used)) char _license[] = "Dual BSD/GPL";
