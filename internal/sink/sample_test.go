package sink

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// sample is an alert over two events, the second of which an attacker has named.
func sample(n int) Item {
	id := fmt.Sprintf("%064x", n)
	doc := `{"@timestamp":"2026-02-03T09:00:02.000Z","event.kind":"signal","kibana.alert.uuid":"` + id + `","kibana.alert.severity":"high","kibana.alert.risk_score":73,` +
		`"kibana.alert.reason":"process event by root on web-01 created high alert Two \"things\".","kibana.alert.rule.name":"Two \"things\"","kibana.alert.rule.rule_id":"two-things",` +
		`"kibana.alert.rule.uuid":"11111111-2222-3333-4444-555555555555","kibana.alert.rule.tags":["Linux","Execution"],"kibana.alert.rule.severity":"high",` +
		`"kibana.alert.rule.parameters":{"name":"Two \"things\"","rule_id":"two-things","type":"eql","query":"process where true"},` +
		`"kibana.alert.original_time":"2026-02-03T09:00:00.000Z","kibana.alert.group.id":"` + id + `",` +
		`"kibana.alert.ancestors":[{"id":"e1","type":"event","index":"logs-x","depth":0}],"host":{"name":"web-01","ip":["10.0.0.1","fe80::1"]},"user":{"name":"root"},` +
		`"tripline.schema_version":"1.0","tripline.lineage":[{"entity_id":"p0","name":"sshd"},{"name":"systemd"}],` +
		`"tripline.events":[{"_index":"logs-x","_id":"e1","stage":1,"_source":{"@timestamp":"2026-02-03T09:00:00.000Z","event":{"category":"process","action":"exec","id":"e1"},` +
		`"host":{"name":"web-01"},"user":{"name":"root"},"process":{"entity_id":"p1","name":"bash","pid":7,"args":["bash","-i"],"parent":{"entity_id":"p0","name":"sshd"}}}},` +
		`{"_index":"logs-x","_id":"e2","stage":2,"_source":{"@timestamp":"2026-02-03T09:00:00.022Z","event":{"category":"process","action":"exec","id":"e2"},` +
		`"process":{"entity_id":"p2","name":"x\u001b[2J\"]\n","pid":8,"args":["x"],"parent":{"entity_id":"p1","name":"bash"}}}}]}`
	blocks := [][]byte{
		[]byte(`{"kibana.alert.uuid":"b1` + id[2:] + `","kibana.alert.building_block_type":"default"}`),
		[]byte(`{"kibana.alert.uuid":"b2` + id[2:] + `","kibana.alert.building_block_type":"default"}`),
	}
	return Item{Seq: int64(n), ID: id, Doc: []byte(doc), Blocks: blocks}
}

func samples(n int) []Item {
	list := make([]Item, n)
	for i := range list {
		list[i] = sample(i + 1)
	}
	return list
}

// quick are options of a delivery that a test over real sockets waits for.
func quick() Options {
	return Options{First: time.Millisecond, Longest: 4 * time.Millisecond, FromStart: true}
}

// deliverAll delivers what is in a box and returns when nothing is left.
func deliverAll(t *testing.T, s Sink, box *Memory, opts Options) Status {
	t.Helper()
	d, stop := start(t, s, box, opts)
	defer stop()
	for {
		if status := d.Status(t.Context()); status.Waiting == 0 {
			return status
		}
		select {
		case <-t.Context().Done():
			t.Fatal("not delivered in time")
		case <-time.After(time.Millisecond):
		}
	}
}

// verdicts are those of outcomes.
func verdicts(outcomes []Outcome) string {
	var text []string
	for _, o := range outcomes {
		text = append(text, [...]string{"again", "taken", "refused"}[o.Verdict])
	}
	return strings.Join(text, " ")
}

// logged is a log that a test reads.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func pemOf(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}
