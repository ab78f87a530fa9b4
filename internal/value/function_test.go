package value

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// callFunction applies a function by its query name; a tilde asks for its
// case-insensitive form.
func callFunction(t *testing.T, name string, args ...any) (Value, error) {
	t.Helper()
	plain, fold := strings.CutSuffix(name, "~")
	f, ok := LookupFunction(plain)
	if !ok {
		t.Fatalf("no function %q", plain)
	}
	if fold && !f.FoldVariant {
		t.Fatalf("%q has no case-insensitive form", plain)
	}
	vs := make([]Value, len(args))
	for i, a := range args {
		vs[i] = toValue(t, a)
	}
	return f.Call(vs, fold)
}

type callRow struct {
	name string
	args []any
	want any
}

func runCalls(t *testing.T, rows []callRow) {
	t.Helper()
	for _, c := range rows {
		got, err := callFunction(t, c.name, c.args...)
		if err != nil || !sameValue(got, toValue(t, c.want)) {
			t.Errorf("%s%q = %#v %v, want %#v", c.name, c.args, got.Any(), err, c.want)
		}
	}
}

func TestLookupFunction(t *testing.T) {
	for _, name := range []string{"cidrMatch", "CIDRMATCH", "cidrmatch", "cIDRMaTCH"} {
		f, ok := LookupFunction(name)
		if !ok || f.Name != "cidrMatch" {
			t.Errorf("LookupFunction(%q) = %v %v", name, f, ok)
		}
	}
	for _, name := range []string{"", "length~", "arrayContains", "match", "\u017Ftring", "lengt", "lengths"} {
		if f, ok := LookupFunction(name); ok {
			t.Errorf("LookupFunction(%q) = %q", name, f.Name)
		}
	}
}

func TestFunctionNames(t *testing.T) {
	want := strings.Fields("add between cidrMatch concat divide endsWith indexOf length modulo " +
		"multiply number startsWith string stringContains substring subtract wildcard")
	got := FunctionNames()
	if !slices.Equal(got, want) {
		t.Errorf("names are %q, want %q", got, want)
	}
	got[0] = "changed"
	if FunctionNames()[0] != "add" {
		t.Error("a caller can change the names")
	}
}

func TestSignatures(t *testing.T) {
	const s, n, i, b, ip, any = ParamString, ParamNumeric, ParamInteger, ParamBoolean, ParamIP, ParamAny
	for name, want := range map[string]struct {
		low, high int
		fold      bool
		params    []Param
		returns   Type
	}{
		"add":            {2, 2, false, []Param{{n, false}}, TypeLong},
		"subtract":       {2, 2, false, []Param{{n, false}}, TypeLong},
		"multiply":       {2, 2, false, []Param{{n, false}}, TypeLong},
		"divide":         {2, 2, false, []Param{{n, false}}, TypeLong},
		"modulo":         {2, 2, false, []Param{{n, false}}, TypeLong},
		"between":        {3, 4, true, []Param{{s, false}, {s, false}, {s, false}, {b, true}}, TypeKeyword},
		"cidrMatch":      {2, -1, false, []Param{{ip, false}, {s, true}}, TypeBoolean},
		"concat":         {1, -1, false, []Param{{any, false}}, TypeKeyword},
		"endsWith":       {2, 2, true, []Param{{s, false}}, TypeBoolean},
		"indexOf":        {2, 3, true, []Param{{s, false}, {s, false}, {i, false}}, TypeInteger},
		"length":         {1, 1, false, []Param{{s, false}}, TypeInteger},
		"number":         {1, 2, false, []Param{{s, false}, {i, true}}, TypeDouble},
		"startsWith":     {2, 2, true, []Param{{s, false}}, TypeBoolean},
		"string":         {1, 1, false, []Param{{any, false}}, TypeKeyword},
		"stringContains": {2, 2, true, []Param{{s, false}}, TypeBoolean},
		"substring":      {2, 3, false, []Param{{s, false}, {i, false}}, TypeKeyword},
		"wildcard":       {2, -1, true, []Param{{s, false}, {s, true}}, TypeBoolean},
	} {
		f, ok := LookupFunction(name)
		if !ok {
			t.Errorf("no function %q", name)
			continue
		}
		if f.MinArgs != want.low || f.MaxArgs != want.high || f.FoldVariant != want.fold ||
			!slices.Equal(f.Params, want.params) || f.Returns != want.returns {
			t.Errorf("%s is %+v, want %+v", name, *f, want)
		}
	}
}

// oddValues holds one value or more of every kind, hostile ones among them.
func oddValues() []Value {
	return []Value{
		{},
		OfBool(true), OfBool(false),
		OfInt(0), OfInt(-1), OfInt(3), OfInt(math.MaxInt64), OfInt(math.MinInt64), OfUint(math.MaxUint64),
		OfFloat(0.5), OfFloat(math.NaN()), OfFloat(math.Inf(-1)), OfJSONNumber("1e999"),
		OfString(""), OfString("abc"), OfString("é😀\u212A"), OfString("\xff\xf0\x9f"), OfString("10.0.0.0/8"),
		OfString("1e999999999"), OfString("*?\\"),
		OfDate(Instant{Sec: math.MaxInt64, Nsec: 999_999_999}), OfIP(netip.MustParseAddr("::1")), OfVersion("1.2"),
	}
}

// No arguments, whatever their number and kinds, may make a function panic.
func TestFunctionsTakeAnything(t *testing.T) {
	odd := oddValues()
	for _, f := range functions {
		for _, fold := range []bool{false, true} {
			var calls [][]Value
			calls = append(calls, nil)
			for _, a := range odd {
				calls = append(calls, []Value{a})
				for _, b := range odd {
					calls = append(calls, []Value{a, b})
					for _, c := range odd {
						calls = append(calls, []Value{a, b, c}, []Value{a, b, c, OfBool(true)}, []Value{OfString("é😀k"), a, b, c})
					}
				}
			}
			for _, args := range calls {
				v, err := f.Call(args, fold)
				if err != nil && !v.IsNull() {
					t.Fatalf("%s(%v) gives %v beside the error %v", f.Name, args, v.Any(), err)
				}
			}
		}
	}
}

// Null for the first argument gives null, whatever the others are.
func TestFunctionsOfNull(t *testing.T) {
	for _, f := range functions {
		args := make([]Value, max(f.MinArgs, 1))
		for i := range args[1:] {
			args[i+1] = OfString("10.0.0.0/8")
		}
		if got, err := f.Call(args, false); err != nil || !got.IsNull() {
			t.Errorf("%s of null = %v %v, want null", f.Name, got.Any(), err)
		}
	}
}

// What is no text is null to the functions of text, in any of their text
// parameters.
func TestTextFunctionsOfOtherKinds(t *testing.T) {
	for _, f := range functions {
		for i := range f.MinArgs {
			if f.Params[min(i, len(f.Params)-1)].Kind != ParamString {
				continue
			}
			for _, v := range oddValues() {
				if v.Kind() == String {
					continue
				}
				args := make([]Value, f.MinArgs)
				for j := range args {
					args[j] = OfString("10.0.0.1")
				}
				args[i] = v
				if f.Name == "substring" {
					args[1] = OfInt(1)
				}
				if got, err := f.Call(args, false); err != nil || !got.IsNull() {
					t.Errorf("%s(%v) = %v %v, want null", f.Name, args, got.Any(), err)
				}
			}
		}
	}
}

func TestArithmeticFunctions(t *testing.T) {
	runCalls(t, []callRow{
		{"add", []any{2, 3}, 5},
		{"subtract", []any{10, 2}, 8},
		{"subtract", []any{-2, 4}, -6},
		{"subtract", []any{-2, -4}, 2},
		{"multiply", []any{6, 5}, 30},
		{"divide", []any{30, 4.0}, 7.5},
		{"divide", []any{7, 2}, 3},
		{"modulo", []any{11, 4}, 3},
		{"modulo", []any{10.5, 3}, 1.5},
		{"add", []any{2, nil}, nil},
		{"divide", []any{nil, 0}, nil},
		{"modulo", []any{"5", 2}, nil},
	})
	if _, err := callFunction(t, "divide", 1, 0); err != ErrDivideByZero { //nolint:errorlint // the sentinel itself
		t.Errorf("divide(1, 0): %v", err)
	}
	if _, err := callFunction(t, "add", math.MaxInt64, 1); err != ErrOverflow { //nolint:errorlint // the sentinel itself
		t.Errorf("add beyond 64 bits: %v", err)
	}
}

func TestCIDRMatch(t *testing.T) {
	ip := func(s string) Value { return OfIP(netip.MustParseAddr(s)) }
	runCalls(t, []callRow{
		{"cidrMatch", []any{ip("10.6.48.157"), "10.6.48.157/8"}, true},
		{"cidrMatch", []any{ip("10.6.48.157"), "192.168.0.0/16", "10.6.48.0/24"}, true},
		{"cidrMatch", []any{ip("10.6.49.157"), "192.168.0.0/16", "10.6.48.0/24"}, false},
		{"cidrMatch", []any{ip("10.6.48.157"), "10.6.48.157"}, true},
		{"cidrMatch", []any{ip("8.8.8.8"), "0.0.0.0/0"}, true},
		{"cidrMatch", []any{ip("8.8.8.8"), "::/0"}, true},
		{"cidrMatch", []any{ip("10.1.2.3"), "::ffff:10.0.0.0/104"}, true},
		{"cidrMatch", []any{ip("2001:db8::1"), "0.0.0.0/0"}, false},
		{"cidrMatch", []any{ip("2001:db8::1"), "2001:db8::/32"}, true},
		{"cidrMatch", []any{"::ffff:10.1.2.3", "10.0.0.0/8"}, true},
		{"cidrMatch", []any{"10.1.2.3", "10.0.0.0/8"}, true},
		{"cidrMatch", []any{"host-10", "0.0.0.0/0", "::/0"}, false},
		{"cidrMatch", []any{"", "0.0.0.0/0"}, false},
		{"cidrMatch", []any{nil, "0.0.0.0/0"}, nil},
		{"cidrMatch", []any{10, "0.0.0.0/0"}, nil},
		{"cidrMatch", []any{ip("8.8.8.8"), nil}, nil},
	})
	// A block that is none fails, also after one that matches and without an address.
	for _, args := range [][]any{
		{ip("10.0.0.1"), "10.0.0.0/8", "10.0.0.0/33"},
		{"no address", "10.0.0.0/33"},
		{nil, "10.0.0.0/33"},
	} {
		_, err := callFunction(t, "cidrMatch", args...)
		if err == nil || !strings.Contains(err.Error(), "illegal prefixLength '33'") {
			t.Errorf("cidrMatch%v: %v", args, err)
		}
	}
	for _, block := range []string{"", "10.0.0", "x"} {
		if _, err := callFunction(t, "cidrMatch", ip("10.0.0.1"), block); err == nil {
			t.Errorf("cidrMatch with block %q does not fail", block)
		}
	}
}

func TestWildcardFunction(t *testing.T) {
	runCalls(t, []callRow{
		{"wildcard", []any{"cmd.exe", "*.exe"}, true},
		{"wildcard", []any{"cmd.exe", "*.EXE"}, false},
		{"wildcard~", []any{"cmd.exe", "*.EXE"}, true},
		{"wildcard", []any{"cmd.exe", "a*", "c?d.exe"}, true},
		{"wildcard", []any{"cmd.exe", "a*", "b*"}, false},
		{"wildcard", []any{"cmd.exe", "cmd"}, false},
		{"wildcard", []any{nil, "*"}, nil},
		{"wildcard", []any{"cmd.exe", nil}, nil},
	})
}
