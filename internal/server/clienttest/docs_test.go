package clienttest

import (
	"fmt"
	"testing"
	"time"
)

// index is where all clients send to.
const index = "logs-clients-default"

// idOf names the n-th document of a client.
func idOf(client string, n int) string { return fmt.Sprintf("%s-%06d", client, n) }

// sourceOf is the n-th document of a client.
func sourceOf(client string, n int) string {
	return fmt.Sprintf(`{"@timestamp":"2026-02-03T09:00:00.%03dZ","client":%q,"n":%d,"message":"the quick brown fox jumps over the lazy dog, and then some"}`, n%1000, client, n)
}

// outcome is what a client said of its documents.
type outcome struct {
	acked  map[string]bool
	failed map[string]string // why
}

func newOutcome() *outcome {
	return &outcome{acked: make(map[string]bool), failed: make(map[string]string)}
}

// byID counts what is stored of a client.
func byID(docs []document) map[string]int {
	count := make(map[string]int)
	for _, d := range docs {
		count[d.ID]++
	}
	return count
}

// eventually waits for something that the other process does.
func eventually(t *testing.T, within time.Duration, what string, is func() bool) bool {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is() {
			return true
		}
	}
	t.Errorf("after %v: not %s", within, what)
	return false
}
