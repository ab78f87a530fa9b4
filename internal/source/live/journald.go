package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/tripline-sec/tripline/internal/source"
)

// JournaldOptions are those of a Journald.
type JournaldOptions struct {
	Options
	Name    string   // by which the position is kept; "" = journald
	Command []string // "" = journalctl, as it is found
	// Matches are arguments that narrow what is read: `_SYSTEMD_UNIT=sshd.service`,
	// `--identifier=sudo`.
	Matches []string
	// FromStart reads what the journal holds when the source is used for the first
	// time. It begins with what comes from then on otherwise.
	FromStart bool
	// OwnMessageID is the MESSAGE_ID under which this program writes alerts to the
	// journal. Entries that have it and come from this program are left out: an alert
	// must not become an event that makes an alert.
	OwnMessageID string
}

// Journald reads systemd's journal through `journalctl --follow`, which comes with
// every journal, understands the files of its version with all their compressions, and
// needs no cgo; the library for programs is C. It is started again when it ends.
//
// An entry becomes an event of logs-journald-default with what the entry says and
// nothing more: message, time, host, process, user, syslog's fields, and the cursor as
// event.id, so that the same entry read twice is one event.
type Journald struct {
	opts   JournaldOptions
	counts counts
	self   string // this program's file
	at     cursor
	kept   cursor // what was saved
	saved  time.Time
}

// cursor is a place in the journal.
type cursor struct {
	Version int    `json:"version"`
	Cursor  string `json:"cursor"`
	Micros  string `json:"micros"` // its time since 1970
}

// NewJournald returns one; nothing is started before Run.
func NewJournald(opts JournaldOptions) *Journald {
	opts.fill()
	if opts.Name == "" {
		opts.Name = "journald"
	}
	if len(opts.Command) == 0 {
		opts.Command = []string{"journalctl"}
	}
	self, err := os.Executable()
	if err != nil {
		self = ""
	}
	return &Journald{opts: opts, self: self}
}

// Stats returns the counts so far. It may be called at any time.
func (j *Journald) Stats() Stats { return j.counts.stats() }

// Run reads until the context ends, whose error it returns; any other says that the
// position can not be read. It serves once.
func (j *Journald) Run(ctx context.Context) error {
	data, err := j.opts.Positions.Load(ctx, j.opts.Name)
	if err == nil && data != nil {
		err = json.Unmarshal(data, &j.at)
	}
	if err == nil && data != nil && j.at.Version != savedVersion {
		err = fmt.Errorf("version %d is not one that is known here", j.at.Version)
	}
	if err != nil {
		return fmt.Errorf("load position of %s: %w", j.opts.Name, err)
	}
	j.kept = j.at
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		j.save(last, true)
	}()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = j.opts.First, j.opts.Longest
	for {
		before := j.at
		err := j.follow(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if j.at != before {
			pause.Reset()
		}
		j.counts.change(func(s *Stats) { s.LastError = err.Error() })
		j.opts.Log.Warn("journalctl has ended; it is started again", "error", err)
		if strings.Contains(err.Error(), "cursor") && j.at.Cursor != "" {
			j.opts.Log.Warn("the journal does not know the place any more up to which it was read; it is read from that time on", "micros", j.at.Micros)
			j.at.Cursor = ""
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause.NextBackOff()):
		}
	}
}

// follow runs journalctl until it ends.
func (j *Journald) follow(ctx context.Context) error {
	if j.at == (cursor{}) && !j.opts.FromStart {
		if err := j.now(ctx); err != nil {
			return err
		}
	}
	args := []string{"--follow", "--no-tail"}
	switch {
	case j.at.Cursor != "":
		args = append(args, "--after-cursor="+j.at.Cursor)
	case len(j.at.Micros) > 6:
		args = append(args, "--since=@"+j.at.Micros[:len(j.at.Micros)-6])
	}
	cmd, stderr := j.command(ctx, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start journalctl: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start journalctl: %w", err)
	}
	err = j.read(ctx, out)
	if err != nil {
		_ = cmd.Process.Kill() // nobody reads what it writes
	}
	if ended := cmd.Wait(); err == nil {
		err = errors.Join(ended, errors.New("journalctl has ended"))
	}
	if said := stderr.String(); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return err
}

// now makes the newest entry the place to begin behind, so that what comes while the
// program is not running is read when it is again.
func (j *Journald) now(ctx context.Context) error {
	cmd, stderr := j.command(ctx, "--lines=1")
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("ask journalctl for the newest entry: %w: %s", err, stderr)
	}
	if line := bytes.TrimSpace(out); len(line) > 0 {
		entry, err := parseEntry(line)
		if err != nil {
			return fmt.Errorf("ask journalctl for the newest entry: %w", err)
		}
		j.at = cursor{savedVersion, entry.text("__CURSOR"), entry.text("__REALTIME_TIMESTAMP")}
		j.save(ctx, true)
	}
	return nil
}

func (j *Journald) command(ctx context.Context, args ...string) (*exec.Cmd, *tailBuffer) {
	args = append(args, "--output=json", "--all", "--quiet", "--no-pager")
	args = append(append(args, j.opts.Matches...), j.opts.Command[1:]...)
	cmd := exec.CommandContext(ctx, j.opts.Command[0], args...)
	cmd.WaitDelay = time.Second
	stderr := &tailBuffer{}
	cmd.Stderr = stderr
	return cmd, stderr
}

// read takes entries until there are no more.
func (j *Journald) read(ctx context.Context, out io.Reader) error {
	var (
		docs []Doc
		size int
		last = j.at
	)
	take := func(l piped) {
		if !l.whole && l.err != nil {
			return // an entry that was cut off is read again
		}
		place := source.Place{Name: "journald"}
		if l.long {
			j.counts.problem(&j.opts.Options, tooLong(place, j.opts.MaxDocument))
			return
		}
		entry, err := parseEntry(l.text)
		if err != nil {
			j.counts.problem(&j.opts.Options, &source.Problem{Place: place, Class: source.BadJSON, Reason: err.Error()})
			return
		}
		last = cursor{savedVersion, entry.text("__CURSOR"), entry.text("__REALTIME_TIMESTAMP")}
		if id := j.opts.OwnMessageID; id != "" && entry.text("MESSAGE_ID") == id && entry.text("_EXE") == j.self {
			j.counts.change(func(s *Stats) { s.Skipped++ })
			return
		}
		raw := entry.event()
		docs = append(docs, Doc{Raw: raw, Source: "journald"})
		size += len(raw)
	}
	full := func() bool { return len(docs) >= j.opts.BatchDocs || size >= j.opts.BatchBytes }
	flush := func() error {
		if err := j.counts.hand(ctx, &j.opts.Options, docs); err != nil {
			return err
		}
		docs, size, j.at = nil, 0, last
		j.save(ctx, false)
		return nil
	}
	return gather(ctx, pump(ctx, out, j.opts.MaxDocument), take, full, flush)
}

// save keeps the position, if it is time.
func (j *Journald) save(ctx context.Context, now bool) {
	if j.at == j.kept || !now && time.Since(j.saved) < j.opts.SaveEvery {
		return
	}
	data, err := json.Marshal(j.at)
	if err == nil {
		err = j.opts.Positions.Save(ctx, j.opts.Name, data)
	}
	j.saved = time.Now()
	if err != nil {
		j.opts.Log.Warn("position in the journal is not saved", "error", err)
		return
	}
	j.kept = j.at
}

// tailBuffer keeps the beginning of what a process says.
type tailBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p[:min(len(p), max(1000-len(b.text), 0))]...)
	return len(p), nil
}

func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.TrimSpace(string(b.text))
}
