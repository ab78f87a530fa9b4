package event

import (
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		patterns, index string
		want            bool
	}{
		{"logs-endpoint.events.*", "logs-endpoint.events.process-default", true},
		{"logs-endpoint.events.*", "logs-system-default", false},
		{"logs-endpoint.events.*", "LOGS-endpoint.events.x", false},
		{"logs-endpoint.events.*", "file", true},
		{"-*", "file", true},
		{"", "logs-x", false},
		{"logs-x", "logs-x", true},
		{"logs-x", "logs-xy", false},
		{"*", "anything", true},
		{"**", "anything", true},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxcyyb", false},
		{"a*a", "a", false},
		{"*beat-*", "filebeat-8", true},
		{"logs-* -logs-private*", "logs-private-x", false},
		{"logs-* -logs-private*", "logs-public-x", true},
		{"-logs-private* logs-*", "logs-private-x", true},
		{"logs-* -logs-* logs-a*", "logs-ab", true},
		{"logs-*,-logs-b*", "logs-b", false},
		{"logs-endpoint.events.*", ".ds-logs-endpoint.events.process-default-2026.02.03-000001", true},
		{"logs-endpoint.events.*", "partial-.ds-logs-endpoint.events.process-default-2026.02.03-000001", true},
		{".ds-logs-*", ".ds-logs-endpoint.events.process-default-2026.02.03-000001", true},
		{"logs-endpoint.*", ".ds-logs-endpoint.events.process-default", false},
		{"logs-* -*process*", ".ds-logs-endpoint.events.process-default-2026.02.03-000001", false},
	} {
		if got := NewPatterns(strings.Fields(c.patterns)).Fit(c.index); got != c.want {
			t.Errorf("%q fits %q: %v, want %v", c.index, c.patterns, got, c.want)
		}
	}
}
