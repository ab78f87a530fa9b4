//go:build !amd64 || purego

package event

import "encoding/binary"

// guessKeys writes to found the keys of one object that need a look, by their
// colons from i to end, which stand at 10 or further. It returns how many they
// are. Few keys do, but which can not be foretold: there is no branch on it.
func guessKeys(doc []byte, tokens, skips []uint32, found []candidate, guesses *[guessSize]uint8, i, end int) int {
	n := 0
	for i < end {
		key := binary.LittleEndian.Uint32(doc[tokens[i]-5:])
		c := &found[n]
		c.token = uint32(i) //nolint:gosec // below maxScanned
		i = int(skips[i+1])
		if key>>24 != '"' {
			c.guess = noGuess // there are blanks before the colon
			n++
			continue
		}
		guess := guesses[guessOf(key)]
		c.guess = uint32(guess)
		n += oneIf(guess != 0)
	}
	return n
}

// oneIf returns 1 if a condition holds, else 0.
func oneIf(condition bool) int {
	if condition {
		return 1
	}
	return 0
}
