package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{"HOME": "/home/x"}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tripline.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, text string, getenv func(string) string, args ...string) (*Loaded, error) {
	t.Helper()
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags := AddFlags(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	s := Source{Getenv: getenv, Flags: flags, File: flags.File}
	if text != "" {
		s.File = write(t, text)
	}
	return Load(s)
}

func origins(l *Loaded) map[string]string {
	m := map[string]string{}
	for _, s := range l.Settings() {
		m[s.Key] = s.Text() + " < " + strings.ReplaceAll(s.Origin, l.File, "FILE")
	}
	return m
}

// Every setting has help, a key, and a default that can be read; without a file all of
// them are defaults.
func TestDefaults(t *testing.T) {
	l, err := load(t, "", env("TRIPLINE_CONFIG", os.DevNull))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range l.Settings() {
		if s.Origin != "default" {
			t.Errorf("%s is from %s", s.Key, s.Origin)
		}
	}
	all := append(fields(reflect.ValueOf(&Config{}).Elem(), "", ""), fields(reflect.ValueOf(&Sink{}).Elem(), "sinks.", "")...)
	all = append(all, fields(reflect.ValueOf(&Follow{}).Elem(), "follow.", "")...)
	keys := map[string]bool{}
	for _, f := range all {
		if keys[f.path] || strings.HasSuffix(f.path, ".") {
			t.Errorf("key %s", f.path)
		}
		keys[f.path] = true
		if !f.entries() && f.tag.Get("help") == "" {
			t.Errorf("%s has no help", f.path)
		}
		if _, has := f.tag.Lookup("default"); !has && f.value.Kind() != reflect.Slice && f.value.Kind() != reflect.Map && f.tag.Get("need") == "" {
			t.Errorf("%s has no default", f.path)
		}
	}
	if l.Memory != 512<<20 || l.Listen.Hold != 10*time.Second || l.Store.KeepAge != 30*24*time.Hour || !l.Stream.Enabled || l.Sinks[0].Kind != "terminal" ||
		!slices.Equal(l.Rules, []string{"builtin"}) || l.Data == "" || l.Listen.Socket != filepath.Join(l.Data, "tripline.sock") || l.Host == "" {
		t.Errorf("%+v", l.Config)
	}
}

// Flags stand over the environment, the environment over the file, and each value
// says where it is from.
func TestOrigins(t *testing.T) {
	text := `# the daemon
data: state
rules: [builtin, rules/, /abs/a.toml]
memory: 1GiB
listen: {hold: 3s, socket: "off"}
sources:
  follow:
    - paths: logs/*.json
      from: now
  journald: {enabled: yes}
store:
  keep_age: 2w
sinks:
  - kind: terminal
  - name: soc
    kind: webhook
    url: https://soc.example.org/hook
    headers: {X-Team: blue}
    severity: high
`
	l, err := load(t, text, env("TRIPLINE_MEMORY", "2GiB", "TRIPLINE_STORE_KEEP_AGE", "90d", "TRIPLINE_LISTEN_HOLD", "4s", "TRIPLINE_RULES", "a,b"),
		"--memory", "3GiB", "--listen=127.0.0.1:9200", "--log-level", "debug")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(l.File)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got := origins(l)
	for key, want := range map[string]string{
		"data":                     folder + "/state < FILE:2",
		"rules":                    here + "/a, " + here + "/b < $TRIPLINE_RULES",
		"memory":                   "3GiB < --memory",
		"listen.hold":              "4s < $TRIPLINE_LISTEN_HOLD",
		"listen.socket":            "off < FILE:5",
		"listen.address":           "127.0.0.1:9200 < --listen",
		"listen.max_body":          "100MiB < default",
		"sources.follow.0.paths":   folder + "/logs/*.json < FILE:8",
		"sources.follow.0.name":    "follow < default",
		"sources.journald.enabled": "true < FILE:10",
		"store.keep_age":           "90d < $TRIPLINE_STORE_KEEP_AGE",
		"sinks.0.name":             "terminal < default",
		"sinks.1.name":             "soc < FILE:15",
		"sinks.1.headers.X-Team":   "blue < FILE:18",
		"sinks.1.timeout":          "30s < default",
		"log.level":                "debug < --log-level",
		"log.format":               "auto < default",
	} {
		if filepath.ToSlash(got[key]) != filepath.ToSlash(want) {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
	if _, there := got["sinks.1.path"]; there {
		t.Error("a webhook has a path")
	}
	l, err = load(t, text, env("TRIPLINE_RULES", "a,b"), "-r", "c", "--rules", "builtin", "--follow", "/x/*.json", "--follow", "y")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(here, "c"), "builtin"}; !slices.Equal(l.Rules, want) {
		t.Errorf("%q", l.Rules)
	}
	if s := l.Sources.Follow; len(s) != 1 || !slices.Equal(s[0].Paths, []string{"/x/*.json", filepath.Join(here, "y")}) || s[0].From != "start" || origins(l)["sources.follow.0.from"] != "start < --follow" {
		t.Errorf("%+v %s", s, origins(l)["sources.follow.0.from"])
	}
}

// What a mistake is told as: its place, the reason, and what may have been meant.
func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"memroy: 1GiB\n":                        "FILE:1: unknown setting memroy (did you mean memory?)",
		"listen:\n  addresss: x\n":              "FILE:2: unknown setting listen.addresss (did you mean address?)",
		"memory: many\n":                        "FILE:1: memory must be a size such as 512MiB or 20GB",
		"memory: -1\n":                          "FILE:1: memory must be a size such as 512MiB or 20GB",
		"memory:\n":                             "FILE:1: memory has no value (leave the line out for the default)",
		"memory: [1]\n":                         "FILE:1: memory must be one value",
		"reload: maybe\n":                       "FILE:1: reload must be true or false",
		"stream: {lateness: 5 minutes}\n":       "FILE:1: stream.lateness must be a time such as 90s, 15m, 12h or 30d",
		"schedule:\n  compat: elastik\n":        "FILE:2: schedule.compat must be tripline or elastic (did you mean elastic?)",
		"data: a\ndata: b\n":                    "FILE:2: data stands here twice",
		"- a\n":                                 "FILE:1: the file must hold settings, one a line: `key: value`",
		"listen: 9200\n":                        "FILE:1: listen must hold settings, one a line: `key: value`",
		"a: b: c\n":                             "FILE: not YAML: mapping values are not allowed in this context",
		"rules: []\n":                           "FILE:1: rules is empty: there is nothing to judge by (name files, folders or builtin)",
		"rules: [a, [b]]\n":                     "FILE:1: rules must be a list of words",
		"value_lists: [a]\n":                    "FILE:1: value_lists must hold names and values: `name: value`",
		"sinks: {}\n":                           "FILE:1: sinks must be a list (begin each with `- `)",
		"sinks:\n  - name: x\n":                 "FILE:2: sink x has no kind (one of terminal, file, syslog, journald, webhook and forward)",
		"sinks:\n  - kind: slack\n    url: x\n": "FILE:2: sinks.0.kind must be terminal, file, syslog, journald, webhook or forward",
		"sinks:\n  - kind: file\n    url: x\n":  "FILE:3: a sink of kind file has no setting url (it is for webhook)",
		"sinks:\n  - kind: file\n":              "FILE:2: sink file needs path (the file that alerts are appended to, as NDJSON)",
		"sinks:\n  - kind: file\n    path: a\n  - {kind: file, path: b}": "FILE:4: two have the name file (positions are kept by name)",
		"sinks:\n  - kind: terminal\n    name: A B\n":                    "FILE:3: A B can not be a name (small letters, digits, - and _)",
		"sinks:\n  - {kind: forward, urls: [x], alerts: no}":             "FILE:2: sink forward sends neither alerts nor events",
		"sinks:\n  - {kind: syslog, network: tcp}":                       "FILE:2: sink syslog needs address (such as logs.example.org:6514)",
		"sinks:\n  - kind: file\n    keep: 0\n    path: a":               "FILE:3: sinks.0.keep must be a whole number of at least 1",
		"sources: {follow: [{name: x}]}":                                 "FILE:1: x follows nothing (name files, patterns or folders under paths)",
		"listen: {address: 0.0.0.0:9200}":                                "FILE:1: others could read along what is sent to 0.0.0.0:9200 (give a certificate and its key with listen.tls.cert and listen.tls.key, or listen on 127.0.0.1)",
		"listen: {address: localhost}":                                   "FILE:1: listen.address must be host:port (such as 127.0.0.1:9200)",
		"listen: {tls: {cert: a}}":                                       "FILE:1: listen.tls.cert and listen.tls.key need each other",
	} {
		l, err := load(t, text, env())
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := strings.ReplaceAll(problems[0].Error(), l.File, "FILE")
		if problems[0].Hint != "" {
			got += " (" + problems[0].Hint + ")"
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
	_, err := load(t, "memory: x\nstream: {lateness: y}\nlog: {level: z}\n", env("TRIPLINE_STORE_DEDUPE", "x"))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 4 || problems[1].Origin.Column != 20 || problems[3].Error() != "$TRIPLINE_STORE_DEDUPE: store.dedupe must be a time such as 90s, 15m, 12h or 30d" {
		t.Errorf("%v", err)
	}
	if _, err := Load(Source{File: filepath.Join(t.TempDir(), "none.yaml"), Getenv: env()}); err == nil || !strings.Contains(err.Error(), "none.yaml: no such file") {
		t.Errorf("%v", err)
	}
}

// Secrets are files; one that all may read, or that is not there, is warned of.
func TestSecrets(t *testing.T) {
	folder := t.TempDir()
	for name, mode := range map[string]os.FileMode{"good": 0o640, "open": 0o644} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(folder, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	l, err := load(t, `sinks:
  - kind: forward
    urls: https://central:9200
    key_file: `+folder+`/good
  - kind: webhook
    url: https://x/
    secret_file: `+folder+`/open
    header_files: {Authorization: `+folder+`/none}
`, env())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range l.Warnings {
		got = append(got, strings.ReplaceAll(strings.ReplaceAll(w.Error(), l.File, "FILE"), folder, "DIR"))
	}
	want := []string{"FILE:8: sinks.1.header_files.Authorization: DIR/none is not there", "FILE:7: sinks.1.secret_file: everybody on this host may read DIR/open"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What `config show --format yaml` writes is a file with the same settings; so is the
// example of the documentation.
func TestYAML(t *testing.T) {
	example, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(example), "```yaml\n")
	text, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("docs/configuration.md has no example")
	}
	for _, text := range []string{text, "data: x\n", "sinks: []\nvalue_lists: {a: b}\nsources: {follow: [{paths: [a, 'b c']}]}\n"} {
		first, err := load(t, text, env())
		if err != nil {
			t.Fatal(err)
		}
		written, err := first.YAML()
		if err != nil {
			t.Fatal(err)
		}
		second, err := load(t, string(written), env())
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		a, b := first.Settings(), second.Settings()
		for i := range a {
			if i >= len(b) || a[i].Key != b[i].Key || a[i].Text() != b[i].Text() {
				t.Fatalf("%v became %v", a[i], b[min(i, len(b)-1)])
			}
		}
	}
}

// The documentation names each setting, with its default.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- settings -->\n", "<!-- end of settings -->"
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("docs/configuration.md has no place for the settings")
	}
	want := before + begin + "\n" + Table() + "\n" + end + after
	if string(page) == want {
		return
	}
	if os.Getenv("TRIPLINE_UPDATE_DOCS") == "" {
		t.Fatal("docs/configuration.md tells of other settings than there are: TRIPLINE_UPDATE_DOCS=1 go test ./internal/config writes it again")
	}
	if err := os.WriteFile(filepath.Join("..", "..", "docs", "configuration.md"), []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 720 * time.Hour, "1.5d": 36 * time.Hour, "2w": 336 * time.Hour, "250ms": 250 * time.Millisecond} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if again, err := parseDuration(durationText(want)); err != nil || again != want {
			t.Errorf("%s is written %s", text, durationText(want))
		}
	}
	for _, text := range []string{"", "x", "-1s", "-1d", "5", "d", "1000000d", "NaNd"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
	for text, want := range map[string]Bytes{"0": 0, "4096": 4096, "512MiB": 512 << 20, "1.5 GiB": 3 << 29, "20gb": 20e9, "7B": 7, "2TiB": 2 << 40} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if again, err := parseBytes(want.String()); err != nil || again != want {
			t.Errorf("%s is written %s", text, want)
		}
	}
	for _, text := range []string{"", "x", "-1", "MiB", "1e30", "NaN", "1 2"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, text := range []string{"data: x", "sinks: [{kind: file, path: a}]", "a: &a [*a]", "listen: {tls: {cert: &x y, key: *x}}", "? [a]\n: b", "sinks:\n- &s {kind: terminal}\n- *s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := load(t, text+"\n", env())
		if err == nil {
			l.Settings()
			if _, err := l.YAML(); err != nil {
				t.Error(err)
			}
		}
	})
}
