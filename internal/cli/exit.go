package cli

import "fmt"

// The exit codes. What a code means for a command stands in its help; where
// several apply the order is 2, 3, 1.
const (
	exitOK          = 0
	exitNothing     = 1   // query: no match; scan: --fail-on; rules check: findings
	exitFailure     = 1   // all other commands: it did not work
	exitUsage       = 2   // usage, a bad query, a bad rule, a value error in a query
	exitIncomplete  = 3   // part of the input was not read, or part of the output not written
	exitInterrupted = 130 // ended by ^C, as shells know it
)

// status is how a command ends when all there is to say has been said.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// ended returns the status as an error; nil for 0.
func ended(code int) error {
	if code == exitOK {
		return nil
	}
	return status(code)
}

// worst joins two exit codes: 2, then 3, then 1.
func worst(a, b int) int {
	for _, code := range []int{exitUsage, exitIncomplete, exitNothing} {
		if a == code || b == code {
			return code
		}
	}
	return exitOK
}
