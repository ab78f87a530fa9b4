package server

import "net/http"

// note counts what became of a bulk, and tells once of pipelines that are not run:
// who relies on one must be told.
func (s *Server) note(r *http.Request, b *bulk, results []Result, pipeline string) {
	s.countOutcomes(results)
	failed := 0
	for i := range b.items {
		if apart := b.items[i].apart; apart != nil && apart.failure != nil {
			failed++
		}
	}
	if failed > 0 {
		s.metrics.documents.WithLabelValues("refused").Add(float64(failed))
	}
	for key, n := range b.unknown {
		s.ignore("action_key", key, n)
	}
	for name, n := range b.pipelines {
		s.notePipeline(r, name, n)
	}
	if pipeline != "" && pipeline != "_none" {
		s.notePipeline(r, pipeline, len(b.items))
	}
}

func (s *Server) countOutcomes(results []Result) {
	var by [3]int
	for i := range results {
		by[results[i].Outcome]++
	}
	for outcome, name := range [...]string{Created: "created", Noop: "noop", Conflict: "conflict"} {
		if by[outcome] > 0 {
			s.metrics.documents.WithLabelValues(name).Add(float64(by[outcome]))
		}
	}
}

func (s *Server) notePipeline(r *http.Request, name string, n int) {
	if s.ignore("pipeline", name, n) {
		s.cfg.Log.Warn("a client names an ingest pipeline: Tripline runs none", "pipeline", name, "user_agent", r.UserAgent())
	}
}
