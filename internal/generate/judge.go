package generate

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// judge asks the reference evaluator about parts of a query, each compiled once.
type judge struct {
	programs map[eql.Expr]*reference.Program
	count    int
	err      error // the first that the evaluator gave
}

func newJudge() *judge { return &judge{programs: map[eql.Expr]*reference.Program{}} }

// holds reports whether a part of a condition is true for a document.
func (j *judge) holds(e eql.Expr, d *event.Document) bool {
	j.count++
	p, ok := j.programs[e]
	if !ok {
		var err error
		if p, err = reference.Compile(&eql.Query{Body: &eql.Filter{Any: true, Condition: e}}, options()); err != nil {
			j.fail(err)
		}
		j.programs[e] = p
	}
	if p == nil || j.err != nil {
		return false
	}
	result, err := p.Run([]*event.Document{d})
	if err != nil {
		j.fail(err)
		return false
	}
	return len(result.Events) == 1
}

func (j *judge) fail(err error) {
	if j.err == nil {
		j.err = err
	}
}

func options() reference.Options { return reference.Options{Size: -1, Tolerant: true} }

// marshal writes JSON, `<` and `&` as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}

// values is a document as the search knows it: each field's values by path.
type values map[string][]value.Value

// plain returns the values as encoding/json takes them: one as itself, several
// as a list.
func (vs values) plain() map[string]any {
	out := map[string]any{}
	for path, list := range vs {
		switch len(list) {
		case 0:
		case 1:
			out[path] = list[0].Any()
		default:
			var all []any
			for _, v := range list {
				all = append(all, v.Any())
			}
			out[path] = all
		}
	}
	return out
}

// document makes a document of the values.
func (vs values) document() *event.Document {
	raw, err := marshal(vs.plain())
	if err != nil {
		raw = []byte("{}") // a NaN or infinity: no document can hold it
	}
	d, err := event.Decode(raw, event.Identity{}, 0)
	if err != nil {
		panic(fmt.Sprintf("generate: decode what was just encoded: %v", err))
	}
	return d
}
