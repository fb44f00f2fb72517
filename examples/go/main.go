// SPDX-License-Identifier: BSD-2-Clause

// Load a signed image and show its variables, or what an image says:
//
//	signed load FILE [keyring=N] [enforce=0|1|2] [set=SECTION:HEX]... [run=PROGRAM]...
//	signed dump FILE...
//
// Load attaches what can be attached without another package. It says as what the image is loaded, or why not, in one
// line, and then the variables of each section in hex; enforce is as in docs/run-time.md.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.org/signed/bpfsigned"
)

func main() {
	switch {
	case len(os.Args) > 2 && os.Args[1] == "load":
		if err := load(os.Args[2], os.Args[3:]); err != nil {
			number := syscall.EINVAL
			errors.As(err, &number)
			fmt.Printf("load -%d: %v\n", int(number), err)
			os.Exit(1)
		}
	case len(os.Args) > 1 && os.Args[1] == "dump":
		for _, path := range os.Args[2:] {
			dump(path)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: signed load FILE [keyring=N] [enforce=0|1|2] [set=SECTION:HEX]... [run=PROGRAM]...")
		os.Exit(2)
	}
}

func load(path string, arguments []string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	image, err := bpfsigned.Parse(file)
	if err != nil {
		return err
	}
	options := bpfsigned.Options{}
	for _, argument := range arguments {
		switch argument {
		case "enforce=0":
			options.Mode = bpfsigned.Observe
		case "enforce=2":
			options.Mode = bpfsigned.EnforceIfKnown
		}
		if strings.HasPrefix(argument, "keyring=") {
			id, err := strconv.ParseInt(argument[8:], 0, 32)
			if err != nil {
				return err
			}
			options.Keyring = int32(id)
		}
	}
	objects, err := bpfsigned.Load(image, options)
	if err != nil {
		return err
	}
	defer objects.Close()
	fmt.Printf("load 0: as %s", objects.LoadedAs)
	if objects.Why != "" {
		fmt.Printf(", %s", objects.Why)
	}
	fmt.Println()
	return use(image, objects, arguments)
}

func use(image *bpfsigned.Image, objects *bpfsigned.Objects, arguments []string) error {
	for _, argument := range arguments {
		if set := strings.SplitN(strings.TrimPrefix(argument, "set="), ":", 2); len(set) == 2 {
			value, err := hex.DecodeString(set[1])
			if err != nil {
				return err
			}
			section, err := objects.Section(set[0])
			if err != nil {
				return err
			}
			copy(section, value)
		}
	}
	for _, program := range image.Programs {
		if program.Attach >= bpfsigned.AttachRawTracepoint && program.Attach <= bpfsigned.AttachIter {
			link, err := objects.Attach(program.Name)
			if err != nil {
				return err
			}
			defer syscall.Close(link)
		}
	}
	for _, argument := range arguments {
		if strings.HasPrefix(argument, "run=") {
			ret, err := objects.Run(argument[4:], make([]byte, 64))
			if err != nil {
				return err
			}
			fmt.Printf("%s returns %d\n", argument[4:], ret)
		}
	}
	time.Sleep(20 * time.Millisecond) // what another process was interrupted in is not run again until then
	for _, m := range image.Maps {
		if section, err := objects.Section(m.Name); err == nil {
			fmt.Printf("%s %x\n", m.Name, section)
		}
	}
	return nil
}

// Dump prints what tests/image/reader.py prints.
func dump(path string) {
	file, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("file", path)
	image, err := bpfsigned.Parse(file)
	if err != nil {
		fmt.Println("refused")
		return
	}
	order := "little"
	if image.Order == binary.BigEndian {
		order = "big"
	}
	fmt.Printf("order %s\nname %s\n", order, image.Name)
	titles := map[uint32]string{2: "data", 3: "insns", 4: "insns-checked", 5: "insns-hash", 16: "sig-folded",
		17: "sig-chain", 18: "sig-insns", 19: "sig-insns-hash"}
	for kind := uint32(2); kind < 20; kind++ {
		if data := image.Bytes[kind]; data != nil {
			fmt.Printf("%s %d %x\n", titles[kind], len(data), sha256.Sum256(data))
		}
	}
	for _, m := range image.Maps {
		fmt.Printf("map %d %d %d %s\n", m.Kind, m.Size, m.Pinned, m.Name)
	}
	for _, p := range image.Programs {
		fmt.Printf("program %d %s %s\n", p.Attach, p.Name, p.Target)
	}
}
