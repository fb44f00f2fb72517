/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime_pin.h - what a signed header brings along to pin maps, if there are any that ask for it.
 *
 * The text from the next #ifndef on goes into headers, behind that of runtime.h, whose rules it
 * follows.
 *
 * Does: pin and unpin maps in a folder. Does not: take a map that is pinned there.
 */
#include "lskel/runtime.h"

#ifndef BPF_CHAINSIGN_RT1_PIN_H
#define BPF_CHAINSIGN_RT1_PIN_H

/* For headers with maps that are pinned. */
#include <stdio.h>
#include <sys/stat.h>

/* A map, and the name of its file. */
struct bpf_chainsign_rt1_pin {
	const char *name;
	int map_fd;
};

/* The file of PIN in folder DIR, NULL: where BPF file systems are mounted. 0 or -errno. */
static inline int bpf_chainsign_rt1_pin_path(const struct bpf_chainsign_rt1_pin *pin,
					     const char *dir, char *path, size_t size)
{
	int used = snprintf(path, size, "%s/%s", dir ? dir : "/sys/fs/bpf", pin->name);

	return used < 0 || (size_t)used >= size ? -ENAMETOOLONG : 0;
}

/* Pin MAP_FD as PATH, or open what is pinned there (BPF_OBJ_GET): 0, a descriptor or -errno. */
static inline int bpf_chainsign_rt1_pin_call(int cmd, const char *path, int map_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpf_chainsign_rt1_address(path);
	attr.bpf_fd = (__u32)map_fd;
	return bpf_chainsign_rt1_bpf(
		cmd, &attr, offsetof(union bpf_attr, file_flags) + sizeof(attr.file_flags));
}

static inline int bpf_chainsign_rt1_pin_one(const struct bpf_chainsign_rt1_pin *pin,
					    const char *dir)
{
	char path[4096];
	int err = bpf_chainsign_rt1_pin_path(pin, dir, path, sizeof(path));

	return err < 0 ? err : bpf_chainsign_rt1_pin_call(BPF_OBJ_PIN, path, pin->map_fd);
}

/* Whatever else is in that place stays: only a pinned object can be opened as one. */
static inline int bpf_chainsign_rt1_unpin_one(const struct bpf_chainsign_rt1_pin *pin,
					      const char *dir)
{
	char path[4096];
	int fd, err = bpf_chainsign_rt1_pin_path(pin, dir, path, sizeof(path));

	if (err < 0)
		return err;
	fd = bpf_chainsign_rt1_pin_call(BPF_OBJ_GET, path, 0);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	close(fd);
	return unlink(path) ? -errno : 0;
}

/* Remove the pins, of which some may be missing: 0, or -errno of the first that stays. */
static inline int bpf_chainsign_rt1_maps_unpin(const struct bpf_chainsign_rt1_pin *pins, size_t nr,
					       const char *dir)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		int err = bpf_chainsign_rt1_unpin_one(&pins[i], dir);

		ret = ret < 0 ? ret : err;
	}
	if (ret < 0)
		errno = -ret;
	return ret;
}

/*
 * Pin all, or none, in DIR, which is made if it is missing. -EEXIST: something is pinned there
 * already, which stays. Returns 0 or -errno.
 */
static inline int bpf_chainsign_rt1_maps_pin(const struct bpf_chainsign_rt1_pin *pins, size_t nr,
					     const char *dir)
{
	int err = dir && mkdir(dir, 0700) && errno != EEXIST ? -errno : 0;
	size_t i;

	for (i = 0; err >= 0 && i < nr; i++)
		err = bpf_chainsign_rt1_pin_one(&pins[i], dir);
	if (err >= 0)
		return 0;
	if (i)
		bpf_chainsign_rt1_maps_unpin(pins, i - 1, dir);
	errno = -err;
	return err;
}

#endif /* BPF_CHAINSIGN_RT1_PIN_H */
