package value

import (
	"math"
	"strings"
)

// ParseDateFormat reads a date under the format of a field mapping: one or more
// formats with "||" between, of which the first that fits counts. A format is a
// name that Elasticsearch knows, such as epoch_second or strict_date_time, or a
// Java pattern such as dd-MM-yyyy. A name with strict_ before it demands every
// digit; without, leading zeros may lack.
//
// Weeks, eras and the names of time zones are not supported: under such a format
// no text is a date.
func ParseDateFormat(s, format string) (DateRange, bool) {
	for f := range strings.SplitSeq(format, "||") {
		if r, ok := parseOneFormat(s, strings.TrimSpace(f)); ok {
			return r, true
		}
	}
	return DateRange{}, false
}

func parseOneFormat(s, format string) (DateRange, bool) {
	switch format {
	case "epoch_millis":
		return parseEpochMilli(s)
	case "epoch_second":
		return parseEpochSecond(s)
	case "strict_date_optional_time", "strict_date_optional_time_nanos", "iso8601":
		return parseISO(s)
	}
	name, strict := strings.CutPrefix(format, "strict_")
	pattern, named := namedPattern(name)
	if !named {
		pattern = format
	}
	m := patternMatcher{lenient: named && !strict, anyFraction: named}
	d := newDateParts()
	if !m.match(pattern, dateScanner{rest: s}, &d) {
		return DateRange{}, false
	}
	return d.span()
}

// parseEpochSecond reads seconds since the epoch, with up to 9 decimals.
func parseEpochSecond(s string) (DateRange, bool) {
	text, frac, hasFrac := strings.Cut(s, ".")
	sec, ok := parseDigits(text)
	if !ok || sec < math.MinInt64/1000 || sec > math.MaxInt64/1000 { // the reach of epoch_millis
		return DateRange{}, false
	}
	if !hasFrac {
		return exactly(Instant{Sec: sec}), true
	}
	ns, ok := fraction(frac, 9)
	if !ok {
		return DateRange{}, false
	}
	if strings.HasPrefix(text, "-") {
		ns = -ns
	}
	return exactly(Instant{Sec: sec}.add(0, ns)), true
}

// namedPattern returns the Java pattern that a name of Elasticsearch stands for.
func namedPattern(name string) (string, bool) {
	const (
		ymd, basicYMD    = "yyyy-MM-dd", "yyyyMMdd"
		hms, basicHMS    = "HH:mm:ss", "HHmmss"
		fraction, offset = ".SSS", "XXX"
	)
	switch name {
	case "date_optional_time", "date_optional_time_nanos":
		return "yyyy[-MM[-dd['T'HH[:mm[:ss[.SSS][,SSS]]][XXX]]]]", true
	case "date", "year_month_day":
		return ymd, true
	case "basic_date":
		return basicYMD, true
	case "date_hour":
		return ymd + "'T'HH", true
	case "date_hour_minute":
		return ymd + "'T'HH:mm", true
	case "date_hour_minute_second":
		return ymd + "'T'" + hms, true
	case "date_hour_minute_second_fraction", "date_hour_minute_second_millis":
		return ymd + "'T'" + hms + fraction, true
	case "date_time":
		return ymd + "'T'" + hms + "[.SSS]" + offset, true
	case "date_time_no_millis":
		return ymd + "'T'" + hms + offset, true
	case "basic_date_time":
		return basicYMD + "'T'" + basicHMS + fraction + offset, true
	case "basic_date_time_no_millis":
		return basicYMD + "'T'" + basicHMS + offset, true
	case "ordinal_date":
		return "yyyy-DDD", true
	case "ordinal_date_time":
		return "yyyy-DDD'T'" + hms + fraction + offset, true
	case "ordinal_date_time_no_millis":
		return "yyyy-DDD'T'" + hms + offset, true
	case "basic_ordinal_date":
		return "yyyyDDD", true
	case "basic_ordinal_date_time":
		return "yyyyDDD'T'" + basicHMS + fraction + offset, true
	case "basic_ordinal_date_time_no_millis":
		return "yyyyDDD'T'" + basicHMS + offset, true
	case "year":
		return "yyyy", true
	case "year_month":
		return "yyyy-MM", true
	case "hour":
		return "HH", true
	case "hour_minute":
		return "HH:mm", true
	case "hour_minute_second":
		return hms, true
	case "hour_minute_second_fraction", "hour_minute_second_millis":
		return hms + fraction, true
	case "time":
		return hms + fraction + offset, true
	case "time_no_millis":
		return hms + offset, true
	case "t_time":
		return "'T'" + hms + fraction + offset, true
	case "t_time_no_millis":
		return "'T'" + hms + offset, true
	case "basic_time":
		return basicHMS + fraction + offset, true
	case "basic_time_no_millis":
		return basicHMS + offset, true
	case "basic_t_time":
		return "'T'" + basicHMS + fraction + offset, true
	case "basic_t_time_no_millis":
		return "'T'" + basicHMS + offset, true
	}
	return "", false
}
