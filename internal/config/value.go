package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The types that a setting may have beside text, bool, int, lists of text and maps.
var (
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[Bytes]()
)

// parse reads one value into a field.
func parse(to reflect.Value, text string, choice []string) error {
	if len(choice) > 0 && !slices.Contains(choice, text) {
		return &badValue{"must be " + orList(choice), text, choice}
	}
	switch {
	case to.Type() == durationType:
		d, err := parseDuration(text)
		if err != nil {
			return err
		}
		to.SetInt(int64(d))
	case to.Type() == bytesType:
		n, err := parseBytes(text)
		if err != nil {
			return err
		}
		to.SetInt(int64(n))
	case to.Kind() == reflect.Bool:
		switch strings.ToLower(text) {
		case "true", "yes", "on", "1":
			to.SetBool(true)
		case "false", "no", "off", "0":
			to.SetBool(false)
		default:
			return errors.New("must be true or false")
		}
	case to.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return errors.New("must be a whole number of at least 1")
		}
		to.SetInt(int64(n))
	default:
		to.SetString(text)
	}
	return nil
}

// badValue is a word that is none of those that may stand there.
type badValue struct {
	reason string
	word   string
	known  []string
}

func (b *badValue) Error() string { return b.reason }

// parseDuration reads Go's durations, and days and weeks: 90s, 1h30m, 30d, 2w.
func parseDuration(text string) (time.Duration, error) {
	bad := errors.New("must be a time such as 90s, 15m, 12h or 30d")
	if text == "0" {
		return 0, nil
	}
	for unit, hours := range map[string]float64{"d": 24, "w": 7 * 24} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseFloat(number, 64)
			if err != nil || !(n >= 0 && n*hours <= 100*366*24) { // NaN is no time either
				return 0, bad
			}
			return time.Duration(n * hours * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, bad
	}
	return d, nil
}

var units = []struct {
	name string
	size float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// parseBytes reads sizes: 512MiB, 10GB, 4096.
func parseBytes(text string) (Bytes, error) {
	number, size := strings.TrimSpace(text), 1.0
	for _, u := range units {
		if len(number) > len(u.name) && strings.EqualFold(number[len(number)-len(u.name):], u.name) {
			number, size = strings.TrimSpace(number[:len(number)-len(u.name)]), u.size
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || math.IsNaN(n) || n*size >= math.MaxInt64 {
		return 0, errors.New("must be a size such as 512MiB or 20GB")
	}
	return Bytes(n * size), nil
}

// String is a size as it is written.
func (b Bytes) String() string {
	for _, u := range []struct {
		name string
		size Bytes
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if b >= u.size && b%u.size == 0 {
			return fmt.Sprintf("%d%s", b/u.size, u.name)
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// durationText is a duration as it is written.
func durationText(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// text is a value as it is written.
func text(v reflect.Value) string {
	switch v.Type() {
	case durationType:
		return durationText(time.Duration(v.Int()))
	case bytesType:
		return Bytes(v.Int()).String()
	}
	return fmt.Sprint(v.Interface())
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
