package cli

import (
	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/source"
)

// problems names what can not be read: the first of it, each once.
type problems struct {
	*app
	count int
	named int // of an earlier reading of the same input
}

func (a *app) newProblems() *problems { return &problems{app: a} }

func (p *problems) add(one *source.Problem) {
	if p.count++; p.count > p.named && p.count <= mostNamed {
		p.sayf("warning: %s", show.Escape(one.Error()))
	}
}

// again says that the input is read from the start.
func (p *problems) again() { p.named, p.count = max(p.named, p.count), 0 }

// more says how many were not named.
func (p *problems) more() {
	if more := p.count - mostNamed; more > 0 {
		p.sayf("warning: %s more like these, not named", show.Number(more))
	}
}

func (a *app) sayRestart(sorting bool) {
	if sorting {
		a.sayf("events are too far out of order for memory; reading again, to sort them on disk")
		return
	}
	a.sayf("events are out of order where a sequence begins; reading again")
}

func (a *app) saySpilled(r order.Report) {
	a.sayf("sorting events on disk, in %s", show.Escape(r.Folder))
}
