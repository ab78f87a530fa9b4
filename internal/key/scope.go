package key

import (
	"fmt"
	"strings"
)

// Scope is a set of what a key is good for. None holds another.
type Scope uint8

// The scopes.
const (
	Ingest Scope = 1 << iota // store documents
	Read                     // read documents, alerts, metrics
	Admin                    // change how the daemon runs

	None Scope = 0 // what any key may do
)

// names are the scopes in the order of their bits.
var names = [...]string{"ingest", "read", "admin"}

// ScopeNames returns the names of all scopes.
func ScopeNames() []string { return names[:] }

// ParseScopes reads names, each of which may be several with commas between.
func ParseScopes(list []string) (Scope, error) {
	var all Scope
	for _, some := range list {
		for name := range strings.SplitSeq(some, ",") {
			one, ok := scope(strings.TrimSpace(name))
			if !ok {
				return None, fmt.Errorf("unknown scope %q: there are %s", name, strings.Join(names[:], ", "))
			}
			all |= one
		}
	}
	return all, nil
}

func scope(name string) (Scope, bool) {
	for bit, known := range names {
		if known == name {
			return 1 << bit, true
		}
	}
	return None, false
}

// Has reports whether all of want are in the set.
func (s Scope) Has(want Scope) bool { return s&want == want }

// String returns the names with commas between.
func (s Scope) String() string {
	var in []string
	for bit, name := range names {
		if s.Has(1 << bit) {
			in = append(in, name)
		}
	}
	return strings.Join(in, ",")
}
