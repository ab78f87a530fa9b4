package cli

import (
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/show"
)

// toldAlerts are the alerts that people are shown: each, or where there are many,
// by what they have in common. Memory is bounded by the number of groups.
type toldAlerts struct {
	count  int
	first  []toldAlert // as long as there are not many
	groups alertGroups
}

type toldAlert struct {
	one       *alert.Alert
	processes *proctree.Tree
}

// add takes the next alert. With --all it is shown at once.
func (t *toldAlerts) add(s *scan, one *alert.Alert) {
	t.count++
	if s.all {
		s.showAlert(toldAlert{one, s.processes})
		return
	}
	t.groups.add(one)
	if t.first = append(t.first, toldAlert{one, s.processes}); t.count > mostBlocks {
		t.first = t.first[:0]
	}
}

// tell shows what has not been shown yet.
func (t *toldAlerts) tell(s *scan) {
	if t.count > mostBlocks && !s.all {
		s.newTeller().groups(t.groups.sorted())
		return
	}
	for _, one := range t.first {
		s.showAlert(one)
	}
}

// showAlert shows an alert as a block.
func (s *scan) showAlert(t toldAlert) {
	if s.teller == nil {
		s.teller = s.newTeller()
	}
	s.teller.Processes = t.processes
	s.teller.Alert(show.Of(t.one))
}
