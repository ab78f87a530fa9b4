package engine

import "github.com/tripline-sec/tripline/internal/event"

// skim reports whether a value may make any of the atoms true that are asked of
// each new value. It is a quick look at a text that will hardly come again, so that
// most of them are never looked up; what it can not rule out is.
func (f *field) skim(s *event.Scalar) bool {
	a := &f.answers
	if s.Kind != event.StringScalar || len(a.others)+len(a.always) > 0 {
		return true
	}
	text := s.Text
	if h := sketchOf(text); a.exact.sketch[h>>6]>>(h&63)&1 != 0 {
		return true
	}
	if len(a.folded.bits) > 0 {
		if h := upperSketchOf(text); a.folded.sketch[h>>6]>>(h&63)&1 != 0 {
			return true
		}
	}
	if len(a.every) > 0 {
		return a.runs.skim(text)
	}
	return len(a.folded.bits) > 0 && !ascii(text)
}

// upperSketchOf is sketchOf for the text in upper case, if it is ASCII.
func upperSketchOf(s string) uint32 {
	n := len(s)
	if n == 0 {
		return 0
	}
	h := uint32(uppers[s[0]]) | uint32(uppers[s[n-1]])<<8 | uint32(uppers[s[n/2]])<<16 | uint32(n)<<24 //nolint:gosec // as in sketchOf
	return h * 0x9e3779b1 >> (32 - 14)
}

// uppers and lowers are ASCII in the other case.
var uppers, lowers = cases()

func cases() (up, low [256]byte) {
	for i := range 256 {
		up[i], low[i] = byte(i), byte(i)
		switch {
		case 'a' <= i && i <= 'z':
			up[i] -= 'a' - 'A'
		case 'A' <= i && i <= 'Z':
			low[i] += 'a' - 'A'
		}
	}
	return up, low
}
