package cli

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/show"
)

// tell says something on stderr: to people as a line, into a log that programs read as
// one of its records.
func (r *running) tell(format string, args ...any) {
	if r.structured(r.cfg.Log) {
		r.log.Info(fmt.Sprintf(format, args...))
		return
	}
	r.sayf(format, args...)
}

// greet says what the daemon watches, which rules run and which can be fed, and where
// alerts go.
func (r *running) greet() {
	var watched []string
	for _, addr := range r.server.Addresses() {
		text := addr.String()
		if addr.Network() != "unix" && r.cfg.Listen.TLS.Cert == "" {
			text = "http://" + text
		} else if addr.Network() != "unix" {
			text = "https://" + text
		}
		watched = append(watched, text)
	}
	for _, s := range r.sources {
		watched = append(watched, s.name)
	}
	if len(watched) == 0 {
		watched = []string{"nothing"}
	}
	status := r.daemon.Status()
	r.tell("data in %s: %s stored; events come from %s", r.cfg.Data, counted(int(status.Store.Documents), "event", "events"), show.Escape(strings.Join(watched, ", ")))
	r.sayRules(status)
	r.sayBlind()
	var to []string
	for _, s := range r.cfg.Sinks {
		if s.Kind == "terminal" && !r.StdoutTerminal {
			s.Name = "standard output"
		}
		to = append(to, s.Name)
	}
	r.tell("alerts go to %s; `%s` has them all", show.Escape(strings.Join(to, ", ")), r.command("alerts list"))
}

// command is a command on this daemon's folder, as it is to be typed.
func (r *running) command(words string) string {
	words = "tripline " + words
	if dir, err := r.dataDir(""); err != nil || dir != r.cfg.Data {
		words += " --data " + show.ShellWord(r.cfg.Data)
	}
	return words
}
