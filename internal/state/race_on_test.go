//go:build race

package state

// raced says that the race detector runs, under which SQLite is some ten times slower.
const raced = true
