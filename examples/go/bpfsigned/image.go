// SPDX-License-Identifier: BSD-2-Clause

// Package bpfsigned loads signed images of bpf-chainsign: BPF programs whose signature the kernel verifies. It needs
// neither C nor another package. docs/image.md is the format that image.go reads; docs/run-time.md says what load.go
// tries, and what its errors mean.
package bpfsigned

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
)

// Types of records.
const (
	recordName        = 1
	RecordData        = 2
	RecordInsns       = 3
	RecordChecked     = 4 // further forms of the instructions
	RecordHashOnly    = 5
	RecordFolded      = 16 // signatures
	RecordChain       = 17
	RecordSigInsns    = 18
	RecordSigHashOnly = 19
	recordMap         = 32
	recordProgram     = 33
	recordOptional    = 0x80000000 // from here on: passed over
)

// Kinds of maps: sections of global variables, and others.
const (
	KindOther = iota
	KindRodata
	KindData
	KindBss
	KindKconfig
	KindPerCPU
)

// How programs are attached.
const (
	AttachByHand = iota
	AttachRawTracepoint
	AttachTracing
	AttachIter
	AttachSection
	AttachByLibbpf
)

const bytesMax = 16777215 // data and instructions of a form; variables of all maps

// Records that are bytes, with their longest payload.
var longest = map[uint32]int{RecordData: bytesMax, RecordInsns: 8000000, RecordChecked: 8000000, RecordHashOnly: 8000000,
	RecordFolded: 1 << 20, RecordChain: 1 << 20, RecordSigInsns: 1 << 20, RecordSigHashOnly: 1 << 20}

var (
	imageName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	name       = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,510}$`)
	tracepoint = regexp.MustCompile(`^[A-Za-z0-9_.:/,+@-]{1,127}$`)
	section    = regexp.MustCompile(`^[ !#-\[\]-~]{1,511}$`)
)

// Map is a map that the loader makes; Size is that of its variables.
type Map struct {
	Kind, Size, Pinned uint32
	Name               string
}

// Program is a program that the loader loads.
type Program struct {
	Attach       uint32
	Name, Target string
}

// Image is what a file says. Bytes are its records of bytes, by type.
type Image struct {
	Order    binary.ByteOrder
	Name     string
	Bytes    map[uint32][]byte
	Maps     []Map
	Programs []Program
}

// Parse reads FILE, which the image refers to, and refuses whatever docs/image.md does not allow.
func Parse(file []byte) (*Image, error) {
	if len(file) < 16 || string(file[:8]) != "\x89BPFS\r\n\x1a" {
		return nil, fmt.Errorf("not a signed image")
	}
	image := &Image{Order: binary.LittleEndian, Bytes: map[uint32][]byte{}}
	if binary.BigEndian.Uint32(file[8:]) == 1 {
		image.Order = binary.BigEndian
	} else if binary.LittleEndian.Uint32(file[8:]) != 1 {
		return nil, fmt.Errorf("another version of signed images")
	}
	if size := image.Order.Uint32(file[12:]); size%8 != 0 || size > 64<<20 || int(size) != len(file) {
		return nil, fmt.Errorf("the image has %d bytes, the file %d", size, len(file))
	}
	last := uint32(0)
	for rest := file[16:]; len(rest) > 0; {
		kind, size := image.Order.Uint32(rest), uint64(image.Order.Uint32(rest[4:]))
		padded := 8 + (size+7)&^7
		if padded > uint64(len(rest)) || len(bytes.Trim(rest[8+size:padded], "\x00")) > 0 {
			return nil, fmt.Errorf("a record of type %d is too long, or followed by other bytes than zeros", kind)
		}
		if kind < last || (kind == last && kind != recordMap && kind != recordProgram) {
			return nil, fmt.Errorf("a record of type %d cannot follow one of type %d", kind, last)
		}
		if err := image.take(kind, rest[8:8+size]); err != nil {
			return nil, err
		}
		rest, last = rest[padded:], kind
	}
	if err := image.check(); err != nil {
		return nil, err
	}
	return image, nil
}

func (image *Image) take(kind uint32, payload []byte) (err error) {
	most, isBytes := longest[kind]
	isForm := kind >= RecordInsns && kind <= RecordHashOnly
	switch {
	case isBytes && (len(payload) == 0 || len(payload) > most || (isForm && len(payload)%8 != 0)):
		err = fmt.Errorf("a record of type %d cannot have %d bytes", kind, len(payload))
	case isBytes:
		image.Bytes[kind] = payload
	case kind == recordName:
		image.Name, err = take(payload, imageName)
	case kind == recordMap:
		err = image.takeMap(payload)
	case kind == recordProgram:
		err = image.takeProgram(payload)
	case kind < recordOptional:
		err = fmt.Errorf("unknown type %d of a record", kind)
	}
	return err
}

// The string that is DATA, with its NUL.
func take(data []byte, text *regexp.Regexp) (string, error) {
	if end := len(data) - 1; end >= 0 && data[end] == 0 && text.Match(data[:end]) {
		return string(data[:end]), nil
	}
	return "", fmt.Errorf("a name or target is not as it must be: %q", data)
}

func (image *Image) takeMap(payload []byte) (err error) {
	if len(payload) < 12 || len(image.Maps) == 64 {
		return fmt.Errorf("a map is too short, or one too many")
	}
	m := Map{Kind: image.Order.Uint32(payload), Size: image.Order.Uint32(payload[4:]), Pinned: image.Order.Uint32(payload[8:])}
	m.Name, err = take(payload[12:], name)
	image.Maps = append(image.Maps, m)
	sum := uint64(0)
	for _, each := range image.Maps {
		sum += uint64(each.Size)
	}
	isBss, isKconfig := strings.HasPrefix(m.Name, "bss"), m.Name == "kconfig"
	fits := [...]bool{m.Size == 0, !isKconfig, !isBss, isBss, isKconfig, true}
	if err == nil && (m.Kind > KindPerCPU || !fits[m.Kind] || m.Pinned > 1 || sum > bytesMax || (m.Size == 0) != (m.Kind == 0)) {
		err = fmt.Errorf("map %s cannot be of kind %d, with %d bytes", m.Name, m.Kind, m.Size)
	}
	return err
}

func (image *Image) takeProgram(payload []byte) (err error) {
	if len(payload) < 8 || uint64(image.Order.Uint32(payload[4:])) > uint64(len(payload)-8) || len(image.Programs) == 1024 {
		return fmt.Errorf("a program is too short, or one too many")
	}
	end := 8 + image.Order.Uint32(payload[4:])
	p := Program{Attach: image.Order.Uint32(payload)}
	if p.Name, err = take(payload[8:end], name); err != nil {
		return err
	}
	switch target := payload[end:]; {
	case p.Attach == AttachRawTracepoint:
		p.Target, err = take(target, tracepoint)
	case p.Attach == AttachSection:
		p.Target, err = take(target, section)
	case len(target) > 0 || p.Attach > AttachByLibbpf:
		err = fmt.Errorf("program %s cannot be attached by way %d to this target", p.Name, p.Attach)
	}
	image.Programs = append(image.Programs, p)
	return err
}

// Whether all records are there.
func (image *Image) check() error {
	size := func(kind uint32) int { return len(image.Bytes[kind]) }
	for _, form := range []uint32{RecordInsns, RecordChecked, RecordHashOnly} {
		if size(RecordData)+size(form) > bytesMax {
			return fmt.Errorf("data and instructions have more than %d bytes", bytesMax)
		}
	}
	if image.Name == "" || size(RecordData) == 0 || size(RecordInsns) == 0 ||
		(size(RecordChecked) > 0 && size(RecordSigInsns) == 0) || (size(RecordHashOnly) > 0) != (size(RecordSigHashOnly) > 0) {
		return fmt.Errorf("a record is missing")
	}
	return nil
}
