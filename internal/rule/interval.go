package rule

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

var intervalForm = regexp.MustCompile(`^([1-9][0-9]*)([smhd])$`)

var intervalUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// ParseInterval reads how often a rule runs. Kibana: a whole number of 1 or more
// and a unit, one of s, m, h, d.
func ParseInterval(s string) (time.Duration, error) {
	m := intervalForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%s is no interval", quote(s))
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if unit := intervalUnits[m[2]]; err == nil && n <= math.MaxInt64/int64(unit) {
		return time.Duration(n) * unit, nil
	}
	return 0, fmt.Errorf("the interval %s is too long", quote(s))
}
