package value

import (
	"cmp"
	"strings"
)

// CompareVersions orders software versions as a version field does: the numbers
// between dots by value, however many there are, a pre-release below its
// release, pre-releases among themselves by semantic versioning, and text that
// is no version after all versions, by its bytes. A build suffix counts last, so
// only equal texts are equal.
func CompareVersions(a, b string) int {
	x, okX := parseVersion(a)
	y, okY := parseVersion(b)
	switch {
	case !okX && !okY:
		return strings.Compare(a, b)
	case !okX:
		return 1
	case !okY:
		return -1
	}
	if c := compareParts(x.main, y.main); c != 0 {
		return c
	}
	if (x.pre == "") != (y.pre == "") {
		return cmp.Compare(len(y.pre), len(x.pre)) // the one without is the higher
	}
	if c := compareParts(x.pre, y.pre); c != 0 {
		return c
	}
	return strings.Compare(x.build, y.build)
}

type version struct{ main, pre, build string }

// parseVersion splits text such as 1.2.3-rc.1+build.7.
func parseVersion(s string) (version, bool) {
	rest, build, hasBuild := strings.Cut(s, "+")
	text, pre, hasPre := strings.Cut(rest, "-")
	for part := range strings.SplitSeq(text, ".") {
		if !isNumeric(part) || leadingZero(part) {
			return version{}, false
		}
	}
	if hasPre {
		for part := range strings.SplitSeq(pre, ".") {
			if !isIdentifier(part) || isNumeric(part) && leadingZero(part) {
				return version{}, false
			}
		}
	}
	if hasBuild {
		for part := range strings.SplitSeq(build, ".") {
			if !isIdentifier(part) {
				return version{}, false
			}
		}
	}
	return version{main: text, pre: pre, build: build}, true
}

// compareParts compares dotted lists: numbers by value and below words, words
// by their bytes, and a list that is the beginning of the other one below it.
func compareParts(a, b string) int {
	for {
		x, restA, moreA := strings.Cut(a, ".")
		y, restB, moreB := strings.Cut(b, ".")
		if c := comparePart(x, y); c != 0 {
			return c
		}
		switch {
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		a, b = restA, restB
	}
}

func comparePart(a, b string) int {
	switch numA, numB := isNumeric(a), isNumeric(b); {
	case numA && numB:
		// No leading zeros: the longer number is the greater, whatever its size.
		if c := cmp.Compare(len(a), len(b)); c != 0 {
			return c
		}
	case numA:
		return -1
	case numB:
		return 1
	}
	return strings.Compare(a, b)
}

func isNumeric(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func leadingZero(s string) bool { return len(s) > 1 && s[0] == '0' }

func isIdentifier(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-':
		default:
			return false
		}
	}
	return s != ""
}
