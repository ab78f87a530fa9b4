package value

import (
	"fmt"
	"strconv"
	"strings"
)

// number(s[, base]): the number that s writes. Without a base it is 16 where s
// begins with 0x, and 10 otherwise. Base 10 takes doubles too.
var fnNumber = Function{
	Name:    "number",
	MinArgs: 1, MaxArgs: 2,
	Params:  []Param{{Kind: ParamString}, {Kind: ParamInteger, Constant: true}},
	Returns: TypeDouble,
	Call:    callNumber,
}

// ConversionError is the failure of number() on a text that is no number.
type ConversionError struct {
	Text string // the start of it, if it is long
	Base int64
}

// mostQuoted is how many bytes of a text are quoted.
const mostQuoted = 200

// Error says what could not be converted. Of a long text it quotes the start.
func (e *ConversionError) Error() string {
	s := e.Text
	if len(s) > mostQuoted {
		s = strings.ToValidUTF8(s[:mostQuoted], "") + "..."
	}
	return fmt.Sprintf("Unable to convert [%s] to number of base [%d]", s, e.Base)
}

func callNumber(args []Value, _ bool) (Value, error) {
	s, ok := textArg(args, 0)
	if !ok {
		return Value{}, nil
	}
	base := int64(10)
	switch b := argAt(args, 1); {
	case b.kind == Int:
		base = b.Int()
	case b.kind != Null:
		return Value{}, nil
	case strings.HasPrefix(s, "0x"):
		base = 16
	}
	if v, ok := parseNumber(s, base); ok {
		return v, nil
	}
	// The text of a value may be on loan, and an error is told later.
	return Value{}, &ConversionError{Text: strings.Clone(s[:min(len(s), mostQuoted+1)]), Base: base}
}

// parseNumber reads s in the given base. Integers are signed, of 64 bits; in base
// 10 what is none is read as a double.
func parseNumber(s string, base int64) (Value, bool) {
	if base < 2 || base > 36 {
		return Value{}, false
	}
	if base == 16 {
		s = strings.TrimPrefix(s, "0x")
	}
	if i, err := strconv.ParseInt(s, int(base), 64); err == nil {
		return OfInt(i), true
	}
	if base != 10 {
		return Value{}, false
	}
	f, ok := parseDouble(s)
	return OfFloat(f), ok
}
