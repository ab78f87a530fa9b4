package eql

import (
	"math"
	"strconv"
	"time"
)

const (
	maxStages     = 256
	maxRuns       = 100
	maxSampleSize = 5
	maxJoinKeys   = 64
)

var spanUnits = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// Duration returns the span as a time.Duration, at most about 292 years.
func (s *Span) Duration() time.Duration {
	unit := spanUnits[s.Unit]
	if s.Count > math.MaxInt64/int64(unit) {
		return math.MaxInt64
	}
	return time.Duration(s.Count) * unit
}

func (p *parser) sequence() (Body, *Error) {
	s := &Sequence{At: p.tok.at}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err *Error
	if s.Keys, err = p.keys(); err != nil {
		return nil, err
	}
	if p.tok.kind == kwWith {
		if s.MaxSpan, err = p.span(); err != nil {
			return nil, err
		}
		if p.tok.kind == kwBy {
			return nil, errorAt(p.tok.at, "Please specify sequence [by] before [with] not after")
		}
	}
	for p.startsTerm() {
		t, err := p.term(true)
		if err != nil {
			return nil, err
		}
		s.Terms = append(s.Terms, t)
	}
	if len(s.Terms) == 0 {
		return nil, p.unexpected("'[' and the first event of the sequence")
	}
	if p.tok.kind == kwUntil {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if !p.startsTerm() {
			return nil, p.unexpected("'[' and the event that ends the sequence")
		}
		if s.Until, err = p.term(true); err != nil {
			return nil, err
		}
	}
	s.At.End = p.prev
	return s, s.check()
}

func (p *parser) startsTerm() bool { return p.tok.kind == tokLBracket || p.tok.kind == tokMissing }

// check holds the rules on a sequence as a whole.
func (s *Sequence) check() *Error {
	stages, positive := 0, 0
	for _, t := range s.Terms {
		stages += t.Runs
		if !t.Missing {
			positive += t.Runs
		} else if s.MaxSpan == nil {
			return errorAt(t.At, "[maxspan] is required for sequences with missing events queries; found none")
		}
	}
	total := stages
	if u := s.Until; u != nil {
		total++
		if u.Runs > 1 {
			return errorAt(u.At, "[until] does not accept [runs]")
		}
		if u.Missing {
			return errorAt(u.At, "[until] does not accept a missing event")
		}
	}
	switch {
	case total > maxStages:
		return errorAt(s.At, "Sequence cannot contain more than %d queries; found [%d]", maxStages, total)
	case total < 2:
		return errorAt(s.At, "A sequence requires a minimum of 2 queries, found [%d]", total).
			hint("a single event needs no sequence; a repeated one takes `with runs=N`")
	case positive == 0:
		return errorAt(s.At, "A sequence requires at least one positive event query; found none")
	case stages < 2:
		return errorAt(s.At, "A sequence requires at least 2 criteria, given [%d]", stages)
	}
	return sameKeyCount(append(s.Terms[:len(s.Terms):len(s.Terms)], s.untilTerms()...))
}

func (s *Sequence) untilTerms() []*Term {
	if s.Until == nil {
		return nil
	}
	return []*Term{s.Until}
}

func sameKeyCount(terms []*Term) *Error {
	for _, t := range terms[1:] {
		if len(t.Keys) != len(terms[0].Keys) {
			return errorAt(t.At, "Inconsistent number of join keys specified; expected [%d] but found [%d]",
				len(terms[0].Keys), len(t.Keys))
		}
	}
	return nil
}

func (p *parser) sample() (Body, *Error) {
	s := &Sample{At: p.tok.at}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err *Error
	if s.Keys, err = p.keys(); err != nil {
		return nil, err
	}
	if p.tok.kind == kwWith {
		return nil, p.unexpected("'['").hint("a sample has no order and so no maxspan")
	}
	for p.startsTerm() {
		t, err := p.term(false)
		if err != nil {
			return nil, err
		}
		s.Terms = append(s.Terms, t)
	}
	if len(s.Terms) == 0 {
		return nil, p.unexpected("'[' and the first event of the sample")
	}
	s.At.End = p.prev
	return s, s.check()
}

// check holds the rules on a sample as a whole.
func (s *Sample) check() *Error {
	switch n := len(s.Terms); {
	case n > maxSampleSize:
		return errorAt(s.At, "A sample cannot contain more than %d queries, found [%d]", maxSampleSize, n)
	case n < 2:
		return errorAt(s.At, "A sample requires a minimum of 2 queries, found [%d]", n)
	}
	for _, t := range s.Terms {
		if t.Missing {
			return errorAt(t.At, "Missing events are supported only for sequences")
		}
	}
	if err := sameKeyCount(s.Terms); err != nil {
		return err
	}
	for _, t := range s.Terms {
		if len(s.Keys)+len(t.Keys) == 0 {
			return errorAt(s.At, "A sample must have at least one join key, found none")
		}
		seen := map[string]bool{}
		for _, k := range append(s.Keys[:len(s.Keys):len(s.Keys)], t.Keys...) {
			if seen[k.Name()] {
				return errorAt(k.At, "Join keys must be used only once, found duplicates: [%s]", k.Name())
			}
			seen[k.Name()] = true
		}
	}
	return nil
}

// term reads `[..]` or `![..]` with its keys and, in a sequence, its option.
func (p *parser) term(options bool) (*Term, *Error) {
	t := &Term{At: p.tok.at, Missing: p.tok.kind == tokMissing, Runs: 1}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err *Error
	if t.Filter, err = p.filter(); err != nil {
		return nil, err
	}
	if err := p.expect(tokRBracket, "'and', 'or' or ']'"); err != nil {
		return nil, err
	}
	if t.Keys, err = p.keys(); err != nil {
		return nil, err
	}
	if options && p.tok.kind == kwWith {
		if t.Runs, err = p.runs(); err != nil {
			return nil, err
		}
	}
	t.At.End = p.prev
	return t, nil
}

// keys reads `by K, ..`, if it stands there.
func (p *parser) keys() ([]*Field, *Error) {
	if ok, err := p.accept(kwBy); !ok || err != nil {
		return nil, err
	}
	exprs, err := p.exprList()
	if err != nil {
		return nil, err
	}
	if len(exprs) > maxJoinKeys {
		return nil, errorAt(exprs[maxJoinKeys].Pos(), "no more than %d join keys are supported; found [%d]", maxJoinKeys, len(exprs))
	}
	keys := make([]*Field, len(exprs))
	for i, e := range exprs {
		f, ok := e.(*Field)
		if !ok {
			return nil, errorAt(e.Pos(), "Unsupported join key [%s]", brief(e)).hint("a join key is a field")
		}
		keys[i] = f
	}
	return keys, nil
}

// span reads `with maxspan=N UNIT`.
func (p *parser) span() (*Span, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &Span{At: p.tok.at}
	if p.tok.kind == tokIdent {
		return nil, p.unexpected("'maxspan'").hint("`runs` stands behind the `]` of the event that repeats")
	}
	if err := p.expect(kwMaxspan, "'maxspan'"); err != nil {
		return nil, err
	}
	if err := p.expect(tokAssign, "'='"); err != nil {
		return nil, err
	}
	number := p.tok
	if number.kind != tokInteger && number.kind != tokDecimal {
		return nil, p.unexpected("a number and a unit, such as 30s")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	unit := ""
	if p.tok.kind == tokIdent {
		unit = p.tok.text
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	s.At.End = p.prev
	return s, s.set(number, unit)
}

func (s *Span) set(number token, unit string) *Error {
	written := number.text + unit
	count, err := strconv.ParseInt(number.text, 10, 64)
	switch {
	case number.kind == tokDecimal:
		return errorAt(number.at, "Decimal time interval [%s] not supported; please use an positive integer", clip(number.text))
	case err != nil:
		return errorAt(number.at, "maxspan value [%s] is too large", clip(number.text))
	case count <= 0:
		return errorAt(number.at, "A positive maxspan value is required; found [%d]", count)
	case unit == "":
		return errorAt(number.at, "No time unit specified, did you mean [s] as in [%ss]?", number.text)
	}
	if _, ok := spanUnits[unit]; !ok {
		return errorAt(number.at, "Unrecognized time unit [%s] in [%s], please specify one of [ms, s, m, h, d]", clip(unit), clip(written))
	}
	s.Count, s.Unit = count, unit
	return nil
}

// runs reads `with runs=N`.
func (p *parser) runs() (int, *Error) {
	if err := p.advance(); err != nil {
		return 0, err
	}
	option := p.tok
	if option.kind != tokIdent && option.kind != kwMaxspan {
		return 0, p.unexpected("'runs'")
	}
	if err := p.advance(); err != nil {
		return 0, err
	}
	if err := p.expect(tokAssign, "'='"); err != nil {
		return 0, err
	}
	if option.text != "runs" {
		err := errorAt(option.at, "Unrecognized option [%s], expecting [runs]", clip(option.text))
		if option.kind == kwMaxspan {
			return 0, err.hint("maxspan stands at the head of the sequence, before its first `[`")
		}
		return 0, err
	}
	number := p.tok
	if ok, err := p.accept(tokMinus); err != nil {
		return 0, err
	} else if ok {
		return 0, errorAt(number.at, "A positive runs value is required; found [-%s]", clip(p.tok.text))
	}
	switch number.kind {
	case tokInteger:
	case tokDecimal:
		return 0, errorAt(number.at, "Decimal runs value [%s] not supported; please use a positive integer", clip(number.text))
	default:
		return 0, p.unexpected("a number")
	}
	if err := p.advance(); err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(number.text)
	switch {
	case err != nil || n > maxRuns:
		return 0, errorAt(number.at, "A query cannot be repeated more than %d times; found [%s]", maxRuns, clip(number.text))
	case n < 1:
		return 0, errorAt(number.at, "A positive runs value is required; found [%d]", n)
	}
	return n, nil
}
