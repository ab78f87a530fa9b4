package engine

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// witnesses finds atoms of which one holds whenever a condition does, the rarest
// there are by guess. Those behind a leaf that may fail on a value are none: the
// leaf has to be asked, and its failure told, whatever they say.
type witnesses struct {
	atoms *atoms
	scope scope
}

// found is a choice of witnesses, and the share of events that have one.
type found struct {
	atoms []*atom
	share float64
}

var nothing = found{share: 2} // worse than anything

// of returns the witnesses of an expression, or of its negation, and whether
// what stands behind it in an `and` may be looked at too.
func (w *witnesses) of(e eql.Expr, negated bool) (found, bool) {
	switch e := e.(type) {
	case *eql.Logic:
		if (e.Op == eql.And) != negated {
			return w.all(e.Args, negated)
		}
		return w.any(e.Args, negated)
	case *eql.Unary:
		if e.Op == eql.Not {
			return w.of(e.X, !negated)
		}
	}
	a, err := w.atoms.leaf(w.scope, e)
	if err != nil || a.fallible {
		return nothing, false
	}
	if negated || a.kind != valueAtom || a.lazy {
		return nothing, true
	}
	if a.field.door {
		return found{[]*atom{a}, atDoorShare}, true
	}
	return found{[]*atom{a}, a.share}, true
}

// atDoorShare is the share of an atom at the door: what it could sort out has been
// sorted out there.
const atDoorShare = 0.95

// all is a condition of which every part must hold: its best part will do.
func (w *witnesses) all(args []eql.Expr, negated bool) (found, bool) {
	best := nothing
	for _, arg := range args {
		f, on := w.of(arg, negated)
		if f.share < best.share {
			best = f
		}
		if !on {
			return best, false
		}
	}
	return best, true
}

// any is a condition of which one part must hold: all parts need witnesses.
func (w *witnesses) any(args []eql.Expr, negated bool) (found, bool) {
	var sum found
	safe := true
	for _, arg := range args {
		f, on := w.of(arg, negated)
		safe = safe && on
		sum.atoms = append(sum.atoms, f.atoms...)
		sum.share += f.share
		if f.share > 1 {
			sum = nothing
		}
		if !safe {
			return nothing, false
		}
	}
	if sum.share >= nothing.share {
		return nothing, safe
	}
	sum.share = min(sum.share, 1)
	return sum, safe
}

// guess fills in the shares of atoms that have come since the last time.
func (as *atoms) guess(from int) {
	for _, a := range as.all[from:] {
		if a.kind == valueAtom && a.test != nil {
			a.share = shareOf(a)
		}
	}
}

// common are values that many events have, by what they say of processes.
var common = map[string]float64{
	"bash": 0.1, "sh": 0.1, "dash": 0.08, "/bin/sh": 0.05, "/bin/bash": 0.05, "/usr/bin/bash": 0.06, "/usr/bin/dash": 0.06,
	"-c": 0.08, "systemd": 0.08, "root": 0.5, "0": 0.5, "sudo": 0.02, "cron": 0.02, "sshd": 0.03, "python3": 0.02,
}

// shareOf guesses for which share of events an atom holds. Only the order of such
// guesses matters, and only for speed.
func shareOf(a *atom) float64 {
	t := a.test
	few := fewValues(a.field.path)
	one := 0.003
	if few {
		one = 0.25
	}
	share := 0.0
	for _, list := range [][]string{t.exact, t.folded} {
		for _, text := range list {
			if s, ok := common[strings.ToLower(text)]; ok && !few {
				share += s
			} else {
				share += one
			}
		}
	}
	for i := range t.patterns {
		longest := 0
		for _, part := range t.patterns[i].parts {
			longest = max(longest, len(part))
		}
		p := &t.patterns[i]
		switch {
		case longest == 0:
			share++
		case p.head && len(p.parts) == 1 && broad(p.parts[0]):
			share += 0.4
		case longest < 3:
			share += 0.06
		default:
			share += 0.01
		}
	}
	if t.other != nil {
		share += 0.2
		if t.fit == value.TypeIP {
			share += 0.2
		}
	}
	return min(share, 1)
}

// broad reports whether most paths of programs or files begin so.
func broad(prefix string) bool {
	switch strings.TrimSuffix(prefix, "/") {
	case "", "/usr", "/usr/bin", "/usr/sbin", "/usr/lib", "/bin", "/sbin", "/usr/local", "/lib", "/etc", "/var", "/home", "/opt", "/proc":
		return true
	}
	return false
}

// fewValues reports whether a field takes few values, all of them frequent.
func fewValues(path string) bool {
	switch path {
	case "event.category", "event.type", "event.action", "event.kind", "event.outcome", "event.dataset", "event.module",
		"host.os.type", "host.os.family", "agent.type", "data_stream.dataset", "network.protocol", "network.transport", "network.direction",
		"process.interactive", "process.parent.interactive", "user.id", "user.name", "group.id", "group.name":
		return true
	}
	return strings.HasSuffix(path, ".interactive") || strings.HasSuffix(path, "user.id") || strings.HasSuffix(path, "group.id") ||
		strings.HasSuffix(path, ".type") || strings.HasSuffix(path, "user.name")
}
