package explain

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// event explains an event query: its matches, and the documents nearest to one.
func (x *explaining) event(f *eql.Filter, result *reference.Result) error {
	j, err := x.judge(f)
	if err != nil {
		return err
	}
	matched := map[*event.Document]bool{}
	for _, d := range result.Events {
		matched[d] = true
	}
	t := &term{gathered: &gathered{judged: j}}
	for _, p := range x.placed {
		if matched[p.Document] {
			x.report.Matches = append(x.report.Matches, &Match{Stages: []Stage{j.stage(&p)}})
			t.docs = append(t.docs, p)
			continue
		}
		truth := j.explainer.Explain(p.Document)
		if !j.inCategory(truth) {
			continue
		}
		t.docs = append(t.docs, p)
		n := near(truth, true)
		x.report.Misses = append(x.report.Misses, &Miss{Cause: CauseClause, cost: n.cost, held: n.held, first: p.Rank})
	}
	x.noCategory([]*term{t})
	x.rank(func(m *Miss) {
		s := j.stage(&x.placed[m.first])
		m.Stages, m.Text = []Stage{s}, faultText(s.Faults)
	})
	x.absent([]*term{t})
	return nil
}
