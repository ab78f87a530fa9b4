package value

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

func TestInstantString(t *testing.T) {
	tests := []struct {
		t    Instant
		want string
	}{
		{Instant{}, "1970-01-01T00:00:00.000Z"},
		{InstantOfMilli(1516116808349), "2018-01-16T15:33:28.349Z"},
		{InstantOfMilli(-1), "1969-12-31T23:59:59.999Z"},
		{Instant{Sec: 0, Nsec: 120_000_000}, "1970-01-01T00:00:00.120Z"},
		{Instant{Sec: 0, Nsec: 123_456_000}, "1970-01-01T00:00:00.123456Z"},
		{Instant{Sec: 0, Nsec: 1}, "1970-01-01T00:00:00.000000001Z"},
		{InstantOfTime(time.Date(12017, 2, 3, 0, 0, 0, 0, time.UTC)), "+12017-02-03T00:00:00.000Z"},
		{InstantOfTime(time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC)), "-0044-03-15T00:00:00.000Z"},
		{InstantOfTime(time.Date(7, 3, 15, 0, 0, 0, 0, time.UTC)), "0007-03-15T00:00:00.000Z"},
	}
	for _, tt := range tests {
		if got := tt.t.String(); got != tt.want {
			t.Errorf("%+v.String() = %q, want %q", tt.t, got, tt.want)
		}
	}
}

func TestInstantUnixMilli(t *testing.T) {
	tests := []struct {
		t    Instant
		want int64
	}{
		{Instant{Sec: 1, Nsec: 999_999}, 1000},
		{Instant{Sec: -1, Nsec: 999_999_999}, -1}, // the floor, not the nearest to zero
		{Instant{Sec: -1, Nsec: 0}, -1000},
		{Instant{Sec: -1, Nsec: 999_999}, -1000},
		{Instant{Sec: math.MaxInt64, Nsec: 5}, math.MaxInt64},
		{Instant{Sec: math.MinInt64, Nsec: 5}, math.MinInt64},
	}
	for _, tt := range tests {
		if got := tt.t.UnixMilli(); got != tt.want {
			t.Errorf("%+v.UnixMilli() = %d, want %d", tt.t, got, tt.want)
		}
	}
	for _, ms := range []int64{0, 1, -1, 999, -999, 1000, -1001, math.MaxInt64, math.MaxInt64 - 900, math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 900} {
		in := InstantOfMilli(ms)
		if got := in.UnixMilli(); got != ms {
			t.Errorf("InstantOfMilli(%d).UnixMilli() = %d", ms, got)
		}
		if in.Nsec < 0 || in.Nsec > 999_999_999 {
			t.Errorf("InstantOfMilli(%d) has %d nanoseconds", ms, in.Nsec)
		}
	}
}

func TestInstantSubAgainstBig(t *testing.T) {
	total := func(u Instant) *big.Int {
		n := new(big.Int).Mul(big.NewInt(u.Sec), big.NewInt(1e9))
		return n.Add(n, big.NewInt(int64(u.Nsec)))
	}
	check := func(a, b Instant) {
		t.Helper()
		want := new(big.Int).Sub(total(a), total(b))
		switch {
		case want.Cmp(big.NewInt(math.MaxInt64)) > 0:
			want.SetInt64(math.MaxInt64)
		case want.Cmp(big.NewInt(math.MinInt64)) < 0:
			want.SetInt64(math.MinInt64)
		}
		if got := a.Sub(b); int64(got) != want.Int64() {
			t.Errorf("%+v.Sub(%+v) = %d, want %d", a, b, got, want)
		}
		if got, want := a.Compare(b), total(a).Cmp(total(b)); got != want {
			t.Errorf("%+v.Compare(%+v) = %d, want %d", a, b, got, want)
		}
	}
	secs := []int64{
		0, 1, -1, 9223372035, 9223372036, 9223372037, 9223372038, -9223372036, -9223372037, -9223372038,
		math.MaxInt64, math.MinInt64, math.MaxInt64 - 9223372036, math.MinInt64 + 9223372037,
	}
	nsecs := []int32{0, 1, 854_775_806, 854_775_807, 854_775_808, 145_224_191, 145_224_192, 145_224_193, 999_999_999}
	for _, s := range secs {
		for _, u := range secs {
			for _, n := range nsecs {
				check(Instant{s, n}, Instant{u, 0})
				check(Instant{s, 0}, Instant{u, n})
				check(Instant{s, n}, Instant{u, 854_775_807})
			}
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 5000 {
		check(Instant{r.Int64N(2e10) - 1e10, r.Int32N(1e9)}, Instant{r.Int64N(1e9), r.Int32N(1e9)})
	}
}

func TestInstantOfTime(t *testing.T) {
	for _, want := range []time.Time{
		time.Date(1600, 1, 2, 3, 4, 5, 6, time.UTC), // no count of nanoseconds in 64 bits
		time.Date(3000, 1, 2, 3, 4, 5, 999_999_999, time.FixedZone("", 3600)),
	} {
		got := InstantOfTime(want).Time()
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("InstantOfTime(%v).Time() = %v", want, got)
		}
	}
}

// dateRow is a text and the first and the last instant it means; no instants
// mean that the text is no date.
type dateRow struct{ text, from, to string }

func (r dateRow) check(t *testing.T, got DateRange, ok bool) {
	t.Helper()
	switch {
	case r.from == "" && ok:
		t.Errorf("%q is read as %v to %v, want no date", r.text, got.From, got.To)
	case r.from == "":
	case !ok:
		t.Errorf("%q is no date, want %s", r.text, r.from)
	case got.From.String() != r.from || got.To.String() != r.to:
		t.Errorf("%q is %v to %v, want %s to %s", r.text, got.From, got.To, r.from, r.to)
	}
}

func TestParseDate(t *testing.T) {
	const second33 = "2017-08-30T20:47:33.000Z"
	const end33 = "2017-08-30T20:47:33.999999999Z"
	tests := []dateRow{
		{"2017", "2017-01-01T00:00:00.000Z", "2017-12-31T23:59:59.999999999Z"},
		{"2017-08", "2017-08-01T00:00:00.000Z", "2017-08-31T23:59:59.999999999Z"},
		{"2017-12", "2017-12-01T00:00:00.000Z", "2017-12-31T23:59:59.999999999Z"},
		{"2017-08-30", "2017-08-30T00:00:00.000Z", "2017-08-30T23:59:59.999999999Z"},
		{"2017-08-30T", "2017-08-30T00:00:00.000Z", "2017-08-30T23:59:59.999999999Z"},
		{"2017-12-31", "2017-12-31T00:00:00.000Z", "2017-12-31T23:59:59.999999999Z"},
		{"2017-08-30T20", "2017-08-30T20:00:00.000Z", "2017-08-30T20:59:59.999999999Z"},
		{"2017-08-30T20Z", "2017-08-30T20:00:00.000Z", "2017-08-30T20:59:59.999999999Z"},
		{"2017-08-30T20:47", "2017-08-30T20:47:00.000Z", "2017-08-30T20:47:59.999999999Z"},
		{"2017-08-30T23:59", "2017-08-30T23:59:00.000Z", "2017-08-30T23:59:59.999999999Z"},
		{"2017-08-30T20:47:33", second33, end33},
		{"2017-08-30T20:47:33Z", second33, end33},
		{"2017-08-30T22:47:33+02:00", second33, end33},
		{"2017-08-30T22:47:33+0200", second33, end33},
		{"2017-08-30T22:47:33+02", second33, end33},
		{"2017-08-30T15:17:33-05:30", second33, end33},
		{"2017-08-30T20:47:33.349Z", "2017-08-30T20:47:33.349Z", "2017-08-30T20:47:33.349999999Z"},
		{"2017-08-30T20:47:33,349", "2017-08-30T20:47:33.349Z", "2017-08-30T20:47:33.349999999Z"},
		{"2017-08-30T20:47:33.3Z", "2017-08-30T20:47:33.300Z", "2017-08-30T20:47:33.300999999Z"},
		{"2017-08-30T20:47:33.999Z", "2017-08-30T20:47:33.999Z", end33},
		{"2017-08-30T20:47:33.3491Z", "2017-08-30T20:47:33.349100Z", "2017-08-30T20:47:33.349100Z"},
		{"2017-08-30T20:47:33.123456789Z", "2017-08-30T20:47:33.123456789Z", "2017-08-30T20:47:33.123456789Z"},
		{"2016-02-29", "2016-02-29T00:00:00.000Z", "2016-02-29T23:59:59.999999999Z"},
		{"0000", "0000-01-01T00:00:00.000Z", "0000-12-31T23:59:59.999999999Z"},
		{"2018-01-01T00:30:00+01:00", "2017-12-31T23:30:00.000Z", "2017-12-31T23:30:00.999999999Z"},
		// Digits, but not four: milliseconds since the epoch.
		{"1516116808349", "2018-01-16T15:33:28.349Z", "2018-01-16T15:33:28.349999999Z"},
		{"0", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000999999Z"},
		{"-1", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999999999Z"},
		{"-2017", "1969-12-31T23:59:57.983Z", "1969-12-31T23:59:57.983999999Z"},
		{"20170830", "1970-01-01T05:36:10.830Z", "1970-01-01T05:36:10.830999999Z"},
		{"1.5", "1970-01-01T00:00:00.001500Z", "1970-01-01T00:00:00.001500Z"},
		{"-0.5", "1969-12-31T23:59:59.999500Z", "1969-12-31T23:59:59.999500Z"},
		{"1.000001", "1970-01-01T00:00:00.001000001Z", "1970-01-01T00:00:00.001000001Z"},
		// No dates.
		{text: ""},
		{text: "now"},
		{text: "2017-"},
		{text: "2017-8"},
		{text: "2017-13"},
		{text: "2017-00"},
		{text: "2017-08-"},
		{text: "2017-08-3"},
		{text: "2017-08-32"},
		{text: "2017-08-00"},
		{text: "2017-02-29"},
		{text: "2017-02-30T00:00:00Z"},
		{text: "2017-08-30Z"},
		{text: "2017-08-30 20:47"},
		{text: "2017-08-30T2"},
		{text: "2017-08-30T24"},
		{text: "2017-08-30T20:4"},
		{text: "2017-08-30T20:60"},
		{text: "2017-08-30T20:47:60"},
		{text: "2017-08-30T20:47:33."},
		{text: "2017-08-30T20:47:33.1234567890"},
		{text: "2017-08-30T20:47.5"},
		{text: "2017-08-30T20:47:33z"},
		{text: "2017-08-30T20:47:33ZZ"},
		{text: "2017-08-30T20:47:33+2"},
		{text: "2017-08-30T20:47:33+02:"},
		{text: "2017-08-30T20:47:33+02:60"},
		{text: "2017-08-30T20:47:33+18:01"},
		{text: "2017-08-30T20:47:33+02:00:00"},
		{text: "08/30/2017"},
		{text: "-"},
		{text: "+5"},
		{text: "1e3"},
		{text: "1."},
		{text: "1.x"},
		{text: "1.1234567"},
		{text: "99999999999999999999"},
		{text: "２０１７"}, // digits, but not of ASCII
	}
	for _, tt := range tests {
		got, ok := ParseDate(tt.text)
		tt.check(t, got, ok)
	}
}

// Every date of some years reads back, and the days follow one another without
// a gap.
func TestParseDateDays(t *testing.T) {
	day := time.Date(1896, 1, 1, 0, 0, 0, 0, time.UTC)
	var last Instant
	for day.Year() < 1909 {
		r, ok := ParseDate(day.Format("2006-01-02"))
		if !ok || r.From != InstantOfTime(day) {
			t.Fatalf("%v is read as %v, %v", day, r.From, ok)
		}
		if last != (Instant{}) && r.From.Sub(last) != 1 {
			t.Fatalf("%v does not begin where the day before ends: %v", day, last)
		}
		last, day = r.To, day.AddDate(0, 0, 1)
	}
}

func TestDateRangeCompare(t *testing.T) {
	r, _ := ParseDate("2017-08-30")
	for text, want := range map[string]int{
		"2017-08-29T23:59:59.999999999": -1,
		"2017-08-30T00:00:00":           0,
		"2017-08-30T23:59:59.999999999": 0,
		"2017-08-31T00:00:00":           1,
	} {
		at, _ := ParseDate(text)
		if got := r.Compare(at.From); got != want {
			t.Errorf("%s against the day: %d, want %d", text, got, want)
		}
	}
}

func TestParseDateFormat(t *testing.T) {
	const day30, end30 = "2017-08-30T00:00:00.000Z", "2017-08-30T23:59:59.999999999Z"
	const at, end = "2017-08-30T20:47:33.000Z", "2017-08-30T20:47:33.999999999Z"
	const milli, endMilli = "2017-08-30T20:47:33.349Z", "2017-08-30T20:47:33.349999999Z"
	tests := []struct {
		format string
		row    dateRow
	}{
		{"dd-MM-yyyy", dateRow{"30-08-2017", day30, end30}},
		{"dd-MM-yyyy", dateRow{text: "2017-08-30"}},
		{"dd-MM-yyyy", dateRow{text: "30-8-2017"}},
		{"dd-MM-yyyy", dateRow{text: "31-02-2017"}},
		{"dd-MM-yyyy", dateRow{text: "30-08-2017x"}},
		{"d-M-y", dateRow{"3-8-2017", "2017-08-03T00:00:00.000Z", "2017-08-03T23:59:59.999999999Z"}},
		{"yyyy-MM-dd", dateRow{"2017-08-30", day30, end30}},
		{"uuuu/MM/dd", dateRow{"2017/08/30", day30, end30}},
		{"yyyy", dateRow{"2017", "2017-01-01T00:00:00.000Z", "2017-12-31T23:59:59.999999999Z"}},
		{"yy-MM-dd", dateRow{"17-08-30", day30, end30}},
		{"yyyyMMddHHmmss", dateRow{"20170830204733", at, end}},
		{"yyyy-MM-dd HH:mm:ss.SSS", dateRow{"2017-08-30 20:47:33.349", milli, endMilli}},
		{"yyyy-MM-dd HH:mm:ss.SSS", dateRow{text: "2017-08-30 20:47:33.34"}},
		{"yyyy-MM-dd HH:mm:ss.SSSSSS", dateRow{"2017-08-30 20:47:33.349001", "2017-08-30T20:47:33.349001Z", "2017-08-30T20:47:33.349001Z"}},
		{"yyyy-MM-dd'T'HH:mm:ssX", dateRow{"2017-08-30T22:47:33+02", at, end}},
		{"yyyy-MM-dd'T'HH:mm:ssXXX", dateRow{"2017-08-30T20:47:33Z", at, end}},
		{"yyyy-MM-dd'T'HH:mm:ssXXX", dateRow{text: "2017-08-30T20:47:33"}},
		{"yyyy-MM-dd HH:mm:ss Z", dateRow{"2017-08-30 15:47:33 -0500", at, end}},
		{"yyyy 'o''clock' HH", dateRow{"2017 o'clock 20", "2017-01-01T20:00:00.000Z", "2017-01-01T20:59:59.999999999Z"}},
		{"yyyy''MM", dateRow{"2017'08", "2017-08-01T00:00:00.000Z", "2017-08-31T23:59:59.999999999Z"}},
		{"EEE MMM dd HH:mm:ss yyyy", dateRow{"Wed Aug 30 20:47:33 2017", at, end}},
		{"EEEE, d MMMM yyyy", dateRow{"Wednesday, 30 August 2017", day30, end30}},
		{"EEE yyyy", dateRow{text: "Day 2017"}},
		{"MMM yyyy", dateRow{text: "Foo 2017"}},
		{"yyyy-MM-dd hh:mm a", dateRow{"2017-08-30 08:47 PM", "2017-08-30T20:47:00.000Z", "2017-08-30T20:47:59.999999999Z"}},
		{"yyyy-MM-dd hh a", dateRow{"2017-08-30 12 AM", day30, "2017-08-30T00:59:59.999999999Z"}},
		{"yyyy-MM-dd hh a", dateRow{"2017-08-30 12 PM", "2017-08-30T12:00:00.000Z", "2017-08-30T12:59:59.999999999Z"}},
		{"yyyy-MM-dd hh a", dateRow{text: "2017-08-30 13 PM"}},
		{"yyyy-MM-dd hh a", dateRow{text: "2017-08-30 00 AM"}},
		{"yyyy-MM-dd hh a", dateRow{text: "2017-08-30 08 XM"}},
		{"yyyy-DDD", dateRow{"2017-242", day30, end30}},
		{"yyyy-DDD", dateRow{"2016-366", "2016-12-31T00:00:00.000Z", "2016-12-31T23:59:59.999999999Z"}},
		{"yyyy-DDD", dateRow{text: "2017-366"}},
		{"yyyy-DDD", dateRow{text: "2017-000"}},
		{"yyyy-DDD", dateRow{text: "2017-24"}},
		{"yyyy-MM-dd[ HH:mm[:ss]]", dateRow{"2017-08-30", day30, end30}},
		{"yyyy-MM-dd[ HH:mm[:ss]]", dateRow{"2017-08-30 20:47", "2017-08-30T20:47:00.000Z", "2017-08-30T20:47:59.999999999Z"}},
		{"yyyy-MM-dd[ HH:mm[:ss]]", dateRow{"2017-08-30 20:47:33", at, end}},
		{"yyyy-MM-dd[ HH:mm[:ss]]", dateRow{text: "2017-08-30 20"}},
		{"yyyy[']'MM]", dateRow{"2017]08", "2017-08-01T00:00:00.000Z", "2017-08-31T23:59:59.999999999Z"}},
		{"yyyy-MM-dd HH:mm", dateRow{text: "2017-08-30 25:00"}},
		// Alternatives: the first that fits.
		{"yyyy-MM-dd||epoch_millis", dateRow{"1504126053349", milli, endMilli}},
		{"yyyy-MM-dd || epoch_millis", dateRow{"2017-08-30", day30, end30}},
		{"yyyy-MM-dd||dd-MM-yyyy", dateRow{text: "30.08.2017"}},
		// Names.
		{"epoch_millis", dateRow{"1504126053349", milli, endMilli}},
		{"epoch_millis", dateRow{"2017", "1970-01-01T00:00:02.017Z", "1970-01-01T00:00:02.017999999Z"}},
		{"epoch_second", dateRow{"1504126053", at, at}},
		{"epoch_second", dateRow{"1504126053.349", milli, milli}},
		{"epoch_second", dateRow{"-0.25", "1969-12-31T23:59:59.750Z", "1969-12-31T23:59:59.750Z"}},
		{"epoch_second", dateRow{text: "1504126053."}},
		{"epoch_second", dateRow{text: "2017-08-30"}},
		{"epoch_second", dateRow{text: "9223372036854775807"}},
		{"strict_date_optional_time", dateRow{"2017-08-30T20:47:33Z", at, end}},
		{"strict_date_optional_time", dateRow{text: "1504126053349"}},
		{"strict_date_optional_time_nanos", dateRow{"2017-08-30T20:47:33.000000001Z", "2017-08-30T20:47:33.000000001Z", "2017-08-30T20:47:33.000000001Z"}},
		{"iso8601", dateRow{"2017-08-30", day30, end30}},
		{"date_optional_time", dateRow{"2017-8-30T20:47:33,349Z", milli, endMilli}},
		{"date_optional_time", dateRow{"2017-08-30T20:47:33.349+00:00", milli, endMilli}},
		{"date_optional_time", dateRow{"2017", "2017-01-01T00:00:00.000Z", "2017-12-31T23:59:59.999999999Z"}},
		{"date_optional_time_nanos", dateRow{"2017-08-30", day30, end30}},
		{"date", dateRow{"2017-8-30", day30, end30}},
		{"strict_date", dateRow{"2017-08-30", day30, end30}},
		{"strict_date", dateRow{text: "2017-8-30"}},
		{"year_month_day", dateRow{"2017-08-30", day30, end30}},
		{"basic_date", dateRow{"20170830", day30, end30}},
		{"date_hour", dateRow{"2017-08-30T20", "2017-08-30T20:00:00.000Z", "2017-08-30T20:59:59.999999999Z"}},
		{"date_hour_minute", dateRow{"2017-08-30T20:47", "2017-08-30T20:47:00.000Z", "2017-08-30T20:47:59.999999999Z"}},
		{"date_hour_minute_second", dateRow{"2017-08-30T20:47:33", at, end}},
		{"date_hour_minute_second_fraction", dateRow{"2017-08-30T20:47:33.349", milli, endMilli}},
		{"strict_date_time", dateRow{"2017-08-30T20:47:33.349Z", milli, endMilli}},
		{"date_time_no_millis", dateRow{"2017-08-30T20:47:33Z", at, end}},
		{"basic_date_time", dateRow{"20170830T204733.349Z", milli, endMilli}},
		{"basic_date_time_no_millis", dateRow{"20170830T204733Z", at, end}},
		{"ordinal_date", dateRow{"2017-242", day30, end30}},
		{"ordinal_date", dateRow{"2017-5", "2017-01-05T00:00:00.000Z", "2017-01-05T23:59:59.999999999Z"}},
		{"ordinal_date_time", dateRow{"2017-242T20:47:33.349Z", milli, endMilli}},
		{"ordinal_date_time_no_millis", dateRow{"2017-242T20:47:33Z", at, end}},
		{"basic_ordinal_date", dateRow{"2017242", day30, end30}},
		{"basic_ordinal_date_time", dateRow{"2017242T204733.349Z", milli, endMilli}},
		{"basic_ordinal_date_time_no_millis", dateRow{"2017242T204733Z", at, end}},
		{"year", dateRow{"2017", "2017-01-01T00:00:00.000Z", "2017-12-31T23:59:59.999999999Z"}},
		{"year_month", dateRow{"2017-08", "2017-08-01T00:00:00.000Z", "2017-08-31T23:59:59.999999999Z"}},
		{"hour", dateRow{"20", "1970-01-01T20:00:00.000Z", "1970-01-01T20:59:59.999999999Z"}},
		{"hour_minute", dateRow{"20:47", "1970-01-01T20:47:00.000Z", "1970-01-01T20:47:59.999999999Z"}},
		{"hour_minute_second", dateRow{"20:47:33", "1970-01-01T20:47:33.000Z", "1970-01-01T20:47:33.999999999Z"}},
		{"hour_minute_second_millis", dateRow{"20:47:33.349", "1970-01-01T20:47:33.349Z", "1970-01-01T20:47:33.349999999Z"}},
		{"time", dateRow{"20:47:33.349Z", "1970-01-01T20:47:33.349Z", "1970-01-01T20:47:33.349999999Z"}},
		{"time_no_millis", dateRow{"20:47:33Z", "1970-01-01T20:47:33.000Z", "1970-01-01T20:47:33.999999999Z"}},
		{"t_time", dateRow{"T20:47:33.349Z", "1970-01-01T20:47:33.349Z", "1970-01-01T20:47:33.349999999Z"}},
		{"t_time_no_millis", dateRow{"T20:47:33Z", "1970-01-01T20:47:33.000Z", "1970-01-01T20:47:33.999999999Z"}},
		{"basic_time", dateRow{"204733.349Z", "1970-01-01T20:47:33.349Z", "1970-01-01T20:47:33.349999999Z"}},
		{"basic_time_no_millis", dateRow{"204733Z", "1970-01-01T20:47:33.000Z", "1970-01-01T20:47:33.999999999Z"}},
		{"basic_t_time", dateRow{"T204733.349Z", "1970-01-01T20:47:33.349Z", "1970-01-01T20:47:33.349999999Z"}},
		{"basic_t_time_no_millis", dateRow{"T204733Z", "1970-01-01T20:47:33.000Z", "1970-01-01T20:47:33.999999999Z"}},
		// Formats that are none, or not supported.
		{"", dateRow{text: "2017"}},
		{"yyyy-'MM", dateRow{text: "2017-08"}},
		{"yyyy[-MM", dateRow{text: "2017-08"}},
		{"YYYY-'W'ww", dateRow{text: "2017-W35"}},
		{"yyyy-ddd", dateRow{text: "2017-030"}},
		{"yyyyyyyyyy", dateRow{text: "0000002017"}},
		{"ss.SSSSSSSSSS", dateRow{text: "01.0000000000"}},
		{"yy", dateRow{text: "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			got, ok := ParseDateFormat(tt.row.text, tt.format)
			tt.row.check(t, got, ok)
		})
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2017", "2017-08-30T20:47:33.349+02:00", "-12.5", "1516116808349"} {
		f.Add(s, "dd-MM-yyyy[ HH:mm]||date_time")
	}
	f.Add("30 Aug 2017", "d MMM yyyy")
	f.Fuzz(func(t *testing.T, s, format string) {
		check := func(r DateRange, ok bool) {
			if !ok {
				return
			}
			if r.To.Compare(r.From) < 0 {
				t.Errorf("%q ends at %v before it begins at %v", s, r.To, r.From)
			}
			for _, i := range []Instant{r.From, r.To} {
				if i.Nsec < 0 || i.Nsec > 999_999_999 {
					t.Errorf("%q has %d nanoseconds", s, i.Nsec)
				}
			}
			if y := r.From.Time().Year(); y < 0 || y > 9999 {
				return
			}
			if again, ok := ParseDate(r.From.String()); !ok || again.From != r.From {
				t.Errorf("%q is printed as %v, which reads as %v, %v", s, r.From, again.From, ok)
			}
		}
		check(ParseDate(s))
		if len(format) < 40 {
			check(ParseDateFormat(s, format))
		}
	})
}

func TestInstantAdd(t *testing.T) {
	tests := []struct {
		sec, nsec int64
		want      Instant
	}{
		{0, 0, Instant{5, 500_000_000}},
		{-6, 1, Instant{-1, 500_000_001}},
		{0, 500_000_000, Instant{6, 0}},
		{0, -500_000_001, Instant{4, 999_999_999}},
	}
	for _, tt := range tests {
		if got := (Instant{5, 500_000_000}).add(tt.sec, tt.nsec); got != tt.want {
			t.Errorf("add(%d, %d) = %+v, want %+v", tt.sec, tt.nsec, got, tt.want)
		}
	}
}
