package daemon

import (
	"context"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

func TestManualRunOfARuleThatGoes(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil), pairRule(2, `file where true`, nil))
	d.until("12:01")
	works, err := d.scheduler.Asked(d.use.known[1].ID, at(t, "11:00"), at(t, "12:00"), d.moment())
	if err != nil || len(works) == 0 {
		t.Fatal(works, err)
	}
	d.rules = d.rules[:1]
	if _, err := d.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.manual(context.Background(), works[0]); err == nil {
		t.Error("it was run")
	}
	d.in(d.event("a", "file", "12:00", "h"))
	before := len(d.runs())
	d.until("12:20")
	if len(d.runs()) <= before {
		t.Error("nothing runs any more")
	}
}

func TestReloadThatBreaksAnotherRule(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil), pairRule(2, `file where`, nil))
	d.rules = []*rule.Rule{pairRule(1, `file where`, nil), pairRule(2, `file where true`, nil)}
	if c, err := d.Reload(context.Background()); err == nil {
		t.Errorf("%v", c)
	}
	d.in(d.event("a", "file", "12:00", "h"))
	d.judge()
	d.want("1:a")
}

// Rules that were read earlier must not be taken in later.
func TestRulesAreReadOneAfterAnother(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil))
	load, read := d.Daemon.opts.Load, 0
	d.Daemon.opts.Load = func() (*Rules, error) {
		if read++; d.reloads.TryLock() {
			t.Error("another reload might read now")
			d.reloads.Unlock()
		}
		return load()
	}
	if _, err := d.Reload(context.Background()); err != nil || read != 1 {
		t.Error(read, err)
	}
}

// A reload of which the error says that it failed has changed nothing.
func TestReloadThatCanNotBeKept(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil))
	d.until("12:01")
	load := d.Daemon.opts.Load
	d.Daemon.opts.Load = func() (*Rules, error) {
		rules, err := load()
		rules.Paths = []string{"elsewhere"} // what is to be kept of it
		return rules, err
	}
	d.fs.SetReadOnly(true)
	d.rules = append(d.rules, pairRule(2, `file where true`, nil))
	if _, err := d.Reload(context.Background()); err == nil {
		t.Error("no error")
	}
	d.fs.SetReadOnly(false)
	d.in(d.event("a", "file", "12:01", "h"))
	d.judge()
	d.want("1:a")
}
