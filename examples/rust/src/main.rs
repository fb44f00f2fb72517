// SPDX-License-Identifier: BSD-2-Clause

//! Load a signed image and show its variables, or what an image says:
//!
//!     signed load FILE [keyring=N] [enforce=0|1|2] [set=SECTION:HEX]... [run=PROGRAM]...
//!     signed dump FILE...
//!
//! Load attaches what can be attached without another crate. It says as what the image is loaded, or why not, in one
//! line, and then the variables of each section in hex; enforce is as in docs/run-time.md.

use bpfsigned::image::Image;
use bpfsigned::load::{Mode, Objects, Options};
use bpfsigned::sha256::sha256;
use std::error::Error;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The text that tests/image/reader.py prints.
fn dump(path: &str) -> Result<(), Box<dyn Error>> {
    let file = std::fs::read(path)?;
    println!("file {path}");
    let image = match Image::parse(&file) {
        Ok(image) => image,
        Err(_) => {
            println!("refused");
            return Ok(());
        }
    };
    println!("order {}\nname {}", if image.is_big_endian { "big" } else { "little" }, image.name);
    let forms = ["data", "insns", "insns-checked", "insns-hash"];
    let signatures = ["sig-folded", "sig-chain", "sig-insns", "sig-insns-hash"];
    for (kind, title) in (2..).zip(forms).chain((16..).zip(signatures)) {
        if let Some(bytes) = image.bytes[kind] {
            println!("{title} {} {}", bytes.len(), hex(&sha256(bytes)));
        }
    }
    for map in &image.maps {
        println!("map {} {} {} {}", map.kind, map.size, u8::from(map.pinned), map.name);
    }
    for program in &image.programs {
        println!("program {} {} {}", program.attach, program.name, program.target);
    }
    Ok(())
}

fn unhex(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let pairs = (0..text.len() / 2).map(|i| text.get(2 * i..2 * i + 2).ok_or("not hex"));
    pairs.map(|pair| Ok(u8::from_str_radix(pair?, 16)?)).collect()
}

/// The values of arguments KEY=VALUE.
fn values<'a>(arguments: &'a [String], key: &'a str) -> impl Iterator<Item = &'a str> {
    arguments.iter().filter_map(move |argument| argument.strip_prefix(key)?.strip_prefix('='))
}

fn load(path: &str, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let file = std::fs::read(path)?;
    let image = Image::parse(&file)?;
    let mode = match values(arguments, "enforce").last() {
        Some("0") => Mode::Observe,
        Some("2") => Mode::EnforceIfKnown,
        _ => Mode::Enforce,
    };
    let keyring = values(arguments, "keyring").last().unwrap_or("0").parse()?;
    let objects = Objects::load(&image, &mut Options { keyring, mode, ..Options::default() })?;
    println!("load 0: as {}{}{}", objects.loaded_as, objects.why.map_or("", |_| ", "), objects.why.unwrap_or(""));
    for (section, value) in values(arguments, "set").filter_map(|set| set.split_once(':')) {
        objects.section(section)?.set(0, &unhex(value)?)?;
    }
    let links = image.programs.iter().filter(|program| (1..=3).contains(&program.attach));
    let _links = links.map(|program| objects.attach(program.name)).collect::<Result<Vec<_>, _>>()?;
    for program in values(arguments, "run") {
        println!("{program} returns {}", objects.run(program, &[0; 64])?);
    }
    // what another process was interrupted in is not run again until then
    std::thread::sleep(std::time::Duration::from_millis(20));
    for map in image.maps.iter().filter(|map| (1..=4).contains(&map.kind)) {
        println!("{} {}", map.name, hex(&objects.section(map.name)?.get()));
    }
    Ok(())
}

/// The errno in an error.
fn errno(error: &(dyn Error + 'static)) -> i32 {
    let refused = error.downcast_ref::<bpfsigned::load::Error>().map(|error| error.errno);
    refused.or_else(|| error.downcast_ref::<std::io::Error>()?.raw_os_error()).unwrap_or(22)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match (arguments.first().map(|first| first.as_str()), arguments.get(1)) {
        (Some("load"), Some(path)) => {
            if let Err(error) = load(path, &arguments[2..]) {
                println!("load -{}: {error}", errno(error.as_ref()));
                std::process::exit(1);
            }
        }
        (Some("dump"), _) => arguments[1..].iter().try_for_each(|path| dump(path))?,
        _ => {
            eprintln!("usage: signed load FILE [keyring=N] [enforce=0|1|2] [set=SECTION:HEX]... [run=PROGRAM]...");
            std::process::exit(2);
        }
    }
    Ok(())
}
