// SPDX-License-Identifier: BSD-2-Clause
/* What an object can ask of the kernel's configuration, of each type; weak, and not. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern bool CONFIG_NO_SUCH_OPTION __kconfig __weak;
extern enum libbpf_tristate CONFIG_IPV6 __kconfig;
extern char CONFIG_NET __kconfig;
extern int CONFIG_HZ __kconfig;
extern unsigned long CONFIG_PHYSICAL_START __kconfig;
extern const char CONFIG_DEFAULT_HOSTNAME[8] __kconfig;

long sum;

SEC("raw_tp/sched_switch")
int ask(void *ctx)
{
	sum = LINUX_KERNEL_VERSION + CONFIG_HZ + CONFIG_PHYSICAL_START + CONFIG_NET;
	sum += CONFIG_IPV6 + CONFIG_BPF_SYSCALL + CONFIG_NO_SUCH_OPTION;
	sum += CONFIG_DEFAULT_HOSTNAME[0] + LINUX_HAS_SYSCALL_WRAPPER;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
