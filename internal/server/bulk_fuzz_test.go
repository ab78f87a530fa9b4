package server

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// FuzzBulk holds the parser to a plain reading of the same body, and the answer to
// what its readers need of it.
func FuzzBulk(f *testing.F) {
	for _, body := range []string{
		"", "\n", "{\"index\":{}}\n{}\n", "{\"index\":{}}\r\n{}\r\n\r\n\n{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"a\":1}\n",
		"{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"1\"}}\n{\"upsert\":{\"a\":1}}\n", "{\"index\":{}}\n", "{\"index\":{}}\n[]\n",
		"{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{},\"doc_as_upsert\":true}\n", "{\"index\":{\"_index\":\"../x\"}}\n{}\n", "[]\n", "{\"index\":{}}\n{}",
		"{\"index\":{\"require_alias\":true}}\n{}\n{\"index\":{\"_id\":\"\"}}\n{}\n",
	} {
		f.Add([]byte(body), true)
		f.Add([]byte(body), false)
	}
	b := newBulk()
	f.Fuzz(func(t *testing.T, body []byte, index bool) {
		d := bulkDefaults{maxDocument: 200, maxActions: 20}
		if index {
			d.index = "x"
		}
		given := bytes.Clone(body)
		failed := b.parse(body, &d)
		if !bytes.Equal(body, given) {
			t.Fatal("the body was changed")
		}
		docs, verdicts, ok := plainBulk(body, &d)
		if (failed == nil) != ok {
			t.Fatalf("failure %v, the plain reading says %v", failed, ok)
		}
		if !ok {
			return
		}
		var got []string
		for _, doc := range b.docs {
			got = append(got, string(doc.Raw))
		}
		if !slices.Equal(got, docs) {
			t.Fatalf("documents %q, the plain reading has %q", got, docs)
		}
		results := make([]Result, len(b.docs))
		for i := range results {
			results[i] = Result{ID: b.docs[i].ID, Outcome: Outcome(i % 3)} //nolint:gosec // small
			if results[i].ID == "" {
				results[i].ID = "made"
			}
		}
		checkAnswer(t, b, results, verdicts)
	})
}

// plainBulk reads a body line by line with encoding/json and event.Decode. It
// returns the documents, and for each action what is to be answered: an operation,
// with "!" behind if it fails by itself.
func plainBulk(body []byte, d *bulkDefaults) (docs, verdicts []string, ok bool) {
	lines := strings.Split(string(body), "\n")
	if last := len(lines) - 1; lines[last] != "" || last == 0 {
		return nil, nil, false
	} else {
		lines = lines[:last]
	}
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\r")
		if strings.Trim(line, " \t") == "" {
			continue
		}
		a, f := parseAny([]byte(line), 1)
		if f != nil || len(verdicts) == d.maxActions || a.index == nil && d.index == "" {
			return nil, nil, false
		}
		index, doc := d.index, ""
		if a.index != nil {
			index = string(a.index)
		}
		if a.op != opDelete && i+1 < len(lines) {
			i++
			doc = strings.TrimSuffix(lines[i], "\r")
		}
		good := badIndex(index) == nil && !a.requireAlias && (!a.requireDataStream || isDataStream(index)) &&
			(a.id == nil || len(a.id) > 0 && len(a.id) <= maxID) && (a.id != nil || a.op == opIndex || a.op == opCreate)
		if good && a.op != opDelete {
			var raw string
			if raw, good = plainDocument(a.op, doc, d.maxDocument); good {
				docs = append(docs, raw)
			}
		}
		verdict := opNames[a.op]
		if !good {
			verdict += "!"
		}
		verdicts = append(verdicts, verdict)
	}
	return docs, verdicts, len(verdicts) > 0
}

func plainDocument(o op, doc string, limit int) (raw string, good bool) {
	if _, err := event.Decode([]byte(doc), event.Identity{}, 0); err != nil || len(doc) > limit {
		return "", false
	}
	if raw = strings.Trim(doc, " \t\r\n"); o != opUpdate {
		return raw, true
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(doc), &members) != nil || members["script"] != nil || members["scripted_upsert"] != nil {
		return "", false
	}
	raw = string(members["upsert"])
	if string(members["doc_as_upsert"]) == "true" {
		raw = string(members["doc"])
	}
	return raw, strings.HasPrefix(raw, "{")
}

// checkAnswer reads an answer as clients do.
func checkAnswer(t *testing.T, b *bulk, results []Result, verdicts []string) {
	t.Helper()
	for _, shape := range []answerShape{{}, {short: true}, {brief: true}} {
		text := b.appendAnswer(nil, 1, results, shape)
		var answer struct {
			Errors bool
			Items  []map[string]struct {
				Status int
				Error  *struct{ Type, Reason string }
			}
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if len(answer.Items) != len(verdicts) {
			t.Fatalf("%d items for %d actions", len(answer.Items), len(verdicts))
		}
		some := false
		for i, one := range answer.Items {
			name, alone := strings.CutSuffix(verdicts[i], "!")
			item, ok := one[name]
			if !ok || alone && item.Error == nil || item.Error != nil && (item.Error.Type == "" || item.Error.Reason == "") ||
				(item.Error == nil) != (item.Status == 200 || item.Status == 201 || name == "delete" && !alone) {
				t.Fatalf("item %d, %s: %s", i, verdicts[i], text)
			}
			some = some || item.Error != nil
		}
		if answer.Errors != some {
			t.Fatalf("errors is %v: %s", answer.Errors, text)
		}
	}
}
