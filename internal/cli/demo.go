package cli

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

// demoFiles are recordings of real processes and connections on a test machine,
// one a file, made by this project.
//
//go:embed demo/*.ndjson.gz
var demoFiles embed.FS

// recording is one of them.
type recording struct {
	name, what string
	missed     string // why the rule does not catch it; "" where it does
	benign     bool   // nothing to catch
}

func (r recording) fires() bool { return r.missed == "" && !r.benign }

var recordings = []recording{
	{"py-subprocess-call", "python3 -c '...' connects out and starts sh on the socket", "", false},
	{"py-pty-spawn", "the same with a pseudo-terminal, typed into an interactive shell", "", false},
	{"perl-socket-exec", "perl -e '...' connects out and becomes sh", "", false},
	{"php-fsockopen-exec", "php -r '...' connects out and starts sh on the socket", "", false},
	{"ncat-e", "ncat connects out and hands the socket to bash", "", false},
	{"ncat-bind-e-fast", "ncat listens, and hands who connects to sh", "", false},
	{
		"bash-dev-tcp", "bash -i >& /dev/tcp/... connects out by itself",
		"bash does both, and the rule's list of what may open a reverse shell has no bash in it", false,
	},
	{
		"nc-traditional-e", "nc -e, on a Debian where nc is nc.traditional",
		"a process is named after the file that runs: nc.traditional, and the rule knows nc, ncat and netcat", false,
	},
	{"benign-curl", "a shell script downloads a page with curl: no reverse shell", "", true},
}

// demoGaps are further gaps of the rule, each seen in a recording that is not
// among these.
const demoGaps = `Nor does it catch a connection later than a second after the start (maxspan=1s), an
interpreter that took the place of the ` + "`bash -c`" + ` that ran it (its parent is no shell
then), or tools that are not in its lists, such as socat, tclsh and busybox.`

func (a *app) demoCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See the built-in rule catch recorded reverse shells",
		Example: examples(
			"tripline demo", "judge the recordings that are compiled in",
			"tripline demo --save tripline-demo", "write them and the rule to a folder, to play with",
		),
		GroupID: groupJudge,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("save") {
				return a.saveDemo(folder)
			}
			return a.demo()
		},
	}
	cmd.Flags().StringVar(&folder, "save", "", "write the recordings and the rule to this `FOLDER` instead")
	return cmd
}

func (a *app) demo() error {
	set, err := builtinRules()
	if err != nil {
		return err
	}
	p := a.palette()
	a.printf("Recordings from a test machine, judged by the built-in rule:\n")
	wrong := ""
	events, alerts := 0, 0
	for _, one := range recordings {
		data, err := demoEvents(one.name)
		if err != nil {
			return err
		}
		a.printf("\n%s  %s\n\n", p.Bold(one.name), p.Dim(one.what))
		s := a.newScan(set, "pretty")
		if err := s.run([]string{"-"}, bytes.NewReader(data)); err != nil {
			return err
		}
		events += s.report.Stats.Documents
		alerts += s.total("")
		switch fired := s.total("") > 0; {
		case fired != one.fires():
			wrong = one.name
		case one.benign:
			a.printf("no alert, as it should be\n")
		case !fired:
			a.printf("no alert: see below\n")
		}
	}
	a.printf("\n%s in %s, %s.\n", counted(alerts, "alert", "alerts"),
		counted(len(recordings), "recording", "recordings"), counted(events, "event", "events"))
	a.printf("\nWhat the rule does not catch, and why:\n\n")
	for _, one := range recordings {
		if one.missed != "" {
			a.printf("  %-16s  %s\n", one.name, one.missed)
		}
	}
	a.printf("\n%s\n\nTo try next:\n\n%s", indent(demoGaps, "  "), a.demoNext())
	if wrong != "" {
		return failure("%s did not turn out as it should: the demo is broken", wrong)
	}
	return nil
}

// demoNext is what to try next: commands that work when run in that order.
func (a *app) demoNext() string {
	var b strings.Builder
	for _, line := range []struct{ does, command string }{
		{"write these recordings and the rule to a folder", "demo --save tripline-demo"},
		{"judge them; your own files and folders go the same way", "scan tripline-demo/events"},
		{"judge them by all built-in rules, which catch the two that this one misses", "scan -r builtin tripline-demo/events"},
		{"check a rule, then judge by it", "rules check tripline-demo/rules"},
		{"", "scan -r tripline-demo/rules tripline-demo/events/ncat-e.ndjson"},
		{
			"catch the two that the rule misses: a process that connects, then becomes another program",
			`query 'sequence by process.entity_id with maxspan=1s [network where event.action == "connection_attempted"] [process where event.action == "exec"]' tripline-demo/events`,
		},
	} {
		if line.does != "" {
			fmt.Fprintf(&b, "  # %s\n", line.does)
		}
		fmt.Fprintf(&b, "  %s %s\n", show.ShellWord(a.Program), line.command)
	}
	return b.String()
}

// demoEvents returns the documents of a recording.
func demoEvents(name string) ([]byte, error) {
	packed, err := demoFiles.Open("demo/" + name + ".ndjson.gz")
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	defer packed.Close()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("read recording %s: %w", name, err)
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("read recording %s: %w", name, err)
	}
	return data, nil
}

// saveDemo writes the recordings to events/ in a folder, and the built-in rule
// with its licence to rules/.
func (a *app) saveDemo(folder string) error {
	if folder == "" {
		return usage("tripline demo --save tripline-demo", "--save needs the name of a folder")
	}
	files := map[string][]byte{}
	for _, one := range recordings {
		data, err := demoEvents(one.name)
		if err != nil {
			return err
		}
		files[filepath.Join("events", one.name+".ndjson")] = data
	}
	builtin := rule.BuiltinFiles()
	names, err := fs.Glob(builtin, "*")
	if err != nil {
		return fmt.Errorf("list built-in rules: %w", err)
	}
	for _, name := range names {
		if name != rule.SeedFile && filepath.Ext(name) != ".txt" {
			continue // the recordings are judged by the seed rule alone
		}
		data, err := fs.ReadFile(builtin, name)
		if err != nil {
			return fmt.Errorf("read built-in rule: %w", err)
		}
		files[filepath.Join("rules", name)] = data
	}
	// All are looked at before one is written: nothing of the user's is overwritten.
	for name, data := range files {
		path := filepath.Join(folder, name)
		if there, err := os.ReadFile(path); err == nil && !bytes.Equal(there, data) {
			f := failure("%s is there and holds something else", path)
			f.hint = "name a new folder"
			return f
		}
	}
	for name, data := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("save demo: %w", err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return fmt.Errorf("save demo: %w", err)
		}
	}
	a.sayf("%s written to %s", counted(len(recordings), "recording", "recordings")+" and the rule", show.Escape(folder))
	return nil
}
