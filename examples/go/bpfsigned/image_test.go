// SPDX-License-Identifier: BSD-2-Clause

package bpfsigned

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The examples of docs/image.md.
func examples(t *testing.T) (files [][]byte) {
	page, err := os.ReadFile("../../../docs/image.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```hex\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		var file []byte
		for _, line := range strings.Split(block[1], "\n") {
			for _, text := range strings.Fields(line) {
				b, err := hex.DecodeString(text)
				if err != nil || len(text) != 2 {
					break
				}
				file = append(file, b...)
			}
		}
		files = append(files, file)
	}
	if len(files) != 2 {
		t.Fatalf("%d examples", len(files))
	}
	return files
}

func TestExamples(t *testing.T) {
	files := examples(t)
	image, err := Parse(files[0])
	if err != nil || image.Name != "a" || len(image.Bytes[RecordInsns]) != 16 || len(image.Maps) != 0 ||
		image.Programs[0] != (Program{AttachTracing, "p", ""}) {
		t.Errorf("%v %+v", err, image)
	}
	image, err = Parse(files[1])
	if err != nil || string(image.Bytes[RecordFolded]) != "0\x02\x05\x00" || image.Maps[0] != (Map{0, 0, 1, "m"}) ||
		image.Maps[1] != (Map{KindRodata, 4, 0, "rodata"}) || image.Programs[0] != (Program{AttachSection, "p", "kprobe/x"}) {
		t.Errorf("%v %+v", err, image)
	}
	if big := image.Order != native; big {
		if _, err = Load(image, Options{}); err == nil {
			t.Error("an image of another machine is loaded")
		}
	}
}

// A file that is cut or longer is refused, and no change makes the reader fail in another way.
func TestChanges(t *testing.T) {
	for _, file := range examples(t) {
		for size := range file {
			if _, err := Parse(file[:size]); err == nil {
				t.Errorf("%d bytes are accepted", size)
			}
		}
		if _, err := Parse(append(append([]byte{}, file...), 0)); err == nil {
			t.Error("a byte more is accepted")
		}
		for bit := 0; bit < 8*len(file); bit++ {
			changed := append([]byte{}, file...)
			changed[bit/8] ^= 1 << (bit % 8)
			if image, err := Parse(changed); (image == nil) != (err != nil) {
				t.Errorf("bit %d: an image with an error", bit)
			}
		}
	}
}
