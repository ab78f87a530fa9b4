package sink

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// An alert is shown as scan shows it, and nothing in it drives the terminal.
func TestTerminal(t *testing.T) {
	var out bytes.Buffer
	outcomes, err := NewTerminal(&out, false, false, 0).Deliver(t.Context(), []Item{sample(1), {ID: "broken", Doc: []byte("{")}, sample(2)})
	if err != nil || verdicts(outcomes) != "taken refused taken" {
		t.Fatalf("%v, %v", outcomes, err)
	}
	want := `HIGH  Two "things"
      host web-01  user root  2026-02-03T09:00:00.000Z
      0 ms  exec bash [7] bash -i  <- sshd <- systemd
    +22 ms  exec x\x1b[2J"]\n [8] x  <- bash <- sshd <- systemd
`
	if got := out.String(); got != want+"\n"+want {
		t.Errorf("%s", got)
	}
}

func TestTerminalNDJSON(t *testing.T) {
	var out bytes.Buffer
	item, event := sample(1), Item{ID: "e", Index: "logs-x", Doc: []byte(`{"a":1}`)}
	if _, err := NewTerminal(&out, true, true, 80).Deliver(t.Context(), []Item{item, event}); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{string(item.Doc), string(item.Blocks[0]), string(item.Blocks[1]), `{"a":1}`, ""}, "\n")
	if out.String() != want {
		t.Errorf("%s", &out)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestTerminalGone(t *testing.T) {
	outcomes, err := NewTerminal(broken{}, false, false, 0).Deliver(t.Context(), samples(2))
	if err == nil || verdicts(outcomes) != "" {
		t.Errorf("%v, %v", outcomes, err)
	}
}

func TestWants(t *testing.T) {
	low := Item{Doc: []byte(`{"kibana.alert.severity":"low"}`)}
	high := sample(1)
	block := Item{Doc: []byte(`{"kibana.alert.severity":"high","kibana.alert.building_block_type":"default"}`)}
	for _, c := range []struct {
		wants      func(*Item) bool
		want       [3]bool
		keepBlocks bool
	}{
		{WantsAlerts("", false), [3]bool{true, true, false}, false},
		{WantsAlerts("", true), [3]bool{true, true, true}, true},
		{WantsAlerts("medium", false), [3]bool{false, true, false}, false},
		{WantsAlerts("high", true), [3]bool{false, true, true}, true},
	} {
		for i, item := range []Item{low, high, block} {
			if got := c.wants(&item); got != c.want[i] {
				t.Errorf("alert %d wanted: %v", i, got)
			}
			if i == 1 && (len(item.Blocks) > 0) != c.keepBlocks {
				t.Errorf("%d blocks", len(item.Blocks))
			}
		}
	}
	events := WantsEvents([]string{"logs-*", "-logs-secret-*"})
	for index, want := range map[string]bool{"logs-a-b": true, "logs-secret-b": false, "metrics-x": false} {
		if events(&Item{Index: index}) != want {
			t.Errorf("%s wanted: %v", index, !want)
		}
	}
}
