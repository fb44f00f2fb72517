// SPDX-License-Identifier: BSD-2-Clause
/*
 * object_apart.c - object_build() in a separate process.
 *
 * libelf and libbpf were not written for hostile objects, and libbpf is known to crash on some.
 * Here a crash, an endless loop or the use of too much memory becomes an ordinary error. A server
 * is forked before this process holds a secret. For each object it forks a child, which can compute
 * and answer, and nothing else (object_confine.h). The answer is checked like any input: a child
 * that a hostile object has taken over can answer any image, but such an object could have led to
 * any image anyway.
 *
 * No process outlives this one: if it is killed, the kernel ends the server, and then the children;
 * if it exits, it ends them first.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/os.h"
#include "object/object.h"
#include "object/object_build.h"
#include "object/object_choose.h"
#include "object/object_confine.h"
#include "object/object_wire.h"

/* A request: an object's name and the choice of its programs, each in so many bytes; the object. */
struct request_head {
	char name[256];	   /* with its NUL */
	char choice[4092]; /* of object_choose_encode(), then zeros */
	uint32_t choice_size;
};

/* The most children at one time; further requests wait. */
#define CHILDREN_MAX 128

/*
 * A child sets an alarm that ends it after WALL_SECONDS, and cannot unset it. A stopped child
 * (SIGSTOP, a debugger) does not get the alarm, so its answer is awaited for REPLY_SECONDS only.
 */
#define WALL_SECONDS  ((OBJECT_SANITIZED ? 10 : 1) * OBJECT_WALL_SECONDS)
#define REPLY_SECONDS (WALL_SECONDS + 5)

/* More than instructions and names can take: initial values are not in it. */
#define WIRE_SIZE_MAX (2 * IMAGE_SIZE_MAX)

/* The largest errno (MAX_ERRNO of the kernel). */
#define CODE_MAX 4095

/* How long the server may take to end when it is asked to, in milliseconds. */
#define STOP_MILLISECONDS 2000

/* --- bytes over a socket --- */

/* A socket, and the second of CLOCK_MONOTONIC at which transfers over it fail; 0: never. */
struct stream {
	int fd;
	time_t deadline;
};

static time_t clock_now(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Wait until one of EVENTS is possible. -ETIMEDOUT: the deadline has passed. */
static int wait_for(const struct stream *stream, short events)
{
	struct pollfd wait = {.fd = stream->fd, .events = events};
	int rc;

	if (!stream->deadline)
		return 0;
	do {
		time_t left = stream->deadline - clock_now();

		rc = left > 0 ? poll(&wait, 1, (int)left * 1000) : 0;
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return -errno;
	return rc ? 0 : -ETIMEDOUT;
}

static int send_all(const struct stream *stream, const void *data, size_t size)
{
	const int flags = MSG_NOSIGNAL | (stream->deadline ? MSG_DONTWAIT : 0);
	const uint8_t *at = data;

	while (size) {
		int rc = wait_for(stream, POLLOUT);
		ssize_t done = rc ? -1 : send(stream->fd, at, size, flags);

		if (rc)
			return rc;
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done < 0)
			return -errno;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

/* Read SIZE bytes into DATA. -EBADMSG: the stream ends before. */
static int receive(const struct stream *stream, void *data, size_t size)
{
	uint8_t *at = data;

	while (size) {
		int rc = wait_for(stream, POLLIN);
		ssize_t done = rc ? -1 : read(stream->fd, at, size);

		if (rc)
			return rc;
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EBADMSG;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

/* The same into *RET. -EFBIG: SIZE is more than LIMIT. */
static int receive_buf(const struct stream *stream, size_t size, size_t limit, struct buf *ret)
{
	uint8_t *room = size <= limit ? buf_space(ret, size) : NULL;

	if (room)
		return receive(stream, room, size);
	return size > limit ? -EFBIG : ret->failed ? -ENOMEM : 0;
}

/* Read up to the end of the stream. -EFBIG: more than LIMIT bytes. */
static int receive_all(const struct stream *stream, size_t limit, struct buf *ret)
{
	_buf_ struct buf content = {0};
	uint8_t chunk[65536];
	ssize_t done;

	do {
		int rc = wait_for(stream, POLLIN);

		if (rc)
			return rc;
		done = read(stream->fd, chunk, sizeof(chunk));
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if ((size_t)done > limit - content.size)
			return -EFBIG;
		buf_add(&content, chunk, (size_t)done);
		if (content.failed)
			return -ENOMEM;
	} while (done);
	*ret = buf_take(&content);
	return 0;
}

/* --- the child: one object --- */

/*
 * The first part of a reply: code 0, and as many bytes of the wire and of the loader's data follow;
 * or an error, and nothing follows.
 */
struct answer {
	int code;
	char text[sizeof(((struct err *)0)->text)];
	size_t wire_size, data_size;
};

static int receive_request(const struct stream *stream, struct request_head *head, struct buf *elf,
			   struct err *err)
{
	int rc = receive(stream, head, sizeof(*head)) ?: receive_all(stream, FILE_SIZE_MAX, elf);

	return rc ? err_set(err, rc, "cannot pass the object to the process that reads it") : 0;
}

static int build(const struct request_head *head, struct buf *elf, struct object_built *ret,
		 struct buf *wire, struct err *err)
{
	int rc = object_build_here(elf, head->name, view_of(head->choice, head->choice_size), ret,
				   err);

	if (rc)
		return rc;
	object_wire_encode(ret->insns, &ret->skel, wire);
	return buf_done(wire, err);
}

/* End this process after WALL_SECONDS, whatever it is doing then. */
static void set_alarm(void)
{
	sigset_t alarms;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	alarm(WALL_SECONDS);
}

/* *ERR holds an error of the server, which is passed on, or none. */
static void serve_one(int fd, struct err *err)
{
	const struct stream stream = {.fd = fd};
	_object_built_ struct object_built built = {0};
	_buf_ struct buf elf = {0}, wire = {0};
	struct request_head head;
	struct answer answer = {0};

	set_alarm();
	/* The request is parsed only once this process is confined. */
	if (err->code || receive_request(&stream, &head, &elf, err) ||
	    object_confine(OBJECT_SECONDS, OBJECT_MEMORY, err) ||
	    build(&head, &elf, &built, &wire, err)) {
		answer.code = err->code;
		snprintf(answer.text, sizeof(answer.text), "%s", err->text);
	} else {
		answer.wire_size = wire.size;
		answer.data_size = built.data.size;
	}
	if (!send_all(&stream, &answer, sizeof(answer)) &&
	    !send_all(&stream, wire.data, answer.wire_size))
		send_all(&stream, built.data.data, answer.data_size);
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

struct children {
	pid_t list[CHILDREN_MAX];
	size_t nr;
};

/*
 * Remove children that have ended from the list. OPTIONS 0: wait until one ends; WNOHANG: do not.
 */
static void reap(struct children *children, int options)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, options)) > 0) {
		for (size_t i = 0; i < children->nr; i++) {
			if (children->list[i] == pid)
				children->list[i] = children->list[--children->nr];
		}
		options = WNOHANG;
	}
}

/* Ask the kernel to end this process when PARENT, which forked it, ends. */
static void follow(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void fork_child(struct children *children, int control, int fd, struct err *err)
{
	pid_t own = getpid(), pid;

	reap(children, children->nr == CHILDREN_MAX ? 0 : WNOHANG);
	pid = fork();
	if (!pid) {
		follow(own);
		close(control);
		serve_one(fd, err);
		_exit(0);
	}
	if (pid > 0)
		children->list[children->nr++] = pid;
}

static _Noreturn void serve(int control, bool once, pid_t parent)
{
	struct children children = {0};
	struct err err = {0};
	int fd;

	follow(parent);
	/*
	 * With the default action children can be waited for, which adds their time to this
	 * program's.
	 */
	signal(SIGCHLD, SIG_DFL);
	/*
	 * A terminal sends signals to all its processes; the server ends when its socket is closed.
	 */
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_NAME, "objects");
	object_isolate(&control, &err);
	while ((fd = receive_fd(control)) >= 0) {
		if (once) {
			close(control);
			serve_one(fd, &err);
			_exit(0);
		}
		fork_child(&children, control, fd, &err);
		close(fd);
	}
	for (size_t i = 0; i < children.nr; i++)
		kill(children.list[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

/* --- this process --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct server {
	pid_t pid;
	int control; /* this process's end of the socket */
	bool once;   /* it builds the first object itself, then ends */
} server = {.control = -1};

/* SIGKILL is enough: if the server has children, the kernel ends them (follow()). */
static void kill_server(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* At exit. No thread is waiting for an answer then. */
static void stop(void)
{
	struct pollfd wait = {.fd = server.control};

	if (server.control < 0)
		return;
	if (!server.once) {
		shutdown(server.control, SHUT_WR);
		poll(&wait, 1, STOP_MILLISECONDS); /* until the server closes its end */
	}
	kill_server(server.pid);
	close(server.control);
	server.control = -1;
}

/* The caller holds the lock. */
static int start(bool once, struct err *err)
{
	static bool registered;
	pid_t own = getpid(), pid;
	int ends[2];

	if (server.control >= 0)
		return 0;
	if (!registered && atexit(stop))
		return err_nomem(err);
	registered = true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return os_error(err, "cannot make a socket");
	pid = fork();
	if (!pid)
		serve(ends[1], once, own);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return os_error(err, "cannot start the process that reads BPF objects");
	}
	server = (struct server){.pid = pid, .control = ends[0], .once = once};
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
	return sendmsg(server.control, &message, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* Pass FD to the server, which is forked first if it does not run. *ret: a copy of its state. */
static int pass_to_server(int fd, struct server *ret, struct err *err)
{
	int rc;

	pthread_mutex_lock(&lock);
	rc = start(true, err);
	if (!rc) {
		*ret = server;
		rc = pass_fd(fd);
		if (rc)
			err_set(err, rc, "the process that reads BPF objects has ended: %s",
				strerror(-rc));
		if (server.once) {
			close(server.control);
			server.control = -1;
		}
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

/* Have the server start a child. Returns a socket to it, or -1 with *err. */
static int connect_child(struct server *ret_server, struct err *err)
{
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		os_error(err, "cannot make a socket");
		return -1;
	}
	rc = pass_to_server(ends[1], ret_server, err);
	close(ends[1]);
	if (!rc)
		return ends[0];
	close(ends[0]);
	return -1;
}

static int make_head(const char *name, const struct object_choice *choice, struct request_head *ret,
		     struct err *err)
{
	static const struct object_choice none;
	_buf_ struct buf text = {0};
	int rc;

	choice = choice ?: &none;
	*ret = (struct request_head){.name = ""};
	strncpy(ret->name, name, sizeof(ret->name) - 1);
	rc = object_choose_encode(choice, &text, err);
	if (!rc && text.size > sizeof(ret->choice))
		rc = err_set(err, -EINVAL,
			     "more than %zu bytes of --load, --skip, --type and --attach-target",
			     sizeof(ret->choice));
	if (rc)
		return rc;
	if (text.size)
		memcpy(ret->choice, text.data, text.size);
	ret->choice_size = (uint32_t)text.size;
	return 0;
}

/* What a child answered. */
struct reply {
	struct answer answer;
	struct buf wire, data;
};

static void free_reply(struct reply *reply)
{
	buf_free(&reply->wire);
	buf_free(&reply->data);
}

/* ELF is freed once it was sent. */
static int ask(int fd, struct buf *elf, const struct request_head *head, struct reply *ret)
{
	const struct stream stream = {.fd = fd, .deadline = clock_now() + REPLY_SECONDS};
	int rc;

	rc = send_all(&stream, head, sizeof(*head)) ?: send_all(&stream, elf->data, elf->size);
	buf_free(elf);
	if (rc && rc != -EPIPE) /* a child that has ended may have sent the reason */
		return rc;
	shutdown(fd, SHUT_WR);
	rc = receive(&stream, &ret->answer, sizeof(ret->answer));
	if (rc || ret->answer.code)
		return rc;
	return receive_buf(&stream, ret->answer.wire_size, WIRE_SIZE_MAX, &ret->wire)
		       ?: receive_buf(&stream, ret->answer.data_size, IMAGE_SIZE_MAX, &ret->data);
}

/* After a timeout the server or its child is stopped (SIGSTOP), so the server is killed. */
static void end_child(const struct server *own, int rc)
{
	if (own->once)
		kill_server(own->pid); /* it was the child, and is done */
	else if (rc == -ETIMEDOUT)
		kill(own->pid, SIGKILL);
}

int object_build(struct buf *elf, const char *name, const struct object_choice *choice,
		 struct image *ret_image, struct skel *ret_skel, struct err *err)
{
	_cleanup_(free_reply) struct reply reply = {0};
	const struct answer *answer = &reply.answer;
	struct request_head head;
	struct server own;
	int fd, rc;

	rc = make_head(name, choice, &head, err);
	if (rc)
		return rc;
	fd = connect_child(&own, err);
	if (fd < 0)
		return err->code;
	rc = ask(fd, elf, &head, &reply);
	close(fd);
	end_child(&own, rc);
	if (rc == -ENOMEM)
		return err_nomem(err);
	if (rc)
		return err_set(
			err, -EBADMSG,
			"libbpf %s failed on this object: it crashed, or used more than %d s of "
			"processor time, %d s in total or %zu MiB of memory; compile the object "
			"again and, if that does not help, report this with the object",
			object_libbpf_version(), OBJECT_SECONDS, OBJECT_WALL_SECONDS,
			OBJECT_MEMORY >> 20);
	if (answer->code) /* an errno, whatever the child says */
		return err_set(
			err, answer->code > 0 || answer->code < -CODE_MAX ? -EACCES : answer->code,
			"%.*s", (int)strnlen(answer->text, sizeof(answer->text)), answer->text);
	return object_wire_decode(buf_view(&reply.wire), &reply.data, name, ret_image, ret_skel,
				  err);
}
