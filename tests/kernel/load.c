// SPDX-License-Identifier: BSD-2-Clause
/*
 * load.c - /init of the virtual machine: load a signed skeleton for real, and try to get past it.
 *
 * HEADER is the signed light skeleton of example.bpf.c; the certificates that attempts.h names are
 * in the root folder. Prints a line per attempt: "load ERRNO: NAME: as SCHEME", with the beginning
 * of the reason if there is one, and for those that load whether the program counts: "load 0: NAME:
 * as folded: counters right". Linked with --wrap=syscall, so that what the skeleton presents to the
 * kernel can be changed on its way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/reboot.h>

#include HEADER

#include "attempts.h"
#include "keyring.h"

static const struct attempt *current;
static bool is_loading;
static uint32_t data_size;

/* --- between the skeleton and the kernel --- */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static uint64_t read_u64(const uint8_t *attr, size_t offset)
{
	uint64_t value;

	memcpy(&value, attr + offset, sizeof(value));
	return value;
}

static uint32_t read_u32(const uint8_t *attr, size_t offset)
{
	uint32_t value;

	memcpy(&value, attr + offset, sizeof(value));
	return value;
}

/* Let the pointer at OFFSET of ATTR point to a copy of its SIZE bytes with one bit flipped. */
static void flip(uint8_t *attr, size_t offset, uint32_t size)
{
	static uint8_t copy[1 << 20];
	const uint64_t address = (uintptr_t)copy;

	if (!size || size > sizeof(copy))
		return;
	memcpy(copy, (const void *)(uintptr_t)read_u64(attr, offset), size);
	copy[attempt_place(current, copy, size)] ^= 1;
	memcpy(attr + offset, &address, sizeof(address));
}

/* Offsets are those of union bpf_attr (Linux 6.18, include/uapi/linux/bpf.h). */
static void tamper(int cmd, uint8_t *attr)
{
	if (cmd == BPF_MAP_CREATE) {
		data_size = read_u32(attr, 8);
		if (current->part == PART_EXCL_HASH)
			flip(attr, 80, read_u32(attr, 88));
		if (current->part == PART_NOT_EXCLUSIVE)
			memset(attr + 80, 0, 12);
	}
	if (cmd == BPF_MAP_UPDATE_ELEM && attempt_is_data(current))
		flip(attr, 16, data_size);
	/* What is written after the loader ran is not its data. */
	if (cmd == BPF_PROG_TEST_RUN)
		data_size = 0;
	if (cmd == BPF_PROG_LOAD && current->part == PART_INSNS)
		flip(attr, 8, read_u32(attr, 4) * (uint32_t)sizeof(struct bpf_insn));
	if (cmd == BPF_PROG_LOAD && current->part == PART_SIGNATURE)
		flip(attr, 152, read_u32(attr, 160));
}

long __wrap_syscall(long number, ...)
{
	uint8_t copy[256] = {0};
	va_list args;
	long arg[5];

	va_start(args, number);
	for (size_t i = 0; i < 5; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number == __NR_bpf && is_loading && arg[2] <= (long)sizeof(copy)) {
		long ret;

		if ((int)arg[0] == BPF_MAP_FREEZE && current->part == PART_NOT_FROZEN)
			return 0;
		memcpy(copy, (const void *)arg[1], (size_t)arg[2]);
		tamper((int)arg[0], copy);
		ret = __real_syscall(number, (int)arg[0], copy, (unsigned int)arg[2]);
		/* What the kernel wrote is for the caller; what was bent is not. */
		if ((int)arg[0] == BPF_PROG_TEST_RUN)
			memcpy((void *)arg[1], copy, (size_t)arg[2]);
		return ret;
	}
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4]);
}

/* --- one attempt --- */

static int run_once(int prog_fd)
{
	static uint8_t packet[64];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (uint32_t)prog_fd;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	if (syscall(__NR_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)) < 0)
		return -errno;
	return (int)attr.test.retval;
}

static int update(int map_fd, uint32_t key, uint64_t value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	return (int)syscall(__NR_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
}

static uint64_t look_up(int map_fd, uint32_t key)
{
	union bpf_attr attr;
	uint64_t value = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	syscall(__NR_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
	return value;
}

static uint32_t max_entries(int map_fd)
{
	struct bpf_map_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)map_fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	return info.max_entries;
}

/* Run the program twice: both counters must have moved by twice the step. */
static void check_counters(struct example *skel)
{
	const uint32_t entries = max_entries(skel->maps.counts.map_fd);
	const uint32_t key = 0;
	uint64_t value;
	int first, second;

	const bool are_set = current->part == PART_VARIABLES;
	const long total = are_set ? 1000 : 3;
	const int seen = are_set ? 2000 : 0;

	if (skel->rodata->step != 7 || skel->data->total != total || skel->bss->seen != seen ||
	    entries != 16) {
		printf(": not as signed: step %d total %ld seen %d, %u entries", skel->rodata->step,
		       skel->data->total, skel->bss->seen, entries);
		return;
	}
	if (update(skel->maps.counts.map_fd, key, 0)) {
		printf(": no map: errno %d", errno);
		return;
	}
	first = run_once(skel->progs.count.prog_fd);
	second = run_once(skel->progs.count.prog_fd);
	value = look_up(skel->maps.counts.map_fd, key);
	if (first == XDP_PASS && second == XDP_PASS && value == 14 &&
	    skel->data->total == total + 14 && skel->bss->seen == seen + 2)
		printf(": counters right");
	else
		printf(": wrong: returned %d, %d; counts %llu total %ld seen %d", first, second,
		       (unsigned long long)value, skel->data->total, skel->bss->seen);
}

/* What a host asks for between open and load. */
static void ask(struct example *skel)
{
	const int step = 1000;

	if (current->part == PART_SIZE)
		skel->maps.counts.max_entries = 1000;
	if (current->part == PART_RODATA)
		memcpy((void *)(uintptr_t)&skel->rodata->step, &step, sizeof(step));
	if (current->part != PART_VARIABLES)
		return;
	skel->data->total = 1000;
	skel->bss->seen = 2000;
}

/* As what it was loaded, and the errno that its reason begins with, or all of it. */
static void say(const struct example *skel)
{
	const char *why = skel->why ? skel->why : "";

	printf(": as %s%s%.*s", skel->loaded_as ? skel->loaded_as : "nothing", *why ? ", " : "",
	       (int)strcspn(why, ":"), why);
}

/*
 * A loader that checks its map closes, on its way out, what the first words of the map say are its
 * descriptors. With the first byte of data flipped that is 1, standard output.
 */
static void keep_output(void)
{
	static int kept = -1;

	if (kept < 0)
		kept = fcntl(1, F_DUPFD_CLOEXEC, 100);
	fflush(stdout);
	dup2(kept, 1);
}

static void try(const struct attempt *attempt)
{
	struct example *skel = example__open();
	int err;

	keep_output();

	if (!skel) {
		printf("load ?: %s: cannot open\n", attempt->name);
		return;
	}
	skel->keyring_id = keyring_with(attempt->cert);
	if (attempt->mode != MODE_STRICT)
		skel->enforce = attempt->mode == MODE_OBSERVE ? 0 : 2;
	current = attempt;
	ask(skel);
	is_loading = true;
	err = example__load(skel);
	is_loading = false;
	keep_output();
	printf("load %d: %s", err, attempt->name);
	say(skel);
	if (!err)
		check_counters(skel);
	printf("\n");
	example__destroy(skel);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		try(&attempts[i]);
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
