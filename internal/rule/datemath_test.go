package rule

import (
	"strings"
	"testing"
	"time"
)

func TestDateMath(t *testing.T) {
	now := time.Date(2025, 3, 15, 10, 37, 42, 500_000_000, time.UTC)
	tests := []struct{ expr, want string }{
		{"now", "2025-03-15T10:37:42.500Z"},
		{"now-9m", "2025-03-15T10:28:42.500Z"},
		{"now-1d/d", "2025-03-14T00:00:00.000Z"},
		{"now+1h", "2025-03-15T11:37:42.500Z"},
		{"now/h", "2025-03-15T10:00:00.000Z"},
		{"now-1M/M", "2025-02-01T00:00:00.000Z"},
		{"now-M", "2025-02-15T10:37:42.500Z"},
		{"2025-01-31T00:00:00Z||+1M", "2025-02-28T00:00:00.000Z"},
		{"now-1d/d+8h+50m", "2025-03-14T08:50:00.000Z"},
		{"now-1w/w", "2025-03-02T00:00:00.000Z"},
		{"now/m", "2025-03-15T10:37:00.000Z"},
		{"now/s", "2025-03-15T10:37:42.000Z"},
		{"now-0s/s", "2025-03-15T10:37:42.000Z"},
		{"now/ms", "2025-03-15T10:37:42.500Z"},
		{"now/1d", "2025-03-15T00:00:00.000Z"},
		{"now/y", "2025-01-01T00:00:00.000Z"},
		{"now-1500ms", "2025-03-15T10:37:41.000Z"},
		{"now-30s", "2025-03-15T10:37:12.500Z"},
		{"now-1y", "2024-03-15T10:37:42.500Z"},
		{"now+3M", "2025-06-15T10:37:42.500Z"},
		{"2024-02-29||+1y", "2025-02-28T00:00:00.000Z"},
		{"2025-01-31||-2M", "2024-11-30T00:00:00.000Z"},
		{"2025-01-31", "2025-01-31T00:00:00.000Z"},
		{"2025-01", "2025-01-01T00:00:00.000Z"},
		{"2025", "2025-01-01T00:00:00.000Z"},
		{"2025-01-31T12:30", "2025-01-31T12:30:00.000Z"},
		{"2025-01-31T12:30:15.25", "2025-01-31T12:30:15.250Z"},
		{"2025-01-31T12:30:15+02:00", "2025-01-31T10:30:15.000Z"},
		{"2025-01-31T12:30:15+0200", "2025-01-31T10:30:15.000Z"},
	}
	for _, tt := range tests {
		d, err := ParseDateMath(tt.expr)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		if got := d.At(now).Format("2006-01-02T15:04:05.000Z"); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.expr, got, tt.want)
		}
		if d.IsNow() != strings.HasPrefix(tt.expr, "now") {
			t.Errorf("%s: IsNow() = %v", tt.expr, d.IsNow())
		}
	}
}

func TestDateMathRefuses(t *testing.T) {
	for expr, want := range map[string]string{
		"now-9": "a unit is missing", "now-0": "a unit is missing", "now&1d": `"&" is no operator`, "now-9x": `"x" is no unit`,
		"now/2d": "rounds to one unit", "now/0d": "rounds to one unit", "now--9m": `"-" is no unit`, "yesterday": "neither now nor a date",
		"": "neither now nor a date", "now-": "a unit is missing", "now ": `" " is no operator`, "now-1H": `"H" is no unit`,
		"now-99999999999m": "too large", "Now": "neither now nor a date", "2025-01-31+1M": "neither now nor a date", "||+1d": "neither now",
		"nowé": `"é" is no operator`, "2025-13-01": "neither now",
	} {
		d, err := ParseDateMath(expr)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want an error with %q", expr, d, err, want)
		}
	}
}

// TestDateMathFarAway: large numbers do not wrap into the near.
func TestDateMathFarAway(t *testing.T) {
	now := time.Date(2025, 3, 15, 0, 0, 0, 0, time.UTC)
	for _, expr := range []string{"now-999999w", "now-9999999999m", "now-99999h/h", "now-2000y", "now-99999M"} {
		d, err := ParseDateMath(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.At(now); !got.Before(now.AddDate(-10, 0, 0)) {
			t.Errorf("%s = %v", expr, got)
		}
	}
}

func TestParseInterval(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"5m": 5 * time.Minute, "1s": time.Second, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "106751d": 106751 * 24 * time.Hour,
	} {
		if got, err := ParseInterval(s); err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"": "no interval", "5": "no interval", "m": "no interval", "0m": "no interval", "05m": "no interval", "5w": "no interval",
		"5 m": "no interval", "-5m": "no interval", "5M": "no interval", "5m\n": "no interval",
		"106752d": "too long", "99999999999999999999s": "too long",
	} {
		if got, err := ParseInterval(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q = %v, %v; want an error with %q", s, got, err, want)
		}
	}
}
