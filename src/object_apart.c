// SPDX-License-Identifier: BSD-2-Clause
/*
 * object_apart.c - object_build() in a process of its own.
 *
 * libelf and libbpf were not written for hostile objects, and libbpf is known to crash on some.
 * Here a crash, a loop or a flood of memory is an error like any other. A server is forked before
 * there is any secret in the process; it forks again for each object, and that child can compute,
 * read files and answer, nothing else (object_confine.h). A child that its input has taken over can
 * still answer any image it likes: so could an object.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "object.h"
#include "object_build.h"
#include "object_confine.h"
#include "object_wire.h"

#define NAME_ROOM 256 /* of an object's name, with its NUL */

/* --- bytes over a socket --- */

static int send_all(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size) {
		ssize_t done = send(fd, at, size, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

/* Everything up to the end of the stream, at most LIMIT bytes. */
static int receive_all(int fd, size_t limit, struct buf *ret)
{
	_buf_ struct buf content = {0};
	uint8_t chunk[65536];
	ssize_t done;

	while ((done = read(fd, chunk, sizeof(chunk)))) {
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if ((size_t)done > limit - content.size)
			return -EFBIG;
		buf_add(&content, chunk, (size_t)done);
		if (content.failed)
			return -ENOMEM;
	}
	*ret = buf_take(&content);
	return 0;
}

/* --- the child: one object --- */

/* What comes before an image, or an error instead of one. */
struct answer {
	int code;
	char text[sizeof(((struct err *)0)->text)];
};

static int receive_request(int fd, struct buf *ret, struct err *err)
{
	int rc = receive_all(fd, NAME_ROOM + FILE_SIZE_MAX, ret);

	if (rc || ret->size < NAME_ROOM)
		return err_set(err, rc ?: -EBADMSG, "cannot pass the object on");
	ret->data[NAME_ROOM - 1] = '\0';
	return 0;
}

static int build(const struct buf *request, struct buf *ret, struct err *err)
{
	struct view elf = view_of(request->data + NAME_ROOM, request->size - NAME_ROOM);
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	int rc;

	rc = object_build_here(elf, (const char *)request->data, &image, &skel, err);
	if (rc)
		return rc;
	object_wire_encode(&image, &skel, ret);
	return buf_done(ret, err);
}

static void serve_one(int fd)
{
	_buf_ struct buf request = {0}, image = {0};
	struct answer answer = {0};
	struct err err;

	/* The request is not looked into before this process is confined. */
	if (receive_request(fd, &request, &err) ||
	    object_confine(OBJECT_SECONDS, OBJECT_MEMORY, &err) || build(&request, &image, &err)) {
		buf_free(&image);
		answer.code = err.code;
		snprintf(answer.text, sizeof(answer.text), "%s", err.text);
	}
	if (!send_all(fd, &answer, sizeof(answer)))
		send_all(fd, image.data, image.size);
}

/* --- the server --- */

/* The descriptor that comes with a message of one byte, or -1 at the end. */
static int receive_fd(int control)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} ancillary;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	struct cmsghdr *header;
	ssize_t done;
	int fd = -1;

	do
		done = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
	while (done < 0 && errno == EINTR);
	header = done > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static _Noreturn void serve(int control, bool once)
{
	int fd;

	/* Children are waited for, so that their time is counted as this program's. */
	signal(SIGCHLD, SIG_DFL);
	/* A terminal's signals go to all its processes; this one ends when nobody asks it. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_NAME, "objects");
	while ((fd = receive_fd(control)) >= 0) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (once || !fork()) {
			close(control);
			serve_one(fd);
			_exit(0);
		}
		close(fd);
	}
	while (wait(NULL) > 0)
		;
	_exit(0);
}

/* --- this process --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int server = -1;	 /* our end of the control socket */
static bool serves_once; /* it builds the first object itself, and ends */

/* With LOCK held. */
static int start(bool once, struct err *err)
{
	int ends[2];
	pid_t pid;

	if (server >= 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return err_set(err, -errno, "cannot make a socket: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		close(ends[0]);
		serve(ends[1], once);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err_set(err, -errno, "cannot start a process for BPF objects: %s",
			       strerror(errno));
	}
	server = ends[0];
	serves_once = once;
	return 0;
}

static int start_locked(bool once, struct err *err)
{
	int rc;

	pthread_mutex_lock(&lock);
	rc = start(once, err);
	pthread_mutex_unlock(&lock);
	return rc;
}

int object_start(struct err *err)
{
	return start_locked(false, err);
}

int object_start_once(struct err *err)
{
	return start_locked(true, err);
}

static int pass_fd(int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} ancillary = {0};
	char byte = 0;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(server, &message, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* The server gets FD, and is forked first where there is none. */
static int pass_to_server(int fd, struct err *err)
{
	int rc;

	pthread_mutex_lock(&lock);
	rc = start(true, err);
	if (!rc) {
		rc = pass_fd(fd);
		if (rc)
			err_set(err, rc, "the process for BPF objects is gone: %s", strerror(-rc));
		if (serves_once) {
			close(server);
			server = -1;
		}
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

/* A stream to a child of its own; -1 with *err. */
static int connect_child(struct err *err)
{
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		err_set(err, -errno, "cannot make a socket: %s", strerror(errno));
		return -1;
	}
	rc = pass_to_server(ends[1], err);
	close(ends[1]);
	if (!rc)
		return ends[0];
	close(ends[0]);
	return -1;
}

static int ask(int fd, struct view elf, const char *name, struct buf *ret)
{
	char padded[NAME_ROOM] = "";
	int rc;

	strncpy(padded, name, sizeof(padded) - 1);
	rc = send_all(fd, padded, sizeof(padded)) ?: send_all(fd, elf.data, elf.size);
	if (rc && rc != -EPIPE) /* a child that is gone has perhaps said why */
		return rc;
	shutdown(fd, SHUT_WR);
	/* Initial values stand in it twice: in the loader, and in the skeleton's description. */
	return receive_all(fd, 4 * IMAGE_SIZE_MAX, ret);
}

int object_build(struct view elf, const char *name, struct image *ret_image, struct skel *ret_skel,
		 struct err *err)
{
	_buf_ struct buf reply = {0};
	const struct answer *answer;
	int fd = connect_child(err);
	int rc;

	if (fd < 0)
		return err->code;
	rc = ask(fd, elf, name, &reply);
	close(fd);
	if (rc == -ENOMEM)
		return err_nomem(err);
	if (rc || reply.size < sizeof(*answer))
		return err_set(
			err, -EBADMSG,
			"libbpf did not survive this object: it crashed, or took more than "
			"%d s or %zu MiB; compile it again, and if that does not help report "
			"it with the object",
			OBJECT_SECONDS, OBJECT_MEMORY >> 20);
	answer = (const struct answer *)reply.data;
	if (answer->code) /* EPERM is for what this program itself refuses (prepare.h) */
		return err_set(
			err, answer->code == -EPERM || answer->code > 0 ? -EACCES : answer->code,
			"%.*s", (int)strnlen(answer->text, sizeof(answer->text)), answer->text);
	return object_wire_decode(
		view_of(reply.data + sizeof(*answer), reply.size - sizeof(*answer)), ret_image,
		ret_skel, err);
}
