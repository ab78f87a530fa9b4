package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// How often an Appender is asked again that would not wait itself.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

// errGone says that the client did not wait for its answer.
var errGone = errors.New("the client is gone")

// append hands documents to the Appender. When there is no room it holds the
// request: that is the only pressure that every client bears without loss.
func (s *Server) append(r *http.Request, docs []Doc) ([]Result, error) {
	client := r.Context()
	ctx, stop := context.WithTimeout(client, s.holdFor(r))
	defer stop()
	begun, held := time.Now(), false
	defer func() {
		if held {
			s.metrics.holding.Dec()
			s.metrics.held.Observe(time.Since(begun).Seconds())
		}
	}()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		results, err := s.cfg.Appender.Append(ctx, docs)
		switch {
		case err == nil && len(results) != len(docs):
			return nil, fmt.Errorf("%d results for %d documents", len(results), len(docs))
		case err == nil:
			return results, nil
		case client.Err() != nil:
			return nil, errGone
		case ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
			return nil, ErrQueueFull
		case ctx.Err() != nil || !holdable(err):
			return nil, err
		}
		if !held {
			held = true
			s.metrics.holding.Inc()
		}
		select {
		case <-ctx.Done():
			if client.Err() != nil {
				return nil, errGone
			}
			return nil, err
		case <-time.After(pause):
		}
	}
}

// holdFor is how long a request may wait: as configured, or as its own timeout says.
func (s *Server) holdFor(r *http.Request) time.Duration {
	if given, ok := parseTime(r.URL.Query().Get("timeout")); ok {
		return min(given, s.cfg.Hold)
	}
	return s.cfg.Hold
}

// parseTime reads a duration as Elasticsearch writes it.
func parseTime(text string) (time.Duration, bool) {
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{
		{"nanos", time.Nanosecond},
		{"micros", time.Microsecond},
		{"ms", time.Millisecond},
		{"s", time.Second},
		{"m", time.Minute},
		{"h", time.Hour},
		{"d", 24 * time.Hour},
	} {
		if number, ok := strings.CutSuffix(text, unit.name); ok {
			if n, err := strconv.ParseUint(number, 10, 31); err == nil {
				return time.Duration(n) * unit.is, true
			}
		}
	}
	return 0, false
}

// refused answers a request that append gave an error for.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errGone) {
		panic(http.ErrAbortHandler)
	}
	if !holdable(err) && !errors.Is(err, ErrStopping) {
		s.cfg.Log.Error("append documents", "error", err)
	}
	s.refuse(w, r, err)
}
