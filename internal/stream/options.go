package stream

import (
	"fmt"
	"math"
	"time"
)

// Options says what stream to make. The zero value makes 100,000 events of 20 hosts
// without planted matches.
type Options struct {
	Seed uint64

	// Events is how many documents there are in all, Duration the event time that
	// they take, Rate how many there are in a second of it. Any of them that are 0
	// follow from the others, or else from 100,000 events, 200 a second.
	Events   int
	Duration time.Duration
	Rate     float64

	Hosts int       // 0: 20; see also Rules
	Start time.Time // the time of the first event, to come; zero: DefaultStart

	// Ties is the share, from 0 to 1, of events that have the timestamp of the
	// event before, whatever the host.
	Ties float64
	// Disorder is how much later than its place an event may be written: each is
	// held back by a random time of at least 0 and less than that. Events of equal
	// timestamp keep their order. 0: all are written in the order of time.
	Disorder time.Duration
	// Processes is how many distinct process.entity_id the events that are not
	// planted have; 0: as it comes, about one for four events.
	Processes int

	// Rules are those of which matches are planted. A match that other events of
	// its host would undo gets a further host for itself.
	Rules   []Rule
	Matches int // of each rule; 0: 1
}

// DefaultStart is the time of a stream of which nothing else is said.
var DefaultStart = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// ManyKeys are the options of a load that is hard on sequence rules: 40,000 events
// of 500 hosts in nine minutes, with 15,500 processes.
func ManyKeys(seed uint64) Options {
	return Options{Seed: seed, Events: 40_000, Duration: 9 * time.Minute, Hosts: 500, Processes: 15_500}
}

// The defaults and bounds of Options.
const (
	defaultEvents = 100_000
	defaultRate   = 200
	defaultHosts  = 20
	mostHosts     = 100_000
	mostEvents    = 1_000_000_000_000
	mostYears     = 100
)

// settle fills in what is 0, and says what can not be.
func (o *Options) settle() error {
	switch {
	case o.Events < 0 || o.Duration < 0 || o.Rate < 0 || o.Hosts < 0 || o.Disorder < 0 || o.Processes < 0 || o.Matches < 0:
		return fmt.Errorf("make stream: a number is below zero")
	case o.Ties < 0 || o.Ties > 1 || math.IsNaN(o.Ties):
		return fmt.Errorf("make stream: the share of ties is %v: it must be from 0 to 1", o.Ties)
	case math.IsNaN(o.Rate) || math.IsInf(o.Rate, 0):
		return fmt.Errorf("make stream: %v events a second", o.Rate)
	case o.Hosts > mostHosts:
		return fmt.Errorf("make stream: %d hosts: there may be %d", o.Hosts, mostHosts)
	case o.Events > 0 && o.Duration > 0 && o.Rate > 0:
		return fmt.Errorf("make stream: of events, duration and rate one follows from the others")
	}
	if o.Hosts == 0 {
		o.Hosts = defaultHosts
	}
	if o.Matches == 0 {
		o.Matches = 1
	}
	if o.Start.IsZero() {
		o.Start = DefaultStart
	}
	if err := o.settleTime(); err != nil {
		return err
	}
	if o.Start.Year() < 1972 || o.Start.Year() > 2100 {
		return fmt.Errorf("make stream: the time %s: it must be from 1972 to 2100", o.Start.Format(time.RFC3339))
	}
	if o.Processes > o.Events {
		return fmt.Errorf("make stream: %d processes can not be in %d events", o.Processes, o.Events)
	}
	return nil
}

// settleTime makes events, duration and rate agree.
func (o *Options) settleTime() error {
	if o.Events == 0 && o.Duration > 0 {
		if o.Rate == 0 {
			o.Rate = defaultRate
		}
		events := o.Duration.Seconds() * o.Rate
		if events > mostEvents {
			return fmt.Errorf("make stream: %.0f events: there may be %.0f", events, float64(mostEvents))
		}
		o.Events = max(int(events), 1)
		return nil
	}
	if o.Events == 0 {
		o.Events = defaultEvents
	}
	if o.Rate == 0 {
		o.Rate = defaultRate
	}
	if o.Duration > 0 {
		o.Rate = float64(o.Events) / o.Duration.Seconds()
	}
	seconds := float64(o.Events) / o.Rate
	if seconds > mostYears*366*86_400 {
		return fmt.Errorf("make stream: the events take %.0f years: there may be %d", seconds/366/86_400, mostYears)
	}
	if o.Duration == 0 {
		o.Duration = max(time.Duration(seconds*float64(time.Second)), 1)
	}
	return nil
}
