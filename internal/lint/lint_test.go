package lint

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

// clean is a rule in which nothing is found. Its query stands on line 20.
const clean = `[rule]
type = "eql"
language = "eql"
rule_id = "c1"
name = "A name"
description = "What it detects, in a sentence."
severity = "medium"
risk_score = 47
index = ["logs-endpoint.events.*"]
from = "now-9m"
interval = "5m"
tags = ["OS: Linux"]
author = ["Somebody"]
references = ["https://example.org/"]
false_positives = ["Nothing."]
note = "Look at the parent."
timestamp_override = "event.ingested"
threat = [{framework = "MITRE ATT&CK", tactic = {id = "TA0002", name = "Execution", reference = "https://attack.mitre.org/tactics/TA0002/"}}]
query = '''
process where process.name == "bash"
'''
`

func found(t *testing.T, text string) []string {
	t.Helper()
	return lines(Rules(rule.ReadTOML("a.toml", []byte(text))))
}

func lines(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%d:%d %s %s", f.Line, f.Col, f.Code, f.Message))
	}
	return all
}

// require compares findings with the beginnings of what is wanted.
func require(t *testing.T, what string, got, want []string) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range want {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestNothingIsFoundInACleanRule(t *testing.T) {
	require(t, "clean", found(t, clean), nil)
}

var queryTests = []struct {
	query string
	want  []string // nil: nothing
}{
	// Names.
	{`process where proces.name == "bash"`, []string{"20:15 T010 [proces.name] is a field of neither ECS nor Elastic Defend"}},
	{`process where foo.bar.baz == "bash"`, []string{"20:15 T010 [foo.bar.baz] is a field of neither"}},
	{`process where ?foo.bar.baz == "bash"`, nil},
	{`sequence by proces.entity_id [process where process.name == "bash"] [process where process.name == "zsh"]`, []string{"17:22 T061", "20:13 T010 [proces.entity_id]"}},
	{`process where process.ppid == 1000 and process.name == "bash"`, []string{"20:15 T011 [process.ppid] has been given up"}},
	{`process where endgame.event_type_full == "exec"`, []string{"20:15 T011"}},
	{`process where process.name = "bash"`, []string{"20:28 T002 unexpected '='"}},

	// What can never be true.
	{`process where process.name == "bash" and process.name == "zsh"`, []string{`20:42 T020 the condition can never be true: [process.name == "zsh"] beside [process.name == "bash"] of line 20`}},
	{`process where process.args == "bash" and process.args == "zsh"`, nil},
	{`process where process.Ext.api.behaviors == "a" and process.Ext.api.behaviors == "b" and process.name == "bash"`, nil},
	{`process where event.type == "start" and event.type == "end" and process.name == "bash"`, nil},
	{`process where process.name : "bash*" and process.name in ("zsh", "dash")`, []string{"20:42 T020"}},
	{`process where process.name : "bash*" and process.name in ("zsh", "Bash")`, nil},
	{`process where process.name == "bash" and not process.name : ("BASH", "zsh")`, []string{"20:42 T020"}},
	{`process where process.args == "bash" and not process.args == "bash"`, []string{"20:42 T020"}},
	{`process where process.name == "bash" and process.name == null`, []string{"20:42 T020"}},
	{`process where process.name == "bash" and process.name != null`, nil},
	{`process where process.name == "bash" and process.pid > 5 and process.pid < 5`, []string{"20:62 T020"}},
	{`process where process.name == "bash" and process.pid >= 5 and process.pid <= 5`, nil},
	{`process where process.name == "bash" and (process.name == "zsh" or process.name == "dash")`, []string{"20:15 T020 the condition can never be true: every branch", "20:43 T021", "20:68 T021"}},
	{`process where process.name == "bash" and (process.name == "zsh" or process.pid > 5)`, []string{`20:43 T021 this branch can never be true: [process.name == "zsh"] where [process.name == "bash"]`}},
	{`process where process.name == "bash" and not (process.name == "zsh" or process.pid > 5)`, []string{"20:47 T021"}},
	{`process where process.name == "bash" and not process.name == "zsh"`, []string{"20:46 T021"}},
	{`process where process.name == "bash" and process.pid == "many"`, []string{"20:57 T022"}},

	{`process where 1 == 2`, []string{"20:15 T020 the condition can never be true: it is always false"}},
	{`sequence with maxspan=1s [any where process.name == "bash"] ![any where process.name == "zsh" and process.name == "dash"] [any where process.name == "zsh"]`, []string{"17:22 T061", "20:99 T021 event 2 can never be true"}},
	{`sequence [any where process.name == "bash"] [any where process.name == "zsh"] until [any where process.name == "zsh" and process.name == "dash"]`, []string{"17:22 T061", "20:122 T021 until can never be true"}},

	// What adds nothing.
	{`process where process.name == "bash" and process.pid > 5 and process.name == "bash"`, []string{"20:62 T023"}},
	{`process where process.name == "bash" or process.name == "zsh" or process.name == "bash"`, []string{"20:66 T023"}},
	{`process where process.name == "bash" or (process.name == "bash" and process.pid > 5)`, []string{"20:42 T024"}},
	{`process where process.name == "bash" or process.name : "bas*"`, []string{"20:15 T024"}},
	{`process where process.name : "bash" or process.name == "bas*"`, []string{"20:56 T030"}},
	{`process where process.name : ("bash*", "bashful", "zsh")`, []string{`20:40 T025 "bashful" is matched by "bash*"`}},
	{`process where process.name in ("bash", "zsh", "bash")`, []string{"20:47 T025"}},
	{`process where process.name like ("bas?", "bas*h")`, nil},
	{`process where process.name like ("abc?ef", "abc*ef")`, []string{"20:34 T025"}},

	// Constants.
	{`process where process.name in ("bash", "python*")`, []string{`20:40 T030 "python*" behind ` + "`in`"}},
	{`process where "bash?" != process.args and process.name : "bash"`, []string{"20:15 T030"}},
	{`process where process.name : "python*"`, nil},
	{`process where process.name : "*bash"`, []string{"20:15 T032"}},
	{`process where process.name : ("*bash", "zsh")`, nil},
	{`process where process.name : "bash" and process.args : "*"`, []string{`20:56 T033 "*" matches every value`}},
	{`process where process.executable == "C:\\Windows\\cmd.exe"`, []string{"20:37 T034"}},
	{`process where process.executable : "C:\\Windows\\cmd.exe"`, nil},
	{`process where process.name in ("cmd.exe", "bash")`, []string{"20:32 T034"}},
	{`process where process.name in~ ("cmd.exe", "bash")`, nil},
	{`process where process.executable == "/opt/x.exe"`, nil},
	{`process where process.args == "\\x41"`, nil},

	// What must hold.
	{`process where event.action == "exec"`, []string{"20:1 T031 the condition has no test"}},
	{`process where process.name == "nc"`, []string{"20:1 T031"}},
	{`process where process.name : "n*c?"`, []string{"20:1 T031"}},
	{`process where process.name == "bash" or process.pid > 5`, []string{"20:1 T031"}},
	{`process where process.name == "bash" or process.pid == 4444`, nil},
	{`process where not process.name == "bash"`, []string{"20:1 T031"}},
	{`process where startsWith(process.name, "bas")`, nil},
	{`sample by host.id [process where process.name == "bash"] [network where destination.ip != null]`, []string{"17:22 T061", "20:59 T031 event 2"}},

	// Time.
	{`sequence by host.id with maxspan=4m [process where process.name == "bash"] [process where process.name == "zsh"]`, []string{"17:22 T061"}},
	{`sequence by host.id with maxspan=5m [process where process.name == "bash"] [process where process.name == "zsh"]`, []string{"17:22 T061", "20:26 T041 maxspan 5m is longer than the 4m that a window of 9m"}},
}

func TestFindingsInQueries(t *testing.T) {
	for _, tt := range queryTests {
		require(t, tt.query, found(t, strings.Replace(clean, `process where process.name == "bash"`, tt.query, 1)), tt.want)
	}
}

var fieldTests = []struct {
	old, new string
	want     []string
}{
	{`severity = "medium"`, `severity = "urgent"`, []string{"7:12 T001 severity: "}},
	{`tags = [`, "tag = []\ntags = [", []string{"12:1 T003 tag: "}},
	{"[rule]\n", "[metadata]\nmaturity = \"deprecated\"\n[rule]\n", []string{"2:12 T004"}},
	{`references = ["https://example.org/"]`, ``, []string{"1:1 T050"}},
	{`threat = [`, `meta.x = [`, []string{"1:1 T051"}},
	{`false_positives = ["Nothing."]`, ``, []string{"1:1 T052"}},
	{`tags = ["OS: Linux"]`, `tags = []`, []string{"12:1 T053"}},
	{`author = ["Somebody"]`, ``, []string{"1:1 T054"}},
	{`note = "Look at the parent."`, `note = " "`, []string{"16:8 T055"}},
	{`note = "Look at the parent."`, `setup = "None."`, nil},
	{`"What it detects, in a sentence."`, `"A name"`, []string{"6:15 T056"}},
	{`timestamp_override = "event.ingested"`, ``, []string{"1:1 T060"}},
	{`risk_score = 47`, `risk_score = 48`, []string{"8:14 T062 risk score 48 does not fit severity medium (22 to 47)"}},
	{`from = "now-9m"`, "from = \"now-9m\"\nbuilding_block_type = \"default\"", []string{"11:23 T063 a building block rule looks back 9m every 5m"}},
	{"[rule]\n", "[metadata]\nbypass_bbr_timing = true\n[rule]\nbuilding_block_type = \"default\"\n", nil},
	{`tags = [`, "data_view_id = \"x\"\ntags = [", []string{"12:16 T003", "12:16 T064"}},
	{`tags = [`, "tiebreaker_field = \"own.number\"\ntags = [", []string{"12:20 T065"}},
	{`interval = "5m"`, `interval = "9m"`, []string{"10:8 T066"}},
	{`process where process.name == "bash"`, `sequence with maxspan=1s [any where process.name == "bash"] [any where process.name == "zsh"]`, []string{"17:22 T061"}},
	{`"logs-endpoint.events.*"]`, `"auditbeat-*"]`, nil},
}

func TestFindingsInFields(t *testing.T) {
	for _, tt := range fieldTests {
		text := strings.Replace(clean, tt.old, tt.new, 1)
		if text == clean {
			t.Fatalf("%s is not in the clean rule", tt.old)
		}
		require(t, tt.new, found(t, text), tt.want)
	}
}

func TestSpanBelowTheSourcesClock(t *testing.T) {
	for _, tt := range []struct {
		index, span string
		finer       bool
	}{
		{"auditbeat-*", "4ms", true},
		{"auditbeat-*", "5ms", false},
		{"logs-auditd_manager.auditd-*", "1ms", true},
		{"winlogbeat-*", "1ms", true},
		{"logs-windows.sysmon_operational-*", "2ms", false},
		{"logs-system.auth-*", "1s", true},
		{"logs-endpoint.events.*", "1ms", false},
		{"logs-*", "1ms", false},
	} {
		text := strings.Replace(clean, "logs-endpoint.events.*", tt.index, 1)
		text = strings.Replace(text, `process where process.name == "bash"`,
			`sequence by host.id with maxspan=`+tt.span+` [any where process.name == "bash"] [any where process.name == "zsh"]`, 1)
		got := slices.ContainsFunc(found(t, text), func(s string) bool { return strings.HasPrefix(s, "20:26 T040 maxspan "+tt.span) })
		if got != tt.finer {
			t.Errorf("maxspan %s of %s: found %v, want %v", tt.span, tt.index, got, tt.finer)
		}
	}
}

func TestRulesThatAreTakenForEachOther(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.toml": clean, "b.toml": strings.Replace(clean, `"A name"`, `"Another"`, 1), "c.toml": strings.Replace(clean, `"c1"`, `"c2"`, 1),
	} {
		if err := os.WriteFile(folder+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	require(t, "three rules", lines(Rules(rule.LoadAll(folder))), []string{
		`1:1 T005 rule_id: "c1" is taken by "A name"`,
		`5:8 T006 "A name" is also the name of the rule in ` + folder + "/a.toml:1",
	})
}

func TestExceptionThatCanNotBeApplied(t *testing.T) {
	list := `{"list_id":"known","name":"Known","description":"x","type":"detection","namespace_type":"single"}
{"item_id":"i","list_id":"known","name":"Item","entries":[{"field":"user.name","type":"exits","operator":"included"}]}
`
	got := lines(Rules(rule.ReadNDJSON("a.ndjson", []byte(list))))
	require(t, list, got, []string{"2:87 T007 entries[0].type: "})
}

// The place of a finding begins and ends where its text does, in a file with
// escapes too.
func TestPlaceOfAFinding(t *testing.T) {
	text := strings.Replace(clean, "'''\nprocess where process.name == \"bash\"\n'''",
		`"process where process.args == \"é\" and process.name in (\"bash\", \"python*\")"`, 1)
	f := Rules(rule.ReadTOML("a.toml", []byte(text)))
	if len(f) != 1 {
		t.Fatalf("%d findings %v", len(f), f)
	}
	line := []rune(strings.Split(text, "\n")[f[0].Line-1])
	if got := string(line[f[0].Col-1 : f[0].EndCol-1]); got != `\"python*\"` || f[0].EndLine != f[0].Line {
		t.Errorf("the finding is at %q", got)
	}
}

// Each check has an example above, or says here why it has none.
func TestEveryCheckIsTried(t *testing.T) {
	tried := "T005 T006 T007 T040 "
	for _, tt := range queryTests {
		tried += strings.Join(tt.want, " ") + " "
	}
	for _, tt := range fieldTests {
		tried += strings.Join(tt.want, " ") + " "
	}
	for _, c := range Checks() {
		if !strings.Contains(tried, c.Code+" ") {
			t.Errorf("%s %s is not tried", c.Code, c.Name)
		}
	}
}

func TestTableIsWellFormed(t *testing.T) {
	names := map[string]bool{}
	for i, c := range Checks() {
		if i > 0 && c.Code <= Checks()[i-1].Code {
			t.Errorf("%s is not in order", c.Code)
		}
		if names[c.Name] || strings.ToLower(c.Name) != c.Name || strings.Contains(c.Name, " ") {
			t.Errorf("%s: name %q", c.Code, c.Name)
		}
		names[c.Name] = true
		if strings.HasSuffix(c.Summary, ".") || !strings.HasSuffix(c.Why, ".") || strings.Contains(c.Summary+c.Why, "|") {
			t.Errorf("%s: %q %q", c.Code, c.Summary, c.Why)
		}
	}
	if _, ok := Lookup("T999"); ok {
		t.Error("Lookup finds what is not there")
	}
}

func TestPageIsWhatTheCodeSays(t *testing.T) {
	page, err := os.ReadFile("../../docs/lint.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != Markdown() {
		t.Error("docs/lint.md is not what the code says: run go generate ./internal/lint")
	}
}
