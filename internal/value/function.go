package value

import "strings"

// ParamKind is what a function demands of an argument's static type.
type ParamKind uint8

// The kinds of parameters.
const (
	ParamAny     ParamKind = iota // any type but text without an exact sub-field
	ParamString                   // keyword
	ParamNumeric                  // integer or double
	ParamInteger
	ParamBoolean
	ParamIP
)

// Param describes one parameter of a Function.
type Param struct {
	Kind     ParamKind
	Constant bool // the argument must fold to a literal
}

// Function is one of EQL's scalar functions.
type Function struct {
	Name        string // the documented spelling
	MinArgs     int
	MaxArgs     int     // -1: no limit
	FoldVariant bool    // name~ is legal: the case-insensitive form
	Params      []Param // the last one repeats

	// Returns is the static type of the result. That of an arithmetic function
	// is long; a double among the arguments makes it a double.
	Returns Type

	// Call applies the function. Arguments left out at the end are null. An
	// argument of a kind the function does not take gives null. It fails where
	// Elasticsearch fails the query: with ErrOverflow, ErrDivideByZero, a
	// *ConversionError, or the reason that a CIDR block is none.
	Call func(args []Value, fold bool) (Value, error)
}

// The table, by name.
var functions = [...]*Function{
	&fnAdd, &fnBetween, &fnCIDRMatch, &fnConcat, &fnDivide, &fnEndsWith,
	&fnIndexOf, &fnLength, &fnModulo, &fnMultiply, &fnNumber, &fnStartsWith,
	&fnString, &fnStringContains, &fnSubstring, &fnSubtract, &fnWildcard,
}

// LookupFunction returns the function of that name, in any case. The Function is
// shared and must not be changed.
func LookupFunction(name string) (*Function, bool) {
	for _, f := range functions {
		// Equal lengths keep letters outside ASCII out, which fold to s and k.
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return nil, false
}

// FunctionNames returns the names of all functions in their documented spelling,
// sorted.
func FunctionNames() []string {
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = f.Name
	}
	return names
}

// argAt returns argument i, null when it was left out.
func argAt(args []Value, i int) Value {
	if i < len(args) {
		return args[i]
	}
	return Value{}
}

// textArg returns the text of argument i and whether it is text.
func textArg(args []Value, i int) (string, bool) {
	v := argAt(args, i)
	return v.str, v.kind == String
}
