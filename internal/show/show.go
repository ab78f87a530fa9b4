// Package show is how things look to people on a terminal: text that is not ours
// made harmless, colours, widths; an event in a line, an alert as a block.
//
// What comes from events and rules is shown with its control characters escaped,
// because a process name must not drive the terminal. Colour carries no meaning of
// its own.
//
// An alert that was just made and one that was read back from its document (Of and
// Read) are the same Block and look the same. All of it costs what it prints, Read a
// decoding of the document and of its events besides; nothing is kept.
package show

import "strconv"

// DefaultWidth is how long lines get where there is no terminal.
const DefaultWidth = 160

// TimestampField is where events have their time if nothing else is said.
const TimestampField = "@timestamp"

// Number writes a count with its thousands apart.
func Number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
