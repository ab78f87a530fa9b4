package daemon

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/ruleset"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sink"
	"github.com/tripline-sec/tripline/internal/store"
)

// Options are what a daemon is made of.
type Options struct {
	FS   disk.FS
	Data string // the folder

	// Load reads the rules, at the start and at each Reload.
	Load func() (*Rules, error)

	Policy   schedule.Policy
	Stream   bool // judge each event as it arrives
	Schedule bool // run each rule at its interval

	Lateness time.Duration // see engine.StreamOptions
	Hold     bool
	Budget   int64 // bytes of what sequences remember; 0 = 256 MiB

	Store store.Options // its Now and Told are set here
	// KeepClosed is how long closed alerts are kept; 0 = for ever. KeepRuns is how long
	// runs are; 0 = 30 days.
	KeepClosed, KeepRuns time.Duration
	// Silent is how long a host may say nothing before that is told; 0 = 15 minutes.
	Silent time.Duration

	Sinks []Sink
	// Drain is how long sinks may take for what is left at the end, and then for
	// giving up; 0 = 5 seconds.
	Drain time.Duration

	Log      *slog.Logger
	Registry *prometheus.Registry // nil: its figures go nowhere
	Now      func() time.Time     // nil: time.Now
}

// Rules are what Load read.
type Rules struct {
	Ready    []*ruleset.Rule
	Paths    []string  // where they were read from
	Problems []string  // rules that do not run, and why, for people
	Until    time.Time // when the first of their exceptions expires: to be read anew; zero: none does
}

// Sink is somewhere alerts go, or events.
type Sink struct {
	Name    string
	Sink    sink.Sink
	Options sink.Options
	Events  bool // it takes the stored events, not the alerts
}

const (
	defaultBudget   = 256 << 20
	defaultKeepRuns = 30 * 24 * time.Hour
	defaultSilent   = 15 * time.Minute
	defaultDrain    = 5 * time.Second
)

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Budget <= 0 {
		o.Budget = defaultBudget
	}
	if o.KeepRuns <= 0 {
		o.KeepRuns = defaultKeepRuns
	}
	if o.Silent <= 0 {
		o.Silent = defaultSilent
	}
	if o.Drain <= 0 {
		o.Drain = defaultDrain
	}
	if o.Policy == nil {
		o.Policy = schedule.Tripline(schedule.Limits{})
	}
}
