// SPDX-License-Identifier: BSD-2-Clause

//! What a signed image says.

/// Types of records that are bytes.
pub const DATA: usize = 2;
pub const INSNS: usize = 3;
pub const CHECKED: usize = 4;
pub const HASH_ONLY: usize = 5;
pub const FOLDED: usize = 16;
pub const CHAIN: usize = 17;
pub const SIG_INSNS: usize = 18;
pub const SIG_HASH_ONLY: usize = 19;
const NAME: u32 = 1;
const MAP: u32 = 32;
const PROGRAM: u32 = 33;
const OPTIONAL: u32 = 0x8000_0000; // from here on: passed over

/// Kinds of maps: sections of global variables, and others.
pub const KIND_OTHER: u32 = 0;
pub const KIND_RODATA: u32 = 1;
pub const KIND_DATA: u32 = 2;
pub const KIND_BSS: u32 = 3;
pub const KIND_KCONFIG: u32 = 4;
pub const KIND_PER_CPU: u32 = 5;

/// How programs are attached.
pub const ATTACH_RAW_TRACEPOINT: u32 = 1;
pub const ATTACH_TRACING: u32 = 2;
pub const ATTACH_ITER: u32 = 3;
pub const ATTACH_SECTION: u32 = 4;
pub const ATTACH_BY_LIBBPF: u32 = 5;

/// Data and instructions of a form; variables of all maps.
const BYTES_MAX: usize = 16_777_215;

/// Why an image is refused, and which byte of it.
#[derive(Debug)]
pub struct Refused {
    pub offset: usize,
    pub why: &'static str,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "offset {}: {}", self.offset, self.why)
    }
}

impl std::error::Error for Refused {}

/// A map that the loader makes; the size is that of its variables.
pub struct Map<'a> {
    pub kind: u32,
    pub size: u32,
    pub pinned: bool,
    pub name: &'a str,
}

/// A program that the loader loads.
pub struct Program<'a> {
    pub attach: u32,
    pub name: &'a str,
    pub target: &'a str,
}

/// What the bytes of a file say.
#[derive(Default)]
pub struct Image<'a> {
    pub is_big_endian: bool,
    pub name: &'a str,
    pub bytes: [Option<&'a [u8]>; 20],
    pub maps: Vec<Map<'a>>,
    pub programs: Vec<Program<'a>>,
}

type Checked<T> = Result<T, &'static str>;

fn must(rule: bool, why: &'static str) -> Checked<()> {
    rule.then(|| ()).ok_or(why)
}

fn is_name(text: &[u8]) -> bool {
    !text[0].is_ascii_digit() && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

fn is_tracepoint(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_alphanumeric() || b"_.:/,+-@".contains(b))
}

fn is_section(text: &[u8]) -> bool {
    text.iter().all(|b| (0x20..0x7f).contains(b) && !b"\"\\".contains(b))
}

/// The string that is DATA, with its NUL.
fn take(data: &[u8], longest: usize, fits: fn(&[u8]) -> bool) -> Checked<&str> {
    match data.split_last() {
        Some((0, text)) if (1..=longest).contains(&text.len()) && fits(text) => {
            std::str::from_utf8(text).map_err(|_| "not ASCII")
        }
        _ => Err("a name or target is not as it must be"),
    }
}

impl<'a> Image<'a> {
    /// Reads a file, and refuses whatever docs/image.md does not allow.
    pub fn parse(file: &'a [u8]) -> Result<Image<'a>, Refused> {
        let refuse = |offset| move |why| Refused { offset, why };
        let mut image = Image::default();
        image.head(file).map_err(refuse(0))?;
        let (mut at, mut last) = (16, 0);
        while at < file.len() {
            let (kind, size) = (image.number(file, at), image.number(file, at + 4) as usize);
            let rest = &file[at + 8..];
            let padded = size.saturating_add(7) / 8 * 8;
            must(padded <= rest.len() && size <= rest.len(), "a record is too long").map_err(refuse(at))?;
            must(rest[size..padded].iter().all(|b| *b == 0), "expected zeros after a record").map_err(refuse(at))?;
            let may_repeat = kind == MAP || kind == PROGRAM;
            must(kind > last || (kind == last && may_repeat), "records are out of order").map_err(refuse(at))?;
            image.record(kind, &rest[..size]).map_err(refuse(at))?;
            at += 8 + padded;
            last = kind;
        }
        image.check().map_err(refuse(at))?;
        Ok(image)
    }

    fn number(&self, bytes: &[u8], at: usize) -> u32 {
        let number = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        if self.is_big_endian {
            u32::from_be_bytes(number)
        } else {
            u32::from_le_bytes(number)
        }
    }

    fn head(&mut self, file: &[u8]) -> Checked<()> {
        must(file.len() >= 16 && file.starts_with(b"\x89BPFS\r\n\x1a"), "not a signed image")?;
        self.is_big_endian = file[8..12] == [0, 0, 0, 1];
        must(self.number(file, 8) == 1, "another version of signed images")?;
        let size = self.number(file, 12) as usize;
        must(size % 8 == 0 && size <= 64 << 20 && size == file.len(), "the file has another size than the image")
    }

    fn record(&mut self, kind: u32, payload: &'a [u8]) -> Checked<()> {
        let (longest, unit) = match kind as usize {
            DATA => (BYTES_MAX, 1),
            INSNS | CHECKED | HASH_ONLY => (8_000_000, 8),
            FOLDED | CHAIN | SIG_INSNS | SIG_HASH_ONLY => (1 << 20, 1),
            _ => return self.named(kind, payload),
        };
        self.bytes[kind as usize] = Some(payload);
        must((1..=longest).contains(&payload.len()) && payload.len() % unit == 0, "the record cannot have this size")
    }

    fn named(&mut self, kind: u32, payload: &'a [u8]) -> Checked<()> {
        match kind {
            NAME => self.name = take(payload, 63, is_name)?,
            MAP => self.map(payload)?,
            PROGRAM => self.program(payload)?,
            _ => must(kind >= OPTIONAL, "unknown type of a record")?,
        }
        Ok(())
    }

    fn map(&mut self, payload: &'a [u8]) -> Checked<()> {
        must(payload.len() > 12 && self.maps.len() < 64, "a map is too short, or one too many")?;
        let (kind, size, pinned) = (self.number(payload, 0), self.number(payload, 4), self.number(payload, 8));
        let name = take(&payload[12..], 511, is_name)?;
        self.maps.push(Map { kind, size, pinned: pinned == 1, name });
        must(
            match kind {
                KIND_OTHER => size == 0,
                KIND_RODATA => name != "kconfig",
                KIND_DATA => !name.starts_with("bss"),
                KIND_BSS => name.starts_with("bss"),
                KIND_KCONFIG => name == "kconfig",
                _ => kind == KIND_PER_CPU,
            },
            "the map cannot be of this kind",
        )?;
        let sum: u64 = self.maps.iter().map(|m| u64::from(m.size)).sum();
        must((size == 0) == (kind == KIND_OTHER) && sum <= BYTES_MAX as u64, "the map cannot have this size")?;
        must(pinned <= 1, "pinned is 0 or 1")
    }

    fn program(&mut self, payload: &'a [u8]) -> Checked<()> {
        must(payload.len() > 8 && self.programs.len() < 1024, "a program is too short, or one too many")?;
        let (attach, size) = (self.number(payload, 0), self.number(payload, 4) as usize);
        must(size <= payload.len() - 8, "the name of a program is too long")?;
        let (name, target) = payload[8..].split_at(size);
        let target = match attach {
            ATTACH_RAW_TRACEPOINT => take(target, 127, is_tracepoint)?,
            ATTACH_SECTION => take(target, 511, is_section)?,
            _ => {
                must(target.is_empty() && attach <= ATTACH_BY_LIBBPF, "no way to attach to this target").map(|_| "")?
            }
        };
        self.programs.push(Program { attach, name: take(name, 511, is_name)?, target });
        Ok(())
    }

    /// Whether all records are there.
    fn check(&self) -> Checked<()> {
        let size = |kind: usize| self.bytes[kind].map_or(0, |bytes| bytes.len());
        for form in [INSNS, CHECKED, HASH_ONLY] {
            must(size(DATA) + size(form) <= BYTES_MAX, "data and instructions are too large")?;
        }
        must(!self.name.is_empty() && size(DATA) > 0 && size(INSNS) > 0, "name, data or instructions are missing")?;
        must(size(CHECKED) == 0 || size(SIG_INSNS) > 0, "a form is there without its signature")?;
        must(
            (size(HASH_ONLY) > 0) == (size(SIG_HASH_ONLY) > 0),
            "a form is there without its signature, or the reverse",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of docs/image.md.
    fn examples() -> Vec<Vec<u8>> {
        let page = include_str!("../../../docs/image.md");
        let is_byte = |text: &&str| text.len() == 2 && text.bytes().all(|b| b"0123456789abcdef".contains(&b));
        let byte = |text: &str| u8::from_str_radix(text, 16).unwrap();
        let line = |line: &str| line.split_whitespace().take_while(is_byte).map(byte).collect::<Vec<u8>>();
        let blocks = page.split("```hex\n").skip(1);
        blocks.map(|block| block.split("```").next().unwrap().lines().flat_map(line).collect()).collect()
    }

    #[test]
    fn examples_are_read() {
        let files = examples();
        assert_eq!(files.len(), 2);
        let image = Image::parse(&files[0]).unwrap();
        assert!(!image.is_big_endian && image.name == "a" && image.maps.is_empty());
        assert_eq!(image.bytes[INSNS].unwrap().len(), 16);
        assert!(image.programs[0].attach == ATTACH_TRACING && image.programs[0].name == "p");
        let image = Image::parse(&files[1]).unwrap();
        assert!(image.is_big_endian && image.maps[0].pinned && image.maps[1].kind == KIND_RODATA);
        assert_eq!(image.bytes[FOLDED].unwrap(), b"0\x02\x05\0");
        assert_eq!(image.programs[0].target, "kprobe/x");
    }

    #[test]
    fn what_is_cut_or_longer_is_refused_and_no_change_makes_the_reader_panic() {
        for file in examples() {
            for size in 0..file.len() {
                assert!(Image::parse(&file[..size]).is_err());
            }
            assert!(Image::parse(&[&file[..], b"\0"].concat()).is_err());
            for bit in 0..8 * file.len() {
                let mut changed = file.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let _ = Image::parse(&changed);
            }
        }
    }
}
