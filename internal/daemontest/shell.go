package daemontest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Recording is the events of a recorded reverse shell.
type Recording struct {
	Name  string
	docs  []string
	times []time.Time
	ids   []string // of its events and processes
}

// shells are the recordings of which the seed rule alerts exactly once.
var shells = []string{
	"ncat-e", "ncat-bind-e-fast", "perl-socket-exec", "php-fsockopen-exec", "py-pty-spawn", "py-subprocess-call",
	"lua-socket-tcp-literal",
}

// Recordings reads the shells in an archive of recordings.
func Recordings(archive string) ([]*Recording, error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, fmt.Errorf("read recordings: %w", err)
	}
	defer func() { _ = z.Close() }()
	var all []*Recording
	for _, name := range shells {
		file, err := z.Open(name + ".ndjson")
		if err != nil {
			return nil, fmt.Errorf("read recordings: %w", err)
		}
		data, err := io.ReadAll(file)
		_ = file.Close() // it is in memory
		if err != nil {
			return nil, fmt.Errorf("read recording %s: %w", name, err)
		}
		r, err := newRecording(name, data)
		if err != nil {
			return nil, fmt.Errorf("read recording %s: %w", name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

var (
	stamp = regexp.MustCompile(`"@timestamp":"([^"]+)"`)
	given = regexp.MustCompile(`"entity_id":"([^"]+)"|"event":\{[^{}]*"id":"([^"]+)"`)
)

func newRecording(name string, data []byte) (*Recording, error) {
	r := &Recording{Name: name}
	for line := range bytes.Lines(data) {
		doc := string(bytes.TrimSpace(line))
		m := stamp.FindStringSubmatch(doc)
		if m == nil {
			return nil, fmt.Errorf("event without a time: %.100s", doc)
		}
		at, err := time.Parse(time.RFC3339Nano, m[1])
		if err != nil {
			return nil, err
		}
		r.docs, r.times = append(r.docs, doc), append(r.times, at)
		for _, m := range given.FindAllStringSubmatch(doc, -1) {
			r.ids = append(r.ids, m[1]+m[2])
		}
	}
	slices.Sort(r.ids)
	r.ids = slices.Compact(r.ids)
	return r, nil
}

// At is the shell once more, as if it had been opened on another day: its last event
// is at a time, and its events and processes have ids that no other number has. The
// documents' ids are those of ShellID.
func (r *Recording) At(number int, last time.Time) []Doc {
	var pairs []string
	for _, id := range r.ids {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", id, number))
		pairs = append(pairs, `"`+id+`"`, `"`+base64.StdEncoding.EncodeToString(sum[:])+`"`)
	}
	fresh := strings.NewReplacer(pairs...)
	end := slices.MaxFunc(r.times, time.Time.Compare)
	docs := make([]Doc, len(r.docs))
	for i, text := range r.docs {
		old := stamp.FindStringSubmatch(text)[1]
		text = strings.ReplaceAll(text, old, last.Add(r.times[i].Sub(end)).UTC().Format(time.RFC3339Nano))
		docs[i] = Doc{Index: index(text), ID: ShellID(number, i), Raw: []byte(fresh.Replace(text))}
	}
	return docs
}

// ShellID is the id of a document of a shell.
func ShellID(number, document int) string { return fmt.Sprintf("shell-%d-%d", number, document) }

// ShellOf is the number of the shell that an id is of.
func ShellOf(id string) (number int, ok bool) {
	var document int
	_, err := fmt.Sscanf(id, "shell-%d-%d", &number, &document)
	return number, err == nil
}

var dataset = regexp.MustCompile(`"data_stream":\{"dataset":"([^"]+)"`)

func index(doc string) string {
	if m := dataset.FindStringSubmatch(doc); m != nil {
		return "logs-" + m[1] + "-default"
	}
	return "logs-endpoint.events.process-default"
}
