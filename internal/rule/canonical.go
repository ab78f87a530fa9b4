package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// maxDepth is how deep objects and arrays of a rule may nest. Real rules need
// about eight levels.
const maxDepth = 200

var errTooDeep = fmt.Errorf("objects and lists nest deeper than %d levels", maxDepth)

// canonical returns v in the one shape that both written forms share: map, list,
// string, bool, int64, float64, and json.Number for what no float64 holds. A
// whole number is an int64 however it was written, since JSON does not tell 1
// from 1.0; a TOML date becomes its text.
func canonical(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			c, err := canonical(e, depth+1)
			if err != nil {
				return nil, err
			}
			v[k] = c
		}
		return v, nil
	case []any:
		for i, e := range v {
			c, err := canonical(e, depth+1)
			if err != nil {
				return nil, err
			}
			v[i] = c
		}
		return v, nil
	case json.Number:
		return number(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("a rule can not hold the numbers nan and inf")
		}
		return whole(v), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case nil, string, bool, int64:
		return v, nil
	}
	return fmt.Sprint(v), nil // TOML's local dates and times, which print as they are written
}

func number(n json.Number) any {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return i
	}
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		return n
	}
	return whole(f)
}

// whole returns f as an integer where it is one and doubles still count by ones.
func whole(f float64) any {
	if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		return int64(f)
	}
	return f
}
