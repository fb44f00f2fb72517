// SPDX-License-Identifier: BSD-2-Clause
/*
 * pins.c - /init of the virtual machine: pin the maps of a signed skeleton that ask for it.
 *
 * HEADER is the signed skeleton of pins.bpf.c; the signer's certificate cert.der is in the root
 * folder. Prints a line per question, "load ERRNO: pins: QUESTION".
 */
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include HEADER

#include "keyring.h"
#include "sysbpf.h"

static void say(int err, const char *what)
{
	printf("load %d: pins: %s\n", err, what);
}

/* Element 0 of MAP: with BPF_MAP_UPDATE_ELEM it becomes *VALUE, with BPF_MAP_LOOKUP_ELEM *VALUE it.
 */
static int element(int cmd, int map, __u32 *value)
{
	union bpf_attr attr;
	__u32 key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (__u32)map;
	attr.key = address(&key);
	attr.value = address(value);
	return sys_bpf(cmd, &attr, sizeof(attr));
}

/* What a process that knows only the file of a map does. */
static int write_pinned(const char *path, __u32 value)
{
	union bpf_attr attr;
	int map;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = address(path);
	map = sys_bpf(BPF_OBJ_GET, &attr, sizeof(attr));
	return map < 0 ? map : element(BPF_MAP_UPDATE_ELEM, map, &value);
}

/* Another process writes VALUE into PATH: 0 if it then stands in MAP. */
static int crosses(const char *path, int map, __u32 value)
{
	pid_t child = fork();
	__u32 found = 0;
	int status;

	if (!child)
		_exit(-write_pinned(path, value));
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -errno;
	if (status)
		return -WEXITSTATUS(status);
	return element(BPF_MAP_LOOKUP_ELEM, map, &found) ?: (found == value ? 0 : -ENODATA);
}

static int missing(const char *path)
{
	return access(path, F_OK) ? -errno : 0;
}

static struct pins *load(void)
{
	struct pins *skel = pins__open();

	skel->keyring_id = keyring_with("cert.der");
	say(pins__load(skel), "loaded");
	return skel;
}

static void pin_in_the_usual_folder(struct pins *skel)
{
	say(pins__pin(skel, NULL), "pinned");
	say(crosses("/sys/fs/bpf/first", skel->maps.first.map_fd, 7), "another process writes");
	say(crosses("/sys/fs/bpf/second", skel->maps.second.map_fd, 8), "and into the second");
	say(missing("/sys/fs/bpf/other"), "one that does not ask is not pinned");
}

/* A new load has new maps, and what is pinned stays until it is unpinned. */
static void pin_again(struct pins *old, struct pins *skel)
{
	say(pins__pin(skel, NULL), "pinned while another is");
	say(crosses("/sys/fs/bpf/first", old->maps.first.map_fd, 9), "which stays");
	say(unlink("/sys/fs/bpf/first"), "the first alone is unpinned");
	say(pins__pin(skel, NULL), "pinned while the second is");
	say(missing("/sys/fs/bpf/first"), "all are pinned, or none");
	say(pins__unpin(skel, NULL), "unpinned");
	say(pins__unpin(skel, NULL), "unpinned again");
	say(pins__pin(skel, NULL), "pinned after that");
	say(crosses("/sys/fs/bpf/first", skel->maps.first.map_fd, 10), "it is the new map");
	pins__destroy(skel);
	say(write_pinned("/sys/fs/bpf/first", 11), "it stays after the program");
}

static void pin_elsewhere(struct pins *skel)
{
	char path[5000] = "/sys/fs/bpf/";

	say(pins__pin(skel, "/sys/fs/bpf/app"), "pinned in a folder that is made");
	say(crosses("/sys/fs/bpf/app/second", skel->maps.second.map_fd, 12), "and seen there");
	mkdir("/files", 0700);
	say(pins__pin(skel, "/files"), "not pinned where files are");
	say(mknod("/files/first", S_IFREG | 0600, 0), "a file of that name");
	say(pins__unpin(skel, "/files"), "is not removed");
	say(missing("/files/first"), "it is there");
	memset(path + strlen(path), 'a', 4500);
	say(pins__pin(skel, path), "a path that is too long");
}

int main(void)
{
	struct pins *skel;

	mount("sysfs", "/sys", "sysfs", 0, NULL);
	if (mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL))
		say(-errno, "no BPF file system");
	skel = load();
	pin_in_the_usual_folder(skel);
	pin_again(skel, load());
	pin_elsewhere(skel);
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
