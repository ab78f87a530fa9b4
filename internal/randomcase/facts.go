package randomcase

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// Facts says what happens in a case, so that it can be told how much a number of
// cases tests.
type Facts struct {
	Match           bool // something is found
	LateHit         bool // a hit of a sequence came after one of its key that is later in time
	UntilCut        bool // without until, the result would be another
	Missing         bool // there is a missing term
	MissingMattered bool // and without it the result would be another
	Sequence        bool
	Sample          bool
	Failed          bool // a value error, or a hit without timestamp
}

// Facts finds out what happens in the case, value errors tolerated.
func (l *Loaded) Facts() (Facts, error) {
	lenient := *l
	lenient.Tolerant = true
	found, err := lenient.Everything()
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Match: len(found.Matches) > 0, Failed: found.ValueErrors+found.NoTimestamp > 0}
	_, f.Sample = l.Checked.Body.(*eql.Sample)
	var s *eql.Sequence
	if s, f.Sequence = l.Checked.Body.(*eql.Sequence); !f.Sequence {
		return f, nil
	}
	if s.Until != nil {
		without := *s
		without.Until = nil
		if f.UntilCut, err = lenient.differs(&without, found); err != nil {
			return Facts{}, err
		}
	}
	isMissing := func(t *eql.Term) bool { return t.Missing }
	if f.Missing = slices.ContainsFunc(s.Terms, isMissing); f.Missing {
		without := *s
		without.Terms = slices.DeleteFunc(slices.Clone(s.Terms), isMissing)
		if f.MissingMattered, err = lenient.differs(&without, found); err != nil {
			return Facts{}, err
		}
	}
	f.LateHit, err = lenient.lateHit(s)
	return f, err
}

// differs reports whether another sequence finds another number of matches:
// leaving out until or missing terms can only add some.
func (l *Loaded) differs(s *eql.Sequence, found *Outcome) (bool, error) {
	opts := l.Options()
	opts.Size = -1
	other, err := runReference(&eql.Query{Body: s}, opts, l.Docs)
	if err != nil {
		return false, err
	}
	return len(other.Matches) != len(found.Matches), nil
}

// lateHit reports whether an event that a term accepts came after one of the same
// key, accepted by any term, whose time is later.
func (l *Loaded) lateHit(s *eql.Sequence) (bool, error) {
	type hit struct {
		arrival uint64
		at      value.Instant
	}
	byKey := map[string][]hit{}
	terms := s.Terms
	if s.Until != nil {
		terms = append(terms[:len(terms):len(terms)], s.Until)
	}
	opts := l.Options()
	opts.Size = -1
	for _, t := range terms {
		p, err := reference.Compile(&eql.Query{Body: t.Filter}, opts)
		if err != nil {
			return false, err
		}
		result, err := p.Run(l.Docs)
		if err != nil {
			return false, err
		}
		for _, placed := range p.Order(result.Events) {
			if !placed.HasTime {
				continue
			}
			for _, k := range keysOf(p, append(s.Keys[:len(s.Keys):len(s.Keys)], t.Keys...), placed.Document) {
				byKey[k] = append(byKey[k], hit{placed.Document.Arrival, placed.At})
			}
		}
	}
	for _, hits := range byKey {
		for i, h := range hits {
			if slices.ContainsFunc(hits[:i], func(g hit) bool { return (g.arrival < h.arrival) == (g.at.Compare(h.at) > 0) && g.at != h.at }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// keysOf returns the join keys of a document as text, none where one is missing
// that must not be.
func keysOf(p *reference.Program, fields []*eql.Field, d *event.Document) []string {
	keys := []string{""}
	for _, f := range fields {
		values := p.Values(f, d)
		if len(values) == 0 {
			if !f.Optional {
				return nil
			}
			values = []value.Value{{}}
		}
		var longer []string
		for _, k := range keys {
			for _, v := range values {
				longer = append(longer, k+PlainKeyText([]value.Value{v})+"\x00")
			}
		}
		keys = longer
	}
	return keys
}
