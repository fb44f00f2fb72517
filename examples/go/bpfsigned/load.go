// SPDX-License-Identifier: BSD-2-Clause

package bpfsigned

import (
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"syscall"
	"unsafe"
)

// Mode says what may be loaded that the kernel did not verify.
type Mode int

const (
	Enforce        Mode = iota // nothing
	Observe                    // everything, after the signatures were tried
	EnforceIfKnown             // everything on kernels that verify no signatures (Linux 6.17 and earlier), else nothing
)

// Options of Load. Keyring 0 is the kernel's own, -3 that of the session. Log is for the verifier.
type Options struct {
	Keyring  int32
	Mode     Mode
	LogLevel uint32
	Log      []byte
}

// Error has the errno of the C header's NAME__load(), and what it means.
type Error struct {
	Errno syscall.Errno
	Why   string
}

func (e *Error) Error() string { return e.Why }
func (e *Error) Unwrap() error { return e.Errno }

// Objects are loaded. LoadedAs is the scheme that the kernel verified, or "unsigned"; then Why says why.
type Objects struct {
	LoadedAs, Why  string
	image          *Image
	maps, programs []int
}

var numbers = map[string]uintptr{"386": 357, "amd64": 321, "arm": 386, "arm64": 280, "loong64": 280, "ppc64": 361,
	"ppc64le": 361, "riscv64": 280, "s390x": 351}

var native = func() binary.ByteOrder {
	if one := uint16(1); *(*byte)(unsafe.Pointer(&one)) == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}()

// Arguments of bpf(2), by their offsets in union bpf_attr. What they point to stays where it is until they are gone.
type attr struct {
	bytes [184]byte
	keep  [][]byte
}

func (a *attr) put(at int, number uint32) *attr {
	native.PutUint32(a.bytes[at:], number)
	return a
}

func (a *attr) data(at int, data []byte) *attr {
	if len(data) > 0 {
		a.keep = append(a.keep, data)
		native.PutUint64(a.bytes[at:], uint64(uintptr(unsafe.Pointer(&data[0]))))
	}
	return a
}

func (a *attr) bpf(command, size uintptr) (int, syscall.Errno) {
	ret, _, errno := syscall.Syscall(numbers[runtime.GOARCH], command, uintptr(unsafe.Pointer(a)), size)
	runtime.KeepAlive(a)
	return int(ret), errno
}

// A way to load; signed by none if sig is nil.
type way struct {
	name              string
	insns, hash, sig  []byte
	isChain, isFolded bool
	isChecked         bool // by the loader, which compares its map's hash
}

func newWay(name string, insns, sig []byte) *way {
	hash := sha256.Sum256(insns)
	return &way{name: name, insns: insns, hash: hash[:], sig: sig}
}

// The loader's map: frozen, and exclusive to a program with that hash.
func (w *way) newMap(data []byte) (int, syscall.Errno) {
	a := new(attr).put(0, 2).put(4, 4).put(8, uint32(len(data))).put(12, 1).data(80, w.hash).put(88, uint32(len(w.hash)))
	copy(a.bytes[28:], "__loader.map")
	fd, errno := a.bpf(0, 96)
	if errno != 0 {
		return -1, errno
	}
	_, errno = new(attr).put(0, uint32(fd)).data(8, make([]byte, 4)).data(16, data).bpf(2, 32)
	if errno == 0 {
		_, errno = new(attr).put(0, uint32(fd)).bpf(22, 4)
	}
	if errno == 0 && w.isChecked { // the kernel computes a hash when it is asked for it
		info := new(attr).data(88, make([]byte, 32)).put(96, 32)
		_, errno = new(attr).put(0, uint32(fd)).put(4, 104).data(8, info.bytes[:]).bpf(15, 16)
		runtime.KeepAlive(info)
	}
	if errno != 0 {
		syscall.Close(fd)
		return -1, errno
	}
	return fd, 0
}

func (w *way) newProgram(fd int, o *Options) (int, syscall.Errno) {
	fds := make([]byte, 4)
	native.PutUint32(fds, uint32(fd))
	a := new(attr).put(0, 31).put(4, uint32(len(w.insns)/8)).data(8, w.insns).data(16, []byte("Dual BSD/GPL\x00"))
	a.put(24, o.LogLevel).put(28, uint32(len(o.Log))).data(32, o.Log).put(44, 1<<4).data(120, fds)
	copy(a.bytes[48:], "__loader.prog")
	if w.sig != nil {
		a.data(152, w.sig[:1]).put(160, uint32(len(w.sig))).put(164, uint32(o.Keyring))
	}
	if w.isFolded {
		a.put(148, 1)
	}
	if w.isChain {
		a.data(168, make([]byte, 4)).put(176, 1)
	}
	return a.bpf(5, 184)
}

// What the kernel answers to an empty signature: E2BIG if it knows none, EINVAL if it folds maps into what is signed.
func probe() syscall.Errno {
	w := newWay("", []byte{0: 0xb7, 8: 0x95, 15: 0}, make([]byte, 1)[:0])
	fd, errno := w.newProgram(-1, new(Options))
	if errno == 0 {
		syscall.Close(fd)
	}
	return errno
}

// Whether this kernel verifies no signatures: asked with a map and a program that do nothing, which no image can break.
func isOld() bool {
	fd, errno := newWay("", nil, nil).newMap(make([]byte, 32))
	if errno == 0 {
		syscall.Close(fd)
	}
	if errno != syscall.EINVAL && errno != syscall.E2BIG {
		return false
	}
	if fd, errno = new(way).newMap(make([]byte, 32)); errno != 0 {
		return false
	}
	syscall.Close(fd)
	return probe() == syscall.E2BIG
}

// What it means that no signature was accepted.
var refusals = map[syscall.Errno]string{
	syscall.EPERM:        "EPERM: CAP_BPF is missing, or a policy refuses the loader",
	syscall.ENOKEY:       "ENOKEY: no certificate of the signer in the keyring",
	syscall.EKEYREJECTED: "EKEYREJECTED: changed after it was signed, or a revoked certificate",
	syscall.EBADMSG:      "EBADMSG: the signature is damaged, or of an unknown kind",
	syscall.ENODATA:      "ENODATA: this image is not signed",
	syscall.E2BIG:        "E2BIG: this kernel knows none of the image's schemes",
	syscall.EACCES:       "EACCES: changed after it was signed, or a form for other kernels",
	syscall.EINVAL:       "EINVAL: changed after it was signed, or no such keyring",
	syscall.ENOPKG:       "ENOPKG: this kernel lacks an algorithm of the signature",
	syscall.EOPNOTSUPP:   "EOPNOTSUPP: this kernel was built without signatures",
}

type load struct {
	*Objects
	o     *Options
	shown bool // a signature was passed to the kernel
}

func (l *load) ways() []*way {
	b := l.image.Bytes
	checked := b[RecordChecked]
	if checked == nil {
		checked = b[RecordInsns]
	}
	ways := []*way{newWay("chain", b[RecordInsns], b[RecordChain]), newWay("folded", b[RecordInsns], b[RecordFolded]),
		newWay("insns", checked, b[RecordSigInsns]), newWay("insns-hash", b[RecordHashOnly], b[RecordSigHashOnly])}
	ways[0].isChain, ways[1].isFolded, ways[2].isChecked, ways[3].isChecked = true, true, true, true
	return ways
}

// Whether a refusal tells what is wrong, and not only that this kernel has another way.
func (l *load) tells(w *way, errno syscall.Errno) bool {
	hasInsns, hasHashOnly := l.image.Bytes[RecordSigInsns] != nil, l.image.Bytes[RecordSigHashOnly] != nil
	if errno == syscall.E2BIG || (errno == syscall.EACCES && w.name == "insns" && hasHashOnly) {
		return false
	}
	return !w.isFolded || (!hasInsns && !hasHashOnly) || probe() == syscall.EINVAL
}

// Make the map and the loader, and run it: whether that came so far, and what it was refused with.
func (l *load) try(w *way) (ran bool, errno syscall.Errno) {
	fd, errno := w.newMap(l.image.Bytes[RecordData])
	if errno != 0 {
		return false, errno
	}
	defer syscall.Close(fd)
	l.shown = true
	program, errno := w.newProgram(fd, l.o)
	if errno != 0 {
		return false, errno
	}
	defer syscall.Close(program)
	nrMaps, nrPrograms := len(l.image.Maps), len(l.image.Programs)
	context := make([]byte, 24+16*nrMaps+4*nrPrograms)
	native.PutUint32(context, uint32(len(context)))
	copy(context[8:], new(attr).put(0, l.o.LogLevel).put(4, uint32(len(l.o.Log))).data(8, l.o.Log).bytes[:16])
	a := new(attr).put(0, uint32(program)).put(40, uint32(len(context))).data(48, context)
	_, errno = a.bpf(10, 80)
	if ret := int32(native.Uint32(a.bytes[4:])); errno == 0 && ret < 0 {
		errno = syscall.Errno(-ret)
	}
	runtime.KeepAlive(l.o)
	for i := 0; errno == 0 && i < nrMaps; i++ {
		l.maps = append(l.maps, descriptor(context[24+16*i:]))
	}
	for i := 0; errno == 0 && i < nrPrograms; i++ {
		l.programs = append(l.programs, descriptor(context[24+16*nrMaps+4*i:]))
	}
	return true, errno
}

// What the loader left in its context: 0 where it made nothing.
func descriptor(context []byte) int {
	if fd := int32(native.Uint32(context)); fd > 0 {
		return int(fd)
	}
	return -1
}

// The end of a load whose loader ran, by W.
func (l *load) done(w *way, errno syscall.Errno) (*Objects, error) {
	if errno != 0 {
		return nil, &Error{errno, "a map or program was refused: Options.Log has a log"}
	}
	l.LoadedAs = w.name
	return l.Objects, nil
}

// Load without a signature, if that is ALLOWED in spite of ERR. NONE: no signature was refused.
func (l *load) unsigned(allowed, none bool, err *Error) (*Objects, error) {
	if !allowed {
		return nil, err
	}
	l.Why = err.Why
	w := &way{name: "unsigned", insns: l.image.Bytes[RecordInsns]}
	ran, errno := l.try(w)
	switch {
	case ran:
		return l.done(w, errno)
	case none:
		return nil, &Error{errno, "refused without a signature, too"}
	}
	return nil, err
}

// Load loads IMAGE with the first signature that the kernel accepts. The caller closes what it returns.
func Load(image *Image, o Options) (*Objects, error) {
	if image.Order != native {
		return nil, &Error{syscall.EINVAL, "the image is for machines of the other byte order"}
	}
	defer withoutSignals()()
	l, refused := &load{Objects: &Objects{image: image}, o: &o}, syscall.ENODATA
	for _, w := range l.ways() {
		if w.sig == nil {
			continue
		}
		if refused == syscall.ENODATA {
			refused = syscall.E2BIG
		}
		ran, errno := l.try(w)
		if ran && errno == syscall.EINVAL && w.isChecked {
			why := "EINVAL: changed after it was signed, or refused by the kernel"
			return l.unsigned(o.Mode == Observe, false, &Error{errno, why})
		}
		if ran {
			return l.done(w, errno)
		}
		if refused == syscall.E2BIG && l.tells(w, errno) {
			refused = errno
		}
	}
	none := refused == syscall.ENODATA
	err, old := &Error{refused, refusals[refused]}, !l.shown && (!none || o.Mode == EnforceIfKnown) && isOld()
	if old && !none {
		err.Why = "this kernel verifies no signatures"
	} else if err.Why == "" {
		err.Why = "the kernel refused the loader, and errno says why"
	}
	return l.unsigned(o.Mode == Observe || (o.Mode == EnforceIfKnown && old), old || none, err)
}

// The runtime interrupts threads by signals, after which the verifier gives up (EAGAIN).
func withoutSignals() (restore func()) {
	all, old := ^uint64(0), uint64(0)
	runtime.LockOSThread()
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 0, uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	return func() {
		syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 2, uintptr(unsafe.Pointer(&old)), 0, 8, 0, 0)
		runtime.UnlockOSThread()
	}
}

// Map returns the descriptor of a map, or -1.
func (o *Objects) Map(name string) int {
	for i, m := range o.image.Maps {
		if m.Name == name {
			return o.maps[i]
		}
	}
	return -1
}

// Program returns the descriptor of a program, or -1.
func (o *Objects) Program(name string) int {
	for i, p := range o.image.Programs {
		if p.Name == name {
			return o.programs[i]
		}
	}
	return -1
}

// Section maps the variables of a section; write to those of data and bss before anything is attached, or at any time.
// What is signed (rodata, kconfig) cannot be written to.
func (o *Objects) Section(name string) ([]byte, error) {
	for i, m := range o.image.Maps {
		if m.Name == name && m.Kind != KindOther && m.Kind != KindPerCPU {
			protection := syscall.PROT_READ
			if m.Kind == KindData || m.Kind == KindBss {
				protection |= syscall.PROT_WRITE
			}
			return syscall.Mmap(o.maps[i], 0, int(m.Size), protection, syscall.MAP_SHARED)
		}
	}
	return nil, syscall.ENOENT
}

// Attach attaches a program, until the descriptor is closed. Where a section says how, that is for another package, as
// with cilium/ebpf's link.Kprobe(): EOPNOTSUPP.
func (o *Objects) Attach(name string) (int, error) {
	for i, p := range o.image.Programs {
		a, fd := new(attr), uint32(o.programs[i])
		switch {
		case p.Name != name:
			continue
		case p.Attach == AttachRawTracepoint:
			return result(a.data(0, []byte(p.Target+"\x00")).put(8, fd).bpf(17, 16))
		case p.Attach == AttachTracing:
			return result(a.put(8, fd).bpf(17, 16))
		case p.Attach == AttachIter:
			return result(a.put(0, fd).put(8, 28).bpf(28, 16))
		}
		return -1, syscall.EOPNOTSUPP
	}
	return -1, syscall.ENOENT
}

// Run runs a program once on DATA, as a test of it, and returns what it returns.
func (o *Objects) Run(name string, data []byte) (uint32, error) {
	a := new(attr).put(0, uint32(o.Program(name))).put(8, uint32(len(data))).data(16, data).put(32, 1)
	_, err := result(a.bpf(10, 80))
	return native.Uint32(a.bytes[4:]), err
}

func result(fd int, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return -1, errno
	}
	return fd, nil
}

// Close closes all maps and programs; those that are attached or pinned stay.
func (o *Objects) Close() {
	for _, fd := range append(o.maps, o.programs...) {
		syscall.Close(fd)
	}
	o.maps, o.programs = nil, nil
}
