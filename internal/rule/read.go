package rule

import (
	"bytes"
	"fmt"
)

// Set is what was read from rule files.
type Set struct {
	Rules    []*Rule
	Problems []*Problem
	Lists    []*ExceptionContainer
	Items    []*Exception // of all lists; those without an error
	Others   []Object     // exception lists, their items, connectors and summaries of exports, as read
	Files    int

	taken map[string]*Rule // by rule_id and by uuid
	limit int              // how many problems there may be at the end of the file
	seen  int              // rules met, whatever became of them
	stray bool             // a file that holds no rule is passed over, not refused

	valueLists *valueLists
	takenItems map[listKey]*Exception
}

// Count returns the number of problems of a kind.
func (s *Set) Count(kind Kind) int {
	n := 0
	for _, p := range s.Problems {
		if p.Kind == kind {
			n++
		}
	}
	return n
}

// Largest files that are read. Kibana takes exports of up to 10 MiB.
const (
	maxTOML = 8 << 20
	maxJSON = 64 << 20
)

// ReadTOML reads the rule of a TOML file. The path is only named in problems.
func ReadTOML(path string, data []byte) *Set {
	s := &Set{}
	s.readTOML(path, data)
	s.link(false)
	return s
}

// ReadJSON reads the rules of a JSON file: one object, a list of objects, or
// objects one after another.
func ReadJSON(path string, data []byte) *Set {
	s := &Set{}
	s.readJSON(path, data)
	s.link(false)
	return s
}

// ReadNDJSON reads the rules of an export, one JSON object a line. A line that is
// not JSON is a problem and the next is read.
func ReadNDJSON(path string, data []byte) *Set {
	s := &Set{}
	s.readNDJSON(path, data)
	s.link(false)
	return s
}

var byteOrderMark = []byte("\ufeff")

func (s *Set) add(path string, p *Problem) {
	p.Path = path
	s.Problems = append(s.Problems, p)
}

func (s *Set) tooLarge(path string, data []byte, most int) bool {
	if len(data) <= most {
		return false
	}
	s.add(path, &Problem{Reason: fmt.Sprintf("the file has %d bytes; at most %d are read", len(data), most)})
	return true
}

func (s *Set) readTOML(path string, data []byte) {
	if s.tooLarge(path, data, maxTOML) {
		return
	}
	data = bytes.Clone(bytes.TrimPrefix(data, byteOrderMark))
	t, problem := parseTOML(data, newLines(data))
	if problem != nil {
		s.add(path, problem)
		return
	}
	s.ruleFile(path, t)
}

func (s *Set) readJSON(path string, data []byte) {
	if s.tooLarge(path, data, maxJSON) {
		return
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	before := s.open()
	problem := parseJSON(data, newLines(data), 0, func(t *tree) bool { return s.values(path, t) })
	if problem != nil {
		s.add(path, problem)
	}
	s.countCheck(path, before)
}

func (s *Set) readNDJSON(path string, data []byte) {
	if s.tooLarge(path, data, maxJSON) {
		return
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	l := newLines(data)
	before := s.open()
	offset := 0
	for text := range bytes.Lines(data) {
		if problem := parseJSON(text, l, offset, func(t *tree) bool { return s.values(path, t) }); problem != nil {
			s.add(path, problem)
		}
		offset += len(text)
		if s.full() {
			break
		}
	}
	s.countCheck(path, before)
}

// content is how much of a set there was before a file was read.
type content struct{ seen, problems, others int }

func (s *Set) content() content { return content{s.seen, len(s.Problems), len(s.Others)} }

// open starts the reading of a file of many rules.
func (s *Set) open() content {
	s.limit = len(s.Problems) + maxFileProblems
	return s.content()
}

// maxFileProblems is how many problems of one file are told before the rest of
// it is left unread.
const maxFileProblems = 10_000

func (s *Set) full() bool { return len(s.Problems) >= s.limit }

// countCheck reports a file in which there was nothing, and an export that has
// fewer rules than its summary says: it was cut, or lines are missing.
func (s *Set) countCheck(path string, before content) {
	if s.content() == before {
		s.noRule(path, "the file holds no rule")
		return
	}
	if s.full() {
		s.add(path, &Problem{Reason: "too many problems: the rest of the file was not read"})
		return
	}
	found := s.seen - before.seen
	for _, o := range s.Others[before.others:] {
		said, ok := o.Body["exported_rules_count"].(int64)
		if o.Kind == ExportSummary && ok && int64(found) < said {
			s.add(path, &Problem{
				Kind: KindWarning, Line: o.Line, Col: 1, Field: "exported_rules_count",
				Reason: fmt.Sprintf("the export says %d rules, %d were found", said, found), Hint: "export the rules again",
			})
		}
	}
}

// noRule reports a file that is no rule file. In a folder that is no fault.
func (s *Set) noRule(path, reason string) {
	kind := KindError
	if s.stray {
		kind = KindSkipped
	}
	s.add(path, &Problem{Kind: kind, Line: 1, Col: 1, Reason: reason, Hint: "a rule is a TOML file with a [rule] table, or Kibana's JSON"})
}
