package randomcase

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/value"
)

// indices are the data streams that documents say they belong to.
var indices = [...]string{"logs-endpoint.events.process-default", "logs-system.auth-default"}

// arrival is a document with the moment at which it comes.
type arrival struct {
	raw     []byte
	at      value.Instant
	hasTime bool
	came    value.Instant
}

// stream writes the documents of the case in order of arrival. A document comes
// at its own time or, in a case with disorder, up to the lateness after it.
func (a *author) stream() [][]byte {
	var all []arrival
	now, count := a.base, 6+a.IntN(15)
	if a.crowd {
		count = 150 + a.IntN(400)
	}
	for range count {
		now = now.Add(a.step())
		stamp := a.stamp(now)
		d := arrival{came: value.InstantOfTime(now)}
		d.at, d.hasTime = instantOf(stamp)
		if d.hasTime {
			d.came = d.at
		}
		if d.hasTime && a.late > 0 && a.chance(0.5) {
			d.came = add(d.came, a.delay())
		}
		d.raw = a.document(stamp)
		all = append(all, d)
		if a.chance(0.03) {
			all = append(all, d) // the same document once more
		}
	}
	slices.SortStableFunc(all, func(x, y arrival) int { return x.came.Compare(y.came) })
	docs := make([][]byte, len(all))
	for i, d := range all {
		docs[i] = d.raw
	}
	return docs
}

func add(t value.Instant, d time.Duration) value.Instant {
	return value.InstantOfTime(t.Time().Add(d))
}

// delay is how late a document comes; the whole lateness now and then.
func (a *author) delay() time.Duration {
	if a.chance(0.15) {
		return a.late
	}
	return time.Duration(a.Int64N(int64(a.late) + 1))
}

// step is the distance of an event from the one before: often none.
func (a *author) step() time.Duration {
	d := time.Duration(pick(a, 0, 0, 1, 1, 1, 2, 3, 5)) * a.unit
	if a.nanos && a.chance(0.5) {
		d += pick(a, 1, 500*time.Microsecond, 999_999, 250_000, 100)
	}
	return d
}

// stamp writes a time in one of the forms in which documents have it. A few
// documents have none, or one that is none; "" is no member at all.
func (a *author) stamp(t time.Time) string {
	if a.chance(0.01) {
		return pick(a, "", "", "null", `"none"`, "[]", "true", `{"z":1}`, `""`)
	}
	if a.chance(0.015) {
		return `"` + pick(a, oddStamps...) + `"`
	}
	iso := t.Format(pick(a, time.RFC3339Nano, time.RFC3339Nano, "2006-01-02T15:04:05.000000000Z"))
	whole := t.Nanosecond()%1e6 == 0
	ms := strconv.FormatInt(t.UnixMilli(), 10)
	switch a.IntN(16) {
	case 0, 1, 2, 3, 4, 5:
		if whole && !looksLikeYear(ms) {
			return ms
		}
	case 6:
		if whole && !looksLikeYear(ms) {
			return `"` + ms + `"`
		}
	case 7:
		return `"` + t.In(time.FixedZone("", 3600)).Format("2006-01-02T15:04:05.999999999-07:00") + `"`
	case 8:
		if a.chance(0.2) {
			return `["` + iso + `","` + t.Add(a.unit).Format(time.RFC3339Nano) + `"]`
		}
	case 9:
		if t.UnixMilli() >= 0 {
			return ms + "." + strconv.Itoa(t.Nanosecond()%1e6/1e3) // a double
		}
	}
	return `"` + iso + `"`
}

// oddStamps are times that lie elsewhere, or are written as few senders do, or are
// none.
var oddStamps = []string{
	"2023-02-29T00:00:01Z", "2024-02-30T00:00:01Z", "2024-02-29T00:00:01Z", "2024-04-31T00:00:01Z", "2024-13-01T00:00:01Z", "2024-00-01T00:00:01Z",
	"2024-01-00T00:00:01Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01 00:00:01Z", "2024-01-01T00:00:01", "2024-01-01T00:01Z",
	"2024-01-01T00", "2024-01-01", "2024-01", "2024", "2024-01-01T00:00:01.Z", "2024-01-01T00:00:00,25Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00.12345678Z",
	"2024-01-01T00:00:00.00000001Z", "2024-01-01T00:00:01z", "2024/01/01T00:00:01Z", "2024-01-01T00.00.01Z", "2024-01-01T00-00-01Z", "0000-01-01T00:00:01Z", "2024-1-01T00:00:01Z",
	"2024-01-01T00:00:01+0100", "2024-01-01T00:00:00.5-00:30", " 2024-01-01T00:00:01Z", "1900-02-29T00:00:01Z", "2000-02-29T00:00:01Z", "2024-01-01T00:00:0:Z", "2024-0a-01T00:00:01Z",
	"9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "2024-12-31T23:59:59Z", "1969-12-31T23:59:59.9999Z", "2024_01_01T00:00:01Z", "2024-01-01t00:00:01Z",
}

// looksLikeYear reports whether text of these digits is read as a year.
func looksLikeYear(s string) bool { return len(s) == 4 }

// instantOf reads a timestamp that stamp wrote, as the reference will.
func instantOf(stamp string) (value.Instant, bool) {
	first := stamp
	if list, ok := strings.CutPrefix(stamp, "["); ok {
		first, _, _ = strings.Cut(list, ",")
	}
	var v value.Value
	switch {
	case strings.HasPrefix(first, `"`):
		v = value.OfString(strings.Trim(first, `"`))
	default:
		v = value.OfJSONNumber(first)
	}
	v = value.Coerce(v, value.TypeDate, "")
	return v.Instant(), v.Kind() == value.Date
}
