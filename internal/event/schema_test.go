package event

import (
	"fmt"
	"strings"
	"testing"
)

func TestSchema(t *testing.T) {
	s := NewSchema([]string{"b", "a.b", "b", "", "a"})
	if s.Len() != 4 || s.Slot("b") != 0 || s.Slot("a.b") != 1 || s.Slot("") != 2 || s.Slot("a") != 3 || s.Slot("c") != -1 || s.Path(1) != "a.b" {
		t.Errorf("slots of %q", s.paths)
	}
	if s := NewSchema(nil); s.Len() != 0 || s.Slot("") != -1 {
		t.Error("an empty schema has a field")
	}
}

// TestSchemaFindsAll holds that every path is found in every spelling, in a
// schema of the size that all rules together have.
func TestSchemaFindsAll(t *testing.T) {
	var paths []string
	for i := range 40 {
		for _, form := range []string{"process%d.name", "process.p%d.entity_id", "a.b.c.d.e%d.f", "long_name_%d_with_the_same_end"} {
			paths = append(paths, fmt.Sprintf(form, i))
		}
	}
	s := newScanners(paths...)
	for _, path := range paths {
		parts := strings.Split(path, ".")
		for dots := range 1 << (len(parts) - 1) {
			open, end := "", ""
			for i, part := range parts {
				switch {
				case i == 0:
					open, end = `{"`+part, "}"
				case dots>>(i-1)&1 == 1:
					open += "." + part
				default:
					open, end = open+`":{"`+part, end+"}"
				}
			}
			s.check(t, []byte(open+`":"here"`+end))
			if s.row.Head(s.schema.Slot(path)) < 0 {
				t.Fatalf("%s is not found in %s", path, open)
			}
		}
	}
	for name, sc := range s.all {
		if sc.decoded != 0 {
			t.Errorf("%s: %d documents left to Decode", name, sc.decoded)
		}
	}
}

// TestSchemaStrangePaths holds that paths which no tree can tell apart are found.
func TestSchemaStrangePaths(t *testing.T) {
	deep := strings.Repeat("a.", maxParts) + "a"
	for _, path := range []string{deep, deep[2:], "x\uFFFD", "x\xff", "x\xff.y"} {
		s := newScanners("b", path)
		s.check(t, []byte(`{"b":1,"`+path+`":2}`))
		s.check(t, []byte(`{"b":1,"x\ud800":2,"x`+"\xff"+`":{"y":3}}`))
		s.check(t, []byte(`{"b":1,`+strings.Repeat(`"a":{`, maxParts)+`"a":7`+strings.Repeat(`}`, maxParts)+`}`))
	}
}
