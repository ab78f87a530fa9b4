//go:build !purego

package event

// guessKeys writes to found the keys of one object that need a look, by their
// colons from i to end, which stand at 10 or further. It returns how many they
// are. Few keys do, but which can not be foretold: there is no branch on it.
func guessKeys(doc []byte, tokens, skips []uint32, found []candidate, guesses *[guessSize]uint8, i, end int) int {
	if i >= end {
		return 0
	}
	return guessSome(&doc[0], &tokens[0], &skips[0], &found[0], guesses, i, end)
}

// guessSome is guessKeys for one key at least. In found there is room for all.
//
//go:noescape
func guessSome(doc *byte, tokens, skips *uint32, found *candidate, guesses *[guessSize]uint8, i, end int) (n int)
