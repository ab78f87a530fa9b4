package alert

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// alertFields are fields of Kibana's own in the index of alerts.
var alertFields = map[string]value.Type{
	"kibana.alert.uuid": value.TypeKeyword, "kibana.alert.depth": value.TypeLong, "kibana.alert.start": value.TypeDate,
	"kibana.alert.last_detected": value.TypeDate, "kibana.alert.original_time": value.TypeDate, "kibana.alert.reason": value.TypeKeyword,
	"kibana.alert.severity": value.TypeKeyword, "kibana.alert.risk_score": value.TypeDouble, "kibana.alert.status": value.TypeKeyword,
	"kibana.alert.workflow_status": value.TypeKeyword, "kibana.alert.workflow_tags": value.TypeKeyword,
	"kibana.alert.workflow_assignee_ids": value.TypeKeyword, "kibana.alert.building_block_type": value.TypeKeyword,
	"kibana.alert.group.id": value.TypeKeyword, "kibana.alert.group.index": value.TypeInteger,
	"kibana.alert.ancestors": value.TypeObject, "kibana.alert.ancestors.id": value.TypeKeyword, "kibana.alert.ancestors.depth": value.TypeLong,
	"kibana.alert.rule.uuid": value.TypeKeyword, "kibana.alert.rule.version": value.TypeKeyword, "kibana.alert.rule.risk_score": value.TypeDouble,
	"kibana.alert.rule.tags": value.TypeKeyword, "kibana.alert.rule.threat": value.TypeObject, "kibana.space_ids": value.TypeKeyword,
}

// refused names the fields for which Elasticsearch would refuse a document of that
// index. It is the rules of the mapping, written once more and plainly.
func refused(path string, v any) []string {
	t := value.TypeUnknown
	name := strings.Replace(strings.Replace(path, "kibana.alert.original_event.", "event.", 1), "kibana.alert.original_data_stream.", "data_stream.", 1)
	if f, ok := ecs.Lookup(name); ok && f.Source == "ecs" {
		t = f.Type
	}
	if own, ok := alertFields[path]; ok {
		t = own
	}
	var bad []string
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		for _, one := range v {
			bad = append(bad, refused(path, one)...)
		}
		return bad
	case map[string]any:
		switch t {
		case value.TypeUnknown, value.TypeObject, value.TypeNested, value.TypeUnsupported:
		default:
			bad = append(bad, path+": an object")
		}
		for key, one := range v {
			bad = append(bad, refused(strings.TrimPrefix(path+"."+key, "."), one)...)
		}
		return bad
	}
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case bool:
		text = strconv.FormatBool(v)
	}
	ok := true
	switch t {
	case value.TypeObject, value.TypeNested:
		ok = false
	case value.TypeUnknown:
		for _, below := range ecs.Names() {
			if f, _ := ecs.Lookup(below); f.Source == "ecs" && strings.HasPrefix(below, path+".") {
				ok = false
			}
		}
	case value.TypeLong, value.TypeInteger:
		_, err := strconv.ParseInt(strings.Split(text, ".")[0], 10, 64)
		ok = err == nil || text == ""
	case value.TypeDouble:
		_, err := strconv.ParseFloat(text, 64)
		ok = err == nil || text == ""
	case value.TypeBoolean:
		ok = text == "true" || text == "false" || text == ""
	case value.TypeIP:
		_, err := netip.ParseAddr(text)
		ok = err == nil
	case value.TypeDate:
		_, err := time.Parse(time.RFC3339Nano, text)
		_, number := v.(json.Number)
		ok = err == nil || number
	}
	if !ok {
		return []string{path + ": " + text}
	}
	return nil
}

func TestExportGoesIntoTheIndexOfAlerts(t *testing.T) {
	for what, c := range map[string]struct {
		event string
		keeps map[string]string // fields of the result, as JSON; "" for none
		clash bool
	}{
		"a plain event": {
			`{"@timestamp":"2026-02-03T09:00:00Z","process":{"pid":7,"args":["a","b"],"start":"2026-02-03T09:00:00Z"},"source":{"ip":"::1","port":"80"}}`,
			map[string]string{"process": `{"pid":7,"args":["a","b"],"start":"2026-02-03T09:00:00Z"}`, "source": `{"ip":"::1","port":"80"}`},
			false,
		},
		"values of other types": {
			`{"process":{"pid":"seven","exit_code":1e30,"interactive":"perhaps","name":5},"source":{"ip":["10.0.0.1","no address"],"port":true},"file":{"ctime":"soon"}}`,
			map[string]string{"process": `{"name":5}`, "source": `{"ip":["10.0.0.1"]}`, "file": `{}`},
			true,
		},
		"an object for a scalar, a scalar for an object": {
			`{"process":"bash","user":{"name":{"first":"a"},"id":"1"},"host.os":"linux","event":{"category":"process","created":"yesterday"}}`,
			map[string]string{
				"process": "", "user": `{"id":"1"}`, "host.os": "", "event": `{"category":"process"}`,
				"kibana.alert.original_event.category": `"process"`, "kibana.alert.original_event.created": "",
			},
			true,
		},
		"what is not mapped": {
			`{"mine":{"deep":[{"x":1},{"x":"y"}]},"Endpoint":{"policy":{"applied":{"version":{"a":1}}}}}`,
			map[string]string{"mine": `{"deep":[{"x":1},{"x":"y"}]}`, "Endpoint": `{"policy":{"applied":{"version":{"a":1}}}}`},
			false,
		},
	} {
		docs := docs(t, c.event, c.event)
		m := group(docs...)
		a := New(testRule(), m, now)
		a.Attach(m, Evidence{})
		for i, doc := range append(a.Documents(), New(testRule(), single(docs[0]), now).Documents()...) {
			before, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if bad := refused("", map[string]any(asJSON(t, doc))); len(bad) > 0 != c.clash {
				t.Errorf("%s, document %d: before, Elasticsearch refuses %v", what, i, bad)
			}
			out, err := Export(before)
			if err != nil {
				t.Fatal(err)
			}
			got := object(t, string(out))
			if bad := refused("", got); len(bad) > 0 {
				t.Errorf("%s, document %d: Elasticsearch refuses %v", what, i, bad)
			}
			if i > 0 {
				want(t, got, c.keeps)
			}
			want(t, got, map[string]string{"kibana.space_ids": `["default"]`, "kibana.alert.workflow_status": `"open"`, "kibana.alert.uuid": strconv.Quote(got["kibana.alert.uuid"].(string))})
		}
	}
	if _, err := Export([]byte(`[]`)); err == nil {
		t.Error("a list is exported")
	}
}
