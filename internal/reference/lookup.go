package reference

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// compileCallTest compiles the calls that Elasticsearch looks up in the index
// when they ask a plain field about constants; nil for any other, which is
// then run as a script.
//
// endsWith and stringContains differ there from what they mean elsewhere: the
// constant is pasted into a wildcard, so that `*` and `?` in it match anything
// and a backslash takes the next character literally.
func compileCallTest(call *eql.Call) (func(value.Value) bool, error) {
	constants := make([]string, len(call.Args)-1)
	for i, arg := range call.Args[1:] {
		lit, ok := arg.(*eql.Literal)
		if !ok || lit.Value.Kind() != value.String {
			return nil, nil
		}
		constants[i] = lit.Value.Str()
	}
	switch call.Name {
	case "endsWith":
		return onText(value.CompileEndsWith(constants[0], call.Fold).Match), nil
	case "stringContains":
		return onText(value.CompileContains(constants[0], call.Fold).Match), nil
	case "cidrMatch":
		return newBlocks(call, constants)
	}
	return nil, nil
}

// newBlocks is cidrMatch on a field: a value passes when it is an address in
// any of the blocks. Text that is no address is in none.
func newBlocks(call *eql.Call, constants []string) (func(value.Value) bool, error) {
	var blocks []value.CIDR
	for _, c := range constants {
		block, err := value.ParseCIDR(c)
		if err != nil {
			return nil, fmt.Errorf("line %d:%d: %w", call.At.Line, call.At.Col, err)
		}
		blocks = append(blocks, block)
	}
	return func(v value.Value) bool {
		addr := v.Addr()
		if v.Kind() == value.String {
			addr, _ = value.ParseIP(v.Str())
		}
		if !addr.IsValid() {
			return false
		}
		for _, block := range blocks {
			if block.Contains(addr) {
				return true
			}
		}
		return false
	}, nil
}
