package daemon

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
)

// figures are what monitoring sees.
type figures struct {
	daemon *Daemon
	alerts *prometheus.CounterVec
	groups *prometheus.CounterVec
	passes prometheus.Counter
	took   prometheus.Counter
	events prometheus.Counter
}

func newFigures(d *Daemon, r *prometheus.Registry) *figures {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "tripline_" + name, Help: help})
		r.MustRegister(c)
		return c
	}
	f := &figures{
		daemon: d,
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tripline_alerts_total", Help: "Alerts that were stored."}, []string{"severity"}),
		groups: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tripline_matches_total", Help: "What became of matches: new, existing, suppressed, carried, lost.",
		}, []string{"outcome"}),
		passes: counter("schedule_passes_total", "Passes of the schedule over the store."),
		took:   counter("schedule_pass_seconds_total", "Time that passes took."),
		events: counter("schedule_events_total", "Events that passes judged, each once in a pass."),
	}
	r.MustRegister(f.alerts, f.groups, f)
	return f
}

// committed counts what was committed.
func (f *figures) committed(done *state.Committed) {
	for _, one := range done.Alerts {
		f.alerts.WithLabelValues(string(one.Severity)).Inc()
	}
	for _, g := range []struct {
		outcome string
		n       int
	}{
		{"new", done.New},
		{"existing", done.Existing},
		{"deleted", done.Deleted},
		{"suppressed", done.Suppressed},
		{"carried", done.Carried},
		{"lost", done.Lost},
	} {
		f.groups.WithLabelValues(g.outcome).Add(float64(g.n))
	}
}

func (f *figures) passed(r *pass.Report, _ *schedule.Work) {
	f.passes.Inc()
	f.took.Add(r.Took.Seconds())
	f.events.Add(float64(r.Judged))
}

var gauges = []struct {
	desc *prometheus.Desc
	of   func(*Status) float64
}{
	{gauge("store_documents", "Events that are stored."), func(s *Status) float64 { return float64(s.Store.Documents) }},
	{gauge("store_disk_bytes", "Bytes of the event store on disk."), func(s *Status) float64 { return float64(s.Store.DiskBytes) }},
	{gauge("store_last_arrival", "The number of the event that arrived last."), func(s *Status) float64 { return float64(s.Store.LastArrival) }},
	{gauge("stream_position", "The number of the event that the stream has judged last."), func(s *Status) float64 { return float64(s.Position) }},
	{gauge("stream_lag_events", "Events that are stored and not judged by the stream yet."), func(s *Status) float64 { return float64(s.Lag) }},
	{gauge("stream_partials", "Unfinished sequences."), func(s *Status) float64 { return float64(s.Partials) }},
	{gauge("stream_partial_bytes", "Bytes that unfinished sequences take, documents included."), func(s *Status) float64 { return float64(s.PartialBytes) }},
	{gauge("rules", "Rules in use."), func(s *Status) float64 { return float64(len(s.Rules)) }},
	{gauge("rules_bad", "Rules that do not run."), func(s *Status) float64 { return float64(len(s.Problems)) }},
	{gauge("late_hits", "Hits that came too late for the stream."), func(s *Status) float64 { return float64(s.Late) }},
	{gauge("evicted_partials", "Unfinished sequences dropped for want of memory."), func(s *Status) float64 { return float64(s.Evicted) }},
}

func gauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("tripline_"+name, help, nil, nil)
}

var sinkWaiting = prometheus.NewDesc("tripline_sink_waiting", "Alerts that a sink has not taken yet.", []string{"sink"}, nil)

// Describe and Collect make figures a prometheus.Collector of what is only looked up
// when it is asked for.
func (f *figures) Describe(to chan<- *prometheus.Desc) {
	for _, g := range gauges {
		to <- g.desc
	}
	to <- sinkWaiting
}

// Collect looks them up.
func (f *figures) Collect(to chan<- prometheus.Metric) {
	s := f.daemon.Status()
	for _, g := range gauges {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.of(s))
	}
	for _, one := range s.Sinks {
		to <- prometheus.MustNewConstMetric(sinkWaiting, prometheus.GaugeValue, float64(one.Waiting), one.Name)
	}
}
