//go:build race

package daemontest_test

// raced says that the race detector runs.
const raced = true
