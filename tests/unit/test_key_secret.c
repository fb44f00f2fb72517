// SPDX-License-Identifier: BSD-2-Clause
/* Passphrases and PINs: where they come from, and which comes first. */
#include "key/key_secret.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "key/key.h"
#include "unit.h"

/* In the place of the C library's: how long the program would have waited; 0: it was ready. */
static int waited;

int poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	const struct timespec now = {0, 0};
	int rc = ppoll(fds, nr, &now, NULL);

	if (!rc)
		waited = timeout;
	return rc;
}

static char folder[] = "/tmp/test_key_secret.XXXXXX";

/* The file NAME, whose path is borrowed until the next one. */
static const char *make_file(const char *name, const char *text, size_t size)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK(file && fwrite(text, 1, size, file) == size);
	if (file)
		fclose(file);
	return path;
}

/* Nothing is known, and the environment is empty. */
static void forget(void)
{
	key_secrets_end();
	waited = 0;
	unsetenv("BPF_CHAINSIGN_PIN");
	unsetenv("BPF_CHAINSIGN_PIN_FILE");
	unsetenv("BPF_CHAINSIGN_PASSPHRASE");
	unsetenv("BPF_CHAINSIGN_PASSPHRASE_FILE");
	setenv("CI", "true", 1);
}

/* The PIN that is the first line of SIZE bytes of TEXT, or NULL. */
static const char *pin_of(const char *text, size_t size, struct err *err)
{
	const char *pin = NULL;

	forget();
	return key_secret(KEY_PIN, "token", make_file("pin", text, size), &pin, err) ? NULL : pin;
}

TEST(a_file_that_is_empty_or_utf_16_is_refused)
{
	struct err err;

	CHECK(!pin_of("", 0, &err));
	CHECK(strstr(err.text, "the file is empty"));
	CHECK(
		!pin_of("\xff\xfe"
			"1\0"
			"2\0",
			6, &err));
	CHECK(strstr(err.text, "it is UTF-16: write it as UTF-8"));
	CHECK(
		!pin_of("\xfe\xff\0"
			"1",
			4, &err));
}

TEST(a_variable_that_is_set_to_nothing_is_named)
{
	const char *pin;
	struct err err;

	forget();
	setenv("BPF_CHAINSIGN_PIN", "", 1);
	CHECK(key_secret(KEY_PIN, "token", NULL, &pin, &err) == -ENOKEY);
	CHECK_STR(err.text, "token: BPF_CHAINSIGN_PIN is empty");
	forget();
	setenv("BPF_CHAINSIGN_PASSPHRASE_FILE", "", 1);
	CHECK(key_secret(KEY_PASSPHRASE, "a.key", NULL, &pin, &err) == -ENOKEY);
	CHECK_STR(err.text, "a.key: BPF_CHAINSIGN_PASSPHRASE_FILE is empty");
}

TEST(the_first_line_of_a_file_is_the_secret)
{
	static const struct {
		const char *text, *secret;
	} files[] = {{"1234", "1234"},
		     {"1234\n", "1234"},
		     {"1234\r\nmore\n", "1234"},
		     {"\n1234", ""},
		     {" 1 2 \n", " 1 2 "},
		     {"\xef\xbb\xbf"
		      "1234\r\n",
		      "1234"},
		     {"\xef\xbb\xbf", ""},
		     {"\xef\xbb"
		      "1",
		      "\xef\xbb"
		      "1"}};
	struct err err;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		CHECK_STR(pin_of(files[i].text, strlen(files[i].text), &err), files[i].secret);
	CHECK(
		!pin_of("12\0"
			"34",
			5, &err));
	CHECK(strstr(err.text, "zero byte"));
}

TEST(a_line_is_at_most_255_bytes)
{
	char text[KEY_SECRET_MAX + 1];
	struct err err;

	memset(text, 'x', sizeof(text));
	CHECK_INT(strlen(pin_of(text, KEY_SECRET_MAX - 1, &err) ?: ""), KEY_SECRET_MAX - 1);
	text[KEY_SECRET_MAX - 1] = '\n';
	CHECK_INT(strlen(pin_of(text, sizeof(text), &err) ?: ""), KEY_SECRET_MAX - 1);
	text[KEY_SECRET_MAX - 1] = 'x';
	CHECK(!pin_of(text, KEY_SECRET_MAX, &err));
	CHECK_INT(err.code, -ENOKEY);
	CHECK(strstr(err.text, "longer than 255 bytes") && !strstr(err.text, "xxx"));
}

TEST(the_environment_is_emptied_and_comes_before_its_file_but_not_before_the_uris)
{
	const char *secret = NULL;
	struct err err;

	forget();
	setenv("BPF_CHAINSIGN_PIN", "from-environment", 1);
	setenv("BPF_CHAINSIGN_PIN_FILE", make_file("pin", "from-file\n", 10), 1);
	CHECK_INT(key_secrets_begin(&err), 0);
	CHECK(!getenv("BPF_CHAINSIGN_PIN"));
	CHECK_INT(key_secret(KEY_PIN, "token", NULL, &secret, &err), 0);
	CHECK_STR(secret, "from-environment");
	CHECK_INT(key_secret(KEY_PIN, "token", make_file("uri", "from-uri\n", 9), &secret, &err),
		  0);
	CHECK_STR(secret, "from-uri");
	CHECK_INT(key_secret(KEY_PASSPHRASE, "a key", NULL, &secret, &err), -ENOKEY);
	CHECK(strstr(err.text, "a key: ") && strstr(err.text, "BPF_CHAINSIGN_PASSPHRASE_FILE"));
	key_secrets_end();
	CHECK_INT(key_secret(KEY_PIN, "token", NULL, &secret, &err), 0);
	CHECK_STR(secret, "from-file");
}

TEST(too_long_a_secret_in_the_environment_is_refused_when_it_is_wanted)
{
	char text[KEY_SECRET_MAX + 1] = "";
	const char *secret = NULL;
	struct err err;

	forget();
	memset(text, 'x', KEY_SECRET_MAX);
	setenv("BPF_CHAINSIGN_PIN", text, 1);
	CHECK_INT(key_secrets_begin(&err), 0);
	CHECK(!getenv("BPF_CHAINSIGN_PIN"));
	CHECK_INT(key_secret(KEY_PIN, "token", NULL, &secret, &err), -ENOKEY);
	CHECK(!secret && !strstr(err.text, "xxx"));
}

TEST(a_file_is_read_once_whatever_it_opens)
{
	const char *first = NULL, *second = NULL;
	struct err err;

	forget();
	setenv("BPF_CHAINSIGN_PASSPHRASE_FILE", make_file("phrase", "one\n", 4), 1);
	CHECK_INT(key_secret(KEY_PASSPHRASE, "a.p12", NULL, &first, &err), 0);
	make_file("phrase", "two\n", 4);
	CHECK_INT(key_secret(KEY_PASSPHRASE, "b.p12", NULL, &second, &err), 0);
	CHECK_STR(second, "one");
	CHECK(first == second);
}

TEST(a_pipe_that_nobody_writes_into_is_waited_for_a_minute)
{
	const char *secret = NULL;
	char path[128];
	struct err err;

	forget();
	snprintf(path, sizeof(path), "%s/fifo", folder);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(key_secret(KEY_PIN, "token", path, &secret, &err), -ETIMEDOUT);
	CHECK_INT(waited, 60000);
	CHECK(!secret && strstr(err.text, "nothing was written to the pipe for 60 seconds"));
}

TEST(a_pipe_gives_a_line_or_its_end_and_silence_is_no_secret)
{
	static const struct {
		const char *text, *secret;
	} pipes[] = {{"12\n34", "12"}, {"12", "12"}, {"\n", ""}, {"", NULL}};
	const char *secret;
	char path[32];
	struct err err;
	int ends[2];

	for (size_t i = 0; i < ARRAY_SIZE(pipes); i++) {
		forget();
		secret = NULL;
		CHECK_INT(pipe(ends), 0);
		CHECK_INT(write(ends[1], pipes[i].text, strlen(pipes[i].text)),
			  (long long)strlen(pipes[i].text));
		close(ends[1]);
		snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
		CHECK_INT(key_secret(KEY_PIN, "token", path, &secret, &err),
			  pipes[i].secret ? 0 : -ENOKEY);
		CHECK(pipes[i].secret ? !strcmp(secret, pipes[i].secret) : !secret);
		close(ends[0]);
	}
}

TEST(a_device_a_folder_and_what_is_not_there_are_refused_by_name)
{
	const char *secret = NULL;
	struct err err;

	forget();
	CHECK_INT(key_secret(KEY_PIN, "token", "/dev/zero", &secret, &err), -EINVAL);
	CHECK_STR(err.text, "token: cannot take the PIN from /dev/zero: neither a file nor a pipe");
	CHECK_INT(key_secret(KEY_PIN, "token", "/", &secret, &err), -EINVAL);
	CHECK_INT(key_secret(KEY_PIN, "token", "/nonexistent", &secret, &err), -ENOENT);
	CHECK_STR(err.text,
		  "token: cannot take the PIN from /nonexistent: cannot open: No such "
		  "file or directory");
}

TEST(a_child_has_no_secret)
{
	const char *secret = NULL;
	struct err err;
	int status = 1;
	pid_t child;

	secret = pin_of("1234\n", 5, &err);
	CHECK_STR(secret, "1234");
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(!!*secret);
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK_INT(status, 0);
}

TEST(there_is_an_end_to_how_many_are_kept_and_how_long_their_names_are)
{
	const char *secret = NULL, *file;
	char name[300], path[40];
	struct err err;
	int nr = 0;

	forget();
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK_INT(key_secret(KEY_PIN, "token", name, &secret, &err), -ENOKEY);
	do {
		snprintf(path, sizeof(path), "pin%d", nr);
		file = make_file(path, "1\n", 2);
	} while (!key_secret(KEY_PIN, "token", file, &secret, &err) && ++nr < 100);
	CHECK_INT(nr, 2 * 8);
	CHECK(strstr(err.text, "too many passphrases and PINs"));
	forget();
}

__attribute__((constructor)) static void make_folder(void)
{
	if (!mkdtemp(folder))
		abort();
}

__attribute__((destructor)) static void remove_folder(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	if (system(command))
		fprintf(stderr, "%s is left\n", folder);
}

UNIT_MAIN
