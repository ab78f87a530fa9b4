package ecs

import (
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

func TestLookup(t *testing.T) {
	tests := []struct {
		name   string
		typ    value.Type
		array  bool
		source string
	}{
		{"@timestamp", value.TypeDate, false, "ecs"},
		{"event.category", value.TypeKeyword, true, "ecs"},
		{"event.sequence", value.TypeLong, false, "ecs"},
		{"process.args", value.TypeKeyword, true, "ecs"},
		{"process.args_count", value.TypeLong, false, "ecs"},
		{"process.command_line", value.TypeKeyword, false, "ecs"},
		{"process.command_line.text", value.TypeText, false, "ecs"},
		{"process.interactive", value.TypeBoolean, false, "ecs"},
		{"destination.ip", value.TypeIP, false, "ecs"},
		{"source.port", value.TypeLong, false, "ecs"},
		{"destination.geo.location", value.TypeUnsupported, false, "ecs"},
		{"Effective_process.pid", value.TypeLong, false, "endpoint"},
	}
	for _, tt := range tests {
		f, ok := Lookup(tt.name)
		want := Field{Name: tt.name, Type: tt.typ, Array: tt.array, Source: tt.source}
		if !ok || f != want {
			t.Errorf("Lookup(%q) = %+v, %v; want %+v", tt.name, f, ok, want)
		}
	}
	for _, name := range []string{"", "process", "process.nam", "Process.name"} {
		if f, ok := Lookup(name); ok && f.Type != value.TypeObject {
			t.Errorf("Lookup(%q) = %+v, want none", name, f)
		}
	}
}

func TestNames(t *testing.T) {
	names := Names()
	if len(names) < 3000 {
		t.Errorf("%d names, want some thousands", len(names))
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("Names() is not sorted and without repeats")
	}
	types := map[value.Type]bool{}
	for _, n := range names {
		f, ok := Lookup(n)
		if !ok || f.Name != n || f.Source != "ecs" && f.Source != "endpoint" {
			t.Fatalf("Lookup(%q) = %+v, %v", n, f, ok)
		}
		types[f.Type] = true
	}
	for _, typ := range []value.Type{
		value.TypeBoolean, value.TypeInteger, value.TypeLong, value.TypeUnsignedLong, value.TypeDouble, value.TypeKeyword,
		value.TypeText, value.TypeDate, value.TypeIP, value.TypeObject, value.TypeNested, value.TypeUnsupported,
	} {
		if !types[typ] {
			t.Errorf("no field has type %v", typ)
		}
	}
	// The slice is the caller's: changing it must not change the table.
	names[0] = "changed"
	if Names()[0] == "changed" {
		t.Error("Names() hands out the table's own slice")
	}
}

func TestTypeOf(t *testing.T) {
	for mapped, want := range map[string]value.Type{
		"keyword": value.TypeKeyword, "constant_keyword": value.TypeKeyword, "wildcard": value.TypeKeyword,
		"text": value.TypeText, "match_only_text": value.TypeText, "boolean": value.TypeBoolean,
		"short": value.TypeInteger, "integer": value.TypeInteger, "long": value.TypeLong, "unsigned_long": value.TypeUnsignedLong,
		"float": value.TypeDouble, "scaled_float": value.TypeDouble, "date": value.TypeDate, "date_nanos": value.TypeDate,
		"ip": value.TypeIP, "version": value.TypeVersion, "object": value.TypeObject, "nested": value.TypeNested,
		"flattened": value.TypeUnsupported, "geo_point": value.TypeUnsupported, "": value.TypeUnsupported,
	} {
		if got := typeOf(mapped); got != want {
			t.Errorf("typeOf(%q) = %v, want %v", mapped, got, want)
		}
	}
}

// TestTextIsWellFormed guards the promise that parse relies on.
func TestTextIsWellFormed(t *testing.T) {
	for line := range strings.Lines(fieldsText) {
		if len(strings.Split(strings.TrimSuffix(line, "\n"), " ")) != 3 {
			t.Fatalf("bad line %q", line)
		}
	}
}
