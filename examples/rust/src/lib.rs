// SPDX-License-Identifier: BSD-2-Clause

//! Load signed images of bpf-chainsign: BPF programs whose signature the kernel verifies. Needs neither C nor another
//! crate. docs/image.md is the format that image.rs reads; docs/run-time.md says what load.rs tries, and what its errors
//! mean.

pub mod image;
pub mod load;
pub mod sha256;
