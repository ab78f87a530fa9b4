// Package cli is the command line: flags, wiring, printing, exit codes. Each
// command has a file of its name; what is judged and how is decided below.
//
// The rules of the terminal:
//
//   - Results go to stdout; all talk (warnings, closing lines, errors) to stderr.
//   - Errors read `tripline: error: ...`, in lower case, with `tripline: hint: ...`
//     below where there is something to do about it.
//   - A terminal gets text for people; a pipe or a file gets NDJSON and no colour.
//     Colour carries no meaning of its own, and NO_COLOR is honoured.
//   - What comes from events, rules and file names is shown with its control
//     characters escaped: a process name must not drive the terminal.
//   - Nothing is passed over in silence: what could not be read is named,
//     counted, and told in the exit code.
//
// query and scan hold all documents of their input in memory, about ten times
// their size, until they are judged; see judge.
package cli
