// SPDX-License-Identifier: BSD-2-Clause

//! Load a signed image, in the order and with the errors of docs/run-time.md.

use crate::image::*;
use crate::sha256::sha256;
use std::ffi::c_void;
use std::io;
use std::os::raw::{c_int, c_long};
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd, RawFd};

extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn mmap(at: *mut c_void, size: usize, protection: c_int, flags: c_int, fd: c_int, offset: c_long) -> *mut c_void;
    fn munmap(at: *mut c_void, size: usize) -> c_int;
}

const BPF: c_long = if cfg!(target_arch = "x86_64") {
    321
} else if cfg!(target_arch = "x86") {
    357
} else if cfg!(target_arch = "arm") {
    386
} else if cfg!(target_arch = "powerpc64") {
    361
} else if cfg!(target_arch = "s390x") {
    351
} else {
    280 // aarch64, riscv64, loongarch64
};

const EPERM: i32 = 1;
const E2BIG: i32 = 7;
const EACCES: i32 = 13;
const EINVAL: i32 = 22;
const ENODATA: i32 = 61;
const ENOPKG: i32 = 65;
const EBADMSG: i32 = 74;
const EOPNOTSUPP: i32 = 95;
const ENOKEY: i32 = 126;
const EKEYREJECTED: i32 = 129;

/// What may be loaded that the kernel did not verify.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    #[default]
    Enforce,
    /// Everything, after the signatures were tried.
    Observe,
    /// Everything on kernels that verify no signatures (Linux 6.17 and earlier), else nothing.
    EnforceIfKnown,
}

/// Keyring 0 is the kernel's own, -3 that of the session. The log is for the verifier.
#[derive(Default)]
pub struct Options {
    pub keyring: i32,
    pub mode: Mode,
    pub log_level: u32,
    pub log: Vec<u8>,
}

/// The errno of the C header's NAME__load(), and what it means.
#[derive(Debug)]
pub struct Error {
    pub errno: i32,
    pub why: &'static str,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.why)
    }
}

impl std::error::Error for Error {}

/// Arguments of bpf(2), by their offsets in union bpf_attr.
#[repr(C, align(8))]
struct Attr([u8; 184]);

impl Attr {
    fn new() -> Attr {
        Attr([0; 184])
    }

    fn put(mut self, at: usize, number: u32) -> Attr {
        self.0[at..at + 4].copy_from_slice(&number.to_ne_bytes());
        self
    }

    /// A log of the verifier: its level, size and address.
    fn log(self, at: usize, options: &mut Options) -> Attr {
        let address = if options.log.is_empty() { 0 } else { options.log.as_mut_ptr() as usize as u64 };
        self.put(at, options.log_level).put(at + 4, options.log.len() as u32).put64(at + 8, address)
    }

    fn put64(mut self, at: usize, number: u64) -> Attr {
        self.0[at..at + 8].copy_from_slice(&number.to_ne_bytes());
        self
    }

    /// The address of DATA, which has to outlive the call.
    fn data(self, at: usize, data: &[u8]) -> Attr {
        self.put64(at, data.as_ptr() as usize as u64)
    }

    fn text(mut self, at: usize, text: &str) -> Attr {
        self.0[at..at + text.len()].copy_from_slice(text.as_bytes());
        self
    }

    /// 0 or a descriptor, or an errno.
    fn bpf(&mut self, command: c_int, size: usize) -> Result<RawFd, i32> {
        let ret = unsafe { syscall(BPF, command, self.0.as_mut_ptr(), size as u32) };
        if ret < 0 {
            return Err(io::Error::last_os_error().raw_os_error().unwrap_or(EINVAL));
        }
        Ok(ret as RawFd)
    }

    fn open(&mut self, command: c_int, size: usize) -> Result<OwnedFd, i32> {
        self.bpf(command, size).map(|fd| unsafe { OwnedFd::from_raw_fd(fd) })
    }
}

/// A way to load; signed by none if there is no sig.
#[derive(Default)]
struct Way<'a> {
    name: &'static str,
    insns: &'a [u8],
    hash: Option<[u8; 32]>,
    sig: Option<&'a [u8]>,
    is_chain: bool,
    is_folded: bool,
    is_checked: bool, // by the loader, which compares its map's hash
}

impl Way<'_> {
    /// The loader's map: frozen, and exclusive to a program with the hash.
    fn new_map(&self, data: &[u8]) -> Result<OwnedFd, i32> {
        let mut attr = Attr::new().put(0, 2).put(4, 4).put(8, data.len() as u32).put(12, 1).text(28, "__loader.map");
        if let Some(hash) = &self.hash {
            attr = attr.data(80, hash).put(88, 32);
        }
        let map = attr.open(0, 96)?;
        let fd = map.as_raw_fd();
        let key = [0; 4];
        Attr::new().put(0, fd as u32).data(8, &key).data(16, data).bpf(2, 32)?;
        Attr::new().put(0, fd as u32).bpf(22, 4)?;
        if self.is_checked {
            // the kernel computes a hash when it is asked for it
            let mut hash = [0u8; 32];
            let mut info = Attr::new().put64(88, hash.as_mut_ptr() as usize as u64).put(96, 32);
            let address = info.0.as_mut_ptr() as usize as u64;
            Attr::new().put(0, fd as u32).put(4, 104).put64(8, address).bpf(15, 16)?;
        }
        Ok(map)
    }

    fn new_program(&self, map: RawFd, options: &mut Options) -> Result<OwnedFd, i32> {
        let (fds, first) = (map.to_ne_bytes(), [0; 4]);
        let mut attr = Attr::new().put(0, 31).put(4, self.insns.len() as u32 / 8).data(8, self.insns);
        attr = attr
            .data(16, b"Dual BSD/GPL\0")
            .log(24, options)
            .put(44, 1 << 4)
            .text(48, "__loader.prog")
            .data(120, &fds)
            .put(148, u32::from(self.is_folded));
        if let Some(sig) = self.sig {
            attr = attr.data(152, sig).put(160, sig.len() as u32).put(164, options.keyring as u32);
        }
        if self.is_chain {
            attr = attr.data(168, &first).put(176, 1);
        }
        attr.open(5, 184)
    }
}

/// What the kernel answers to an empty signature: E2BIG if it knows none, EINVAL if it folds maps into what is signed.
fn probe() -> i32 {
    let insns = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
    let way = Way { insns: &insns, sig: Some(&[]), ..Way::default() };
    way.new_program(-1, &mut Options::default()).err().unwrap_or(0)
}

/// Whether this kernel verifies no signatures: asked with a map and a program that do nothing, which no image can break.
fn is_old() -> bool {
    let exclusive = Way { hash: Some([0; 32]), ..Way::default() }.new_map(&[0; 32]);
    matches!(exclusive, Err(EINVAL | E2BIG)) && Way::default().new_map(&[0; 32]).is_ok() && probe() == E2BIG
}

/// What it means that no signature was accepted.
fn refusal(errno: i32) -> &'static str {
    match errno {
        EPERM => "EPERM: CAP_BPF is missing, or a policy refuses the loader",
        ENOKEY => "ENOKEY: no certificate of the signer in the keyring",
        EKEYREJECTED => "EKEYREJECTED: changed after it was signed, or a revoked certificate",
        EBADMSG => "EBADMSG: the signature is damaged, or of an unknown kind",
        ENODATA => "ENODATA: this image is not signed",
        E2BIG => "E2BIG: this kernel knows none of the image's schemes",
        EACCES => "EACCES: changed after it was signed, or a form for other kernels",
        EINVAL => "EINVAL: changed after it was signed, or no such keyring",
        ENOPKG => "ENOPKG: this kernel lacks an algorithm of the signature",
        EOPNOTSUPP => "EOPNOTSUPP: this kernel was built without signatures",
        _ => "the kernel refused the loader, and errno says why",
    }
}

/// What is loaded. `loaded_as` is the scheme that the kernel verified, or "unsigned"; then `why` says why. Dropping it
/// closes all maps and programs; those that are attached or pinned stay.
pub struct Objects<'a> {
    pub loaded_as: &'static str,
    pub why: Option<&'static str>,
    image: &'a Image<'a>,
    maps: Vec<Option<OwnedFd>>,
    programs: Vec<Option<OwnedFd>>,
}

/// Descriptors that the loader left in its context: 0 where it made none.
fn descriptors(context: &[u8], size: usize) -> Vec<Option<OwnedFd>> {
    let number = |bytes: &[u8]| RawFd::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let owned = |fd| (fd > 0).then(|| unsafe { OwnedFd::from_raw_fd(fd) });
    context.chunks(size).map(|bytes| owned(number(bytes))).collect()
}

struct Load<'a, 'o> {
    image: &'a Image<'a>,
    options: &'o mut Options,
    is_shown: bool, // a signature to the kernel
}

impl<'a> Load<'a, '_> {
    fn ways(&self) -> [Way<'a>; 4] {
        let bytes = |kind: usize| self.image.bytes[kind].unwrap_or(&[]);
        let checked = self.image.bytes[CHECKED].unwrap_or(bytes(INSNS));
        let way = |name, insns, sig: usize| Way {
            name,
            insns,
            hash: Some(sha256(insns)),
            sig: self.image.bytes[sig],
            ..Way::default()
        };
        [
            Way { is_chain: true, ..way("chain", bytes(INSNS), CHAIN) },
            Way { is_folded: true, ..way("folded", bytes(INSNS), FOLDED) },
            Way { is_checked: true, ..way("insns", checked, SIG_INSNS) },
            Way { is_checked: true, ..way("insns-hash", bytes(HASH_ONLY), SIG_HASH_ONLY) },
        ]
    }

    /// Whether a refusal tells what is wrong, and not only that this kernel has another way.
    fn tells(&self, way: &Way, errno: i32) -> bool {
        let has = |kind: usize| self.image.bytes[kind].is_some();
        if errno == E2BIG || (errno == EACCES && way.name == "insns" && has(SIG_HASH_ONLY)) {
            return false;
        }
        !way.is_folded || (!has(SIG_INSNS) && !has(SIG_HASH_ONLY)) || probe() == EINVAL
    }

    /// Makes the map and the loader, and runs it: refused before that with an errno, or what came of the run.
    fn attempt(&mut self, way: &Way) -> Result<Result<Objects<'a>, i32>, i32> {
        let map = way.new_map(self.image.bytes[DATA].unwrap_or(&[]))?;
        self.is_shown = true;
        let program = way.new_program(map.as_raw_fd(), self.options)?;
        let (maps, programs) = (24 + 16 * self.image.maps.len(), 4 * self.image.programs.len());
        let head = Attr::new().put(0, (maps + programs) as u32).log(8, self.options);
        let mut context = head.0[..24].to_vec();
        context.resize(maps + programs, 0);
        let address = context.as_mut_ptr() as usize as u64;
        let mut attr = Attr::new().put(0, program.as_raw_fd() as u32).put(40, context.len() as u32).put64(48, address);
        if let Err(errno) = attr.bpf(10, 80) {
            return Ok(Err(errno));
        }
        let ret = i32::from_ne_bytes([attr.0[4], attr.0[5], attr.0[6], attr.0[7]]);
        if ret < 0 {
            return Ok(Err(-ret));
        }
        Ok(Ok(Objects {
            loaded_as: way.name,
            why: None,
            image: self.image,
            maps: descriptors(&context[24..maps], 16),
            programs: descriptors(&context[maps..], 4),
        }))
    }

    /// The end of a load without a signature, if that is ALLOWED in spite of the error. NONE: no signature was refused.
    fn unsigned(&mut self, allowed: bool, none: bool, error: Error) -> Result<Objects<'a>, Error> {
        if !allowed {
            return Err(error);
        }
        let insns = self.image.bytes[INSNS].unwrap_or(&[]);
        match self.attempt(&Way { name: "unsigned", insns, ..Way::default() }) {
            Ok(ran) => ran.map_err(ended).map(|objects| Objects { why: Some(error.why), ..objects }),
            Err(errno) if none => Err(Error { errno, why: "refused without a signature, too" }),
            Err(_) => Err(error),
        }
    }
}

/// What it means that the loader ran, and ended with an errno.
fn ended(errno: i32) -> Error {
    Error { errno, why: "a map or program was refused: options.log has a log" }
}

impl<'a> Objects<'a> {
    /// Loads an image with the first signature that the kernel accepts.
    pub fn load(image: &'a Image<'a>, options: &mut Options) -> Result<Objects<'a>, Error> {
        if image.is_big_endian != cfg!(target_endian = "big") {
            return Err(Error { errno: EINVAL, why: "the image is for machines of the other byte order" });
        }
        let observe = options.mode == Mode::Observe;
        let mut load = Load { image, options, is_shown: false };
        let is_signed = load.ways().iter().any(|way| way.sig.is_some());
        let mut refused = if is_signed { E2BIG } else { ENODATA };
        for way in load.ways().iter().filter(|way| way.sig.is_some()) {
            match load.attempt(way) {
                Ok(Err(EINVAL)) if way.is_checked => {
                    let why = "EINVAL: changed after it was signed, or refused by the kernel";
                    return load.unsigned(observe, false, Error { errno: EINVAL, why });
                }
                Ok(ran) => return ran.map_err(ended),
                Err(errno) if refused == E2BIG && load.tells(way, errno) => refused = errno,
                Err(_) => {}
            }
        }
        let known = load.options.mode == Mode::EnforceIfKnown;
        let is_old = !load.is_shown && (is_signed || known) && is_old();
        let why = if is_old && is_signed { "this kernel verifies no signatures" } else { refusal(refused) };
        load.unsigned(observe || (known && is_old), is_old || !is_signed, Error { errno: refused, why })
    }

    /// The descriptor of a map.
    pub fn map(&self, name: &str) -> Option<RawFd> {
        let at = self.image.maps.iter().position(|map| map.name == name)?;
        self.maps[at].as_ref().map(|fd| fd.as_raw_fd())
    }

    /// The descriptor of a program.
    pub fn program(&self, name: &str) -> Option<RawFd> {
        let at = self.image.programs.iter().position(|program| program.name == name)?;
        self.programs[at].as_ref().map(|fd| fd.as_raw_fd())
    }

    /// The variables of a section, mapped into memory.
    pub fn section(&self, name: &str) -> io::Result<Section> {
        let is_mapped = |map: &&Map| map.name == name && (KIND_RODATA..=KIND_KCONFIG).contains(&map.kind);
        let (map, fd) = (self.image.maps.iter().find(is_mapped), self.map(name));
        let (map, fd) = map.zip(fd).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let (is_writable, size) = (map.kind == KIND_DATA || map.kind == KIND_BSS, map.size as usize);
        let protection = if is_writable { 3 } else { 1 };
        let at = unsafe { mmap(std::ptr::null_mut(), size, protection, 1, fd, 0) };
        if at as isize == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(Section { at: at as *mut u8, size, is_writable })
    }

    /// Attaches a program, until the descriptor is closed. Where a section says how, that is for another crate: EOPNOTSUPP.
    pub fn attach(&self, name: &str) -> io::Result<OwnedFd> {
        let program = self.image.programs.iter().find(|program| program.name == name);
        let (program, fd) = program.zip(self.program(name)).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let target = [program.target.as_bytes(), b"\0"].concat();
        match program.attach {
            ATTACH_RAW_TRACEPOINT => Attr::new().data(0, &target).put(8, fd as u32).open(17, 16),
            ATTACH_TRACING => Attr::new().put(8, fd as u32).open(17, 16),
            ATTACH_ITER => Attr::new().put(0, fd as u32).put(8, 28).open(28, 16),
            _ => Err(EOPNOTSUPP),
        }
        .map_err(io::Error::from_raw_os_error)
    }

    /// Runs a program once on DATA, as a test of it: what it returns.
    pub fn run(&self, name: &str, data: &[u8]) -> io::Result<u32> {
        let fd = self.program(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut attr = Attr::new().put(0, fd as u32).put(8, data.len() as u32).data(16, data).put(32, 1);
        attr.bpf(10, 80).map_err(io::Error::from_raw_os_error)?;
        Ok(u32::from_ne_bytes([attr.0[4], attr.0[5], attr.0[6], attr.0[7]]))
    }
}

/// Variables that the kernel's programs also read and write.
pub struct Section {
    at: *mut u8,
    size: usize,
    is_writable: bool,
}

impl Section {
    /// A copy of the variables.
    pub fn get(&self) -> Vec<u8> {
        (0..self.size).map(|i| unsafe { self.at.add(i).read_volatile() }).collect()
    }

    /// Sets variables from byte AT on: before anything is attached, or at any time. Not those that are signed (rodata,
    /// kconfig).
    pub fn set(&mut self, at: usize, value: &[u8]) -> io::Result<()> {
        let is_inside = at <= self.size && value.len() <= self.size - at;
        if !self.is_writable || !is_inside {
            return Err(io::Error::from_raw_os_error(if is_inside { EPERM } else { EINVAL }));
        }
        for (i, byte) in value.iter().enumerate() {
            unsafe { self.at.add(at + i).write_volatile(*byte) };
        }
        Ok(())
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        unsafe { munmap(self.at.cast(), self.size) };
    }
}
