package event

import (
	"encoding/binary"
	"math/bits"
)

// shortInteger reports whether a whole number of up to seven digits and no sign
// stands at i, as most do. False says nothing.
func shortInteger(s []byte, i int) bool {
	if len(s)-i < 8 {
		return false
	}
	x := binary.LittleEndian.Uint64(s[i:])
	// A digit is at most 9 once its upper bits are turned.
	others := ((x^'0'*ones)&^highs + (0x80-10)*ones | x) & highs
	n := bits.TrailingZeros64(others) >> 3
	return others != 0 && n > 0 && (n == 1 || s[i] != '0') && endsScalar(s[i+n])
}

// scalarEnd checks the number or literal that begins at i, and returns the
// position behind it; -1 if it is neither. What follows it is not looked at,
// save that a literal cut off by the end is none.
func scalarEnd(s []byte, i int) int {
	switch s[i] {
	case 't':
		if i+4 <= len(s) && string(s[i:i+4]) == "true" {
			return i + 4
		}
	case 'f':
		if i+5 <= len(s) && string(s[i:i+5]) == "false" {
			return i + 5
		}
	case 'n':
		if i+4 <= len(s) && string(s[i:i+4]) == "null" {
			return i + 4
		}
	default:
		return numberEnd(s, i)
	}
	return -1
}

// numberEnd is scalarEnd for a number.
func numberEnd(s []byte, i int) int {
	if s[i] == '-' {
		i++
	}
	start := i
	i = digitsEnd(s, i)
	if i == start || s[start] == '0' && i > start+1 {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		start = i + 1
		if i = digitsEnd(s, start); i == start {
			return -1
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		start = i + 1
		if start < len(s) && (s[start] == '+' || s[start] == '-') {
			start++
		}
		if i = digitsEnd(s, start); i == start {
			return -1
		}
	}
	return i
}

func digitsEnd(s []byte, i int) int {
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}
