// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is set in a loader from files: values by JSON, options of the kernel by its configuration.
 * (test_prepare.c has values and sizes of the command line.)
 */
#include "settings.h"

#include <errno.h>

#include "signed_sample.h"

static struct err err;

/* Set SETTINGS in an object's loader, which is sealed. */
static int apply(struct made *made, const struct settings *settings)
{
	int rc;

	SAMPLE_MUST(loader_seal(&made->sample.loader, &made->sample.image, &sample_err));
	memset(&err, 0, sizeof(err));
	rc = settings_apply(settings, &made->sample.subject, &made->skel, &err);
	CHECK(!rc == !err.code && (!rc || *err.text));
	return rc;
}

/* The same for the values of TEXT, in a loader of tests/data/settings.bpf.c. */
static int apply_file(const char *text)
{
	_values_ struct values file = {0};
	_made_ struct made made = {0};

	made_of(&made, "settings");
	SAMPLE_MUST(values_parse(view_str(text), &file, &sample_err));
	return apply(&made, &(struct settings){.file = &file, .file_name = "f.json"});
}

/* What a loader has in the variable NAME of its section, as text; "" if it is not there. */
static const char *value_of(struct made *made, const char *section, const char *name)
{
	static char text[64];
	const struct loader *loader = &made->sample.loader;

	*text = '\0';
	sample_again(&made->sample);
	for (size_t i = 0; i < loader->nr_maps; i++) {
		_cleanup_(object_types_free_p) struct object_types *types = NULL;
		_object_values_ struct object_values values = {0};
		const struct loader_map *map = &loader->maps[i];

		if (!strstr(map->name, section))
			continue;
		SAMPLE_MUST(object_types_read(loader->btf, loader->big, &types, &sample_err));
		SAMPLE_MUST(object_values_read(types, map->btf_value, map->value, OBJECT_TEXT_SHORT,
					       &values, &sample_err));
		for (size_t j = 0; j < values.nr; j++) {
			if (!strcmp(values.list[j].name, name))
				snprintf(text, sizeof(text), "%s", values.list[j].text);
		}
	}
	return text;
}

/* --- --values --- */

TEST(an_array_of_a_file_has_all_of_its_elements)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"{\"table\": [1, 2, 3, 4]}", NULL},
		{"{\"table\": \"9,8,7,6\"}", NULL},
		{"{\"name\": \"abc\", \"level\": 4, \"on\": true}", NULL},
		{"{\"name\": 5}",
		 "--values: f.json:1: name is an array of 8 elements: expected an array or a "
		 "string"},
		{"{\"table\": 7}",
		 "--values: f.json:1: table is an array of 4 elements: expected an array or a "
		 "string"},
		{"{\n\"table\": [1, 2, 3]}",
		 "--values: f.json:2: table has 4 elements in the object, but 3 here"},
		{"{\"cfg\": {\"rules\": [{\"drop\": true}]}}",
		 "--values: f.json:1: cfg.rules has 2 elements in the object, but 1 here"},
		{"{\"level\": 1, \"cfg\": {\n\"limit\": \"x\"}}", "--values: f.json:2: "},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *error = cases[i].error;

		if (!CHECK_INT(apply_file(cases[i].text), error ? -EINVAL : 0))
			printf("# %s: %s\n", cases[i].text, err.text);
		if (error && !CHECK(!strncmp(err.text, error, strlen(error))))
			printf("# %s\n", err.text);
	}
}

TEST(values_of_a_file_and_of_the_command_line_are_set_together)
{
	const char *pair = "level=9";
	_values_ struct values file = {0};
	_made_ struct made made = {0}, again = {0};
	struct settings settings = {.file = &file, .file_name = "f.json", .values = {&pair, 1}};

	NEED_CLANG();
	made_of(&made, "settings");
	SAMPLE_MUST(values_parse(view_str("{\"table\": [1, 2, 3, 4], \"mode\": \"MODE_FAST\"}"),
				 &file, &sample_err));
	CHECK_INT(apply(&made, &settings), 0);
	CHECK_STR(value_of(&made, ".rodata", "level"), "9");
	CHECK(strstr(value_of(&made, ".rodata", "mode"), "7"));
	CHECK(strstr(value_of(&made, ".rodata", "table"), "4"));
	/* both set the same bytes */
	pair = "table[2]=5";
	made_of(&again, "settings");
	CHECK_INT(apply(&again, &settings), -EINVAL);
	CHECK_STR(err.text, "--set table[2]=5: f.json:1 already sets these bytes");
}

TEST(values_of_a_header_cannot_be_set)
{
	_values_ struct values file = {0};
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "settings");
	SAMPLE_MUST(values_parse(view_str("{\"level\": 3}"), &file, &sample_err));
	memset(&err, 0, sizeof(err));
	CHECK_INT(settings_apply(&(struct settings){.file = &file, .file_name = "f.json"},
				 &made.sample.subject, NULL, &err),
		  -ENOTSUP);
	CHECK_STR(err.text, "--values: the values of a header cannot be set: pass the object");
	/* nothing to set needs nothing */
	memset(&err, 0, sizeof(err));
	CHECK_INT(
		settings_apply(&(struct settings){.file = NULL}, &made.sample.subject, NULL, &err),
		0);
}

/* --- options of the kernel --- */

static const char configuration[] =
	"CONFIG_BPF_SYSCALL=y\n"
	"# CONFIG_IPV6 is not set\n"
	"CONFIG_NET=m\n"
	"CONFIG_HZ=250\n"
	"CONFIG_PHYSICAL_START=0x1000000\n"
	"CONFIG_DEFAULT_HOSTNAME=\"abc\"\n"
	"CONFIG_UNUSED=\"of no interest\"\n";

/* The finding about the options of an object, as "NAME, NAME"; NULL: there is none. */
static const char *find_host(const char *object, const struct settings *settings)
{
	static char text[sizeof(((struct loader_finding *)0)->where)];
	struct loader_finding finding = {.name = NULL};
	_made_ struct made made = {0};
	int rc;

	made_of(&made, object);
	rc = settings_find_host(settings, &made.sample.loader, &finding, &err);
	CHECK(rc >= 0);
	snprintf(text, sizeof(text), "%s", finding.where);
	return rc > 0 ? text : NULL;
}

TEST(options_have_the_values_of_the_configuration)
{
	const char *pairs[] = {"CONFIG_HZ=1000", "LINUX_KERNEL_VERSION=0x060c00"};
	_kconfig_ struct kconfig kconfig = {0};
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "kernel");
	SAMPLE_MUST(kconfig_parse(view_str(configuration), &kconfig, &sample_err));
	CHECK_INT(apply(&made, &(struct settings){.kconfig = &kconfig, .values = {pairs, 2}}), 0);
	CHECK_STR(value_of(&made, ".kconfig", "CONFIG_HZ"), "1000"); /* --set comes first */
	CHECK_STR(value_of(&made, ".kconfig", "LINUX_KERNEL_VERSION"), "396288");
	CHECK_STR(value_of(&made, ".kconfig", "CONFIG_PHYSICAL_START"), "16777216");
	CHECK_STR(value_of(&made, ".kconfig", "CONFIG_BPF_SYSCALL"), "true");
	CHECK_STR(value_of(&made, ".kconfig", "CONFIG_NO_SUCH_OPTION"), "false");
	CHECK(strstr(value_of(&made, ".kconfig", "CONFIG_DEFAULT_HOSTNAME"), "abc"));
}

TEST(an_option_whose_value_does_not_fit_is_named)
{
	_kconfig_ struct kconfig kconfig = {0};
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "kernel");
	SAMPLE_MUST(kconfig_parse(view_str("CONFIG_HZ=y\n"), &kconfig, &sample_err));
	CHECK_INT(apply(&made, &(struct settings){.kconfig = &kconfig}), -EINVAL);
	CHECK(!strncmp(err.text, "CONFIG_HZ: 'y' ", 15));
}

TEST(options_without_a_value_are_found_and_named)
{
	const char *pairs[] = {"LINUX_KERNEL_VERSION=1",
			       "CONFIG_BPF_SYSCALL=y",
			       "CONFIG_NO_SUCH_OPTION=n",
			       "CONFIG_IPV6=m",
			       "CONFIG_NET=y",
			       "CONFIG_PHYSICAL_START=1",
			       "CONFIG_HZ=1",
			       "CONFIG_DEFAULT_HOSTNAME="};
	_values_ struct values file = {0};
	_kconfig_ struct kconfig kconfig = {0};
	const struct settings none = {.kconfig = &kconfig};

	NEED_CLANG();
	CHECK(!find_host("tiny", NULL));
	CHECK(!find_host("typical", &none));
	/* the first ones that there is room for; LINUX_HAS_* are no values of the host */
	CHECK_STR(find_host("kernel", NULL) ?: "", find_host("kernel", &none) ?: "none");
	CHECK(strstr(find_host("kernel", NULL), ", CONFIG_"));
	CHECK(strstr(find_host("kernel", NULL), " and 5 more"));
	CHECK(!strstr(find_host("kernel", NULL), "LINUX_HAS"));
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct settings all = {.values = {pairs, ARRAY_SIZE(pairs)}};
		const struct settings less = {.values = {pairs, ARRAY_SIZE(pairs) - 1}};
		const char *last = pairs[ARRAY_SIZE(pairs) - 1];
		const char *found;
		char name[64];

		CHECK(!find_host("kernel", &all));
		found = find_host("kernel", &less);
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(last, "="), last);
		CHECK_STR(found ?: "", name);
		memmove(pairs + 1, pairs, sizeof(pairs) - sizeof(*pairs));
		pairs[0] = last;
	}
	/* a longer name, or the beginning of one, is another option */
	pairs[0] = "CONFIG_HZ_1000=y";
	CHECK(strstr(find_host("externs", &(struct settings){.values = {pairs, 1}}) ?: "",
		     "LINUX_KERNEL_VERSION"));
	SAMPLE_MUST(values_parse(view_str("{\"CONFIG_HZ\": 1, \"LINUX_KERNEL_VERSION\": 5}"), &file,
				 &sample_err));
	CHECK(!find_host("externs", &(struct settings){.file = &file}));
	/* a configuration has no version; an option that it says is not set has a value */
	SAMPLE_MUST(kconfig_parse(view_str(configuration), &kconfig, &sample_err));
	CHECK_STR(find_host("kernel", &none) ?: "", "LINUX_KERNEL_VERSION, CONFIG_NO_SUCH_OPTION");
}

TEST(the_running_kernel_has_the_options_that_nothing_else_gives)
{
	const struct settings settings = {.host = true};
	_kconfig_ struct kconfig host = {0};
	const int expected = kconfig_read_host(&host, &err);
	_made_ struct made made = {0}, typical = {0};

	NEED_CLANG();
	made_of(&made, "kernel");
	CHECK_INT(apply(&made, &settings), expected);
	if (expected)
		CHECK(!strncmp(err.text, "--allow=host-config: ", 21));
	else
		CHECK_STR(value_of(&made, ".kconfig", "CONFIG_BPF_SYSCALL"), "true");
	/* an object that asks for none works without it */
	made_of(&typical, "typical");
	CHECK_INT(apply(&typical, &settings), 0);
	CHECK_STR(err.text, "");
}

TEST(the_running_kernel_is_asked_only_if_that_is_allowed_and_needed)
{
	const char *pairs[] = {"CONFIG_BPF_SYSCALL=y",	  "CONFIG_NO_SUCH_OPTION=n",
			       "CONFIG_IPV6=m",		  "CONFIG_NET=y",
			       "CONFIG_PHYSICAL_START=1", "CONFIG_HZ=1",
			       "CONFIG_DEFAULT_HOSTNAME="};
	struct settings settings = {.host = true};
	bool needed = true;
	_made_ struct made made = {0}, other = {0};

	NEED_CLANG();
	made_of(&made, "kernel");
	made_of(&other, "externs"); /* the version alone, which libbpf knows by itself */
	CHECK_INT(settings_need_host(&settings, &other.sample.loader, &needed, &err), 0);
	CHECK(!needed);
	CHECK_INT(settings_need_host(&settings, &made.sample.loader, &needed, &err), 0);
	CHECK(needed);
	settings.host = false;
	CHECK_INT(settings_need_host(&settings, &made.sample.loader, &needed, &err), 0);
	CHECK(!needed);
	settings.host = true;
	settings.values = (struct settings_pairs){pairs, ARRAY_SIZE(pairs)};
	CHECK_INT(settings_need_host(&settings, &made.sample.loader, &needed, &err), 0);
	CHECK(!needed);
	settings.values.nr--;
	CHECK_INT(settings_need_host(&settings, &made.sample.loader, &needed, &err), 0);
	CHECK(needed);
}

UNIT_MAIN
