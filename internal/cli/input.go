package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/source"
)

// inputHelp is what the help of a command that reads events says of them.
const inputHelp = `EVENTS are files, folders, or - for standard input, which is also read when none
is named: NDJSON, JSON arrays, single or pretty-printed documents, answers of
_search and _eql/search, bulk bodies; plain or in gzip, zstd, zip.`

// mostNamed is how many pieces of bad input are named; the others are counted.
const mostNamed = 100

// eventPaths returns what to read: what was named, or standard input.
func (a *app) eventPaths(named []string, command string) ([]string, error) {
	for _, path := range named {
		if strings.EqualFold(filepath.Ext(path), ".toml") {
			return nil, usage("name rules with -r", "%s is a file of rules, not of events", path)
		}
	}
	if len(named) > 0 {
		return named, nil
	}
	if a.StdinTerminal {
		return nil, usage("name files or folders of events, or pipe events in; see `"+command+" --help`",
			"no events to read: standard input is a terminal")
	}
	return []string{"-"}, nil
}

// read hands over each document of the input, and names what can not be read. It
// ends early when the user does not want to wait.
func (a *app) read(paths []string, stdin io.Reader, take func(source.Item)) (source.Stats, error) {
	reader := source.Open(paths, stdin, source.Options{})
	problems := 0
	for item := range reader.All() {
		if err := a.ctx.Err(); err != nil {
			return reader.Stats(), err
		}
		if item.Problem == nil {
			take(item)
			continue
		}
		if problems++; problems <= mostNamed {
			a.sayf("warning: %s", show.Escape(item.Problem.Error()))
		}
	}
	if more := problems - mostNamed; more > 0 {
		a.sayf("warning: %s more like these, not named", show.Number(more))
	}
	return reader.Stats(), a.ctx.Err()
}

// inputNotes says what of the input was not judged.
func inputNotes(stats source.Stats) []string {
	var notes []string
	if total := stats.BadTotal(); total > 0 {
		var classes []string
		for class := range stats.Problems {
			classes = append(classes, string(class))
		}
		slices.Sort(classes)
		for i, class := range classes {
			classes[i] = show.Number(stats.Problems[source.Class(class)]) + " " + class
		}
		notes = append(notes, fmt.Sprintf("bad input: %s (%s)", show.Number(total), strings.Join(classes, ", ")))
	}
	for _, n := range []struct {
		count     int
		one, many string
	}{
		{stats.SkippedWrites, "bulk action without an event", "bulk actions without an event"},
		{stats.SkippedFiles, "file that holds no JSON", "files that hold no JSON"},
		{stats.Placeholders, "missing event of an answer's sequences", "missing events of an answer's sequences"},
		{stats.Repeats, "event that its answer had shown before", "events that their answer had shown before"},
	} {
		if n.count > 0 {
			notes = append(notes, "passed over: "+counted(n.count, n.one, n.many))
		}
	}
	return notes
}

// counted is a number and the noun that goes with it.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return show.Number(n) + " " + many
}
