package stream

import (
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/generate"
	"github.com/tripline-sec/tripline/internal/value"
)

// wanted is one event of a rule's matches.
type wanted struct {
	generate.Event
	category  string
	action    action // of the document that it is laid over
	dataset   string // "" is none
	kin       kin
	mentioned []string // fields that its term asks about and that it does not have
	keys      []string // the fields that it is joined by
}

// solve finds events for a query: such of a Linux host if there are any.
func solve(q *eql.Query) ([]generate.Event, error) {
	if events, err := generate.Solve(onLinux(q)); err == nil {
		return events, nil
	}
	return generate.Solve(q)
}

// onLinux is the query, of hosts that run Linux.
func onLinux(q *eql.Query) *eql.Query {
	out := *q
	switch b := q.Body.(type) {
	case *eql.Filter:
		out.Body = filterOnLinux(b)
	case *eql.Sequence:
		body := *b
		body.Terms = termsOnLinux(b.Terms)
		out.Body = &body
	case *eql.Sample:
		body := *b
		body.Terms = termsOnLinux(b.Terms)
		out.Body = &body
	}
	return &out
}

func termsOnLinux(terms []*eql.Term) []*eql.Term {
	out := make([]*eql.Term, len(terms))
	for i, t := range terms {
		term := *t
		if !t.Missing {
			term.Filter = filterOnLinux(t.Filter)
		}
		out[i] = &term
	}
	return out
}

func filterOnLinux(f *eql.Filter) *eql.Filter {
	out := *f
	linux := &eql.Binary{
		At: f.At, Op: eql.Eq,
		L: &eql.Field{At: f.At, Segments: []string{"host", "os", "type"}, Path: "host.os.type", Type: value.TypeKeyword},
		R: &eql.Literal{At: f.At, Value: value.OfString("linux")},
	}
	args := []eql.Expr{f.Condition, linux}
	if l, ok := f.Condition.(*eql.Logic); ok && l.Op == eql.And {
		args = append(slices.Clone(l.Args), linux)
	}
	out.Condition = &eql.Logic{At: f.At, Op: eql.And, Args: args}
	return &out
}

// wants readies the events that were found for a rule.
func wants(r *Rule, events []generate.Event) []*wanted {
	terms, shared := termsOf(r.Query)
	var out []*wanted
	for _, e := range events {
		w := &wanted{Event: e}
		term := terms[e.Term]
		for _, k := range slices.Concat(shared, term.Keys) {
			w.keys = append(w.keys, k.Path)
		}
		w.category, _ = e.Fields["event.category"].(string)
		if list, ok := e.Fields["event.category"].([]any); ok && len(list) > 0 {
			w.category, _ = list[0].(string)
		}
		w.action = w.pickAction()
		w.dataset = r.dataset(w.category)
		if own, ok := e.Fields["data_stream.dataset"].(string); ok {
			w.dataset = own
		}
		eql.Walk(term.Filter.Condition, func(x eql.Expr) {
			if f, ok := x.(*eql.Field); ok && e.Fields[f.Path] == nil && !slices.Contains(w.mentioned, f.Path) {
				w.mentioned = append(w.mentioned, f.Path)
			}
		})
		out = append(out, w)
	}
	for _, w := range out[1:] {
		w.kin = kinOf(out[0], w)
	}
	return out
}

// termsOf returns the terms of a query and the keys that all of them have.
func termsOf(q *eql.Query) ([]*eql.Term, []*eql.Field) {
	switch b := q.Body.(type) {
	case *eql.Sequence:
		return b.Terms, b.Keys
	case *eql.Sample:
		return b.Terms, b.Keys
	case *eql.Filter:
		return []*eql.Term{{At: b.At, Filter: b, Runs: 1}}, nil
	}
	return nil, nil
}

// pickAction returns what the document is of that the event is laid over.
func (w *wanted) pickAction() action {
	asked := ""
	for _, field := range []string{"event.action", "event.type"} {
		switch v := w.Fields[field].(type) {
		case string:
			asked += " " + v
		case []any:
			for _, x := range v {
				if s, ok := x.(string); ok {
					asked += " " + s
				}
			}
		}
	}
	asked += " "
	for _, is := range []struct {
		category, word string
		action         action
	}{
		{"process", " fork ", actFork},
		{"process", " end ", actEnd},
		{"process", "", actExec},
		{"network", "accepted", actAccepted},
		{"network", "disconnect", actDisconnect},
		{"network", " end ", actDisconnect},
		{"network", "", actAttempted},
		{"file", "rename", actRename},
		{"file", "deletion", actDeletion},
		{"file", "creation", actCreation},
		{"file", "change", actRename},
		{"file", "modif", actModification},
		{"file", "", actCreation},
	} {
		if is.category == w.category && strings.Contains(asked, is.word) {
			return is.action
		}
	}
	return actExec
}

// kinOf says what the process of an event is to that of the first, going by what
// they are joined by.
func kinOf(first, w *wanted) kin {
	for i, a := range first.keys {
		b := w.keys[i]
		processOf := func(s string) bool { return s == "process.entity_id" || s == "process.pid" }
		parentOf := func(s string) bool { return s == "process.parent.entity_id" || s == "process.parent.pid" }
		switch {
		case processOf(a) && processOf(b):
			return kinSame
		case processOf(a) && parentOf(b):
			return kinChild
		case parentOf(a) && processOf(b):
			return kinParent
		case parentOf(a) && parentOf(b) && w.category == "process":
			return kinSibling
		}
	}
	return kinSame
}
