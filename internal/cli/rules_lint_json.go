package cli

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/tripline-sec/tripline/internal/lint"
	"github.com/tripline-sec/tripline/internal/rule"
)

// lintReport is the answer of --format json.
type lintReport struct {
	Rules    int            `json:"rules"`
	Counts   map[string]int `json:"counts"` // findings by code
	Findings []lintFinding  `json:"findings"`
}

type lintFinding struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	EndLine  int    `json:"end_line,omitempty"`
	EndCol   int    `json:"end_column,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Field    string `json:"field,omitempty"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

func newLintReport(set *rule.Set, findings []lint.Finding) lintReport {
	r := lintReport{Rules: len(set.Rules), Counts: map[string]int{}, Findings: []lintFinding{}}
	for _, f := range findings {
		check, _ := lint.Lookup(f.Code)
		r.Counts[f.Code]++
		r.Findings = append(r.Findings, lintFinding{
			Code: f.Code, Name: check.Name, Severity: f.Severity.String(), File: f.Path, Line: f.Line, Column: f.Col,
			EndLine: f.EndLine, EndCol: f.EndCol, Rule: f.Rule, Field: f.Field, Message: f.Message, Hint: f.Hint,
		})
	}
	return r
}

// The parts of SARIF 2.1.0 that are written.
type (
	sarif struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string      `json:"id"`
		Name                 string      `json:"name"`
		ShortDescription     sarifText   `json:"shortDescription"`
		Help                 sarifText   `json:"help"`
		DefaultConfiguration sarifConfig `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// newSarif turns findings into a log of SARIF. Columns are code points there as
// here, which columnKind says.
func (a *app) newSarif(findings []lint.Finding) sarif {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{
		Name: "tripline", Version: strings.TrimPrefix(strings.Fields(a.versionText())[0], "v"), InformationURI: "https://github.com/tripline-sec/tripline",
	}
	index := map[string]int{}
	for i, c := range lint.Checks() {
		index[c.Code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: c.Code, Name: c.Name, ShortDescription: sarifText{c.Summary}, Help: sarifText{c.Why},
			DefaultConfiguration: sarifConfig{c.Severity.String()},
		})
	}
	for i := range findings {
		f := &findings[i]
		text := f.Message
		if f.Hint != "" {
			text += " (" + f.Hint + ")"
		}
		at := sarifPhysical{ArtifactLocation: sarifArtifact{fileURI(f.Path)}}
		if f.Line > 0 {
			at.Region = &sarifRegion{f.Line, f.Col, f.EndLine, f.EndCol}
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Code, RuleIndex: index[f.Code], Level: f.Severity.String(), Message: sarifText{text},
			Locations: []sarifLocation{{at}},
		})
	}
	return sarif{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

// fileURI is a path as a URI: a relative one stays relative.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") { // a drive of Windows
			u.Path = "/" + u.Path
		}
	}
	return u.String()
}
