package clienttest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

const (
	soakMany = 20_000
	soakRate = 4_000 // documents a second: so the server is disturbed while they come
)

// disturb throttles the server, stops it and starts it again, and kills it once.
func disturb(s *target) {
	time.Sleep(time.Second)
	s.throttle(time.Second)
	time.Sleep(500 * time.Millisecond)
	s.restart(time.Second)
	time.Sleep(800 * time.Millisecond)
	s.kill()
}

// account is what became of a client's documents.
type account struct {
	client       string
	sent         int
	acked        int // the client was told so; -1: it does not say
	stored       int
	lostByUs     int // acknowledged and not stored
	lostByClient int // given up by the client, by what it was told or by itself
	twice        int
	note         string
}

// settle accounts for each document.
func settle(client string, ids []string, got *outcome, docs []document) account {
	count := byID(docs)
	a := account{client: client, sent: len(ids), acked: -1}
	reasons := make(map[string]int)
	for _, id := range ids {
		n := count[id]
		switch {
		case n > 0:
			a.stored++
			a.twice += n - 1
		case got != nil && got.acked[id]:
			a.lostByUs++
		default:
			a.lostByClient++
			if got != nil {
				reasons[short(got.failed[id])]++
			}
		}
	}
	if got != nil {
		a.acked = len(got.acked)
	}
	var all []string
	for reason, n := range reasons {
		all = append(all, fmt.Sprintf("%d: %s", n, reason))
	}
	a.note = strings.Join(all, "; ")
	return a
}

// short is the part of an error that tells errors apart.
func short(reason string) string {
	for _, known := range []string{"connection refused", "EOF", "connection reset", "503", "429", "broken pipe", "ConnectionError", "ResponseError", "TimeoutError"} {
		if strings.Contains(reason, known) {
			return known
		}
	}
	if reason == "" {
		return "not told"
	}
	return reason[:min(len(reason), 60)]
}

// soak sends a client's documents while the server is disturbed.
func soak(t *testing.T, s *target, client, prefix string, send func(t *testing.T, s *target) *outcome) account {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() { disturb(s) })
	got := send(t, s)
	wg.Wait()
	ids := make([]string, soakMany)
	for n := range ids {
		ids[n] = idOf(prefix, n)
	}
	return settle(client, ids, got, s.stored())
}

// TestSoak is each client with 20,000 documents, and a table of what became of them.
func TestSoak(t *testing.T) {
	var accounts []account
	add := func(t *testing.T, a account) {
		t.Helper()
		accounts = append(accounts, a)
		if a.lostByUs > 0 || a.twice > 0 {
			t.Errorf("%s: %d were acknowledged and are not stored, %d are stored twice", a.client, a.lostByUs, a.twice)
		}
		if a.stored == 0 {
			t.Errorf("%s: nothing is stored", a.client)
		}
	}
	for _, name := range []string{"go8", "go9", "osgo"} {
		for _, patient := range []bool{false, true} {
			title := name + ", defaults"
			if patient {
				title = name + ", 10 retries with a pause"
			}
			t.Run(title, func(t *testing.T) {
				a := soak(t, start(t), title, name, func(t *testing.T, s *target) *outcome {
					got, _ := goSenders[name](t, s.url(), s, options{patient: patient, pace: pacer()}, 0, soakMany)
					return got
				})
				add(t, a)
				if patient && a.lostByClient > 0 {
					t.Errorf("%d lost by a client that tries again: %s", a.lostByClient, a.note)
				}
			})
		}
	}
	for _, c := range []struct{ name, mode string }{{"es8", "bulk"}, {"es8", "helper"}, {"es9", "bulk"}, {"es9", "helper"}, {"os3", "bulk"}} {
		t.Run(c.name+" "+c.mode, func(t *testing.T) {
			needsNode(t)
			add(t, soak(t, start(t), c.name+", "+c.mode, c.name, func(t *testing.T, s *target) *outcome {
				j := job{"mode": c.mode, "from": 0, "to": soakMany, "rate": soakRate}
				told := node(t, s, s.url(), c.name, j)
				got := newOutcome()
				for _, id := range told.Acked {
					got.acked[id] = true
				}
				for id, why := range told.Failed {
					got.failed[id] = why
				}
				return got
			}))
		})
	}
	for _, c := range []struct {
		title, settings string
		kept            bool
	}{
		{"rsyslog, defaults", "", false},
		{"rsyslog, tries for ever", forEver, false},
		{"rsyslog, defaults, listener kept", "", true},
	} {
		t.Run(c.title, func(t *testing.T) {
			s := start
			if c.kept {
				s = func(t *testing.T, _ ...string) *target { return startKept(t) }
			}
			add(t, soak(t, s(t), c.title, "rsyslog", func(t *testing.T, s *target) *outcome {
				r := startRsyslog(t, s, bulkMode+`dynbulkid="on" bulkid="id" `+c.settings)
				pace := pacer()
				for n := 0; n < soakMany; n += 200 {
					pace(n)
					r.send(n, n+200)
				}
				settled(s, soakMany, 35*time.Second) // it waits 30 s before it tries again
				return nil
			}))
		})
	}
	for _, name := range []string{"go8", "go9", "osgo"} {
		title := name + ", defaults, listener kept"
		t.Run(title, func(t *testing.T) {
			add(t, soak(t, startKept(t), title, name, func(t *testing.T, s *target) *outcome {
				got, _ := goSenders[name](t, s.url(), s, options{pace: pacer()}, 0, soakMany)
				return got
			}))
		})
	}
	print(accounts)
}

// pacer returns what waits until a document is due.
func pacer() func(n int) {
	begun := time.Now()
	return func(n int) {
		if n%100 == 0 {
			time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second / soakRate)))
		}
	}
}

// settled waits until all are stored, or nothing has come for a while: rsyslog does
// not say when it has done.
func settled(s *target, all int, quietFor time.Duration) {
	last, quiet := -1, time.Now()
	for last < all && time.Since(quiet) < quietFor {
		time.Sleep(time.Second)
		s.mu.Lock()
		up := s.cmd != nil
		s.mu.Unlock()
		if !up {
			continue
		}
		if n := len(s.stored()); n != last {
			last, quiet = n, time.Now()
		}
	}
}

// print prints the table.
func print(accounts []account) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nclient\tsent\tacknowledged\tstored\tlost by us\tlost by the client\tstored twice\tthe client's reasons")
	for _, a := range accounts {
		acked := fmt.Sprint(a.acked)
		if a.acked < 0 {
			acked = "does not say"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%d\t%d\t%s\n", a.client, a.sent, acked, a.stored, a.lostByUs, a.lostByClient, a.twice, a.note)
	}
	_ = w.Flush()
}
