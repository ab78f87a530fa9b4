package alert

import (
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

func TestSeverityOverride(t *testing.T) {
	r := testRule()
	r.SeverityMapping = []rule.SeverityMapping{
		{Field: "level", Operator: "equals", Value: "bad", Severity: rule.Critical},
		{Field: "level", Operator: "equals", Value: "mild", Severity: rule.Low},
		{Field: "level", Operator: "equals", Value: "7", Severity: rule.Medium},
		{Field: "event.severity", Operator: "equals", Value: "21.0", Severity: rule.Low},
	}
	for _, c := range []struct {
		doc  string
		want rule.Severity
	}{
		{`{}`, rule.High},
		{`{"level":"unheard of"}`, rule.High},
		{`{"level":"mild"}`, rule.Low}, // lower than the rule's own
		{`{"level":"bad"}`, rule.Critical},
		{`{"level":["mild","bad"]}`, rule.Critical}, // the highest wins
		{`{"level":7}`, rule.Medium},
		{`{"level":7.0}`, rule.High}, // a double never maps
		{`{"level":true}`, rule.High},
		{`{"level":9007199254740993}`, rule.High},
		{`{"event":{"severity":21}}`, rule.Low}, // as a number
		{`{"event":{"severity":"21"}}`, rule.Low},
		{`{"event":{"severity":"x"}}`, rule.High},
	} {
		if got := New(r, single(docs(t, c.doc)[0]), now); got.Severity != c.want {
			t.Errorf("%s: severity %s, want %s", c.doc, got.Severity, c.want)
		}
	}
}

func TestRiskScoreOverride(t *testing.T) {
	r := testRule()
	r.RiskScoreMapping = []rule.RiskScoreMapping{
		{Field: "risk", Operator: "equals", Value: "99"}, // the value has no part in it
		{Field: "other", Operator: "equals"},             // only the first counts
	}
	for doc, want := range map[string]float64{
		`{}`:                     73,
		`{"other":5}`:            73,
		`{"risk":12.5}`:          12.5,
		`{"risk":"30"}`:          30,
		`{"risk":[5,60,101,-1]}`: 60,
		`{"risk":[101,-1]}`:      73,
		`{"risk":["NaN",true]}`:  73,
		`{"risk":0}`:             0,
		`{"risk":"high"}`:        73,
	} {
		if got := New(r, single(docs(t, doc)[0]), now); got.RiskScore != want {
			t.Errorf("%s: risk score %v, want %v", doc, got.RiskScore, want)
		}
	}
}

func TestNameOverride(t *testing.T) {
	r := testRule()
	r.RuleNameOverride = "message"
	for doc, want := range map[string]string{
		`{"message":"Seen"}`:         "Seen",
		`{"message":["Seen"]}`:       "Seen",
		`{"message":["Seen","too"]}`: "My rule",
		`{"message":""}`:             "My rule",
		`{"message":1}`:              "My rule",
		`{}`:                         "My rule",
	} {
		a := New(r, single(docs(t, doc)[0]), now)
		if a.Name != want || a.Documents()[0]["kibana.alert.rule.name"] != want {
			t.Errorf("%s: name %q, want %q", doc, a.Name, want)
		}
	}
}

func TestOverridesDoNotTouchGroups(t *testing.T) {
	r := testRule()
	r.RuleNameOverride = "message"
	r.RiskScoreMapping = []rule.RiskScoreMapping{{Field: "risk"}}
	r.SeverityMapping = []rule.SeverityMapping{{Field: "message", Value: "Seen", Severity: rule.Critical}}
	doc := `{"message":"Seen","risk":5}`
	a := New(r, group(docs(t, doc, doc)...), now)
	if a.Name != "My rule" || a.Severity != rule.High || a.RiskScore != 73 {
		t.Errorf("name %q, severity %s, risk score %v", a.Name, a.Severity, a.RiskScore)
	}
	want(t, asJSON(t, a.Documents()[1]), map[string]string{
		"kibana.alert.rule.name": `"My rule"`, "kibana.alert.severity": `"high"`, "kibana.alert.risk_score": `73`,
	})
}
