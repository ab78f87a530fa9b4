package ruletest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
)

// Alert is what a test is written from: an alert document as scan writes it.
type Alert struct {
	Line     int // of the file
	RuleName string
	RuleID   string
	RuleUUID string
	Group    bool
	Events   []alert.Matched
}

// ReadAlerts reads a file of alerts: NDJSON, or a list of documents. Building
// blocks are passed over: their shell holds their events. The error is Problems.
func ReadAlerts(path string, data []byte) ([]Alert, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var alerts []Alert
	fail := func(offset int, hint, format string, args ...any) error {
		offset = min(max(offset, 0), len(data))
		line := 1 + bytes.Count(data[:offset], []byte("\n"))
		return Problems{{Path: path, Line: line, Col: 1, Reason: fmt.Sprintf(format, args...), Hint: hint}}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		_, _ = decoder.Token() // the bracket, known to be there
	}
	for decoder.More() {
		begin := int(decoder.InputOffset())
		begin += len(data[begin:]) - len(bytes.TrimLeft(data[begin:], " \t\r\n,"))
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = fmt.Errorf("not JSON: %w", err)
			}
			return nil, fail(begin, alertHint, "%v", err)
		}
		one, err := readAlert(raw)
		if err != nil {
			var m *mistake
			errors.As(err, &m)
			return nil, fail(begin, m.hint, "%s", m.reason)
		}
		if one != nil {
			one.Line = 1 + bytes.Count(data[:begin], []byte("\n"))
			alerts = append(alerts, *one)
		}
	}
	if len(alerts) == 0 {
		return nil, fail(0, alertHint, "the file holds no alert")
	}
	return alerts, nil
}

const alertHint = "write alerts with `tripline scan -o FILE`, or --format ndjson"

// readAlert reads an alert document; nil for a building block.
func readAlert(raw []byte) (*Alert, error) {
	refuse := func(hint, format string, args ...any) (*Alert, error) {
		return nil, &mistake{reason: fmt.Sprintf(format, args...), hint: hint}
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return refuse(alertHint, "an alert is a JSON object")
	}
	if source, ok := doc["_source"]; ok && doc["kibana.alert.uuid"] == nil {
		var inner map[string]json.RawMessage // a search hit
		if json.Unmarshal(source, &inner) == nil {
			doc = inner
		}
	}
	text := func(field string) string {
		var s string
		_ = json.Unmarshal(doc[field], &s) // anything else reads as ""
		return s
	}
	if doc["kibana.alert.uuid"] == nil && doc["kibana.alert.rule.uuid"] == nil {
		if doc["@timestamp"] != nil || doc["event"] != nil {
			return refuse("judge it first: `tripline scan -o alerts.ndjson EVENTS`, then name alerts.ndjson", "this is an event, not an alert")
		}
		return refuse(alertHint, "this is no alert: it has no kibana.alert.uuid")
	}
	version := text("tripline.schema_version")
	major, _, _ := strings.Cut(version, ".")
	ours, _, _ := strings.Cut(alert.SchemaVersion, ".")
	switch {
	case version == "":
		return refuse(alertHint, "the alert has no tripline.schema_version: it was not written by Tripline, and does not hold its events whole")
	case major != ours:
		return refuse("judge the events again with this version, or use the Tripline that wrote the file",
			"the alert is of schema version %s, and this Tripline reads %s.x", version, ours)
	case text("kibana.alert.building_block_type") != "" && doc["tripline.events"] == nil:
		return nil, nil //nolint:nilnil // a building block: its shell tells of it
	}
	one := &Alert{
		RuleName: text("kibana.alert.rule.name"), RuleID: text("kibana.alert.rule.rule_id"), RuleUUID: text("kibana.alert.rule.uuid"),
		Group: doc["kibana.alert.group.id"] != nil,
	}
	if err := json.Unmarshal(doc["tripline.events"], &one.Events); err != nil || len(one.Events) == 0 {
		return refuse(alertHint, "the alert's tripline.events does not hold its events")
	}
	return one, nil
}
