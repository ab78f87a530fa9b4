package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cbroglie/mustache"
)

// Template makes the body of a webhook from an alert. It is Mustache, as in Kibana's
// actions, and has their variables, so that templates written for those work here.
// Its {{x}} is escaped for JSON, where the template of another language would leave
// it to each author that a process name can not break out of its string; and it has
// neither loops without end nor calls.
type Template struct {
	parsed *mustache.Template
}

// noPartials is what {{> name}} finds: nothing, and no file of ours.
type noPartials struct{}

func (noPartials) Get(name string) (string, error) {
	return "", fmt.Errorf("there are no partials: {{> %s}}", name)
}

// NewTemplate parses a template. If it is for JSON, values are escaped for that, and
// it must give JSON for an alert with all variables empty and for one with some.
func NewTemplate(text string, asJSON bool) (*Template, error) {
	parsed, err := mustache.ParseStringPartials(text, noPartials{})
	if err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	escape := func(s string) string { return s }
	if asJSON {
		escape = escapeJSON
	}
	parsed.Escape(escape)
	t := &Template{parsed: parsed}
	if !asJSON {
		return t, nil
	}
	for _, sample := range []string{`{}`, sampleAlert} {
		body, err := t.Render(&Item{ID: "sample", Doc: []byte(sample)})
		if err != nil {
			return nil, err
		}
		if !json.Valid(body) {
			return nil, fmt.Errorf("the template does not give JSON; for a sample alert it gives %s", cutBytes(string(body), 300))
		}
	}
	return t, nil
}

const sampleAlert = `{"@timestamp":"2026-02-03T09:00:00.000Z","kibana.alert.uuid":"sample","kibana.alert.severity":"high","kibana.alert.risk_score":73,
"kibana.alert.reason":"process event with process sh, created high alert \"A\\B\".","kibana.alert.rule.name":"A \"rule\"","kibana.alert.rule.tags":["a","b"],
"kibana.alert.rule.parameters":{"name":"A \"rule\"","severity":"high","tags":["a","b"]},"host":{"name":"web-01"},"user":{"name":"root"},"process":{"args":["sh","-c","\"\u001b"]}}`

// Render makes the body for an alert.
func (t *Template) Render(item *Item) ([]byte, error) {
	variables, err := variables(item)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.parsed.FRender(&b, variables); err != nil {
		return nil, fmt.Errorf("fill template: %w", err)
	}
	return b.Bytes(), nil
}

func escapeJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string and a buffer: neither fails
	quoted := bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
	return string(quoted[1 : len(quoted)-1])
}

// variables are Kibana's: the alert's fields at the top, rule.*, context.*, state.*,
// alert.*, date and the old names; and alert_json, the whole document.
func variables(item *Item) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(item.Doc))
	decoder.UseNumber()
	var flat map[string]any
	if err := decoder.Decode(&flat); err != nil {
		return nil, fmt.Errorf("read alert: %w", err)
	}
	top := object{}
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		put(top, key, readable(flat[key]))
	}
	at := func(path string) any {
		var v any = top
		for name := range strings.SplitSeq(path, ".") {
			o, ok := v.(object)
			if !ok {
				return nil
			}
			v = o[name]
		}
		return v
	}
	set := func(to object, name string, v any) {
		if v != nil {
			to[name] = v
		}
	}
	parameters, _ := at("kibana.alert.rule.parameters").(object)
	// The alert that others see in context.alerts is the document as it is now: what
	// is added to the top below must not be in it.
	alert := maps.Clone(top)

	rule := object{"params": parameters, "type": "siem.eqlRule"}
	set(rule, "id", at("kibana.alert.rule.uuid"))
	set(rule, "name", at("kibana.alert.rule.name"))
	set(rule, "tags", at("kibana.alert.rule.tags"))

	security := object{}
	maps.Copy(security, parameters)
	set(security, "id", at("kibana.alert.rule.uuid"))
	for _, name := range []string{"name", "rule_id", "severity", "risk_score"} {
		set(security, name, at("kibana.alert.rule."+name))
	}
	top["context"] = object{"rule": security, "alerts": list{alert}}
	top["rule"] = mergeInto(top["rule"], rule)
	top["state"] = object{"signals_count": json.Number("1")}
	top["alert"] = object{"id": item.ID, "uuid": item.ID, "actionGroup": "default"}
	top["alertId"] = item.ID
	set(top, "alertName", at("kibana.alert.rule.name"))
	if top["date"] == nil {
		set(top, "date", at("@timestamp"))
	}
	top["alert_json"] = string(item.Doc)
	return top, nil
}

// mergeInto lays our fields over an event's own of the same name (ECS has rule.*).
func mergeInto(own any, ours object) object {
	merged := object{}
	if o, ok := own.(object); ok {
		maps.Copy(merged, o)
	}
	maps.Copy(merged, ours)
	return merged
}

// object and list are JSON's, and print as Kibana prints them where a template names
// one: an object as JSON, a list's elements with commas between.
type (
	object map[string]any
	list   []any
)

func (o object) String() string {
	text, _ := json.Marshal(o) // it came from JSON
	return string(text)
}

func (l list) String() string {
	parts := make([]string, len(l))
	for i, v := range l {
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, ",")
}

// readable turns decoded JSON into objects and lists, without nulls; dotted names
// become nested ones.
func readable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := object{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			put(o, key, readable(v[key]))
		}
		return o
	case []any:
		l := make(list, 0, len(v))
		for _, one := range v {
			if one != nil {
				l = append(l, readable(one))
			}
		}
		return l
	}
	return v
}

// put puts a value at a dotted path. Objects are joined; where a value stands in the
// way it stays.
func put(to object, path string, v any) {
	if v == nil {
		return
	}
	name, rest, dotted := strings.Cut(path, ".")
	if !dotted || name == "" {
		if had, ok := to[path].(object); ok {
			if o, ok := v.(object); ok {
				for key, one := range o {
					put(had, key, one)
				}
			}
			return
		}
		to[path] = v
		return
	}
	next, ok := to[name].(object)
	if !ok {
		if to[name] != nil {
			return
		}
		next = object{}
		to[name] = next
	}
	put(next, rest, v)
}
